"""Two thousand of the benchmark's files, always the same; and whether it would notice a fault."""

import gzip
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from handwriting.data import idx
from handwriting.errors import DatasetError

PATH = Path(__file__).parents[2] / "benchmarks" / "fuzz_data.py"
THREE_LABELS = b"\0\0\x08\1" + b"\0\0\0\3" + b"\5\0\x09"


@pytest.fixture(scope="module")
def fuzzer():
    spec = importlib.util.spec_from_file_location("fuzz_data", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz_data"] = module  # where its dataclasses look for themselves
    spec.loader.exec_module(module)
    return module


def test_mutated_files_are_refused_or_read_as_they_are_within_300_mb(fuzzer, tmp_path):
    before = fuzzer.peak()
    tally = fuzzer.fuzz(2_000, 0, tmp_path)
    assert (tally.crashes, tally.wrong) == ([], [])
    assert (tally.files, tally.refused + tally.accepted) == (2_000, 2_000)
    assert min(tally.refused, tally.accepted) > 200
    assert fuzzer.peak() - before < 300


@pytest.mark.parametrize("error", [KeyError("x"), MemoryError(), RecursionError(), EOFError()])
def test_another_error_would_be_noticed(fuzzer, tmp_path, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(idx, "read", fail)
    assert len(fuzzer.fuzz(3, 0, tmp_path).crashes) == 3


def test_a_wrong_array_would_be_noticed(fuzzer, tmp_path, monkeypatch):
    wrong = idx.IdxFile(np.zeros((1,), np.uint8), "")
    monkeypatch.setattr(idx, "read", lambda *_: wrong)
    tally = fuzzer.Tally()
    tally.judge(tmp_path / "file", THREE_LABELS, 1)
    assert len(tally.wrong) == 1


def test_a_good_file_that_is_refused_would_be_noticed(fuzzer, tmp_path, monkeypatch):
    def refuse(*_):
        raise DatasetError

    monkeypatch.setattr(idx, "read", refuse)
    tally = fuzzer.Tally()
    tally.judge(tmp_path / "file", gzip.compress(THREE_LABELS), 1)
    assert len(tally.wrong) == 1
