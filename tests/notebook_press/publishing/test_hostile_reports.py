"""Reports folders that someone else had a hand in: nothing outside is touched, nothing hangs."""

import hashlib
import json
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_press.errors import PublishingError
from notebook_press.publishing import publish
from notebook_press.publishing.lock import locked
from notebook_press.publishing.manifest import ENDINGS, damage, read_manifest
from notebook_press.publishing.stage import FORMATS
from notebook_press.rendering import index as index_page
from notebook_press.rendering.markdown import Fragment

SECONDS = 30  # a bound on what must not hang


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    """End a test that waits for a pipe nobody writes to."""

    def stop(*_: object) -> None:
        pytest.fail(f"still at work after {SECONDS} s")  # no OSError, which might be taken for one

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def no_pandoc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typeset as plain text: what is tested here is which manifests get as far as the index."""
    monkeypatch.setattr(
        index_page, "typeset", lambda pieces, _: [Fragment(p.markdown, "", ()) for p in pieces]
    )
    publish._render_index.cache_clear()


def describe(content: bytes) -> dict[str, object]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def manifest(report: str = "story", run: str = "default", **changed: object) -> dict[str, object]:
    files = {
        f"{report}.{ending}": describe(b"new " + ending.encode()) for ending in ("html", "ipynb")
    }
    return {
        "press": 1,
        "report": report,
        "run": run,
        "title": "What is the answer?",
        "answer": "It is 42.",
        "notice": None,
        "finished": "2026-11-22T18:00:00+00:00",
        "seconds": 1.5,
        "parameters": [{"name": "factor", "value": 2, "default": 2, "type": "int", "help": ""}],
        "results": {"product": 42},
        "keys": {"run": {"code": "1"}, "render": {}},
        "files": files,
        **changed,
    }


def stage(reports: Path, **changed: object) -> Path:
    """A staging folder that is ready, as a build leaves it that was killed."""
    staged = publish.staging_folder(reports, "default", "story")
    for ending in ("html", "ipynb"):
        (staged / f"story.{ending}").write_bytes(b"new " + ending.encode())
    (staged / "story.json").write_text(json.dumps(manifest(**changed)))
    return staged


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that is none of the press's business, with a file."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "precious").write_text("precious")
    return folder


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    publish.publish(folder, stage(folder))
    publish.keep_failed(folder, "default", "story", b"partial", b"log")
    return folder


def everything(folder: Path) -> dict[str, object]:
    """Names, kinds and bytes below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else path.lstat().st_mode
        for path in sorted(folder.rglob("*"))
    }


def command(reports: Path) -> tuple[str, ...]:
    """What each command does with the folder, a build's publication amid it."""
    with locked(reports, wait=False, announce=print):
        publish.finish_pending(reports)
        publish.publish(reports, stage(reports))
        publish.keep_failed(reports, "default", "other", b"partial", b"log")
        publish.write_index(reports)
        return publish.check(reports)


PLACES = (
    *("index.html", "default", "failed", "failed/default", "failed/default/other.ipynb"),
    *(f"default/story.{ending}" for ending in ("html", "pdf", "ipynb", "json")),
    *(".press", ".press/lock", ".press/owner.json", ".press/staging", ".press/temporary"),
    *(".press/staging/default", "failed/default/story.ipynb", "failed/default/other.log"),
)
# What the press can put right by itself: whatever has its place taken by a plain file of its own.
REPAIRED = {place for place in PLACES if "." in Path(place).name} - {".press", ".press/lock"}
REPAIRED |= {".press/staging", ".press/temporary", ".press/staging/default"}


def link_to_a_file(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "precious")


