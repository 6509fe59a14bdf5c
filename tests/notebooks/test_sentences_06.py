"""What notebook 06 says of photographs with nothing in them, with refusals, mistakes and turns."""

from types import SimpleNamespace

import cells
import numpy as np
import pytest
from networks import data_set, reader

from handwriting.evaluation.readings import NO_DIGIT, UNSURE, Recovery
from handwriting.experiments import yours
from handwriting.experiments.photograph_conditions import Curves, Series
from handwriting.experiments.yours import Photographs
from handwriting.models.dense_network import Layers
from handwriting.results.store import Remembered
from photographs import cut_out, page, reading

pytestmark = pytest.mark.slow

DATA = data_set(40)
PIXELS = DATA.image_shape[0] * DATA.image_shape[1]
SERIES = Series("blur, pixels", (0, 1), (Recovery(10, 10, 9, 10, 0), Recovery(10, 5, 4, 10, 0)))
KEPT = Remembered(
    Curves(Recovery(1000, 990, 985, 995, 2), Recovery(1000, 980, 970, 995, 2), (SERIES,)),
    "kept",
    "2026-11-25T04:05:06+00:00",
    {},
)


def said(*read, recovery=None, curves=KEPT, images="desk.jpg"):
    """What the cells say of photographs in which that was read."""

    class Experiment(yours.Experiment):
        reader = SimpleNamespace(
            network=reader(DATA), confidence=0.95, distance=70.0, typical=39.0, share=0.02
        )
        layers = Layers(
            np.ones((PIXELS, 2)), np.ones(2), np.ones((2, DATA.classes)), np.ones(DATA.classes)
        )

        def photographs(self, images, stated):
            return Photographs(read, recovery)

        def curves(self):
            return curves

    replaced = {
        "handwriting.data.load": lambda _, **__: DATA,
        "handwriting.experiments.yours.Experiment": Experiment,
    }
    found = cells.run("06_yours", {"dataset": "t", "images": images}, replaced)
    assert found.broken == []
    return found


def line(*readings, **more):
    return page(readings, **more)


def test_where_nothing_is_found_that_is_said_and_nothing_is_drawn_of_it():
    found = said(line(remarks=["No digit was found."]))
    assert "Photograph 1: No digit was found." in found.text
    assert "Found in 1 photograph: **0 digits**. Answered: 0." in found.text
    assert "Nothing was found" in found.text
    assert found.results["digits_found"] == 0
    assert "accuracy_on_photographs" not in found.results


def test_without_truth_nothing_is_said_to_be_right():
    found = said(line(reading(1), reading(2)))
    assert "In 1 photograph it finds **2 digits**, answers 2 and refuses 0." in found.sentences
    assert "What is written is not known here" in found.text
    assert "right" not in " ".join(found.results)


def test_refusals_are_told_apart():
    found = said(line(reading(1), reading(2, refusal=UNSURE), reading(3, refusal=NO_DIGIT)))
    assert "Refused, of 3 digits: **2**; 1 since the network is unsure, 1 as unlike" in found.text


def test_mistakes_are_counted_with_refusals_apart():
    read = [reading(1, truth=1), reading(1, truth=2), reading(1, truth=3, refusal=UNSURE)]
    found = said(line(*read))
    assert "Of 3 whose truth is known, **33.3%** are read rightly if none is refused" in found.text
    assert "Of the 2 that are answered it is **50.0%**" in found.text
    assert found.results["accuracy_on_photographs"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("right", "sure", "sentence"),
    [
        (0, 0.99, "It is **too sure** of these."),
        (40, 0.5, "It is **not sure enough** of these."),
        (40, 0.99, "A gap between the two is not told apart from luck."),
    ],
)
def test_what_its_probabilities_are_worth_is_said_where_it_can_be(right, sure, sentence):
    read = [reading(1, truth=1 if number < right else 2, sure=sure) for number in range(40)]
    assert sentence in said(line(*read)).sentences


def test_a_truth_that_does_not_fit_is_named_and_not_counted():
    found = said(
        line(reading(1), stated=("12",)), line(reading(2, truth=2), stated=("2",), number=2)
    )
    assert "Photograph 1 is not counted. Said to be written there: 2; found: 1." in found.text
    assert "Of 1 whose truth is known" in found.text


def test_a_turn_is_said_with_its_degrees():
    found = said(line(reading(1), turns=3))
    assert "it is turned by **270 degrees** anticlockwise" in found.text


def test_what_would_help_is_said_only_where_those_that_lack_it_are_refused_more_often():
    pale = [reading(1, contrast=0.1, refusal=UNSURE), reading(1)]
    assert "**A darker pen or more light** may help" in said(line(*pale)).text
    small = [reading(1, height=8), reading(1, refusal=UNSURE)]
    found = said(line(*small)).text
    assert "may help" not in found
    assert "it seems to be no hindrance" in found
    assert "nothing of that would help" in said(line(reading(1))).text


def test_a_made_photograph_stands_beside_the_originals():
    read = [reading(1, truth=1, cut=cut_out(place=place)) for place in range(3)]
    found = said(line(*read), recovery=Recovery(4, 3, 3, 4, 0), images=None)
    assert "No photograph was named" in found.text
    assert "3 are found and **75.0%** read rightly; as they were before, 100.0% are." in found.text
    assert found.results["accuracy_on_originals"] == 1


def test_the_curve_is_told_where_it_was_measured_and_not_else():
    found = said(line(reading(1)))
    assert "At moderate settings **99.0%** of 1,000 test images are found" in found.text
    assert "It was measured on 25 November 2026, at 04:05 UTC." in found.text
    found = said(line(reading(1)), curves=None)
    assert "It was not measured for Tiny \\*set\\*" in found.text
    assert np.isfinite(list(found.results.values())).all()
