import contextlib
import json
import logging
import os
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydantic
import pytest

from handwriting.errors import MeasurementError
from handwriting.results import store
from handwriting.results.store import Entry

RESULT = Entry(
    name="forest",
    key={"data": "abc", "settings": "100 trees"},
    environment={"version: numpy": "2.4", "source": "def"},
    moment="2026-11-25T04:00:00+00:00",
    content={"accuracy": 0.97, "seconds": [1.0, 2.0]},
)


CONTENT = pydantic.TypeAdapter(dict[str, Any])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """The cache, which is not there yet."""
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path))
    return tmp_path / "results"


@pytest.fixture
def kept(folder) -> Path:
    """The file of a result that the cache keeps."""
    make()
    (path,) = folder.glob("*.json")
    return path


class MadeError(Exception):
    """Raised in place of making a result."""


def make(result=RESULT, schema=CONTENT, **settings):
    """A result that is made now, or comes from the cache."""
    return store.remember(
        result.name, result.key, lambda: result.content, schema, result.environment, **settings
    )


def find(result=RESULT, **settings):
    """What the cache holds of a result; None where it would be made."""

    def refuse():
        raise MadeError

    with contextlib.suppress(MadeError):
        return store.remember(
            result.name, result.key, refuse, CONTENT, result.environment, **settings
        )


def test_what_was_made_once_is_found_as_it_was():
    first, second = make(), make()
    assert (first.origin, second.origin) == ("now", "cache")
    assert first.value == second.value == RESULT.content
    assert (first.moment, first.environment) == (second.moment, second.environment)


def test_a_fresh_one_is_made_anew_and_kept(kept):
    assert find(fresh=True) is None
    assert make(fresh=True).origin == "now"
    assert find() is not None


@pytest.mark.parametrize(
    "other",
    [
        {"name": "tree"},
        {"key": {"data": "abc", "settings": "200 trees"}},
        {"key": {"data": "abd", "settings": "100 trees"}},
        {"environment": {"version: numpy": "2.5", "source": "def"}},
        {"environment": {"version: numpy": "2.4", "source": "deg"}},
    ],
)
def test_nothing_else_is_found(kept, other):
    assert find(replace(RESULT, **other)) is None


def test_what_fails_is_not_kept_and_raises_what_it_raised(folder):
    assert find() is None
    assert list(folder.glob("*.json")) == []


def test_what_was_kept_of_another_kind_or_of_other_data_is_made_anew(kept, caplog):
    def check(found):
        raise MeasurementError("expected other\ndata")

    numbers = pydantic.TypeAdapter(dict[str, float])
    assert make(replace(RESULT, content={"accuracy": 1.0}), numbers).origin == "now"
    assert find(check=check) is None
    assert ["is not taken from the cache" in each.message for each in caplog.records] == [True] * 2


def test_who_has_to_come_first_comes_where_something_is_made_and_only_there():
    called = []
    for _ in range(2):
        make(prepare=lambda: called.append(find()))
    assert called == [None]


def without(text: str, name: str) -> str:
    return json.dumps({key: value for key, value in json.loads(text).items() if key != name})


def resigned(text: str, **changes: object) -> str:
    """The file with its first result changed, and the SHA-256 that goes with it."""
    content = json.loads(text)
    content["results"][0] |= changes
    return store._text(content["results"])


