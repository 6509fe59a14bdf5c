"""What the cells of notebooks say where networks misread no digit, one digit, and all of them."""

import cells
import numpy as np
import pytest

from handwriting.baselines.benchmark import Result
from handwriting.baselines.timing import Durations, InferenceMode, Measurement

pytestmark = pytest.mark.slow
TESTED = 360  # of scikit-learn's digits


def measured_with(ours: int, theirs: int):
    """What stands in for measuring: the network misreads so many digits, each rival so many."""
    times = Durations(1, 40, 1e-3, 9e-4, 1.1e-3, 2e-3)
    one = (InferenceMode("it", times, times, 2**20),)
    ways = tuple(InferenceMode(name, times, times, 2**20) for name in ("slowly", "quickly"))

    def run(data, entrants, terms, **_):
        environment = {"machine: processor": "abacus", "machine: cores": "1"}
        results = []
        for entrant in entrants:
            answers = data.test.labels.astype(np.int64)
            wrong = ours if entrant.network else theirs
            answers[:wrong] = (answers[:wrong] + 1) % 10
            rows = np.stack([answers] * (2 if entrant.network else 1))
            found = Measurement(rows, 2.0, True, ways if entrant.network else one)
            moment = "2026-11-25T04:05:06+00:00"
            results.append(Result(entrant, "cache", moment, environment, found))
        return tuple(results)

    return {"handwriting.baselines.benchmark.run": run}


def rivals_say(ours: int, theirs: int) -> cells.Said:
    given = {"dataset": "digits", "effort": "quick", "trainings": 2}
    said = cells.run("03_rivals", given, measured_with(ours, theirs))
    assert said.broken == []
    return said


def test_rivals_and_a_network_that_misread_nothing():
    said = rivals_say(0, 0)
    assert "The network misreads **0** of the test images and is number **1** of 9." in said.text
    assert "The network makes **no mistakes**." in said.text
    assert "The network misreads no test image." in said.text
    assert "have **0 mistakes** in common; of these, they make 0 in the same way." in said.text
    assert said.results["network_test_accuracy"] == 1


def test_rivals_that_misread_one_digit_and_a_network_that_misreads_none():
    said = rivals_say(0, 1)
    assert "is more accurate than 8 rivals, and surely so than 0 of them." in said.text
    assert "none reads more" in said.text


def test_rivals_and_a_network_that_misread_one_digit():
    said = rivals_say(1, 1)
    assert "The network misreads **1** of the test images" in said.text
    assert "The network makes **1 mistake**, and **none** alone" in said.text
    assert "which makes 100% of these mistakes, too." in said.text
    assert "have **1 mistake** in common; of these, they make 1 in the same way." in said.text


def test_a_network_that_misreads_everything_beside_rivals_that_misread_nothing():
    said = rivals_say(TESTED, 0)
    assert "is number **9** of 9." in said.text
    assert f"makes **{TESTED} mistakes**; it shares **{TESTED}** with no rival." in said.text
    assert "Its best training is beaten by 8 of the rivals, its worst by 8." in said.text
    assert "Other rivals that surely read more: 7." in said.text


def test_rivals_and_a_network_that_misread_everything():
    said = rivals_say(TESTED, TESTED)
    assert f"have **{TESTED} mistakes** in common; of these, they make {TESTED} in the same" in (
        said.text
    )