def link_to_a_folder(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def link_to_nothing(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "missing")


def pipe(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path, outside: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # a socket's path has to be short
    try:
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(path.name)
    finally:
        os.chdir(before)


def empty_folder(path: Path, outside: Path) -> None:
    path.mkdir()


def plain_file(path: Path, outside: Path) -> None:
    path.write_text("not what belongs here")


def refusal(reports: Path) -> str:
    """Why the press refused; empty where everything is well in the end."""
    try:
        wrong = command(reports)
    except PublishingError as error:
        return str(error)
    return "; ".join(wrong)


@pytest.mark.promise("Nothing is written below the reports folder through a symbolic link.")
@pytest.mark.promise("Who holds the lock is noted in a new file, not through what lies there.")
@pytest.mark.parametrize(
    "put",
    [
        *(link_to_a_file, link_to_a_folder, link_to_nothing, pipe, unix_socket),
        *(empty_folder, plain_file),
    ],
)
@pytest.mark.parametrize("place", PLACES)
def test_what_stands_in_an_output_s_place_is_replaced_or_named(reports, outside, place, put):
    path = reports / place
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    put(path, outside)
    before = everything(outside)
    refused = refusal(reports)
    belongs = plain_file if place == ".press/lock" else empty_folder
    assert bool(refused) == (place not in REPAIRED and put is not belongs)
    assert not refused or f"{path}: expected a f" in refused
    assert not refused or "then run the same command again" in refused
    assert everything(outside) == before


@pytest.mark.promise(
    "A folder that holds something is never removed to make place for a file, and is named "
    "before a notebook runs."
)
@pytest.mark.parametrize("place", ["default/story.html", "index.html", "default/story.json"])
def test_a_folder_that_holds_something_is_never_removed(reports, place):
    (reports / place).unlink()
    (reports / place).mkdir()
    (reports / place / "precious").write_text("precious")
    with pytest.raises(PublishingError, match=r"expected a file, found a folder; move it away"):
        publish.staging_folder(reports, "default", "story")
    assert (reports / place / "precious").read_text() == "precious"


def test_a_reports_folder_that_is_a_link_to_a_folder_is_its_owner_s_wish(tmp_path, outside):
    (tmp_path / "linked").symlink_to(outside)
    assert command(tmp_path / "linked") == ()
    assert (outside / "default" / "story.html").read_bytes() == b"new html"


@pytest.mark.parametrize("put", [plain_file, pipe, link_to_a_file])
def test_a_reports_folder_that_is_none_is_named(tmp_path, outside, put):
    put(tmp_path / "place", outside)
    with pytest.raises(PublishingError, match=r"place: expected a folder, found a"):
        command(tmp_path / "place")


def test_check_names_a_run_s_folder_that_is_a_link(reports, outside):
    (reports / "other").symlink_to(outside)
    (line,) = publish.check(reports)
    assert line.startswith(f"{reports / 'other'}: a symbolic link")


STRAY = "story.pdf"


@pytest.mark.promise("A format that is no longer made is taken away before the manifest says so.")
@pytest.mark.promise("A pipe in a file's place is not waited for.")
@pytest.mark.promise("A file of a format that the manifest does not name is noticed.")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda page, outside: page.write_text("edited"),
        lambda page, outside: os.truncate(page, 3),
        lambda page, outside: page.write_bytes(b""),
        lambda page, outside: page.unlink(),
        lambda page, outside: (page.unlink(), link_to_a_file(page, outside)),
        lambda page, outside: (page.unlink(), page.mkdir()),
        lambda page, outside: (page.unlink(), pipe(page, outside)),
        lambda page, outside: (page.parent / STRAY).write_text("of an earlier build"),
    ],
    ids=["edited", "truncated", "emptied", "removed", "linked", "folder", "pipe", "stray"],
)
@pytest.mark.parametrize("name", ["story.html", "story.ipynb", "story.json"])
def test_damage_is_noticed_by_check_and_mended_by_publishing_again(reports, outside, name, spoil):
    before = everything(reports / "default")
    spoil(reports / "default" / name, outside)
    assert publish.check(reports)
    last = read_manifest(reports / "default" / "story.json")
    assert last is None or damage(reports / "default", last)  # so a build goes to work
    publish.publish(reports, stage(reports))
    assert publish.check(reports) == ()
    assert everything(reports / "default") == before


def test_what_the_press_did_not_write_is_named_and_left(reports):
    notes = reports / "default" / "notes.txt"
    notes.write_text("mine")
    (line,) = publish.check(reports)
    assert line.startswith(f"{notes}: in no manifest")
    publish.publish(reports, stage(reports))
    assert notes.read_text() == "mine"


def test_every_format_is_one_that_a_manifest_may_name():
    assert set(ENDINGS) == {*FORMATS, "ipynb"}


FILE = describe(b"new html")
HTML = {"sha256": FILE["sha256"], "bytes": 8}
NOTEBOOK = manifest()["files"]["story.ipynb"]  # type: ignore[index]


