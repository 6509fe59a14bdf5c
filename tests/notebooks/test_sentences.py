"""What the cells of notebooks say where networks misread no digit, one digit, and all of them."""

import cells
import numpy as np
import pytest

from handwriting.baselines.benchmark import Result
from handwriting.baselines.timing import BARE, Durations, InferenceMode, Measurement

pytestmark = pytest.mark.slow
TESTED = 360  # of scikit-learn's digits


def measured_with(ours: int, theirs: int):
    """What stands in for measuring: the network misreads so many digits, each rival so many."""
    times = Durations(1, 40, 1e-3, 9e-4, 1.1e-3, 2e-3, (1e-3,) * 11)
    one, *ways = (
        InferenceMode(name, times, times, 2**20) for name in ("it", "slowly", "quickly", BARE)
    )

    def run(data, entrants, terms, **_):
        environment = {"machine: processor": "abacus", "machine: cores": "1"}
        results = []
        for entrant in entrants:
            answers = data.test.labels.astype(np.int64)
            wrong = ours if entrant.network else theirs
            answers[:wrong] = (answers[:wrong] + 1) % 10
            rows = np.stack([answers] * (2 if entrant.network else 1))
            known = tuple(ways) if entrant.network else (one, ways[-1])
            found = Measurement(rows, 2.0, True, known)
            moment = "2026-11-25T04:05:06+00:00"
            results.append(Result(entrant, "cache", moment, environment, found, load=(0.5, 1.25)))
        return tuple(results)

    return {
        "handwriting.baselines.benchmark.run": run,
        "handwriting.baselines.kept.with_further_trainings": lambda _, results, *__: results,
    }


def rivals_say(ours: int, theirs: int, **given) -> cells.Said:
    given = {"dataset": "digits", "effort": "quick", "trainings": 2} | given
    said = cells.run("03_rivals", given, measured_with(ours, theirs))
    assert said.broken == []
    return said


def test_rivals_and_a_network_that_misread_nothing():
    said = rivals_say(0, 0)
    assert "The network reads **100.00%** on average and is number **1** of 9" in said.text
    assert "training of the network: **0**; mistakes that no rival makes: **0**." in said.text
    assert "The network misreads no test image." in said.text
    assert "have **0 mistakes** in common; of these, they make 0 in the same way." in said.text
    assert said.results["network_test_accuracy"] == 1


def test_times_that_are_the_same_are_not_told_apart():
    said = rivals_say(0, 0)
    assert "Rivals that took turns with it: 8; faster: **0**; not told apart: 8." in said.text
    assert "Processes at work on the machine while all took turns: 0.5 when they" in said.text
    assert "it is the fastest in **0 of 4** cases" in said.text
    assert any(each.startswith("**The claim is not decided.**") for each in said.sentences)


def test_rivals_that_misread_one_digit_and_a_network_that_misreads_none():
    said = rivals_say(0, 1)
    assert "none is better by more than luck explains, and not told apart:" in said.text
    assert "Better than it: none." in said.text
    assert "Trained once, although another seed makes another one of it: extra trees" in said.text


def test_rivals_and_a_network_that_misread_one_digit():
    said = rivals_say(1, 1)
    assert "training of the network: **1**; mistakes that no rival makes: **0**." in said.text
    assert "By kappa, the rival that errs most like it is the" in said.text
    assert "is the hardest in 2 of 2." in said.text
    assert "have **1 mistake** in common; of these, they make 1 in the same way." in said.text


def test_a_network_that_misreads_everything_beside_rivals_that_misread_nothing():
    said = rivals_say(TESTED, 0)
    assert "is number **9** of 9 entrants (9 in at least 95 of 100 draws of other" in said.text
    mistakes = f"training of the network: **{TESTED}**; mistakes that no rival makes: **{TESTED}**."
    assert mistakes in said.text
    assert "is better by **100.00 points**" in said.text
    assert "Other rivals that are better: 7." in said.text


def test_a_network_that_reads_all_beside_rivals_that_read_nothing():
    said = rivals_say(0, TESTED)
    assert "all rivals measured (8) are worse by more than luck explains." in said.text
    assert "all rivals that were timed with it are less accurate. Not less" in said.text


def test_rivals_and_a_network_that_misread_everything():
    said = rivals_say(TESTED, TESTED)
    assert f"have **{TESTED} mistakes** in common; of these, they make {TESTED} in the same" in (
        said.text
    )
