"""Files fetched from mirrors over https: each is the one that was asked for, or there is none.

A mirror is not believed: no more than a file's size is taken from it, and no longer than its share
of the time; it may lead to another address, but not away from https. What it sends becomes a file
only when it has the right SHA-256.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin

from handwriting.data import idx
from handwriting.errors import DownloadError
from handwriting.results.files import sha256_of

if TYPE_CHECKING:
    import requests

_RESERVED = 15.0
"""Seconds of those that are left which are kept for the next mirror."""

_FIRST_BYTES = 10.0
"""Seconds within which a mirror must begin to send, and between one read and the next."""

_CONNECTING = 5.0
"""Seconds within which a connection must stand."""

_PAUSE = 1.0
"""Seconds after which a mirror with a passing fault is asked again, where no other one is left."""

_PASSING = (429, 500, 502, 503, 504)
"""Statuses that say that a mirror may answer well the next time."""

_PART = "tmp????????"
"""What pooch calls a file that is not yet verified."""


class _PassingError(DownloadError):
    """A fault that may be gone the next time."""


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


def is_whole(file: File, folder: Path) -> bool:
    """Whether a folder holds a file as everybody has it."""
    path = folder / file.name
    try:
        return path.stat().st_size == file.size and sha256_of(path) == file.sha256
    except OSError:
        return False


def clear(folder: Path) -> None:
    """Remove what a process that was killed while fetching has left; no other one may be fetching.

    Raises:
        OSError: The folder cannot be written.
    """
    for part in folder.glob(_PART):
        if not part.is_dir():
            part.unlink()


def fetch(files: Sequence[File], mirrors: Sequence[str], folder: Path, deadline: float) -> None:
    """Fetch files from mirrors in turn; a mirror that fails is not asked for the others.

    One whose fault may pass, such as an answer of 503, is asked once more after the others.

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
    again: list[str] = []
    failures: list[str] = []
    for file in files:
        while left or again:
            if not left:
                time.sleep(max(0.0, min(_PAUSE, deadline - time.monotonic())))
            mirror, first = (left or again)[0], bool(left)
            seconds = _share(deadline - time.monotonic(), len(left) > 1)
            try:
                _retrieve(mirror, file, folder, seconds)
                break
            except DownloadError as error:
                failures.append(_line(f"{mirror} {error}"))
                (left if first else again).pop(0)
                if first and isinstance(error, _PassingError):
                    again.append(mirror)
        else:
            raise DownloadError(f"{file.name}: {'; '.join(failures) or 'no mirror'}")


def _retrieve(mirror: str, file: File, folder: Path, seconds: float) -> None:
    import pooch

    download = _Download(file.size, seconds)
    try:
        known_hash = f"sha256:{file.sha256}"
        pooch.retrieve(mirror + file.name, known_hash, file.name, folder, downloader=download)
    except ValueError as error:
        raise DownloadError("sent a file with another SHA-256") from error


def _line(text: str) -> str:
    """What a mirror did, in one short line: it may have put anything into it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:300]


def _share(seconds: float, others: bool) -> float:
    """How many of the seconds that are left a mirror may take, where there may be others."""
    return max(seconds / 2, seconds - _RESERVED) if others else seconds


@dataclass(frozen=True)
class _Download:
    """A downloader for pooch: over https only, `size` bytes and no others, within `seconds`."""

    size: int
    seconds: float

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        failures: list[Exception] = []
        started = time.monotonic()
        # Not through a link that has taken its place.
        handle = os.open(output_file, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
        with os.fdopen(handle, "wb") as file:
            received = _Received(file, self.size)
            # A thread, because no timeout of a socket ends a name look-up or a trickle of bytes.
            thread = threading.Thread(target=_receive, args=(url, received, failures), daemon=True)
            thread.start()
            thread.join(max(0.0, min(self.seconds, _FIRST_BYTES)))
            if received.count:
                thread.join(max(0.0, started + self.seconds - time.monotonic()))
            late = thread.is_alive()
        if late:
            waited = time.monotonic() - started
            received.stop()
            raise DownloadError(f"gave {received.shown} in {waited:.0f} s")
        if failures:
            raise failures[0]
        if received.count != self.size:
            raise DownloadError(f"sent {received.shown}{received.hint}")


class _Received:
    """What pooch writes to: a file that refuses more bytes than it should have.

    It keeps a fault of its disk apart from those of the network.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        self._response: requests.Response | None = None
        self._start = b""
        self.count = 0
        self.begun = False
        self._over = False
        self.fault: OSError | None = None

    @property
    def shown(self) -> str:
        return f"{self.count:,} of {self._size:,} bytes"

    @property
    def hint(self) -> str:
        hint = idx.describe_start(self._start)
        return f": it {hint}" if hint else ""

    def begin(self, response: requests.Response, *_: object, **__: object) -> None:
        """Note an answer, and follow it to https only."""
        self._response = response
        self.begun = not response.is_redirect
        if self._over:
            raise DownloadError("began too late")
        if response.is_redirect:
            _require_https(urljoin(response.url, response.headers["location"]))
            response.close()  # requests would keep its body in memory, however long it is

    def write(self, chunk: bytes) -> None:
        self.count += len(chunk)
        self._start = self._start or chunk[:64]
        if self.count > self._size:
            raise DownloadError(f"sent more than the {self._size:,} bytes of the file{self.hint}")
        try:
            self._file.write(chunk)
            self._file.flush()
        except OSError as error:
            self.fault = error
            raise

    def flush(self) -> None:
        """Nothing is left to flush after `write`."""

    def stop(self) -> None:
        """End the reading in another thread, which may wait for long."""
        self._over = True
        with contextlib.suppress(Exception):  # it may not have begun, or have ended by itself
            self._response.raw.shutdown()  # type: ignore[union-attr]

    def close(self) -> None:
        if self._response is not None:
            self._response.close()


def _receive(url: str, received: _Received, failures: list[Exception]) -> None:
    """Download by way of pooch and requests; what goes wrong is put into `failures`."""
    import pooch

    try:
        _require_https(url)
        pooch.HTTPDownloader(
            chunk_size=2**16,
            timeout=(_CONNECTING, _FIRST_BYTES),
            headers={"Accept-Encoding": "identity"},
            hooks={"response": received.begin},
        )(url, received, None)
    except Exception as error:
        failures.append(received.fault or _told(error, received))
    finally:
        received.close()


def _told(error: Exception, received: _Received) -> DownloadError:
    """What a mirror did, as an error of ours."""
    import requests

    if isinstance(error, DownloadError):
        return error
    if isinstance(error, requests.HTTPError):
        status = error.response.status_code if error.response is not None else 0
        kind = _PassingError if status in _PASSING else DownloadError
        return kind(f"answered {status or 'an error'}")
    if received.begun and isinstance(error, requests.RequestException):
        stalled = "timed out" in str(error)
        return (DownloadError if stalled else _PassingError)(f"broke off after {received.shown}")
    if isinstance(error, requests.Timeout):
        return DownloadError("did not answer in time")
    if isinstance(error, requests.exceptions.SSLError):
        untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
        certificate = "has a certificate that is not trusted here"
        return DownloadError(certificate if untrusted else "does not speak TLS as it should")
    if isinstance(error, requests.ConnectionError):
        return DownloadError("could not be reached")
    return DownloadError(f"failed ({' '.join(str(error).split())[:120]})")


def _require_https(url: str) -> None:
    if not url.lower().startswith("https://"):
        raise DownloadError(f"leads to {url}, which is not https")
