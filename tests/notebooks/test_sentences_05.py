"""What notebook 05 says of networks that make no mistake, one, or nothing but mistakes."""

import re
from dataclasses import replace

import cells
import numpy as np
import pytest
from networks import DIGITS, data_set, reader

from handwriting.evaluation.adversarial import AdversarialAccuracy
from handwriting.evaluation.corruptions import KINDS, SEVERITIES
from handwriting.evaluation.intervals import Interval
from handwriting.evaluation.label_errors import SuspectLabels
from handwriting.evaluation.robustness import CorruptionCurve, Robustness
from handwriting.experiments import evaluated_network, trust
from handwriting.models import config

pytestmark = pytest.mark.slow

IMAGES = 60
ANY = Interval(0.1, 0.9)
PEOPLE = np.arange(IMAGES, dtype=np.int32) // 5
SERIES = np.where(PEOPLE < 6, 4, 0).astype(np.int32)
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def said(
    wrong,
    *,
    names=DIGITS,
    known=True,
    doubtful=0,
    validation=20,
    constant=None,
    attacked=True,
    refused=0.02,
    trainings=3,
):
    """What the cells say where the first so many images are misread.

    Damaged images are read less well by each training than by the one before it.
    """
    people = {"writers": PEOPLE, "series": SERIES} if known else {}
    data = data_set(IMAGES, names, **people)
    predicted = data.test.labels.astype(int)
    predicted[:wrong] = (predicted[:wrong] + 1) % len(names)
    accuracies = tuple(
        (1 - wrong / IMAGES, *(0.5 / severity / seed for severity in SEVERITIES))
        for seed in range(1, trainings + 1)
    )

    class Experiment(trust.Experiment):
        def networks(self):
            read = (
                reader(data, predicted, recipe=each, validation=validation)
                for each in (config.DENSE, config.SMALL)
            )
            return tuple(replace(each, others=(each,) * (self.trainings - 1)) for each in read)

        def damage(self, networks, images):
            curves = tuple(CorruptionCurve(kind, accuracies, ANY, constant or {}) for kind in KINDS)
            return tuple(Robustness(each.name, min(images, IMAGES), curves) for each in networks)

        def attacks(self, networks, images):
            worst = (0.9, 0.4, 0.1, 0.0) if attacked else (1.0,) * 4
            return tuple(
                AdversarialAccuracy(each.name, IMAGES, 1.0, worst, (0.95,) * 4) for each in networks
            )

        def doubtful_labels(self):
            labels = np.zeros(doubtful, int)
            return SuspectLabels(np.arange(doubtful), labels, labels + 1, IMAGES, 0.5, 3)

    replaced = {
        "handwriting.data.load": lambda _, **__: data,
        "handwriting.experiments.trust.Experiment": Experiment,
        "handwriting.experiments.evaluated_network.REFUSED": refused,
    }
    parameters = {"dataset": "t", "foreigners": "scrambled", "trainings": trainings}
    return cells.run("05_trust", parameters, replaced)


