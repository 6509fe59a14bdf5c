"""MNIST's four files: found on this machine, or fetched, and verified by SHA-256 either way.

They are looked for one by one, in this order:

1. `<directory>/mnist`, or `$HANDWRITING_DATA/mnist` where no `directory` is given: both hold one
   sub-folder a data set. A file found there must be the right one; it is never touched.
2. `$HANDWRITING_CACHE/mnist`, or `mnist` in the user's cache. A bad file there is set aside (as
   `NAME.bad`) and fetched again.
3. The mirrors in turn, over https only, into that cache.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin

import platformdirs

from handwriting import idx
from handwriting.errors import DatasetError, DownloadError

if TYPE_CHECKING:
    import requests

__all__ = ["MIRRORS", "MNIST_SHA256", "cache_folder", "mnist_files", "sha256_of"]

logger = logging.getLogger(__name__)

MNIST_SHA256 = {
    "train-images-idx3-ubyte.gz": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
    ),
    "train-labels-idx1-ubyte.gz": (
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
    ),
}
_MNIST_SIZES = dict(zip(MNIST_SHA256, (9_912_422, 28_881, 1_648_877, 4_542), strict=True))
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
_DEADLINE = 60.0
"""Seconds for all that is to be fetched, waiting for another process included."""

_RESERVED = 15.0
"""Seconds of them that are kept for the next mirror."""

_FIRST_BYTES = 10.0
"""Seconds within which a mirror must begin to send, and between one read and the next."""

_CONNECTING = 5.0
"""Seconds within which a connection must stand."""


def mnist_files(directory: str | Path | None) -> list[Path]:
    """Path of each of MNIST's four files, verified."""
    given = _given_folder(directory)
    cache = cache_folder() / "mnist"
    paths = []
    for name in MNIST_SHA256:
        path = given / name if given else None
        if path and _is_there(path):
            _check_given(path)
            paths.append(path)
        else:
            paths.append(cache / name)
    wanted = [path.name for path in paths if path.parent == cache]
    if any(sha256_of(cache / name) != MNIST_SHA256[name] for name in wanted):
        _fill_cache(cache, wanted)
    return paths


def _given_folder(directory: str | Path | None) -> Path | None:
    """The folder in which the user keeps MNIST, where there is one."""
    if directory is None:
        value = os.environ.get("HANDWRITING_DATA", "")
        return Path(value).expanduser() / "mnist" if value else None
    folder = Path(directory).expanduser()
    if not folder.is_dir():
        raise DatasetError.at(
            folder,
            expected="a folder with one sub-folder a data set",
            found="no folder",
            remedy="Make it, or leave `directory` out.",
        )
    return folder / "mnist"


def cache_folder() -> Path:
    """The folder for all that is kept on this machine: `$HANDWRITING_CACHE`, or the user's own."""
    cache = os.environ.get("HANDWRITING_CACHE") or platformdirs.user_cache_dir("psychic-pancake")
    return Path(cache).expanduser()


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        remedy = "Let it be read, or unset HANDWRITING_DATA."
        raise DatasetError.at(
            path, expected="a readable file", found=error.strerror or "an error", remedy=remedy
        ) from error


def _check_given(path: Path) -> None:
    """Refuse a user's own file that is not MNIST's."""
    found = sha256_of(path)
    if found == MNIST_SHA256[path.name]:
        return
    if found is None:
        shown = "none that can be read"
    else:
        with path.open("rb") as file:
            hint = idx.describe_start(file.read(64))
        shown = f"{path.stat().st_size:,} bytes with the SHA-256 {found}"
        shown += f" (it {hint})" if hint else ""
    expected = f"{_MNIST_SIZES[path.name]:,} bytes with the SHA-256 {MNIST_SHA256[path.name]}"
    remedy = "Replace it by MNIST's own file, or move it away to have it downloaded."
    raise DatasetError.at(path, expected=expected, found=shown, remedy=remedy)


