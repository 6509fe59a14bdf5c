"""A mirror that misbehaves in every way, over real https, and a cache that it must not get into."""

import contextlib
import hashlib
import http.server
import os
import random
import re
import resource
import signal
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import filelock
import pytest

from handwriting.data import archives, download
from handwriting.data.archives import Archive
from handwriting.data.download import File
from handwriting.errors import DownloadError

HTTPS = Path(__file__).parent / "https"
GOOD = random.Random(7).randbytes(200_000)
DATA = File("data.bin", hashlib.sha256(GOOD).hexdigest(), len(GOOD))
PAGE = b"<!DOCTYPE html><title>Sign in</title>".ljust(len(GOOD))
MEGABYTE = 2**20


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers `/BEHAVIOUR/NAME` as the function of that name below does."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        behaviour = self.path.split("/")[1]
        self.server.asked.append(behaviour)
        self.close_connection = True
        with contextlib.suppress(OSError):  # the client hangs up when it has seen enough
            BEHAVIOURS.get(behaviour, plain)(self)

    def answer(self, status: int = 200, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def pour(self, block: bytes, pause: float = 0.0) -> None:
        """Send a block again and again, until the client hangs up or the test is over."""
        while not self.server.over.wait(pause):
            self.wfile.write(block)

    def log_message(self, *_: object) -> None:
        pass


WHOLE = {"content_length": len(GOOD)}
ANSWERS: dict[str, tuple[int, dict[str, object], bytes]] = {
    "good": (200, WHOLE, GOOD),
    "cut_short": (200, WHOLE, GOOD[:100_000]),
    "cut_short_unseen": (200, {}, GOOD[:100_000]),
    "page": (200, {"content_length": 70}, PAGE[:70]),
    "page_of_that_size": (200, WHOLE, PAGE),
    "other_bytes": (200, WHOLE, bytes([GOOD[0] ^ 1]) + GOOD[1:]),
    "round_and_round": (302, {"content_length": 0, "location": "/round_and_round/x"}, b""),
    "to_good": (302, {"content_length": 0, "location": "/good/data.bin"}, b""),
    "missing": (404, {"content_length": 0}, b""),
}
"""What is answered by which behaviour: status, headers and body."""


def plain(handler: Handler) -> None:
    status, headers, body = ANSWERS[handler.path.split("/")[1]]
    handler.answer(status, **headers)
    handler.wfile.write(body)


def silent(handler: Handler) -> None:
    handler.server.over.wait()


def stalled(handler: Handler) -> None:
    handler.answer(content_length=len(GOOD))
    handler.wfile.write(GOOD[:100_000])
    handler.server.over.wait()


def dripping(handler: Handler) -> None:
    handler.answer(content_length=len(GOOD))
    handler.pour(b"d", pause=0.05)


def dripping_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    handler.pour(b"x", pause=0.05)


def reset(handler: Handler) -> None:
    handler.answer(content_length=len(GOOD))
    handler.wfile.write(GOOD[:100_000])
    hard = struct.pack("ii", 1, 0)  # no lingering: closing sends a reset
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, hard)
    os.close(handler.connection.detach())


def to_http(handler: Handler) -> None:
    handler.answer(302, location=f"http://localhost:{handler.server.plain_port}/good/data.bin")


def endless_redirect(handler: Handler) -> None:
    handler.answer(302, location="/good/data.bin")
    handler.pour(bytes(MEGABYTE), pause=0.02)


def unavailable(handler: Handler) -> None:
    handler.answer(503)
    handler.pour(b"come back later" * 1000)


def first_unavailable(handler: Handler) -> None:
    if handler.server.asked.count("first_unavailable") == 1:
        handler.answer(503, content_length=0)
    else:
        handler.answer(content_length=len(GOOD))
        handler.wfile.write(GOOD)


def endless(handler: Handler) -> None:
    handler.answer()
    handler.pour(bytes(MEGABYTE))


def huge(handler: Handler) -> None:
    handler.answer(content_length=10**15)
    handler.pour(bytes(MEGABYTE))


def bomb(handler: Handler) -> None:
    handler.answer(content_encoding="gzip")
    packer = zlib.compressobj(9, wbits=31)
    for _ in range(200):
        handler.wfile.write(packer.compress(bytes(MEGABYTE)))
    handler.pour(packer.flush())


