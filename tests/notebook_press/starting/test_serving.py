"""Reports served while somebody works on them: to whom, what, and what is added to a page."""

import base64
import hashlib
import itertools
import os
import re
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from notebook_press.errors import UsageError
from notebook_press.starting.serving import serving, with_reload

POLICY = "default-src 'none'; script-src 'sha256-abc='; base-uri 'none'"
PAGE = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><p>page'.encode()
ADDRESS = "http://127.0.0.1:1/t/a.html"


@pytest.fixture
def reports(tmp_path) -> Path:
    folder = tmp_path / "reports"
    (folder / "default").mkdir(parents=True)
    (folder / ".press").mkdir()
    (folder / ".press" / "lock").write_text("secret")
    (folder / "index.html").write_bytes(PAGE)
    (folder / "default" / "two words.html").write_bytes(PAGE)
    (folder / "default" / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.html").symlink_to(tmp_path / "secret.txt")
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.html")
    return folder


class Reader:
    """Asks the server whatever it is told to."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host, self.port = parts.hostname, parts.port
        self.token = parts.path.split("/")[1]

    def ask(self, path: str, method: str = "GET", host: str | None = None) -> HTTPResponse:
        host = f"127.0.0.1:{self.port}" if host is None else host
        path = path.replace("TOKEN", self.token)
        with socket.create_connection((self.host, self.port), timeout=10) as connection:
            request = f"{method} {path} HTTP/1.0\r\nHost: {host}\r\n\r\n"
            connection.sendall(request.encode("latin-1"))
            answer = HTTPResponse(connection, method=method)
            answer.begin()
            answer.content = answer.read()
        return answer


@pytest.fixture
def reader(reports) -> Iterator[Reader]:
    with serving(reports) as address:
        yield Reader(address)


STRANGERS = [
    *("/", "/index.html", "//index.html", "*", "/TOKEN", "/x/TOKEN/index.html"),
    *("http://127.0.0.1/TOKEN/index.html", "/TOKE/index.html", "/TOKENN/index.html"),
    *("/%54OKEN/index.html", "/\xe9\xe9/index.html"),
]


@pytest.mark.promise("While it watches, the press serves nothing to whoever has not its token.")
def test_who_has_no_token_gets_nothing(reader):
    assert [path for path in STRANGERS if reader.ask(path).status != 404] == []


OUTSIDE = [
    *("../secret.txt", "%2e%2e/secret.txt", "default/../../secret.txt", "..%2fsecret.txt"),
    *("..%5csecret.txt", "/etc/passwd", "%2fetc%2fpasswd", ".press/lock", "%2epress/lock"),
    *("link.html", "linked/secret.txt", "pipe.html", "default", "default/", "a%00b", "%ff%fe"),
    *("x" * 5_000, "nowhere.html", "index.html/x"),
]


@pytest.mark.promise("While it watches, the press serves no file outside the reports, nor its own.")
def test_nothing_but_files_of_the_reports_is_served(reader):
    asked = itertools.product(OUTSIDE, ("GET", "HEAD"))
    assert [each for each in asked if reader.ask(f"/TOKEN/{each[0]}", each[1]).status != 404] == []


HOSTS = ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.1:x", "127.0.0.1@evil.example"]


@pytest.mark.promise("While it watches, the press answers no name that was made to lead to it.")
def test_another_host_gets_nothing(reader):
    assert [host for host in HOSTS if reader.ask("/TOKEN/", host=host).status != 404] == []
    assert reader.ask("/TOKEN/", host="localhost:1").status == 200  # as through a tunnel


def test_nothing_can_be_done_but_read(reader):
    methods = ("POST", "PUT", "DELETE", "OPTIONS", "X")
    assert {reader.ask("/TOKEN/index.html", method).status for method in methods} == {501}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("", "text/html; charset=utf-8"),
        ("index.html?x=1", "text/html; charset=utf-8"),
        ("default/two%20words.html", "text/html; charset=utf-8"),
        ("default/a.pdf", "application/pdf"),
    ],
)
def test_reports_are_served_and_kept_from_others(reader, path, kind):
    answer = reader.ask(f"/TOKEN/{path}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_only_this_machine_is_listened_to(reader):
    listening = [each.laddr for each in psutil.Process().net_connections("tcp")]
    assert [place.ip for place in listening if place.port == reader.port] == ["127.0.0.1"]


def test_a_port_that_is_taken_is_refused(reports):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"--port {port}: expected one that is free"):
            serving(reports, port).__enter__()


def test_a_page_asks_for_its_own_version_and_the_file_stays(reader, reports):
    path = "/TOKEN/default/two%20words.html"
    page, head = reader.ask(path), reader.ask(path, "HEAD")
    version = head.headers["ETag"]
    assert head.content == b""
    assert page.headers["ETag"] == version
    address = f"http://127.0.0.1:{reader.port}/{reader.token}/default/two%20words.html"
    assert address.encode() in page.content
    assert version.strip('"').encode() in page.content
    assert f"connect-src {address};" in page.headers["Content-Security-Policy"]
    changed = reports / "default" / "two words.html"
    assert changed.read_bytes() == PAGE
    changed.write_bytes(PAGE + b"s")
    assert reader.ask(path, "HEAD").headers["ETag"] != version


def allowed(page: bytes, policy: str) -> list[str]:
    """The scripts at the page's end that its policy allows, by their SHA-256."""
    scripts = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    names = [base64.b64encode(hashlib.sha256(each).digest()).decode() for each in scripts]
    return [name for name in names if f"'sha256-{name}'" in policy]


@pytest.mark.promise("A served page may do what it may on the disk, and ask for itself, no more.")
@pytest.mark.parametrize("own", [POLICY, "default-src 'none'; img-src data:"])
def test_a_pages_policy_allows_what_it_did_and_the_one_script(own):
    page = PAGE.replace(POLICY.encode(), own.encode())
    served, policy = with_reload(page, ADDRESS, '"1"')
    assert b"Content-Security-Policy" not in served
    assert len(allowed(served, policy)) == 1
    parts = {part.split()[0]: part.split()[1:] for part in policy.split(";")}
    for part in own.split(";"):
        name, *values = part.split()
        assert set(parts[name]) >= set(values)
    assert len(parts["script-src"]) == 1 + own.count("sha256")
    assert parts["connect-src"] == [ADDRESS]


@pytest.mark.parametrize(
    "page",
    [
        b"<p>no policy",
        b"",
        '<meta http-equiv="Content-Security-Policy" content="\u00e9">'.encode(),
        b" " * 5_000 + PAGE,
    ],
    ids=lambda page: ascii(page[:10]),
)
def test_a_file_that_is_no_page_of_the_press_is_served_as_it_is_without_scripts(page):
    served, policy = with_reload(page, ADDRESS, '"1"')
    assert served == page
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy


def test_a_policy_can_not_end_the_header():
    page = PAGE.replace(b"base-uri", b"&#13;&#10;X: 1; base-uri")
    _, policy = with_reload(page, ADDRESS, '"1"')
    assert policy.isprintable()
