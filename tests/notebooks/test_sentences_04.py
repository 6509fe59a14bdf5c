"""What the cells of 04 say where networks misread no digit, one digit, and all of them."""

import cells
import numpy as np
import pytest

from handwriting import data
from handwriting.models import config, networks
from handwriting.models.training_runs import Outcome, Run

pytestmark = pytest.mark.slow
EXAMPLES = data.load("digits")
TESTED = len(EXAMPLES.test)  # 360


def answers(wrong: int) -> np.ndarray:
    """The right answers, but for so many."""
    read = EXAMPLES.test.labels.astype(np.int64)
    read[:wrong] = (read[:wrong] + 1) % EXAMPLES.classes
    return read


def trained_with(wrong: int, dense_wrong: int):
    """What stands in for training: dense networks misread so many digits, all others so many."""
    network = networks.convolutional(EXAMPLES.image_shape, EXAMPLES.classes, (2, 3, 4))
    known = {image.tobytes(): row for row, image in enumerate(EXAMPLES.test.images)}

    def run(examples, recipes, seeds, **_):
        return tuple(one(recipe, seed) for recipe in recipes for seed in seeds)

    def one(recipe, seed):
        read = answers(dense_wrong if recipe.kind == "dense" else wrong)
        epochs = recipe.plan.epochs
        history = {"validation_accuracy": (np.mean(read == EXAMPLES.test.labels),) * epochs}
        moments = tuple(np.arange(1.0, epochs + 1))
        outcome = Outcome(read, history, moments, float(epochs), 1_234)
        environment = {"machine: processor": "abacus", "machine: cores": "1"}
        images = recipe.images or len(EXAMPLES.train)
        moment = "2026-11-25T04:05:06+00:00"
        return Run(recipe, seed, images, "cache", moment, environment, outcome, network)

    def predict(network, images, looks=1):
        rows = [known.get(image.tobytes()) for image in images]
        read = answers(wrong)
        return np.stack(
            [
                np.full(EXAMPLES.classes, 0.1, np.float32)
                if row is None
                else np.eye(EXAMPLES.classes, dtype=np.float32)[read[row]]
                for row in rows
            ]
        )

    return {
        "handwriting.models.training_runs.run": run,
        "handwriting.models.training.predict": predict,
    }


def said_of(wrong: int, dense_wrong: int, **given) -> cells.Said:
    parameters = {"dataset": "digits", "trainings": 2, **given}
    said = cells.run("04_convolution", parameters, trained_with(wrong, dense_wrong))
    assert said.broken == []
    return said


def test_networks_that_misread_nothing():
    said = said_of(0, 0)
    assert f"reads **100.00%** of {TESTED} test images that it never saw" in said.text
    assert "**0.0** by the dense network, **0.0** by the small one" in said.text
    assert "The ratio of these is not known." in said.text
    assert "2 small networks together read not clearly better than one does." in said.text
    assert (
        "Together, 2 small networks misread **0** test images. They read not clearly better than"
        in (said.text)
    )
    assert "On average, one member" not in said.text
    assert f"all members of the ensemble read **{TESTED}** correctly and misread 0." in said.text
    assert "have **0 mistakes** in common; of these, they make 0 in the same way." in said.text
    assert "Trained for this report: 0 networks." in said.text
    assert "From this machine's cache: 6 networks, trained" in said.text
    assert "Not trained on these data and settings: LeNet-5 and wide network." in said.text


def test_one_network_that_misreads_one_digit():
    said = said_of(1, 1, trainings=1)
    assert "One network was trained, so there is no other to read with." in said.text
    assert "together read" not in said.text
    assert "have **1 mistake** in common; of these, they make 1 in the same way." in said.text


def test_networks_that_misread_everything_where_all_is_trained():
    said = said_of(TESTED, 0, effort="full")
    assert "The wide network reads **0.00%**: beside the small, 0.00 points (95%" in said.text
    assert "On average, one member misreads **100%** of what another does." in said.text
    reached = next(rows for caption, rows in said.tables.items() if "judged after" in caption)
    assert [row[2] for row in reached[1:]] == ["\N{EN DASH}"] * 4
    assert "Worse by more than the seeds' luck explains: none." in said.text
    assert "Better by more than the seeds' luck explains: none." in said.text
    assert "with 2 seeds, one of average spread is found" in said.text
    assert "by **0.00** points or more. By the spread of each, it would be from 0.00" in said.text
    assert "The fewest images tried with which" not in said.text
    assert f"read **0** correctly and misread {TESTED}." in said.text


def test_small_networks_that_are_better_where_all_is_trained():
    said = said_of(0, 90, effort="full")
    reached = next(rows for caption, rows in said.tables.items() if "judged after" in caption)
    assert [row[2] for row in reached] == ["1,317"] * 5
    assert "With 72 images the small network reads **100.00%** and the dense network 75.00%" in (
        said.text
    )
    assert (
        "The fewest images tried with which the small network is better than the dense" in said.text
    )
    assert "with all: **72**." in said.text
    assert config.SMALL.title in said.text
