"""Whatever stands where the press writes: nothing outside is touched, nothing hangs."""

import shutil
from itertools import cycle
from pathlib import Path

import pytest
from manifests import (
    Put,
    empty_folder,
    link_to_a_file,
    link_to_a_folder,
    link_to_nothing,
    pipe,
    plain_file,
    reports_in,
    staged,
    unix_socket,
)
from refusals import refusal
from snapshots import snapshot

from notebook_press.errors import PublishingError
from notebook_press.publishing.check import check
from notebook_press.publishing.lock import Waiting, locked

pytestmark = pytest.mark.usefixtures("no_hang")

PLACES = (
    *("index.html", "default", "failed", "failed/default", "failed/default/other.ipynb"),
    *(f"default/story.{ending}" for ending in ("html", "pdf", "ipynb", "json")),
    *(".press", ".press/lock", ".press/owner.json", ".press/staging", ".press/temporary"),
    *(".press/staging/default", "failed/default/story.ipynb", "failed/default/other.log"),
)
KINDS = (link_to_nothing, pipe, unix_socket, empty_folder, plain_file)
PAIRS = [
    *((place, link_to_a_file if "." in Path(place).name else link_to_a_folder) for place in PLACES),
    *zip(PLACES, cycle(KINDS), strict=False),
]
# What the press can put right by itself: whatever has its place taken by a plain file of its own.
REPAIRED = {place for place in PLACES if "." in Path(place).name} - {".press", ".press/lock"}
REPAIRED |= {".press/staging", ".press/temporary", ".press/staging/default"}


def command(folder: Path) -> None:
    """Do what each command does with the folder, a build's publication amid it."""
    with locked(folder, Waiting()):
        reports = reports_in(folder)
        reports.finish_pending()
        reports.staging_folder("default", "story")
        reports.stage(staged())
        reports.publish(staged())
        reports.keep_failed("default", "other", b"partial", b"log")
        reports.write_index()
        assert check(reports_in(folder)) == ()


@pytest.mark.promise("Nothing is written below the reports folder through a symbolic link.")
@pytest.mark.promise("Who holds the lock is noted in a new file, not through what lies there.")
@pytest.mark.parametrize(("place", "put"), PAIRS)
def test_what_stands_in_an_output_s_place_is_replaced_or_named(
    reports: Path, outside: Path, place: str, put: Put
) -> None:
    path = reports / place
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    put(path, outside)
    before = snapshot(outside)
    refused = refusal(PublishingError, command, reports)
    belongs = plain_file if place == ".press/lock" else empty_folder
    assert bool(refused) == (place not in REPAIRED and put is not belongs)
    assert not refused or f"{path}: expected a f" in refused
    assert not refused or "then run the same command again" in refused
    assert snapshot(outside) == before


@pytest.mark.promise(
    "A folder that holds something is never removed to make place for a file, and is named "
    "before a notebook runs."
)
@pytest.mark.parametrize("place", ["default/story.html", "index.html", "default/story.json"])
def test_a_folder_that_holds_something_is_never_removed(reports: Path, place: str) -> None:
    (reports / place).unlink()
    (reports / place).mkdir()
    (reports / place / "precious").write_text("precious")
    with pytest.raises(PublishingError, match=r"expected a file, found a folder; move it away"):
        reports_in(reports).staging_folder("default", "story")
    assert (reports / place / "precious").read_text() == "precious"


def test_a_reports_folder_that_is_a_link_to_a_folder_is_its_owner_s_wish(
    tmp_path: Path, outside: Path
) -> None:
    link_to_a_folder(tmp_path / "linked", outside)
    command(tmp_path / "linked")
    assert (outside / "default" / "story.html").read_bytes() == b"new html"


@pytest.mark.parametrize("put", [plain_file, pipe, link_to_a_file])
def test_a_reports_folder_that_is_none_is_named(tmp_path: Path, outside: Path, put: Put) -> None:
    put(tmp_path / "place", outside)
    with pytest.raises(PublishingError, match=r"place: expected a folder, found a"):
        command(tmp_path / "place")