def escaping(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: ftp://\x1b(B\x9bhello\r\n\r\n")


def no_http(handler: Handler) -> None:
    handler.wfile.write(b"\x1b[2Jhello\n\n" * 100)


BEHAVIOURS: dict[str, Callable[[Handler], None]] = {
    each.__name__: each
    for each in (
        *(silent, stalled, dripping, dripping_headers, reset, to_http, endless_redirect),
        *(unavailable, first_unavailable, endless, huge, bomb, escaping, no_http),
    )
}
BAD = {
    "cut_short": "broke off after 100,000 of 200,000 bytes",
    "cut_short_unseen": "sent 100,000 of 200,000 bytes",
    "silent": "gave 0 of 200,000 bytes in|did not answer in time",
    "stalled": "gave .* of 200,000 bytes in|broke off after",
    "dripping": "gave .* of 200,000 bytes in|sent .* of 200,000 bytes",
    "dripping_headers": "gave 0 of 200,000 bytes in",
    "reset": "broke off after",
    "page": "sent 70 of 200,000 bytes, which looks like a web page",
    "page_of_that_size": "sent a file with another SHA-256",
    "other_bytes": "sent a file with another SHA-256",
    "to_http": "leads to http://localhost:.* which is not https",
    "round_and_round": "failed .*redirects",
    "missing": "answered 404",
    "unavailable": "answered 503",
    "endless": "sent more than the 200,000 bytes",
    "huge": "sent more than the 200,000 bytes",
    "bomb": "sent more than the 200,000 bytes",
    "escaping": "which is not https",
    "no_http": "could not be reached",
}


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Serves in threads until the test is over."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.over = threading.Event()
        self.plain_port = 0

    def mirror(self, behaviour: str, host: str = "localhost") -> str:
        return f"https://{host}:{self.server_port}/{behaviour}/"

    def handle_error(self, *_: object) -> None:
        """What a client thinks of us is the tests' business."""


@contextlib.contextmanager
def serving(context: ssl.SSLContext | None) -> Iterator[Server]:
    server = Server()
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    """One with https, and one without."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HTTPS / "server.pem")
    with serving(context) as secure, serving(None) as plain:
        secure.plain_port = plain.server_port
        yield secure, plain


@pytest.fixture
def server(servers, monkeypatch) -> Iterator[Server]:
    """A server whose certificate is trusted, as `requests` documents it."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(HTTPS / "authority.pem"))
    monkeypatch.setattr(download, "_PAUSE", 0.01)
    secure, plain = servers
    secure.asked.clear()
    plain.asked.clear()
    secure.over.clear()
    yield secure
    secure.over.set()


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "test"


def archive(*mirrors: str, seconds: float = 20.0) -> Archive:
    return Archive("test", "The test's data", (DATA,), mirrors, "give up", seconds)


def fetched(found: Archive) -> bytes:
    (path,) = archives.verified(found)
    return path.read_bytes()


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_mirror_that_behaves_gives_the_file(server, cache):
    assert fetched(archive(server.mirror("good"))) == GOOD
    assert listed(cache) == ["data.bin"]


SLOW = {"silent", "stalled", "dripping", "dripping_headers"}


@pytest.mark.promise("A mirror that sends more than the file has, packed or not, is cut off there.")
@pytest.mark.promise(
    "A mirror that sends less than the file has is named for it, and nothing is kept."
)
@pytest.mark.promise("Wrong bytes of the right length are never kept.")
@pytest.mark.promise("What a mirror sends cannot steer the terminal through a message.")
@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(each, marks=[pytest.mark.slow] if each in SLOW - {"dripping"} else [])
        for each in BAD
    ],
)
def test_what_a_bad_mirror_sends_is_never_kept_and_the_next_one_is_asked(server, cache, behaviour):
    seconds = 2.0 if behaviour in SLOW else 20.0
    with pytest.raises(DownloadError, match=BAD[behaviour]) as failure:
        archives.verified(archive(server.mirror(behaviour), seconds=seconds))
    assert str(failure.value).isprintable()
    assert listed(cache) == []
    found = archive(server.mirror(behaviour), server.mirror("good"), seconds=seconds)
    assert fetched(found) == GOOD
    assert server.asked[-1] == "good"
    assert listed(cache) == ["data.bin"]