@pytest.mark.promise("A manifest that names files that are not its report's is no manifest.")
@pytest.mark.promise("Whatever passes for a manifest can be shown in the index.")
@pytest.mark.parametrize(
    "changed",
    [
        {"press": 2},
        {"run": "../x"},
        {"run": "other"},
        {"run": ["default"]},
        {"report": "../story"},
        {"report": "other"},
        {"files": []},
        {"files": {}},
        {"files": {"story.html": HTML}},
        {"files": {"story.ipynb": NOTEBOOK, "../../outside/precious": HTML}},
        {"files": {"story.ipynb": NOTEBOOK, "/etc/passwd": HTML}},
        {"files": {"story.ipynb": NOTEBOOK, "story.json": HTML}},
        {"files": {"story.ipynb": NOTEBOOK, "other.html": HTML}},
        {"files": {"story.ipynb": NOTEBOOK, "story.html": {"sha256": "0", "bytes": 8}}},
        {"files": {"story.ipynb": NOTEBOOK, "story.html": {**HTML, "bytes": "8"}}},
        {"keys": {}},
        {"keys": {"render": {}}},
        {"keys": {"run": [], "render": {}}},
        {"keys": {"run": {"code": 1}, "render": {}}},
        {"seconds": "long"},
        {"seconds": float("nan")},
        {"finished": "yesterday"},
        {"finished": "0001-01-01T00:00:00+14:00"},
        {"results": [1]},
        {"results": {"product": "42"}},
        {"results": {"product": True}},
        {"results": {"product": float("inf")}},
        {"results": {"product": 10**400}},
        {"parameters": {"factor": 2}},
        {"parameters": [2]},
        {"parameters": [{"name": ["factor"]}]},
        {"title": 1},
        {"title": "\ud800"},
        {"answer": {}},
        {"key_figure": "image"},
        {"key_figure": {"mime": "text/html", "content": "", "alt": ""}},
        {"key_figure": {"mime": "image/png", "content": "\u00e9", "alt": ""}},
        {"key_figure": {"mime": "image/svg+xml", "content": "/w==", "alt": ""}},
    ],
    ids=lambda changed: str(changed)[:60].encode("ascii", "replace").decode(),
)
def test_a_manifest_that_the_press_would_not_write_is_none(reports, outside, changed):
    path = reports / "default" / "story.json"
    path.write_text(json.dumps(manifest(**changed)))
    before = everything(outside)
    assert read_manifest(path) is None
    assert f"{path}: not a manifest of this press" in publish.check(reports)
    publish.write_index(reports)
    assert b"What is the answer?" not in (reports / "index.html").read_bytes()
    assert everything(outside) == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"press":' * 100_000,
        b'{"press": 1' + b"0" * 10_000 + b"}",
        b"\0" * 1000,
    ],
    ids=["empty", "torn", "list", "null", "binary", "deep", "nested", "long", "zeros"],
)
def test_bytes_that_are_no_manifest_are_none(reports, content):
    (reports / "default" / "story.json").write_bytes(content)
    assert read_manifest(reports / "default" / "story.json") is None
    assert command(reports) == ()


@pytest.mark.promise("A huge manifest is not read.")
def test_a_manifest_of_a_terabyte_is_not_read(reports):
    os.truncate(reports / "default" / "story.json", 2**40)  # a hole: it takes no room
    assert read_manifest(reports / "default" / "story.json") is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(changed=st.dictionaries(st.sampled_from([*manifest(), "key_figure"]), VALUES, max_size=2))
def test_whatever_passes_for_a_manifest_can_be_shown_in_the_index(tmp_path_factory, changed):
    reports = tmp_path_factory.mktemp("reports")
    (reports / "default").mkdir()
    (reports / "default" / "story.json").write_text(json.dumps(manifest() | changed))
    assert isinstance(publish.check(reports), tuple)
    shutil.rmtree(reports)


@pytest.mark.promise("A manifest that lies in another place than its own is no manifest.")
@pytest.mark.parametrize(
    "changed", [{"run": "../../outside"}, {"run": "other"}, {"report": "other"}, {"files": {}}]
)
def test_a_staging_folder_whose_manifest_names_another_place_is_not_published(
    reports, outside, changed
):
    before = everything(outside), everything(reports / "default")
    stage(reports, **changed)
    assert publish.finish_pending(reports) == ()
    assert (everything(outside), everything(reports / "default")) == before
    assert not (reports / ".press" / "staging").exists()


@pytest.mark.promise(
    "A file that is a symbolic link is neither read as published nor published from staging."
)
@pytest.mark.parametrize("name", ["story.html", "story.ipynb", "story.json"])
def test_a_staged_file_that_is_a_link_is_not_published(reports, outside, name):
    before = everything(reports / "default")
    staged = stage(reports)
    (outside / name).write_bytes((staged / name).read_bytes())  # as the manifest wants it
    (staged / name).unlink()
    (staged / name).symlink_to(outside / name)
    assert publish.finish_pending(reports) == ()
    assert everything(reports / "default") == before
    assert (outside / name).exists()


@pytest.mark.promise("What the press's own folders lead to by a link is not removed with them.")
@pytest.mark.parametrize("depth", ["", "default", "default/story"])
def test_a_staging_folder_that_is_a_link_is_neither_published_nor_emptied(reports, outside, depth):
    staged = stage(reports, title="Another answer")
    place = reports / ".press" / "staging" / depth
    shutil.move(place, outside / "moved")
    place.symlink_to(outside / "moved")
    before = everything(outside)
    assert publish.finish_pending(reports) == ()
    assert everything(outside) == before
    assert not staged.exists()
