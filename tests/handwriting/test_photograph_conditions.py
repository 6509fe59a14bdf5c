"""The curves over worse and worse photographs: measured of all digits, and kept as they are."""

from pathlib import Path

import pytest
from networks import data_set

from handwriting.data.photographs.made import MODERATE
from handwriting.evaluation.readings import Recovery
from handwriting.experiments import photograph_conditions
from handwriting.experiments.photograph_conditions import CONDITIONS, DIGITS
from handwriting.results import store

KEPT = Path(__file__).parents[2] / "notebooks" / "measured" / "photographs.json"
DATA = data_set(250)


def read(chosen, conditions, seed):
    """Half of them are found where the digits are small."""
    found = len(chosen) // (2 if conditions.highest < MODERATE.highest else 1)
    return Recovery(len(chosen), found, found, len(chosen), seed)


@pytest.fixture(scope="module")
def curves():
    return photograph_conditions.measure(DATA, read)


def test_each_image_is_photographed_once_under_each_condition(curves):
    every = [
        curves.moderate,
        curves.squared,
        *(one for each in curves.series for one in each.recoveries),
    ]
    assert {each.written for each in every} == {250}
    assert curves.moderate.extra == 0 + 1 + 2  # three photographs, of which no two have a seed


def test_there_is_a_curve_for_each_respect(curves):
    assert [each.title for each in curves.series] == list(CONDITIONS)
    heights = curves.series[0]
    shares = [each.found_share for each in heights.recoveries]
    assert shares == pytest.approx([1, 0.5, 0.5, 0.5, 0.5, 0.5], abs=0.01)


def test_each_curve_changes_one_respect_only():
    for title, conditions in CONDITIONS.items():
        changed = {
            name
            for each in conditions.values()
            for name, value in vars(each).items()
            if value != getattr(MODERATE, name)
        }
        assert changed <= {"lowest", "highest"} or len(changed) == 1, title


def test_what_is_kept_is_found_again_for_the_same_data_alone(curves):
    kept = [photograph_conditions.entry(curves, DATA, {"machine: cores": "2"})]
    assert photograph_conditions.load(DATA, kept).value == curves
    assert photograph_conditions.load(data_set(249), kept) is None


def test_what_the_project_keeps_is_of_the_conditions_of_now():
    """Measure anew with `python benchmarks/photographs.py --keep` where it is not."""
    (kept,) = store.read(KEPT)
    assert kept.key["conditions"] == photograph_conditions.conditions_digest()
    moderate = Recovery(**kept.content["moderate"])
    assert moderate.written == DIGITS
    assert moderate.found_share >= 0.98
    assert moderate.lost <= 0.015
