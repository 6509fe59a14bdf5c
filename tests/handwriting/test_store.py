import contextlib
import json
import logging
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from handwriting.errors import MeasurementError
from handwriting.results import store
from handwriting.results.store import Cache, Measured

RESULT = Measured(
    name="forest",
    subject={"data": "abc", "settings": "100 trees"},
    circumstances={"version: numpy": "2.4", "source": "def"},
    moment="2026-11-25T04:00:00+00:00",
    content={"accuracy": 0.97, "seconds": [1.0, 2.0]},
)


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "results")


@pytest.fixture
def kept(cache, tmp_path) -> Path:
    """The file of a result that the cache keeps."""
    cache.keep(RESULT)
    (path,) = (tmp_path / "results").iterdir()
    return path


def find(cache, result=RESULT):
    return cache.find(result.name, result.subject, result.circumstances)


def test_what_was_kept_is_found_as_it_was(cache, kept):
    assert find(cache) == RESULT


def test_what_was_not_kept_is_not_found(cache):
    assert find(cache) is None


@pytest.mark.parametrize(
    "other",
    [
        {"name": "tree"},
        {"subject": {"data": "abc", "settings": "200 trees"}},
        {"subject": {"data": "abd", "settings": "100 trees"}},
        {"circumstances": {"version: numpy": "2.5", "source": "def"}},
        {"circumstances": {"version: numpy": "2.4", "source": "deg"}},
    ],
)
def test_nothing_else_is_found(cache, kept, other):
    assert find(cache, replace(RESULT, **other)) is None


def test_the_cache_is_in_the_users_folder_unless_told(monkeypatch, tmp_path):
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path / "mine"))
    Cache().keep(RESULT)
    assert len(list((tmp_path / "mine" / "results").glob("forest-*.json"))) == 1


def without(text: str, name: str) -> str:
    return json.dumps({key: value for key, value in json.loads(text).items() if key != name})


def resigned(text: str, **changes: object) -> str:
    """The file with its first result changed, and the SHA-256 that goes with it."""
    content = json.loads(text)
    content["results"][0] |= changes
    content["sha256"] = store.digest(content["results"])
    return json.dumps(content)


