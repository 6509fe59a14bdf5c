"""What notebook 05 says of networks that make no mistake, one, or nothing but mistakes."""

import cells
import numpy as np
import pytest
from networks import DIGITS, data_set, reader

from handwriting.evaluation.corruptions import KINDS, SEVERITIES
from handwriting.evaluation.label_errors import SuspectLabels
from handwriting.evaluation.robustness import CorruptionCurve, Robustness
from handwriting.experiments import trust
from handwriting.models import config

pytestmark = pytest.mark.slow

IMAGES = 60
PEOPLE = np.arange(IMAGES, dtype=np.int32) // 5
SERIES = np.where(PEOPLE < 6, 4, 0).astype(np.int32)
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def said(wrong, *, names=DIGITS, known=True, doubtful=0, validation=20):
    """What the cells say where the first so many images are misread."""
    people = {"writers": PEOPLE, "series": SERIES} if known else {}
    data = data_set(IMAGES, names, **people)
    predicted = data.test.labels.astype(int)
    predicted[:wrong] = (predicted[:wrong] + 1) % len(names)
    accuracies = (1 - wrong / IMAGES, *(0.5 / severity for severity in SEVERITIES))

    class Experiment(trust.Experiment):
        def networks(self):
            return tuple(
                reader(data, predicted, recipe=each, validation=validation)
                for each in (config.DENSE, config.SMALL)
            )

        def damage(self, networks, images):
            curves = tuple(CorruptionCurve(kind, accuracies) for kind in KINDS)
            return tuple(Robustness(each.name, curves) for each in networks)

        def doubtful_labels(self):
            labels = np.zeros(doubtful, int)
            return SuspectLabels(np.arange(doubtful), labels, labels + 1, IMAGES)

    replaced = {
        "handwriting.data.load": lambda _: data,
        "handwriting.experiments.trust.Experiment": Experiment,
    }
    return cells.run("05_trust", {"dataset": "t", "foreigners": "scrambled"}, replaced)


@pytest.mark.parametrize(
    ("wrong", "sentences"),
    [
        (
            0,
            [
                "The dense network misreads nothing that any writer wrote.",
                "The dense network is **not sure enough**: its mean confidence is",
                "it reads **100.00%** of the others correctly, instead of 100.00% of all.",
                "the small network reads **100.00%** correctly",
            ],
        ),
        (
            1,
            [
                "The small network misreads 1 of the test images. At least half of these are "
                "by **1** of the 12 writers; 11 wrote nothing that it misreads.",
                "The small network does worst on hsf_4: it misreads **3.33%** of it.",
                "The first half is not the easier one for the small network.",
            ],
        ),
        (
            IMAGES,
            [
                "The small network misreads 60 of the test images. At least half of these are "
                "by **6** of the 12 writers; 0 wrote nothing that it misreads.",
                "The dense network is **too sure**: its mean confidence is",
                "the small network reads **0.00%** correctly",
            ],
        ),
    ],
    ids=["no mistake", "one mistake", "mistakes alone"],
)
def test_sentences_are_true_of_any_number_of_mistakes(wrong, sentences):
    found = said(wrong)
    assert [each for each in sentences if each not in found.text] == []
    assert found.broken == []
    assert found.results["test_accuracy"] == 1 - wrong / IMAGES


@pytest.mark.parametrize(
    ("doubtful", "sentences"),
    [
        (0, ["The networks clearly dispute **0** of 60 training labels (0.00%)."]),
        (1, ["dispute **1** of 60 training labels (1.67%).", "wrong most often, once, is"]),
        (20, ["dispute **20** of 60 training labels (33.33%).", "often, 20 times, is"]),
    ],
    ids=["none", "one", "many"],
)
def test_labels_that_look_wrong_are_counted(doubtful, sentences):
    found = said(1, names=LETTERS, known=False, doubtful=doubtful)
    assert [each for each in sentences if each not in found.text] == []
    assert ("The label that looks wrong most often" in found.text) == bool(doubtful)
    assert found.broken == []


def test_where_nobody_knows_the_writers_it_says_so_and_names_none():
    found = said(1, names=DIGITS[:3], known=False, validation=2)
    assert "Who wrote these test images is not known here" in found.text
    assert "Too few validation images for any such promise" in found.text
    assert "hsf_" not in found.text
    assert "design_effect" not in found.results
    assert found.broken == []


def test_the_worst_damage_is_quoted_with_its_severity():
    found = said(0)
    assert "Of images damaged at severity 5, the highest, it reads as few as **10%**" in found.text
    assert found.results["worst_damaged_accuracy"] == pytest.approx(0.1)
