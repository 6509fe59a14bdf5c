"""Publishing: whole files, the manifest last, and what was cut short is finished."""

import json

import pytest

from notebook_press import publishing
from notebook_press.errors import PublishingError


def stage(reports, text="new", report="story", run="default", files=("html", "ipynb")):
    """A staging folder that is ready to be published."""
    staged = publishing.staging_folder(reports, run, report)
    for name in files:
        (staged / f"{report}.{name}").write_text(f"{text} {name}")
    paths = [staged / f"{report}.{name}" for name in files]
    manifest = {
        "press": 1,
        "report": report,
        "run": run,
        "results": {},
        "keys": {"run": {}, "render": {}},
        "files": {path.name: publishing.describe_file(path) for path in paths},
    }
    (staged / f"{report}.json").write_text(json.dumps(manifest))
    return staged


def published(reports, name="story.html"):
    return (reports / "default" / name).read_text()


def test_publishing_puts_every_file_in_place_and_clears_the_staging(tmp_path):
    staged = stage(tmp_path)
    publishing.publish(tmp_path, staged)
    assert published(tmp_path) == "new html"
    assert publishing.read_manifest(tmp_path / "default" / "story.json") is not None
    assert not staged.exists()


def test_the_manifest_is_written_last(tmp_path, monkeypatch):
    order, write = [], publishing.write_file
    monkeypatch.setattr(
        publishing,
        "write_file",
        lambda r, target, c: (order.append(target.name), write(r, target, c)),
    )
    publishing.publish(tmp_path, stage(tmp_path))
    assert order == ["story.html", "story.ipynb", "story.json"]


def test_a_format_that_was_not_made_this_time_is_taken_away(tmp_path):
    publishing.publish(tmp_path, stage(tmp_path, files=("html", "pdf")))
    publishing.publish(tmp_path, stage(tmp_path, files=("html",)))
    assert not (tmp_path / "default" / "story.pdf").exists()


def test_a_publication_that_was_cut_short_is_finished(tmp_path):
    publishing.publish(tmp_path, stage(tmp_path, text="old"))
    stage(tmp_path)
    assert publishing.finish_pending(tmp_path) == ("default/story",)
    assert published(tmp_path) == "new html"


def test_a_staging_folder_without_a_manifest_is_cleared_away(tmp_path):
    publishing.publish(tmp_path, stage(tmp_path, text="old"))
    staged = stage(tmp_path)
    (staged / "story.json").unlink()
    assert publishing.finish_pending(tmp_path) == ()
    assert published(tmp_path) == "old html"
    assert not staged.exists()


def test_a_staging_folder_with_a_torn_file_is_not_published(tmp_path):
    staged = stage(tmp_path)
    (staged / "story.html").write_text("ne")
    assert publishing.finish_pending(tmp_path) == ()


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    target = tmp_path / "default" / "story.html"
    publishing.write_file(tmp_path, target, b"old")
    monkeypatch.setattr(
        publishing.os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with (
        pytest.raises(PublishingError, match="No space left"),
        publishing.publishing_errors(tmp_path),
    ):
        publishing.write_file(tmp_path, target, b"new")
    assert target.read_bytes() == b"old"
    assert list((tmp_path / ".press" / "temporary").iterdir()) == []


def test_check_finds_nothing_wrong_with_what_was_published(tmp_path):
    publishing.publish(tmp_path, stage(tmp_path))
    (tmp_path / "index.html").write_text("index")
    assert publishing.check(tmp_path) == ()


@pytest.mark.parametrize(
    ("spoil", "how"),
    [
        (lambda path: path.write_text("edited"), "changed since it was published"),
        (lambda path: path.unlink(), "missing"),
        (lambda path: (path.unlink(), path.symlink_to("/dev/null")), "missing"),
    ],
)
def test_check_names_a_file_that_is_not_what_was_published(tmp_path, spoil, how):
    publishing.publish(tmp_path, stage(tmp_path))
    (tmp_path / "index.html").write_text("index")
    spoil(tmp_path / "default" / "story.html")
    assert publishing.check(tmp_path) == (f"{tmp_path / 'default' / 'story.html'}: {how}",)


def test_check_names_a_manifest_that_is_none(tmp_path):
    publishing.publish(tmp_path, stage(tmp_path))
    (tmp_path / "default" / "story.json").write_text("{")
    assert "not a manifest" in publishing.check(tmp_path)[0]
