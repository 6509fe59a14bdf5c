"""The reports of a folder, served to this machine alone, each page with what loads it anew.

Whoever has no token gets nothing. The pages on the disk stay as they are: what asks for changes
is put into a copy, whose policy allows that one script and that one address besides its own.
"""

import base64
import hashlib
import html
import io
import json
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from notebook_press.errors import UsageError
from notebook_press.publishing.files import describe_kind, read_plain

ADDRESS = "127.0.0.1"
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".ipynb": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".log": "text/plain; charset=utf-8",
}
_POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_NOTHING = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"  # for what is no page
_RELOAD = """
const look = setInterval(async () => {
  try {
    const now = (await fetch(ADDRESS, {method: "HEAD", cache: "no-store"})).headers.get("ETag");
    if (now && now !== VERSION) location.reload();
  } catch { clearInterval(look); }
}, 1000);
"""


@contextmanager
def serving(reports: Path, port: int = 0) -> Iterator[str]:
    """Serve a reports folder during the body, which is given the address of its index.

    Args:
        reports: The folder.
        port: The port, or 0 for one that is free.

    Raises:
        UsageError: The port is taken, or not for everybody.
    """
    token = secrets.token_urlsafe(16)
    try:
        server = _Server((ADDRESS, port), partial(_Handler, reports.resolve(), token))
    except OSError as error:
        raise UsageError(
            f"--port {port}: expected one that is free, found {error.strerror}; choose another, or "
            "leave it out"
        ) from error
    with server:
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        try:
            yield f"http://{ADDRESS}:{server.server_address[1]}/{token}/index.html"
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Say nothing of a reader that has gone away."""


class _Handler(SimpleHTTPRequestHandler):
    timeout = 10  # seconds in which a request has to come

    def __init__(self, reports: Path, token: str, *request: Any) -> None:
        self._reports, self._token = reports, token
        super().__init__(*request)

    def send_head(self) -> io.BytesIO | None:
        """Answer with the head of a file, a page with what loads it anew, and return the rest."""
        try:
            path = self._file()
            content = read_plain(path)
        except (OSError, ValueError):  # it is not there, or not for everybody
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        version, policy = f'"{hashlib.sha256(content).hexdigest()}"', _NOTHING
        if path.suffix == ".html":
            content, policy = with_reload(content, self._address(path), version)
        self.send_response(HTTPStatus.OK)
        self.send_header("ETag", version)
        self.send_header("Content-Type", _TYPES.get(path.suffix, "application/octet-stream"))
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        return io.BytesIO(content)

    def end_headers(self) -> None:
        """Keep the address from others, and nothing in a cache."""
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing: the token is in every address."""

    def _address(self, path: Path) -> str:
        """A file's own address, on which a policy can be exact."""
        names = path.relative_to(self._reports).parts
        place = "/".join(quote(each, safe="") for each in (self._token, *names))
        return f"http://{self.headers['Host']}/{place}"

    def _file(self) -> Path:
        """The file that is asked for.

        Raises:
            ValueError: It is not for whoever asks, or for nobody.
            OSError: It can't be looked for.
        """
        if not _HOST.fullmatch(self.headers.get("Host", "")):
            raise ValueError("a page of somebody else's, whose name leads to this machine")
        before, token, *names = self.path.partition("?")[0].split("/")
        if before or not secrets.compare_digest(token.encode(), self._token.encode()):
            raise ValueError("not the token")
        names = ["index.html"] if names == [""] else [unquote(each) for each in names]
        if any(each.startswith(".") or not each or set(each) & set("/\\\0") for each in names):
            raise ValueError("not a name that a report has")
        path = self._reports.joinpath(*names)
        folders = path.parents[: len(names) - 1]
        if any(describe_kind(each) != "a folder" for each in folders):
            raise ValueError("a link could lead out of the reports")
        return path


def with_reload(page: bytes, address: str, version: str) -> tuple[bytes, str]:
    """Return a page that is loaded anew when it has changed, and the policy for it.

    A file without a policy of its own is no page of the press: it is shown without any script.

    Args:
        page: The page's file.
        address: Where it is served, for it to ask for itself.
        version: What the server says of its version.
    """
    found = _POLICY.search(page, 0, 2_000)
    if found is None or not found[1].isascii():
        return page, _NOTHING
    script = _RELOAD.replace("ADDRESS", json.dumps(address)).replace("VERSION", json.dumps(version))
    name = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    own = " ".join(html.unescape(found[1].decode()).split())
    allowed = f"script-src 'sha256-{name}' "
    policy = own.replace("script-src ", allowed) if "script-src " in own else f"{own}; {allowed}"
    # The policy moves from the page into the answer: of two, both would have to allow it.
    anew = page[: found.start()] + page[found.end() :] + f"<script>{script}</script>".encode()
    return anew, f"{policy}; connect-src {address}; frame-ancestors 'none'"
