"""Files fetched from mirrors over https: each is the one that was asked for, or there is none.

A mirror is not believed: no more than a file's size is taken from it, and no longer than its share
of the time; it may lead to another address, but not away from https. What it sends becomes a file
only when it has the right SHA-256.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from handwriting.data import idx
from handwriting.errors import DownloadError
from handwriting.results import files

if TYPE_CHECKING:
    import requests

_RESERVED = 15.0
"""Seconds of those that are left which are kept for the next mirror."""

_CONNECTING, _SILENCE = 5.0, 10.0
"""Seconds within which a connection must stand, and between one read and the next."""

_BUSY = (429, 500, 502, 503, 504)
"""Statuses that say that a mirror may answer well the next time."""

_PAUSE = 1.0
"""Seconds after which a busy mirror is asked again."""

_CHUNK = 2**16


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


def fetch(wanted: Sequence[File], mirrors: Sequence[str], folder: Path, deadline: float) -> None:
    """Fetch files from mirrors in turn; a mirror that fails is not asked for the others.

    Args:
        wanted: what to fetch.
        mirrors: addresses that a file's name is put behind; only https is ever asked.
        folder: where the files go; it must be there.
        deadline: when to give up, as `time.monotonic` counts.

    Raises:
        DownloadError: No mirror gives a file; the message says what each of them did.
        OSError: The folder cannot be written.
    """
    left, failures = list(mirrors), []
    for file in wanted:
        while left:
            seconds = deadline - time.monotonic()
            if len(left) > 1:
                seconds = max(seconds / 2, seconds - _RESERVED)
            try:
                content = _received(left[0] + file.name, file, max(0.01, seconds))
            except DownloadError as error:
                failures.append(_line(f"{left.pop(0)} {error}"))
            else:
                files.write_bytes(folder / file.name, content)
                break
        else:
            raise DownloadError(f"{file.name}: {'; '.join(failures) or 'no mirror'}")


def _line(text: str) -> str:
    """What a mirror did, in one short line: it may have put anything into it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:300]


def _received(url: str, file: File, seconds: float) -> bytearray:
    """The bytes of a file, from an address.

    Raises:
        DownloadError: It gives something else, or nothing within so many seconds.
    """
    found = bytearray()
    done: Future[None] = Future()
    # A thread, because no timeout of a socket ends a name look-up or a trickle of bytes.
    arguments = (url, file.size, seconds, found, done)
    threading.Thread(target=_receive, args=arguments, daemon=True).start()
    try:
        done.result(seconds)
    except Exception as error:
        raise DownloadError(_fault(error, len(found), file.size, seconds)) from error
    looks = idx.describe_start(bytes(found[:64]))
    if len(found) > file.size:
        raise DownloadError(f"sent more than the {file.size:,} bytes of the file{looks}")
    if len(found) < file.size:
        raise DownloadError(f"sent {len(found):,} of {file.size:,} bytes{looks}")
    if hashlib.sha256(found).hexdigest() != file.sha256:
        raise DownloadError("sent a file with another SHA-256")
    return found


def _receive(url: str, size: int, seconds: float, found: bytearray, done: Future[None]) -> None:
    """Collect what an address gives, hardly more than so many bytes and for so many seconds."""
    ends = time.monotonic() + seconds
    try:
        with _answer(url, seconds) as response:
            while len(found) <= size and time.monotonic() < ends:
                chunk = response.raw.read1(_CHUNK)
                if not chunk:
                    break
                found += chunk
        done.set_result(None)
    except Exception as error:
        done.set_exception(error)


def _answer(url: str, seconds: float) -> requests.Response:
    """The answer of a mirror that has the file, its body unread; a busy one is asked once more."""
    response = _asked(url, seconds)
    if response.status_code in _BUSY:
        response.close()
        time.sleep(_PAUSE)
        response = _asked(url, seconds)
    if response.status_code != 200:
        response.close()
        raise DownloadError(f"answered {response.status_code}")
    return response


def _asked(url: str, seconds: float) -> requests.Response:
    """The answer that an address leads to, over https only; no body is read."""
    import requests

    _require_https(url)
    return requests.get(
        url,
        stream=True,
        headers={"Accept-Encoding": "identity"},
        timeout=(min(_CONNECTING, seconds), min(_SILENCE, seconds)),
        hooks={"response": _follow},
    )


def _follow(response: requests.Response, **_: object) -> None:
    """Let an answer lead to https alone."""
    if response.is_redirect:
        response.close()  # requests would keep its body in memory, however long it is
        _require_https(urljoin(response.url, response.headers["location"]))


def _require_https(url: str) -> None:
    if not url.lower().startswith("https://"):
        raise DownloadError(f"leads to {url}, which is not https")


def _fault(error: Exception, count: int, size: int, seconds: float) -> str:
    """What a mirror did wrong, in a few words."""
    import requests
    import urllib3

    match error:
        case DownloadError():
            return str(error)
        case TimeoutError():
            return f"gave {count:,} of {size:,} bytes in {seconds:.0f} s"
        case requests.Timeout():
            return "did not answer in time"
        case requests.exceptions.SSLError():
            return "has no certificate that is trusted here"
        case requests.ConnectionError():
            return "could not be reached"
        case urllib3.exceptions.HTTPError():
            return f"broke off after {count:,} of {size:,} bytes"
    return f"failed ({' '.join(str(error).split())[:120]})"