DAMAGE = {
    "nothing": lambda text: "",
    "half": lambda text: text[: len(text) // 2],
    "a flipped bit": lambda text: text.replace("0.97", "0.96"),
    "no JSON": lambda text: "\x00" + text,
    "deep": lambda text: "[" * 100_000,
    "a list": lambda text: "[]",
    "no sum": lambda text: without(text, "sha256"),
    "another format": lambda text: text.replace('"format":2', '"format":1'),
    "a key that is no mapping": lambda text: resigned(text, key="abc"),
    "a moment that is none": lambda text: resigned(text, moment="yesterday"),
    "a moment somewhere": lambda text: resigned(text, moment="2026-11-25T04:00:00"),
    "another result": lambda text: resigned(text, name="tree"),
    "the same in other words": lambda text: json.dumps(json.loads(text)),
    "a name twice": lambda text: text.replace('"format":2,', '"format":2,"format":2,'),
    "true in place of 1": lambda text: text.replace('"format":2', '"format":true'),
    "no number": lambda text: text.replace("0.97", "NaN"),
    "an endless number": lambda text: text.replace("0.97", "9" * 5000),
    "a mapping for a list": lambda text: text.replace("[", "{", 1).replace("]}", "}}"),
    "a list for a mapping": lambda text: resigned(text, content=[1, 2]),
    "deeper than Python goes": lambda text: text.replace("0.97", 990 * "[" + 990 * "]"),
    "huge": lambda text: text + " " * 50_000_000,
    "a name that moves the cursor": lambda text: resigned(text, key={"\x1b[2J\n": 1}),
}


@pytest.mark.promise("A kept result is used only where it is, byte for byte, as it was written.")
@pytest.mark.promise("A kept result cannot steer the terminal through a message.")
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_not_used_and_said_so_once(kept, caplog, damage):
    kept.write_text(DAMAGE[damage](kept.read_text()))
    with caplog.at_level(logging.WARNING):
        assert find() is None
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
def test_something_else_in_a_files_place_is_not_used_and_said_so_once(replaced, caplog):
    assert make().origin == "now"
    assert [record.message[:24] for record in caplog.records] == ["forest is measured anew."]
    assert find() is not None
    assert not replaced.is_symlink()


PROGRAM = """
    import os, pydantic, sys, time
    from pathlib import Path
    from handwriting.results import store
    log, schema = Path(sys.argv[1]), pydantic.TypeAdapter(dict[str, list[float]])
    def compute():
        with log.open("a") as file:
            file.write(f"{os.getpid()}\\n")
        time.sleep(float(sys.argv[2]))
        return {"seconds": [float(sys.argv[3])] * 2_000}
    def remember(**settings):
        return store.remember("forest", {}, compute, schema, {}, **settings)
    print("ready", flush=True)
    sys.stdin.readline()
"""
ONCE = f"{PROGRAM}    print(remember().origin, flush=True)"
OFTEN = f"{PROGRAM}    [remember(fresh=True) for _ in range(20)]"


def started(program, log, seconds, number):
    """A process that is ready, and waits for a line before it goes on."""
    command = [sys.executable, "-c", textwrap.dedent(program), str(log), str(seconds), number]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, **pipes, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def go(process):
    process.stdin.write("\n")
    process.stdin.flush()


def wait_for(log, lines):
    while not log.exists() or log.read_text().count("\n") < lines:
        time.sleep(0.01)


def test_two_processes_that_write_at_once_leave_one_whole_result_and_nothing_else(
    tmp_path, folder, caplog
):
    writers = [started(OFTEN, tmp_path / "log", 0, number) for number in "12"]
    for each in writers:
        go(each)
    seen = set()
    while any(each.poll() is None for each in writers):
        found = find(Entry("forest", {}, {}, RESULT.moment, {}))
        seen |= {tuple(sorted(set(found.value["seconds"])))} if found else set()
    assert [each.communicate()[1] for each in writers] == ["", ""]
    assert seen <= {(1.0,), (2.0,)}
    assert find(Entry("forest", {}, {}, RESULT.moment, {})) is not None
    assert caplog.records == []
    assert [each.suffix for each in folder.iterdir() if each.stat().st_size] == [".json"]


@pytest.mark.promise("Two processes that want the same result at once make it once.")
def test_two_processes_that_want_the_same_at_once_make_it_once(tmp_path):
    log = tmp_path / "log"
    first, second = (started(ONCE, log, 0.5, number) for number in "12")
    go(first)
    wait_for(log, 1)
    go(second)
    assert [each.communicate() for each in (first, second)] == [("now\n", ""), ("cache\n", "")]
    assert log.read_text() == f"{first.pid}\n"


@pytest.mark.promise("A process that is killed while it makes a result keeps nobody waiting.")
def test_one_that_is_killed_keeps_nobody_waiting(tmp_path):
    log = tmp_path / "log"
    first, second = started(ONCE, log, 1_000, "1"), started(ONCE, log, 0, "2")
    go(first)
    wait_for(log, 1)
    go(second)
    first.kill()
    assert second.communicate(timeout=60) == ("now\n", "")
    assert log.read_text() == f"{first.pid}\n{second.pid}\n"
    first.communicate()


@pytest.mark.promise("What a writer that was killed left is cleared by the next one.")
def test_what_a_killed_writer_left_is_cleared_by_the_next_one(folder):
    program = """
        import os, signal, sys
        from pathlib import Path
        Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        from handwriting.results import files
        files.write_text(Path(sys.argv[1]) / "it", "half")
    """
    folder.mkdir()
    subprocess.run([sys.executable, "-c", textwrap.dedent(program), str(folder)], check=False)
    assert len(list(folder.iterdir())) == 1
    make()
    assert [each.suffix for each in folder.iterdir() if each.stat().st_size] == [".json"]


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
        assert find() is None
        make(replace(RESULT, name="tree"))
    assert list(others.glob("*.json")) == [kept]
    (record,) = caplog.records
    assert f"{others} belongs to another user" in record.message
    assert "HANDWRITING_CACHE" in record.message


@pytest.mark.promise("Results in a cache that anyone may write to are not used.")
@pytest.mark.parametrize(
    ("mode", "used"),
    [(0o700, True), (0o755, True), (0o775, True), (0o777, False), (0o757, False), (0o1777, False)],
)
def test_a_cache_that_anyone_may_write_to_is_not_used_and_said_so_once(
    kept, tmp_path, caplog, mode, used
):
    (tmp_path / "results").chmod(mode)
    assert [find() is not None for _ in range(2)] == [used, used]
    said = [f"anyone may write to {tmp_path}" in record.message for record in caplog.records]
    assert said == [True] * (not used)


def test_a_cache_in_a_folder_that_anyone_may_change_is_not_used(kept, tmp_path):
    tmp_path.chmod(0o777)
    assert find() is None
    tmp_path.chmod(0o1777)  # as /tmp: only the owner may rename what is in it
    assert find() is not None


def test_a_cache_that_is_a_link_to_a_folder_of_ones_own_is_used(kept, tmp_path):
    (tmp_path / "results").rename(tmp_path / "larger disk")
    (tmp_path / "results").symlink_to(tmp_path / "larger disk")
    assert find() is not None


def test_a_cache_is_never_made_for_anyone_to_write_to(tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path / "new"))
    before = os.umask(0)
    try:
        make()
    finally:
        os.umask(before)
    assert find() is not None