DAMAGE = {
    "nothing": lambda text: "",
    "half": lambda text: text[: len(text) // 2],
    "a flipped bit": lambda text: text.replace("0.97", "0.96"),
    "no JSON": lambda text: "\x00" + text,
    "deep": lambda text: "[" * 100_000,
    "a list": lambda text: "[]",
    "no sum": lambda text: without(text, "sha256"),
    "another format": lambda text: text.replace('"format": 1', '"format": 2'),
    "a subject that is no mapping": lambda text: resigned(text, subject="abc"),
    "a moment that is none": lambda text: resigned(text, moment="yesterday"),
    "a moment somewhere": lambda text: resigned(text, moment="2026-11-25T04:00:00"),
    "another result": lambda text: resigned(text, name="tree"),
    "the same in other words": lambda text: json.dumps(json.loads(text)),
    "a name twice": lambda text: text.replace('"format": 1,', '"format": 1,\n "format": 1,'),
    "true in place of 1": lambda text: text.replace('"format": 1', '"format": true'),
    "no number": lambda text: text.replace("0.97", "NaN"),
    "no number, signed": lambda text: resigned(text, content={"accuracy": float("nan")}),
    "an endless number": lambda text: text.replace("0.97", "9" * 5000),
    "a mapping for a list": lambda text: rewritten({"0": json.loads(text)["results"][0]}),
    "a list for a mapping": lambda text: resigned(text, content=[1, 2]),
    "deep and signed": lambda text: rewritten([nested(text, 100)]),
    "deeper than Python goes": lambda text: text.replace("0.97", 990 * "[" + 990 * "]"),
    "huge": lambda text: text + " " * 50_000_000,
    "a name that moves the cursor": lambda text: rewritten(
        [nested(text, 1) | {"subject": {"\x1b[2J\n": 1}}]
    ),
}


def rewritten(results: object) -> str:
    """A file as it would be written, around results that would not be."""
    content = {"format": 1, "results": results, "sha256": store.digest(results)}
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def nested(text: str, depth: int) -> dict[str, object]:
    (result,) = json.loads(text)["results"]
    content: object = 0
    for _ in range(depth):
        content = [content]
    return result | {"content": {"deep": content}}


@pytest.mark.promise("A kept result is used only where it is, byte for byte, as it was written.")
@pytest.mark.promise("A kept result cannot steer the terminal through a message.")
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_not_used_and_said_so_once(cache, kept, caplog, damage):
    kept.write_text(DAMAGE[damage](kept.read_text()))
    with caplog.at_level(logging.WARNING):
        assert find(cache) is None
    (record,) = caplog.records
    assert record.message.startswith("forest is measured anew")
    assert record.message.isprintable()
    assert len(record.message) < 1000


def flipped(whole: bytes, bit: int) -> bytes:
    content = bytearray(whole)
    content[bit // 8] ^= 1 << bit % 8
    return bytes(content)


@pytest.mark.parametrize(
    "step",
    [pytest.param(1, marks=pytest.mark.slow, id="each bit"), pytest.param(9, id="some bits")],
)
def test_a_file_in_which_a_bit_is_flipped_is_not_used(kept, step):
    whole = kept.read_bytes()
    used = []
    for bit in range(0, 8 * len(whole), step):
        kept.write_bytes(flipped(whole, bit))
        with contextlib.suppress(MeasurementError):
            used.append((bit, store.read(kept)))
    assert used == []


def test_a_file_that_is_cut_short_is_not_used(cache, kept):
    whole = kept.read_bytes()
    for part in range(8):
        kept.write_bytes(whole[: part * len(whole) // 8])
        assert find(cache) is None


@pytest.fixture(params=["link", "pipe", "folder", "full folder"])
def replaced(request, kept, tmp_path) -> Path:
    """A kept file with something else in its place; what a link leads to is the right file."""
    elsewhere = kept.rename(tmp_path / "elsewhere.json")
    if request.param == "link":
        kept.symlink_to(elsewhere)
    elif request.param == "pipe":
        os.mkfifo(kept)
    else:
        kept.mkdir()
    if request.param == "full folder":
        (kept / "it").write_text("")
    return kept


@pytest.mark.promise("A kept result that is a link is not used.")
def test_something_else_in_a_files_place_is_not_used_and_said_so_once(cache, replaced, caplog):
    assert find(cache) is None
    cache.keep(RESULT)
    assert [record.message[:24] for record in caplog.records] == ["forest is measured anew."]
    assert find(cache) == RESULT


def test_nothing_is_written_through_a_link(cache, kept, tmp_path):
    elsewhere = kept.rename(tmp_path / "elsewhere.json")
    before = elsewhere.read_bytes()
    kept.symlink_to(elsewhere)
    cache.keep(replace(RESULT, moment="2026-11-25T05:00:00+00:00"))
    assert elsewhere.read_bytes() == before
    assert not kept.is_symlink()


WRITER = """
    import sys
    from pathlib import Path
    from handwriting.results.store import Cache, Measured
    cache, seconds = Cache(Path(sys.argv[1])), [float(sys.argv[2])] * 2_000
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(20):
        cache.keep(Measured("forest", {}, {}, "2026-11-25T04:00:00+00:00", {"seconds": seconds}))
"""


def test_two_processes_that_write_at_once_leave_one_whole_result_and_nothing_else(tmp_path, caplog):
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path / "results")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    writers = [subprocess.Popen([*command, number], **pipes, text=True) for number in "12"]
    assert [each.stdout.readline() for each in writers] == ["ready\n"] * 2
    for each in writers:
        each.stdin.write("\n")
        each.stdin.flush()
    cache = Cache(tmp_path / "results")
    seen = set()
    while any(each.poll() is None for each in writers):
        found = cache.find("forest", {}, {})
        seen |= {tuple(sorted(set(found.content["seconds"])))} if found else set()
    assert [each.communicate()[1] for each in writers] == ["", ""]
    assert cache.find("forest", {}, {}) is not None
    assert seen <= {(1.0,), (2.0,)}
    assert caplog.records == []
    assert len(list((tmp_path / "results").iterdir())) == 1


@pytest.mark.promise("What a writer that was killed left is cleared by the next one.")
def test_what_a_killed_writer_left_is_cleared_by_the_next_one(cache, tmp_path):
    program = """
        import os, signal, sys
        from pathlib import Path
        Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        from handwriting.results import files
        files.write_text(Path(sys.argv[1]) / "it", "half")
    """
    folder = tmp_path / "results"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", textwrap.dedent(program), str(folder)], check=False)
    assert len(list(folder.iterdir())) == 1
    cache.keep(RESULT)
    assert [path.suffix for path in folder.iterdir()] == [".json"]


@pytest.fixture
def others(tmp_path, monkeypatch) -> Path:
    """A folder that belongs to another user."""
    folder = tmp_path / "results"
    folder.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, 65_534, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 65_534)
    return folder


@pytest.mark.promise("Results in a cache of another user are not used.")
@pytest.mark.promise("That a cache is not used is said once.")
def test_a_cache_of_another_user_is_not_used_and_said_so_once(kept, others, caplog):
    for _ in range(2):
        assert find(Cache(others)) is None
        Cache(others).keep(replace(RESULT, name="tree"))
    assert list(others.iterdir()) == [kept]
    (record,) = caplog.records
    assert f"{others} belongs to another user" in record.message
    assert "HANDWRITING_CACHE" in record.message


@pytest.mark.promise("Results in a cache that anyone may write to are not used.")
@pytest.mark.parametrize("mode", [0o777, 0o757, 0o1777])
def test_a_cache_that_anyone_may_write_to_is_not_used_and_said_so_once(
    cache, kept, tmp_path, caplog, mode
):
    (tmp_path / "results").chmod(mode)
    assert find(cache) is None
    assert find(cache) is None
    assert [f"anyone may write to {tmp_path}" in record.message for record in caplog.records] == [
        True
    ]


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o775])
def test_a_cache_of_ones_own_or_of_ones_group_is_used(cache, kept, tmp_path, mode):
    (tmp_path / "results").chmod(mode)
    assert find(cache) == RESULT


