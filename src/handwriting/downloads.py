"""Files fetched from mirrors over https: each is the one that was asked for, or there is none."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin

from handwriting.errors import DownloadError

if TYPE_CHECKING:
    import requests

__all__ = ["File", "fetch", "sha256_of"]

_RESERVED = 15.0
"""Seconds of those that are left which are kept for the next mirror."""

_FIRST_BYTES = 10.0
"""Seconds within which a mirror must begin to send, and between one read and the next."""

_CONNECTING = 5.0
"""Seconds within which a connection must stand."""


@dataclass(frozen=True)
class File:
    """A file that everybody has alike.

    Attributes:
        name: what it is called, here and by its mirrors.
        sha256: its SHA-256, in hexadecimal.
        size: how many bytes it has.
    """

    name: str
    sha256: str
    size: int


def sha256_of(path: Path) -> str | None:
    """The SHA-256 of a file, in hexadecimal, or None where there is none that can be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def fetch(files: Sequence[File], mirrors: Sequence[str], folder: Path, deadline: float) -> None:
    """Fetch files from mirrors in turn; a mirror that fails is not asked for the others.

    Args:
        files: what to fetch.
        mirrors: addresses that a file's name is put behind; only https is ever asked.
        folder: where the files go; it must be there.
        deadline: when to give up, as `time.monotonic` counts.

    Raises:
        DownloadError: No mirror gives a file; the message says what each of them did.
        OSError: The folder cannot be written.
    """
    import pooch

    pooch.get_logger().setLevel(logging.ERROR)
    left = list(mirrors)
    failures: list[str] = []
    for file in files:
        while left:
            mirror, *others = left
            seconds = _share(deadline - time.monotonic(), bool(others))
            try:
                known_hash = f"sha256:{file.sha256}"
                download = _Download(file.size, seconds)
                pooch.retrieve(
                    mirror + file.name, known_hash, file.name, folder, downloader=download
                )
                break
            except DownloadError as error:
                failures.append(f"{mirror} {error}")
            except ValueError:
                failures.append(f"{mirror} sent a file with another SHA-256")
            left = others
        else:
            raise DownloadError(f"{file.name}: {'; '.join(failures) or 'no mirror'}")


def _share(seconds: float, others: bool) -> float:
    """How many of the seconds that are left a mirror may take, where there may be others."""
    return max(seconds / 2, seconds - _RESERVED) if others else seconds


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
