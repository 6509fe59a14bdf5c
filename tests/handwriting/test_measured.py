import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from handwriting import measured
from handwriting.errors import MeasurementError
from handwriting.measured import Cache, Measured

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
    content["sha256"] = measured.digest(content["results"])
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
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_not_used_and_said_so_once(cache, kept, caplog, damage):
    kept.write_text(DAMAGE[damage](kept.read_text()))
    with caplog.at_level(logging.WARNING):
        assert find(cache) is None
    assert len(caplog.records) == 1
    assert "forest is measured anew" in caplog.text


def test_a_damaged_file_is_replaced_by_the_next_measurement(cache, kept):
    kept.write_text("{")
    cache.keep(RESULT)
    assert find(cache) == RESULT


def test_a_link_is_not_followed(cache, kept, tmp_path):
    elsewhere = kept.rename(tmp_path / "elsewhere.json")
    kept.symlink_to(elsewhere)
    assert find(cache) is None


def test_a_folder_in_a_files_place_is_not_used(cache, kept):
    kept.unlink()
    kept.mkdir()
    assert find(cache) is None


def test_a_disk_that_refuses_is_reported_and_no_reason_to_stop(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    Cache(tmp_path / "file" / "results").keep(RESULT)
    assert "forest could not be kept" in caplog.text


def test_writing_is_all_or_nothing(tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    measured.write(path, [RESULT])
    before = path.read_bytes()

    def refuse(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        measured.write(path, [replace(RESULT, name="tree")])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_numbers_that_json_does_not_know_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        measured.write(tmp_path / "kept.json", [replace(RESULT, content={"a": float("nan")})])
    assert list(tmp_path.iterdir()) == []


def test_a_file_may_hold_several_results_and_be_missing(tmp_path):
    several = (RESULT, replace(RESULT, name="tree"))
    measured.write(tmp_path / "kept.json", several)
    assert measured.read(tmp_path / "kept.json") == several
    assert measured.read(tmp_path / "missing.json") == ()


def test_a_damaged_file_of_the_project_is_an_error_that_says_what_to_do(tmp_path):
    path = tmp_path / "kept.json"
    path.write_text("<<<<<<< HEAD")
    with pytest.raises(MeasurementError, match=r"kept\.json: expected kept results .* measure"):
        measured.read(path)


def test_the_digest_of_a_source_is_that_of_its_files(tmp_path, monkeypatch):
    (tmp_path / "one.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = measured.source_digest(["one"])
    assert measured.source_digest(["one"]) == before
    (tmp_path / "one.py").write_text("x = 2\n")
    assert measured.source_digest(["one"]) != before


def test_a_source_that_is_nowhere_is_refused():
    with pytest.raises(MeasurementError, match="expected a module with a file"):
        measured.source_digest(["handwriting.nowhere"])


def test_versions_are_those_installed():
    import numpy as np

    assert measured.versions(["numpy"])["numpy"] == np.__version__
    assert set(measured.versions(["numpy"])) == {"python", "numpy"}