def test_a_cache_in_a_folder_that_anyone_may_change_is_not_used(cache, kept, tmp_path):
    tmp_path.chmod(0o777)
    assert find(cache) is None
    tmp_path.chmod(0o1777)  # as /tmp: only the owner may rename what is in it
    assert find(cache) == RESULT


def test_a_cache_that_is_a_link_to_a_folder_of_ones_own_is_used(cache, kept, tmp_path):
    (tmp_path / "results").rename(tmp_path / "larger disk")
    (tmp_path / "results").symlink_to(tmp_path / "larger disk")
    assert find(cache) == RESULT


def test_a_cache_is_never_made_for_anyone_to_write_to(tmp_path):
    before = os.umask(0)
    try:
        Cache(tmp_path / "new" / "results").keep(RESULT)
    finally:
        os.umask(before)
    assert find(Cache(tmp_path / "new" / "results")) == RESULT


def test_a_disk_that_refuses_is_reported_and_no_reason_to_stop(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    Cache(tmp_path / "file" / "results").keep(RESULT)
    assert "forest could not be kept" in caplog.text


def test_writing_is_all_or_nothing(tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    store.write(path, [RESULT])
    before = path.read_bytes()

    def refuse(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        store.write(path, [replace(RESULT, name="tree")])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_numbers_that_json_does_not_know_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        store.write(tmp_path / "kept.json", [replace(RESULT, content={"a": float("nan")})])
    assert list(tmp_path.iterdir()) == []


def test_a_file_may_hold_several_results_and_be_missing(tmp_path):
    several = (RESULT, replace(RESULT, name="tree"))
    store.write(tmp_path / "kept.json", several)
    assert store.read(tmp_path / "kept.json") == several
    assert store.read(tmp_path / "missing.json") == ()


def test_a_damaged_file_of_the_project_is_an_error_that_says_what_to_do(tmp_path):
    path = tmp_path / "kept.json"
    path.write_text("<<<<<<< HEAD")
    with pytest.raises(MeasurementError, match=r"kept\.json: expected kept results .* measure"):
        store.read(path)


def test_versions_are_those_installed():
    import numpy as np

    assert store.versions(["numpy"])["numpy"] == np.__version__
    assert set(store.versions(["numpy"])) == {"python", "numpy"}