def test_a_disk_that_refuses_is_reported_and_no_reason_to_stop(folder, caplog):
    folder.write_text("")
    assert make().origin == "now"
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


def test_each_result_is_a_line(tmp_path):
    store.write(tmp_path / "kept.json", (RESULT, replace(RESULT, name="tree")))
    lines = (tmp_path / "kept.json").read_text().splitlines()
    assert [json.loads(line.rstrip(","))["name"] for line in lines[1:-1]] == ["forest", "tree"]


def recall(kept, **changes):
    asked = replace(RESULT, **changes)
    return store.recall(kept, asked.name, asked.key, CONTENT)


def test_of_what_a_project_keeps_the_key_decides_whatever_machine_it_comes_from():
    kept = (replace(RESULT, name="tree"), RESULT)
    found = recall(kept)
    assert (found.value, found.origin) == (RESULT.content, "kept")
    assert (found.moment, found.environment) == (RESULT.moment, RESULT.environment)
    assert recall(kept, environment={}) is not None
    assert recall(kept, key={}) is None
    assert recall(kept, name="shrub") is None


def test_what_a_project_keeps_of_another_kind_is_not_used_and_said_so(caplog):
    numbers = pydantic.TypeAdapter(dict[str, float])
    assert store.recall([RESULT], RESULT.name, RESULT.key, numbers) is None
    assert "forest is not taken from the kept" in caplog.text


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
