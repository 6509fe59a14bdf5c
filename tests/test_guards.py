"""The list of promises: each names a guard that stands in the code, and a test that there is."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def guards(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("guards")


def test_every_guard_stands_once_in_its_file_and_has_a_test(guards):
    assert [
        fault for guard in guards.read_guards(ROOT) if (fault := guards.fault(guard, ROOT))
    ] == []


def test_a_guard_is_not_what_takes_its_place(guards):
    assert [each for each in guards.read_guards(ROOT) if each.guard == each.without] == []


def test_the_table_of_promises_is_what_the_guards_make(guards):
    page = (ROOT / "RELIABILITY.md").read_text(encoding="utf-8")
    assert guards.with_table(page, guards.read_guards(ROOT)) == page
