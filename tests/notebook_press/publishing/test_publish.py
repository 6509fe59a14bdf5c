"""Publishing: whole files, the manifest last, and what was cut short is finished."""

import json

import pytest

from notebook_press import errors
from notebook_press.errors import PublishingError
from notebook_press.publishing import files, publish
from notebook_press.publishing.manifest import describe_file, read_manifest


def stage(reports, text="new", report="story", run="default", pages=("html",)):
    """A staging folder that is ready to be published."""
    files = (*pages, "ipynb")
    staged = publish.staging_folder(reports, run, report)
    for name in files:
        (staged / f"{report}.{name}").write_text(f"{text} {name}")
    paths = [staged / f"{report}.{name}" for name in files]
    manifest = {
        "press": 1,
        "report": report,
        "run": run,
        "title": "What is the answer?",
        "answer": "It is 42.",
        "notice": None,
        "finished": "2026-11-22T18:00:00+00:00",
        "seconds": 1.5,
        "parameters": [],
        "results": {},
        "keys": {"run": {}, "render": {}},
        "files": {path.name: describe_file(path) for path in paths},
    }
    (staged / f"{report}.json").write_text(json.dumps(manifest))
    return staged


def published(reports, name="story.html"):
    return (reports / "default" / name).read_text()


def test_publishing_puts_every_file_in_place_and_clears_the_staging(tmp_path):
    staged = stage(tmp_path)
    publish.publish(tmp_path, staged)
    assert published(tmp_path) == "new html"
    assert read_manifest(tmp_path / "default" / "story.json") is not None
    assert not staged.exists()


@pytest.mark.promise("The manifest is the last file of a publication to be put in its place.")
def test_the_manifest_is_put_in_place_last(tmp_path, monkeypatch):
    order, put = [], files.put
    monkeypatch.setattr(
        publish, "put", lambda temporary, to: (order.append(to.name), put(temporary, to))
    )
    publish.publish(tmp_path, stage(tmp_path))
    assert order == ["story.html", "story.ipynb", "story.json"]


@pytest.mark.promise(
    "A disk without room is noticed before anything that readers see is touched, and left "
    "without litter."
)
def test_a_disk_that_fills_up_leaves_every_published_file_as_it_was(tmp_path, monkeypatch):
    publish.publish(tmp_path, stage(tmp_path, text="old"))
    write, left = files.write_temporary, [None, None]

    def fill_up(*arguments):
        if not left:
            raise OSError(28, "No space left on device")
        left.pop()
        return write(*arguments)

    monkeypatch.setattr(publish, "write_temporary", fill_up)
    with pytest.raises(PublishingError, match="No space left"):
        publish.publish(tmp_path, stage(tmp_path))
    assert (published(tmp_path), published(tmp_path, "story.ipynb")) == ("old html", "old ipynb")
    assert list((tmp_path / ".press" / "temporary").iterdir()) == []


def test_a_format_that_was_not_made_this_time_is_taken_away(tmp_path):
    publish.publish(tmp_path, stage(tmp_path, pages=("html", "pdf")))
    publish.publish(tmp_path, stage(tmp_path, pages=("html",)))
    assert not (tmp_path / "default" / "story.pdf").exists()


def test_a_publication_that_was_cut_short_is_finished(tmp_path):
    publish.publish(tmp_path, stage(tmp_path, text="old"))
    stage(tmp_path)
    assert publish.finish_pending(tmp_path) == ("default/story",)
    assert published(tmp_path) == "new html"


def test_a_staging_folder_without_a_manifest_is_cleared_away(tmp_path):
    publish.publish(tmp_path, stage(tmp_path, text="old"))
    staged = stage(tmp_path)
    (staged / "story.json").unlink()
    assert publish.finish_pending(tmp_path) == ()
    assert published(tmp_path) == "old html"
    assert not staged.exists()


def test_what_a_killed_press_left_of_making_the_index_is_cleared_away(tmp_path):
    publish.publish(tmp_path, stage(tmp_path))
    (tmp_path / ".press" / "pandoc-1").mkdir()
    (tmp_path / ".press" / "pandoc-1" / "pandoc-hist").touch()
    publish.finish_pending(tmp_path)
    assert list((tmp_path / ".press").iterdir()) == []


@pytest.mark.promise("A staging folder with a torn file is not published.")
def test_a_staging_folder_with_a_torn_file_is_not_published(tmp_path):
    staged = stage(tmp_path)
    (staged / "story.html").write_text("ne")
    assert publish.finish_pending(tmp_path) == ()


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    target = tmp_path / "default" / "story.html"
    files.write_file(tmp_path, target, b"old")
    monkeypatch.setattr(
        files.os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with (
        pytest.raises(PublishingError, match=f"{target}: No space left"),
        errors.publishing_errors(tmp_path),
    ):
        files.write_file(tmp_path, target, b"new")
    assert target.read_bytes() == b"old"
    assert list((tmp_path / ".press" / "temporary").iterdir()) == []


@pytest.fixture
def reports(tmp_path):
    """A reports folder with one report and its index."""
    publish.publish(tmp_path, stage(tmp_path))
    publish.write_index(tmp_path)
    return tmp_path


LINK = "replaced by a symbolic link"


def test_check_finds_nothing_wrong_with_what_was_published(reports):
    assert publish.check(reports) == ()


@pytest.mark.parametrize(
    ("spoil", "how"),
    [
        (lambda path: path.write_text("edited"), "changed since it was published"),
        (lambda path: path.unlink(), "missing"),
        (lambda path: (path.rename(f"{path}.old"), path.symlink_to(f"{path}.old")), LINK),
    ],
)
def test_check_names_a_file_that_is_not_what_was_published(reports, spoil, how):
    page = reports / "default" / "story.html"
    spoil(page)
    assert publish.check(reports)[0] == f"{page}: {how}"


@pytest.mark.promise(
    "Check passes on a folder that nothing was published in yet, such as a first build that "
    "was killed leaves."
)
def test_check_of_a_folder_that_nothing_was_published_in_finds_nothing_wrong(tmp_path):
    (tmp_path / "README.md").write_text("What `make report` writes.")
    assert publish.check(tmp_path) == ()


def test_check_names_a_manifest_that_is_none(reports):
    (reports / "default" / "story.json").write_text("{")
    assert "not a manifest" in publish.check(reports)[0]


def test_check_names_files_that_no_manifest_names(reports):
    (reports / "default" / "stray.html").write_text("stray")
    (line,) = publish.check(reports)
    assert line.startswith(f"{reports / 'default' / 'stray.html'}: in no manifest")


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_text("x")])
def test_check_names_an_index_that_the_manifests_do_not_make(reports, spoil):
    spoil(reports / "index.html")
    (line,) = publish.check(reports)
    assert line.startswith(f"{reports / 'index.html'}: missing, or not what")
