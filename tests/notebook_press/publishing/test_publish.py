"""Publishing: whole files, the manifest last, and what was cut short is finished."""

import json
import os
import shutil
from pathlib import Path

import pytest
from manifests import (
    left_staged,
    link_to_a_file,
    link_to_a_folder,
    manifest,
    pipe,
    plain_file,
    reports_in,
    staged,
)
from snapshots import snapshot

from notebook_press.errors import PublishingError
from notebook_press.publishing import files, publish
from notebook_press.publishing.check import check
from notebook_press.publishing.manifest import ENDINGS, damage
from notebook_press.rendering import FORMATS

pytestmark = pytest.mark.usefixtures("no_hang")


def published(reports, name="story.html"):
    return (reports / "default" / name).read_text()


def test_publishing_puts_every_file_in_place_and_clears_the_staging(tmp_path):
    reports = reports_in(tmp_path)
    place = reports.staging_folder("default", "story")
    reports.stage(staged())
    reports.publish(staged())
    assert published(tmp_path) == "new html"
    assert reports_in(tmp_path).last("default", "story") == staged().manifest
    assert not place.exists()


@pytest.mark.promise(
    "A disk without room is noticed before anything that readers see is touched, and left "
    "without litter."
)
def test_a_disk_that_fills_up_leaves_every_published_file_as_it_was(reports, monkeypatch):
    before, write, left = snapshot(reports / "default"), files.write_temporary, [None, None]

    def fill_up(*arguments):
        if not left:
            raise OSError(28, "No space left on device")
        left.pop()
        return write(*arguments)

    monkeypatch.setattr(publish, "write_temporary", fill_up)
    with pytest.raises(PublishingError, match="No space left"):
        reports_in(reports).publish(staged("newer"))
    assert snapshot(reports / "default") == before
    assert list((reports / ".press" / "temporary").iterdir()) == []


@pytest.mark.promise("The manifest is the last file of a publication to be put in its place.")
@pytest.mark.promise("A format that is no longer made is taken away before the manifest says so.")
def test_the_manifest_is_put_in_place_last_where_a_format_of_before_is_gone(tmp_path, monkeypatch):
    reports_in(tmp_path).publish(staged(endings=("html", "pdf", "ipynb")))
    order, put, pdf = [], files.put, tmp_path / "default" / "story.pdf"

    def noted(temporary: Path, to: Path) -> None:
        order.append((to.name, pdf.exists()))
        put(temporary, to)

    monkeypatch.setattr(publish, "put", noted)
    reports_in(tmp_path).publish(staged())
    assert order == [("story.html", True), ("story.ipynb", True), ("story.json", False)]
    assert not pdf.exists()


def test_every_format_is_one_that_a_manifest_may_name():
    assert set(ENDINGS) == {*FORMATS, "ipynb"}


def test_a_publication_that_was_cut_short_is_finished(tmp_path):
    reports_in(tmp_path).publish(staged("old"))
    left_staged(tmp_path)
    assert reports_in(tmp_path).finish_pending() == ["default/story"]
    assert published(tmp_path) == "new html"


def test_what_a_killed_press_left_of_making_the_index_is_cleared_away(reports):
    (reports / ".press" / "temporary" / "pandoc-1").mkdir()
    (reports / ".press" / "temporary" / "pandoc-1" / "pandoc-hist").touch()
    reports_in(reports).finish_pending()
    assert list((reports / ".press").iterdir()) == []


def torn(place: Path, _outside: Path) -> None:
    (place / "story.html").write_text("ne")


def without_manifest(place: Path, _outside: Path) -> None:
    (place / "story.json").unlink()


def with_link(name: str):
    """Return what puts a link in a staged file's place, to a file as the manifest wants it."""

    def spoil(place: Path, outside: Path) -> None:
        shutil.move(place / name, outside / name)
        (place / name).symlink_to(outside / name)

    return spoil


def behind_link(depth: int):
    """Return what puts a link in a staging folder's place, or that of a folder above it."""

    def spoil(place: Path, outside: Path) -> None:
        folder = [place, *place.parents][depth]
        shutil.move(folder, outside / "moved")
        folder.symlink_to(outside / "moved")

    return spoil


def of_another(**changed: object):
    """Return what puts a manifest of something else among the staged files."""
    return lambda place, _: (place / "story.json").write_text(json.dumps(manifest(**changed)))


