"""Verdicts, of numbers worked out by hand."""

import numpy as np
import pytest
from networks import DIGITS, data_set, reader

from handwriting import verdicts
from handwriting.evaluation.corruptions import KINDS
from handwriting.evaluation.robustness import CorruptionCurve, Robustness
from handwriting.models import config

LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def card(data, *harmful):
    """The card of two networks, one of which loses much by some kinds of damage."""
    networks = [reader(data, recipe=each) for each in (config.DENSE, config.SMALL)]
    curves = tuple(
        CorruptionCurve(kind, (0.98, 0.9, 0.9, 0.6 if kind.name in harmful else 0.9, 0.5, 0.5))
        for kind in KINDS
    )
    rows = verdicts.model_card(networks, [Robustness("dense", curves[:1]), Robustness("a", curves)])
    return {row["Question"]: row["Answer"] for row in rows}


def test_the_card_says_what_goes_in_and_what_comes_out():
    found = card(data_set())
    assert found["What goes in?"].startswith("One digit in an image of 28 by 28 pixels, ink 255")
    assert found["How often are they right?"] == (
        "On test images: 100.00% (dense network) and 100.00% (small network)."
    )


def test_the_card_of_letters_speaks_of_no_digit():
    found = card(data_set(30, LETTERS))
    assert found["What goes in?"].startswith("One of 26 classes in an image of 28 by 28 pixels")
    assert "digit" not in " ".join(found.values())


def test_the_card_says_who_wrote_the_images_that_were_learned_from():
    writers = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 5], np.int32)
    said = card(data_set(10, DIGITS, writers))["What did they learn from?"]
    assert said.startswith(
        "6 images of Tiny *set*, and 4 more for validation; 3 people wrote what they learned from, "
        "5 others"
    )


def test_the_card_says_so_where_nobody_knows_who_wrote_them():
    assert "nobody knows who wrote them" in card(data_set())["What did they learn from?"]


@pytest.mark.parametrize(
    ("harmful", "said"),
    [
        ([], "no kind of damage costs at least one of them more than 10 percentage points."),
        (["blur"], "severities, blur costs at least one of them more"),
        (["blur", "shift"], "severities, shift and blur cost at least one of them more"),
    ],
    ids=["nothing", "one", "two"],
)
def test_the_card_names_the_damage_that_costs_much(harmful, said):
    assert said in card(data_set(), *harmful)["What breaks them?"]