@pytest.mark.parametrize(
    ("wrong", "sentences"),
    [
        (
            0,
            [
                "The dense network is **not sure enough**: its mean confidence is",
                "It reads **100.00%** of the others correctly (95% interval",
                "the small network reads **100.00%** correctly",
            ],
        ),
        (
            1,
            [
                "Mistakes of this training of the small network: 1. At least half of them are by "
                "**1** of 12 writers, where chance would need 1 to 1.",
                "How they lie is not told apart from luck (p = 1).",
            ],
        ),
        (
            IMAGES,
            [
                "Mistakes of this training of the small network: 60. At least half of them are by "
                "**6** of 12 writers, where chance would need 6 to 6.",
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
        (
            0,
            ["of one epoch (seed 0) dispute **0** of 60 training labels (0.00%)."],
        ),
        (1, ["**1** of 60 training labels (1.67%)", "(1.67%)"]),
        (20, ["**20** of 60 training labels (33.33%)", "Untempered it would be 3."]),
    ],
    ids=["none", "one", "many"],
)
def test_labels_that_look_wrong_are_counted(doubtful, sentences):
    found = said(1, names=LETTERS, known=False, doubtful=doubtful)
    assert [each for each in sentences if each not in found.text] == []
    assert found.broken == []


def test_where_nobody_knows_the_writers_it_says_so_and_names_none():
    found = said(1, names=DIGITS[:3], known=False, validation=2)
    assert "Who wrote these test images is not known here" in found.text
    assert "Too few validation images for any such promise" in found.text
    assert "hsf_" not in found.text
    assert "design_effect" not in found.results
    assert found.broken == []


def test_a_few_mistakes_of_the_same_writers_are_more_than_luck():
    found = said(9)
    assert "by **1** of 12 writers" in found.text
    assert (
        "a writer has varies by more than luck explains (p ≤ 0.0005, the least that 2,000 "
        in found.text
    )
    assert found.broken == []


def test_it_is_told_whose_images_are_refused_more_often_where_luck_does_not_explain_it():
    found = said(1, refused=0.6)  # the 36 first ones: all 30 of hsf_4, and 6 of hsf_0
    often = (
        "of the small network refuses images of hsf_4 **5.0 times** as often as images of hsf_0."
    )
    assert often in found.text
    assert found.broken == []
    assert "as often as images of" not in said(1).text


@pytest.mark.parametrize(
    ("names", "promise", "above"),
    [
        (DIGITS, 0.95, "none"),
        (LETTERS, 0.95, "none"),
        (DIGITS[:3], 0.6, r"hsf\_0, hsf\_4, 0, 1 and 2"),
    ],
    ids=["none", "of many classes", "some"],
)
def test_series_and_classes_beside_a_promise_are_named(monkeypatch, names, promise, above):
    monkeypatch.setattr(evaluated_network, "PROMISES", (promise, 0.99))
    found = said(0, names=names)
    for network in ("dense", "small"):
        sentence = f"this training of the {network} network promise {promise:.0%}, they keep it"
        assert sentence in found.text
    assert found.text.count(f"Below the promise: none; above it: {above}.") == 2
    assert "on the same 60 of the 60 test images" in found.text
    assert found.broken == []


def test_the_worst_damage_is_that_of_the_lowest_mean_over_severities():
    """0.5, 0.25, 0.167, 0.125 and 0.1; half and a third of it in the second and third training."""
    found = said(0)
    assert "under shift: on average over five severities **8% to 23%, by training**." in found.text
    assert "**14.0%** on average over 3 trainings (95% interval 10.0% to 90.0%)." in found.text
    assert "Its trainings differ most under shift: 7.6% to 22.8%." in found.text
    assert "of the images one answer" not in found.text
    first, mean = 0.5 * (137 / 60) / 5, 0.5 * (137 / 60) / 5 * (1 + 1 / 2 + 1 / 3) / 3
    assert found.results["lowest_accuracy_under_worst_damage"] == pytest.approx(first / 3)
    assert found.results["highest_accuracy_under_worst_damage"] == pytest.approx(first)
    assert found.results["worst_damaged_accuracy"] == pytest.approx(mean)
    assert found.broken == []


def test_of_one_training_it_is_said_that_it_is_one_and_no_range_is_claimed():
    found = said(1, trainings=1)
    assert "correctly in its one training (95% interval" in found.text
    assert "over five severities **23% in its one training**." in found.text
    assert not re.findall(r"by training|trainings differ|Over \d|over trainings", found.text)
    assert not [name for name in found.results if "under_worst_damage" in name]
    (rows,) = [found.tables[each] for each in found.tables if each.startswith("Telling")]
    assert {(row[4], row[7]) for row in rows} == {("\N{EN DASH}", "\N{EN DASH}")}
    assert found.broken == []


def test_how_well_foreign_images_are_told_apart_is_told_over_trainings():
    found = said(1)
    assert re.search(
        r"Over 3 trainings: [\d.]+% to [\d.]+%; the AUROC is [\d.]+ to [\d.]+\.", found.text
    )
    assert found.broken == []


def test_constant_answers_are_named():
    found = said(0, constant={3: 1, 4: 3, 5: 3})
    assert (
        "under which the network gives more than 90% of the images one answer: "
        "shift (4, 5; in some trainings 3), rotation (4, 5; in some trainings 3), "
    ) in found.text
    assert found.broken == []


def test_of_a_single_class_no_damage_is_called_the_worst():
    found = said(0, names=("8",), known=False, constant=dict.fromkeys(SEVERITIES, 3))
    assert "reads least under" not in found.text
    assert "Of damaged ones" not in found.text
    assert "of the images one answer" not in found.text
    assert ["What breaks them?", "Nothing can: there is only one class to answer."] in (
        found.tables["What a user of either network has to know."]
    )
    assert found.broken == []


def test_marks_in_the_names_of_classes_are_shown_and_not_obeyed(monkeypatch):
    monkeypatch.setattr(evaluated_network, "PROMISES", (0.6, 0.99))
    found = said(0, names=("*a_", "*b_", "*c_"), known=False)
    assert r"they keep it least for \*a\_ (" in found.text
    assert not re.findall(r"[^\\]\*[a-z]_", "".join(found.sentences))


@pytest.mark.parametrize("attacked", [True, False])
def test_the_least_change_is_told_that_breaks_a_network(attacked):
    found = said(0, attacked=attacked)
    sentence = (
        "at most **40.0%** are still read rightly by this training of the small network where"
    )
    assert (sentence in found.text) == attacked
    assert found.broken == []