def sha256_of(path: Path) -> str | None:
    """The SHA-256 of a file, in hexadecimal, or None where there is none that can be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _fill_cache(cache: Path, names: Iterable[str]) -> None:
    """Fetch into the cache what it lacks, one process at a time; set bad files aside."""
    import filelock

    deadline = time.monotonic() + _DEADLINE
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(cache / ".lock", timeout=_DEADLINE):
            lacking = [name for name in names if sha256_of(cache / name) != MNIST_SHA256[name]]
            for name in lacking:
                if (cache / name).exists():
                    (cache / name).replace(cache / f"{name}.bad")
                    logger.warning("%s was damaged: set aside as %s.bad", cache / name, name)
            _fetch(lacking, cache, deadline)
    except filelock.Timeout as error:
        found = f"another process that has been fetching for {_DEADLINE:.0f} s"
        raise _no_mnist(cache, "a turn to fetch MNIST", found) from error
    except OSError as error:
        found = error.strerror or str(error)
        expected = "a folder that can be written ($HANDWRITING_CACHE names another)"
        raise _no_mnist(cache, expected, found) from error


def _no_mnist(place: str | Path, expected: str, found: str) -> DownloadError:
    remedy = (
        f"Put {', '.join(MNIST_SHA256)} into $HANDWRITING_DATA/mnist, connect to the network, "
        "or use the data set `digits`, which needs neither."
    )
    return DownloadError.at(place, expected=expected, found=found, remedy=remedy)


def _fetch(names: Iterable[str], cache: Path, deadline: float) -> None:
    """Fetch each file from the mirrors in turn; one that fails is not asked for the others."""
    import pooch

    pooch.get_logger().setLevel(logging.ERROR)
    mirrors = list(MIRRORS)
    failures = []
    for name in names:
        while mirrors:
            mirror, *others = mirrors
            left = deadline - time.monotonic()
            seconds = max(left / 2, left - _RESERVED) if others else left
            try:
                download = _Download(_MNIST_SIZES[name], seconds)
                known_hash = f"sha256:{MNIST_SHA256[name]}"
                pooch.retrieve(mirror + name, known_hash, name, cache, downloader=download)
                break
            except DownloadError as error:
                failures.append(f"{mirror} {error}")
            except ValueError:
                failures.append(f"{mirror} sent a file with another SHA-256")
            mirrors = others
        else:
            expected = f"{name} on this machine or from a mirror"
            raise _no_mnist("MNIST", expected, f"neither ({'; '.join(failures)})")


@dataclass(frozen=True)
class _Download:
    """A downloader for pooch: over https only, `size` bytes at most, within `seconds`."""

    size: int
    seconds: float

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        failures: list[Exception] = []
        started = time.monotonic()
        with Path(output_file).open("wb") as file:
            received = _Received(file, self.size)
            # A thread, because no timeout of a socket ends a name look-up or a trickle of bytes.
            thread = threading.Thread(target=_receive, args=(url, received, failures), daemon=True)
            thread.start()
            thread.join(min(self.seconds, _FIRST_BYTES))
            if received.count:
                thread.join(max(0.0, started + self.seconds - time.monotonic()))
            late = thread.is_alive()
        if late:
            waited = time.monotonic() - started
            raise DownloadError(f"gave {received.count:,} of {self.size:,} bytes in {waited:.0f} s")
        if failures:
            raise failures[0]


class _Received:
    """What pooch writes to: a file that refuses more bytes than it should have.

    It keeps a fault of its disk apart from those of the network.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        self.count = 0
        self.fault: OSError | None = None

    def write(self, chunk: bytes) -> None:
        self.count += len(chunk)
        if self.count > self._size:
            raise DownloadError(f"sent more than the {self._size:,} bytes of the file")
        try:
            self._file.write(chunk)
            self._file.flush()
        except OSError as error:
            self.fault = error
            raise

    def flush(self) -> None:
        """Nothing is left to flush after `write`."""


def _receive(url: str, received: _Received, failures: list[Exception]) -> None:
    """Download by way of pooch and requests; what goes wrong is put into `failures`."""
    import pooch
    import requests

    try:
        _require_https(url)
        pooch.HTTPDownloader(
            chunk_size=2**16,
            timeout=(_CONNECTING, _FIRST_BYTES),
            headers={"Accept-Encoding": "identity"},
            hooks={"response": _check_redirect},
        )(url, received, None)
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        failures.append(DownloadError(f"answered {status}"))
    except requests.Timeout:
        failures.append(DownloadError("did not answer in time"))
    except requests.exceptions.SSLError:
        failures.append(DownloadError("has a certificate that is not trusted here"))
    except requests.ConnectionError:
        failures.append(DownloadError("could not be reached"))
    except DownloadError as error:
        failures.append(error)
    except Exception as error:
        reason = DownloadError(f"failed ({' '.join(str(error).split())[:120]})")
        failures.append(received.fault or reason)


def _check_redirect(response: requests.Response, *_: object, **__: object) -> None:
    if response.is_redirect:
        _require_https(urljoin(response.url, response.headers["location"]))


def _require_https(url: str) -> None:
    if not url.lower().startswith("https://"):
        raise DownloadError(f"leads to {url}, which is not https")