@pytest.mark.promise("A manifest that lies in another place than its own is no manifest.")
@pytest.mark.promise("A staging folder with a torn file is not published.")
@pytest.mark.promise("What the press's own folders lead to by a link is not removed with them.")
@pytest.mark.promise(
    "A file that is a symbolic link is neither read as published nor published from staging."
)
@pytest.mark.parametrize(
    "spoil",
    [
        *(torn, without_manifest, with_link("story.html"), with_link("story.json")),
        *(behind_link(0), behind_link(1), behind_link(2), of_another(run="../../outside")),
        *(of_another(run="other"), of_another(report="other"), of_another(files={})),
    ],
    ids=[
        *("torn", "no manifest", "link", "linked manifest", "linked", "linked run", "linked all"),
        *("outside", "another run", "another report", "no file"),
    ],
)
def test_what_is_not_whole_in_staging_is_cleared_away_and_not_published(reports, outside, spoil):
    place = left_staged(reports, title="Another answer")
    spoil(place, outside)
    before = snapshot(outside), snapshot(reports / "default")
    assert reports_in(reports).finish_pending() == []
    assert (snapshot(outside), snapshot(reports / "default")) == before
    assert not (reports / ".press" / "staging").exists()


@pytest.mark.promise("A pipe in a file's place is not waited for.")
@pytest.mark.promise("A file of a format that the manifest does not name is noticed.")
@pytest.mark.parametrize(
    ("name", "spoil", "how"),
    [
        ("story.html", lambda path, _: path.write_text("edited"), "changed since it was published"),
        ("story.ipynb", lambda path, _: os.truncate(path, 3), "changed since it was published"),
        ("story.json", lambda path, _: path.write_bytes(b""), "not a manifest of this press"),
        ("story.html", lambda path, _: None, "missing"),
        ("story.ipynb", link_to_a_file, "replaced by a symbolic link"),
        ("story.html", lambda path, _: path.mkdir(), "replaced by a folder"),
        ("story.html", pipe, "replaced by a pipe"),
        ("story.json", pipe, "not a manifest of this press"),
        ("story.pdf", plain_file, "in no manifest"),
    ],
    ids=["edited", "cut", "emptied", "gone", "linked", "a folder", "piped", "no data", "more"],
)
def test_damage_is_named_by_check_and_mended_by_publishing_again(
    reports, outside, name, spoil, how
):
    before = snapshot(reports / "default")
    page = reports / "default" / name
    if how not in ("changed since it was published", "in no manifest"):
        page.unlink()
    spoil(page, outside)
    assert check(reports_in(reports))[0] == f"{page}: {how}"
    last = reports_in(reports).last("default", "story")
    assert last is None or damage(reports / "default", last)  # so a build goes to work
    reports_in(reports).publish(staged())
    assert check(reports_in(reports)) == ()
    assert snapshot(reports / "default") == before


@pytest.mark.promise(
    "Check passes on a folder that nothing was published in yet, such as a first build that "
    "was killed leaves."
)
def test_check_of_a_folder_that_nothing_was_published_in_finds_nothing_wrong(tmp_path):
    (tmp_path / "README.md").write_text("What `make report` writes.")
    assert check(reports_in(tmp_path)) == ()


def test_what_the_press_did_not_write_is_named_and_left(reports):
    notes = reports / "default" / "notes.txt"
    notes.write_text("mine")
    (line,) = check(reports_in(reports))
    assert line.startswith(f"{notes}: in no manifest")
    reports_in(reports).publish(staged())
    assert notes.read_text() == "mine"


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("x")])
def test_check_names_an_index_that_the_manifests_do_not_make(reports, spoil):
    spoil(reports / "index.html")
    (line,) = check(reports_in(reports))
    assert line.startswith(f"{reports / 'index.html'}: missing, or not what")


def test_check_names_a_run_s_folder_that_is_a_link(reports, outside):
    link_to_a_folder(reports / "other", outside)
    (line,) = check(reports_in(reports))
    assert line.startswith(f"{reports / 'other'}: a symbolic link")


def test_what_was_staged_by_a_press_that_was_killed_is_published_by_the_next(tmp_path: Path):
    killed = reports_in(tmp_path)
    killed.staging_folder("default", "story")
    killed.stage(staged())
    assert reports_in(tmp_path).finish_pending() == ["default/story"]


def test_a_publication_is_known_to_the_next_and_to_the_index(reports: Path):
    press = reports_in(reports)
    press.write_index()
    press.publish(staged(run="long"))
    assert {"default", "long"} == {manifest.run for manifest in press.manifests().values()}
    assert check(reports_in(reports)) == ()


def test_what_a_failed_run_left_is_taken_away_when_its_report_is_published(reports: Path):
    press = reports_in(reports)
    press.keep_failed("default", "other", b"partial")
    press.keep_failed("default", "story", b"partial")
    press.publish(staged())
    assert [path.name for path in (reports / "failed" / "default").iterdir()] == ["other.ipynb"]


def test_a_folder_of_failed_runs_goes_with_the_last_of_them(reports: Path):
    press = reports_in(reports)
    for run in ("default", "long"):
        press.keep_failed(run, "story", b"partial")
    press.publish(staged())
    assert [path.name for path in (reports / "failed").iterdir()] == ["long"]