@pytest.mark.promise("Nothing is fetched without https, wherever a mirror leads.")
def test_nothing_is_asked_for_without_https(server, servers, cache):
    with pytest.raises(DownloadError, match="not https"):
        archives.verified(archive(server.mirror("to_http")))
    assert servers[1].asked == []


def test_a_redirect_within_https_is_followed(server, cache):
    assert fetched(archive(server.mirror("to_good"))) == GOOD


@pytest.mark.promise("The body of a redirect is not read, however long it is.")
def test_the_endless_body_of_a_redirect_is_not_read(server, cache):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert fetched(archive(server.mirror("endless_redirect"))) == GOOD
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


@pytest.mark.promise("A mirror that was busy is asked once more.")
def test_a_mirror_that_was_busy_is_asked_once_more(server, cache):
    assert fetched(archive(server.mirror("first_unavailable"))) == GOOD
    assert server.asked == ["first_unavailable", "first_unavailable"]


def test_a_mirror_that_stays_busy_is_asked_twice_and_no_more(server, cache):
    with pytest.raises(DownloadError):
        archives.verified(archive(server.mirror("unavailable"), server.mirror("missing")))
    assert server.asked == ["unavailable", "unavailable", "missing"]


def test_a_certificate_that_nobody_vouches_for_is_refused(server, cache, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(DownloadError, match="no certificate that is trusted"):
        archives.verified(archive(server.mirror("good")))
    assert server.asked == []


def test_a_certificate_of_another_name_is_refused(server, cache):
    with pytest.raises(DownloadError, match="no certificate that is trusted"):
        archives.verified(archive(server.mirror("good", host="127.0.0.1")))
    assert server.asked == []


def test_what_stands_in_the_place_of_the_lock_is_named(server, cache):
    cache.mkdir(parents=True)
    elsewhere = cache.parent / "elsewhere"
    elsewhere.write_text("precious")
    (cache / ".lock").symlink_to(elsewhere)
    place = re.escape(str(cache / ".lock"))
    with pytest.raises(
        DownloadError, match=f"^{place}: .* found Too many levels of symbolic links"
    ):
        archives.verified(archive(server.mirror("good")))
    assert elsewhere.read_text() == "precious"


def test_the_message_lists_in_one_line_what_each_mirror_did(server, cache):
    with pytest.raises(DownloadError) as failure:
        archives.verified(archive(*map(server.mirror, ("missing", "page", "to_http", "endless"))))
    line = str(failure.value)
    assert "\n" not in line
    for behaviour, told in [
        ("missing", "answered 404"),
        ("page", "sent 70 of 200,000 bytes, which looks like a web page, not data"),
        ("to_http", "leads to http://"),
        ("endless", "sent more than the 200,000 bytes of the file"),
    ]:
        assert f"{server.mirror(behaviour)} {told}" in line


@pytest.mark.promise("All mirrors together take no longer than they may.")
def test_all_mirrors_together_take_no_longer_than_they_may(server, cache):
    slow = ("stalled", "dripping", "silent", "dripping_headers")
    started = time.monotonic()
    with pytest.raises(DownloadError, match="neither"):
        archives.verified(archive(*map(server.mirror, slow), seconds=1.0))
    assert time.monotonic() - started < 1.0 + 2.0  # the second number is for a slow machine


@pytest.mark.promise("Nobody goes on reading from a mirror that was given up.")
@pytest.mark.parametrize("behaviour", ["stalled", "dripping"])
def test_nobody_goes_on_reading_from_a_mirror_that_was_given_up(server, cache, behaviour):
    with pytest.raises(DownloadError):
        archives.verified(archive(server.mirror(behaviour), seconds=0.5))
    readers = [each for each in threading.enumerate() if "_receive" in each.name]
    for reader in readers:
        reader.join(5)
    assert not any(reader.is_alive() for reader in readers)


# A cache in which something else is in a file's place


def something_else(path: Path, kind: str, victim: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "link":
        path.symlink_to(victim)
    elif kind == "link to nothing":
        path.symlink_to(victim.with_name("nothing"))
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(GOOD[:-1] + b"x")


@pytest.mark.promise(
    "What is in a cached file's place is set aside, whatever it is, and the file is fetched again."
)
@pytest.mark.parametrize("kind", ["link", "link to nothing", "folder", "pipe", "bad bytes"])
def test_what_is_in_a_files_place_is_set_aside_and_nothing_is_written_through_it(
    server, cache, tmp_path, kind, caplog
):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    something_else(cache / "data.bin", kind, victim)
    assert fetched(archive(server.mirror("good"))) == GOOD
    assert victim.read_text() == "mine"
    assert not (tmp_path / "nothing").exists()
    assert not (cache / "data.bin").is_symlink()
    assert listed(cache) == ["data.bin", "data.bin.bad"]
    assert len(caplog.records) == 1


@pytest.mark.promise("A link in place of the note of a failure is removed, not written through.")
def test_a_link_in_place_of_the_note_of_a_failure_is_not_written_through(server, cache, tmp_path):
    cache.mkdir(parents=True)
    (cache / ".failed").symlink_to(tmp_path / "planted")
    os.utime(cache / ".failed", (0, 0), follow_symlinks=False)
    with pytest.raises(DownloadError):
        archives.verified(replace(archive(server.mirror("missing")), respite=60.0))
    assert not (tmp_path / "planted").exists()
    assert not (cache / ".failed").is_symlink()


@pytest.mark.promise("A clock that ran backwards does not keep data from being fetched.")
def test_a_failure_noted_in_the_future_is_not_believed(server, cache):
    cache.mkdir(parents=True)
    (cache / ".failed").touch()
    os.utime(cache / ".failed", (2**33, 2**33))
    assert fetched(replace(archive(server.mirror("good")), respite=60.0)) == GOOD


# Two processes

FETCH = f"""
    import os, sys
    from pathlib import Path
    import filelock
    from handwriting.data import archives
    from handwriting.data.archives import Archive
    from handwriting.data.download import File
    acquire = filelock.FileLock.acquire
    def noted(lock, *rest, **named):
        Path(sys.argv[2], str(os.getpid())).touch()
        return acquire(lock, *rest, **named)
    filelock.FileLock.acquire = noted
    found = Archive("test", "Data", (File({DATA.name!r}, {DATA.sha256!r}, {DATA.size}),),
                    (sys.argv[1],), "give up", 30.0)
    print(archives.verified(found)[0].stat().st_size)
"""


def fetching(mirror: str, at_the_lock: Path) -> subprocess.Popen:
    command = [sys.executable, "-c", textwrap.dedent(FETCH), mirror, str(at_the_lock)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def waited_for(condition: Callable[[], object], seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def at_the_lock(tmp_path) -> Path:
    """Where each process leaves a file when it comes to a lock."""
    folder = tmp_path / "at the lock"
    folder.mkdir()
    return folder


@pytest.fixture
def slow_mirror(server, monkeypatch) -> str:
    """A mirror that sends a half, and the rest when the server's `go` is set."""
    server.go = threading.Event()

    def halting(handler: Handler) -> None:
        handler.answer(content_length=len(GOOD))
        handler.wfile.write(GOOD[:150_000])
        handler.server.go.wait()
        handler.wfile.write(GOOD[150_000:])

    monkeypatch.setitem(BEHAVIOURS, "halting", halting)
    yield server.mirror("halting")
    server.go.set()


@pytest.mark.promise("Two processes that fetch at once fetch a file once.")
def test_two_processes_that_fetch_at_once_both_have_the_file_and_fetch_it_once(
    server, slow_mirror, cache, at_the_lock
):
    first, second = (fetching(slow_mirror, at_the_lock) for _ in range(2))
    waited_for(lambda: server.asked)
    # Each of them waits now: for the mirror, or for the other.
    waited_for(lambda: len(server.asked) == 2 or len(listed(at_the_lock)) == 2)
    assert not (cache / "data.bin").exists()  # nothing partial has its name
    server.go.set()
    assert [each.communicate(timeout=30)[0] for each in (first, second)] == ["200000\n"] * 2
    assert server.asked == ["halting"]
    assert (cache / "data.bin").read_bytes() == GOOD
    assert listed(cache) == ["data.bin"]
    with filelock.FileLock(cache / ".lock", timeout=0):
        pass  # nobody holds it


@pytest.mark.promise("A process that is killed while fetching leaves nothing half done.")
def test_what_is_killed_while_fetching_leaves_nothing(server, slow_mirror, cache, at_the_lock):
    killed = fetching(slow_mirror, at_the_lock)
    waited_for(lambda: server.asked)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=30)
    assert listed(cache) == []
    assert fetched(archive(server.mirror("good"))) == GOOD
    assert listed(cache) == ["data.bin"]
