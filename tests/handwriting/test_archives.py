"""Where data are looked for, when the folders are not what they should be; no network is asked."""

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from handwriting.data import archives, registry
from handwriting.data.archives import Archive
from handwriting.data.download import File
from handwriting.errors import DatasetError, DownloadError
from handwriting.results import files

GOOD = b"good"
DATA = File("data.bin", hashlib.sha256(GOOD).hexdigest(), len(GOOD))
ARCHIVE = Archive("test", "The test's data", (DATA,), (), "give up", 5.0)


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """The user's cache, which is not there yet."""
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def fill(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / DATA.name).write_bytes(GOOD)
    return folder


def test_a_cache_that_is_a_link_to_a_folder_is_used(cache, tmp_path):
    fill(tmp_path / "larger disk" / "test")
    cache.symlink_to(tmp_path / "larger disk")
    assert archives.verified(ARCHIVE) == [cache / "test" / DATA.name]


@pytest.mark.promise(
    "A huge file in the place of one of the user's own data files is refused at once, not read."
)
def test_a_huge_file_in_the_place_of_one_of_the_users_own_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "test" / DATA.name
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(10**9)
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path))
    with pytest.raises(DatasetError, match=r"found 1,000,000,000 bytes\. Replace"):
        archives.verified(ARCHIVE)


@pytest.mark.parametrize("part", [".", "test"])
@pytest.mark.parametrize("kind", ["file", "pipe", "link to nothing"])
def test_a_cache_that_is_no_folder_is_an_error_that_names_it(cache, tmp_path, part, kind):
    place = cache / part
    place.parent.mkdir(parents=True, exist_ok=True)
    if kind == "file":
        place.write_text("mine")
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(tmp_path / "nothing")
    with pytest.raises(DownloadError, match=r"cache.*expected a cache that can be written"):
        archives.verified(ARCHIVE)
    assert not (tmp_path / "nothing").exists()
    assert kind != "file" or place.read_text() == "mine"


@pytest.mark.parametrize("mode", [0o777, 0o1777])
def test_good_data_are_used_whoever_may_write_to_their_folder(cache, mode):
    fill(cache / "test").chmod(mode)
    assert archives.verified(ARCHIVE) == [cache / "test" / DATA.name]


READER = """
    import os, sys
    import filelock, requests
    from handwriting.data import archives
    from handwriting.data.archives import Archive
    from handwriting.data.download import File
    from handwriting.errors import DownloadError
    if os.geteuid() == 0:  # root may write everywhere
        os.setuid(65_534)
    file = File("data.bin", sys.argv[1], 4)
    try:
        print(archives.verified(Archive("test", "Data", (file,), (), "give up", 5.0))[0].name)
    except DownloadError as error:
        print(error)
"""


def as_nobody(sha256: str) -> str:
    """What a user says who may read the cache and not write to it."""
    command = [sys.executable, "-c", textwrap.dedent(READER), sha256]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def read_only(tmp_path_factory, monkeypatch) -> Path:
    """A cache of good data that cannot be written."""
    cache = tmp_path_factory.mktemp("cache")
    folder = fill(cache / "test")
    temporary = Path(tempfile.gettempdir()).resolve()
    for each in (cache, *(parent for parent in cache.parents if temporary in parent.parents)):
        with contextlib.suppress(PermissionError):
            each.chmod(each.stat().st_mode | 0o055)
    folder.chmod(0o555)
    monkeypatch.setenv("HANDWRITING_CACHE", str(cache))
    yield folder
    folder.chmod(0o755)


def test_good_data_in_a_cache_that_cannot_be_written_are_used(read_only):
    assert as_nobody(DATA.sha256) == "data.bin\n"


def test_bad_data_in_a_cache_that_cannot_be_written_are_an_error_that_says_so(read_only):
    said = as_nobody("0" * 64)
    assert "expected a cache that can be written ($HANDWRITING_CACHE names another)" in said
    assert "Permission denied" in said
    assert (read_only / DATA.name).read_bytes() == GOOD


def test_a_pipe_in_place_of_a_file_of_the_users_is_refused_at_once(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "test").mkdir(parents=True)
    os.mkfifo(tmp_path / "data" / "test" / DATA.name)
    with pytest.raises(DatasetError, match="found none that can be read"):
        archives.verified(ARCHIVE)


@pytest.mark.parametrize("variable", ["HANDWRITING_CACHE", "HANDWRITING_DATA"])
def test_the_home_of_nobody_is_an_error_that_names_the_variable(monkeypatch, variable):
    monkeypatch.setenv(variable, "~nobody-of-that-name/data")
    with pytest.raises(DatasetError, match=f"{variable}: expected a folder"):
        archives.verified(ARCHIVE)


@pytest.mark.promise("Kernels in another folder look for data and results where the press did.")
@pytest.mark.parametrize("variable", ["HANDWRITING_CACHE", "HANDWRITING_DATA"])
@pytest.mark.parametrize("named", ["here", "~/here"])
def test_kernels_in_another_folder_look_where_the_press_did(tmp_path, monkeypatch, variable, named):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(variable, named)
    registry.prepare({})
    assert os.environ[variable] == str(tmp_path / "here")


@pytest.mark.promise("A new cache is never made for anyone to write to.")
def test_a_new_cache_is_never_for_anyone_to_write_to(tmp_path):
    before = os.umask(0)
    try:
        made = files.made(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (made, made.parent)] == [0o755] * 2
    assert files.distrust(made) is None
