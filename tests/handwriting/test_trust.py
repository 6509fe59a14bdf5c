from dataclasses import dataclass

import numpy as np
import pytest

from handwriting.data import label_disputes
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation import robustness
from handwriting.evaluation.conformal import PredictionSets
from handwriting.evaluation.corruptions import KINDS
from handwriting.evaluation.evaluated_network import EvaluatedNetwork
from handwriting.evaluation.intervals import Interval, bootstrap, wilson
from handwriting.evaluation.label_errors import suspects
from handwriting.evaluation.robustness import CorruptionCurve
from handwriting.evaluation.selective import risk_coverage
from handwriting.experiments import trust
from handwriting.experiments.trust import AccuracyEstimate
from handwriting.models import config
from handwriting.models.training_runs import Outcome, Run

LABELS = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2], np.uint8)
WRITERS = np.array([5, 5, 5, 5, 7, 7, 7, 7, 9, 9, 9, 9], np.int32)
SERIES = np.array([4] * 8 + [0] * 4, np.int32)
PREDICTED = np.array([0, 2, 1, 0, 1, 2, 0, 1, 2, 0, 1, 0])  # wrong about images 1, 2 and 11


def data_set(writers=WRITERS, series=SERIES, name="t", shape=(28, 28), names=tuple("012")):
    images = np.zeros((12, *shape), np.uint8)
    split = Split(images, LABELS, writers, series)
    return Dataset(name, "Tiny", split, split, names, Origin((), {}, "", ""))


UNSIGNED = data_set(None, None)


def trial(recipe=config.SMALL):
    outcome = Outcome(PREDICTED, {}, (1.0,), 2.0, 3)
    moment = "2026-11-25T04:05:06+00:00"
    return Run(recipe, 0, 12, "now", moment, {}, outcome)


@dataclass(frozen=True, eq=False)
class Reader(EvaluatedNetwork):
    """A network that takes each image for the class of its first pixel, as sure as its second."""

    def read(self, images):
        scores = np.zeros((len(images), self.scores.shape[1]))
        scores[np.arange(len(images)), images[:, 0, 0]] = images[:, 0, 1] / 255
        return scores


def judged(predicted=PREDICTED, sure=0.8, recipe=config.SMALL, classes=3):
    scores = np.full((len(predicted), classes), (1 - sure) / (classes - 1))
    scores[np.arange(len(predicted)), predicted] = sure
    return Reader(trial(recipe), LABELS, scores, scores, 0.5)


def test_images_are_independent_where_nobody_knows_the_writers():
    (found,) = trust.headlines(judged(), UNSIGNED)
    assert (found.accuracy, found.images, found.unit) == (0.75, 12, "images")
    assert found.interval == wilson(9, 12)
    assert found.design_effect is None


def test_known_writers_are_resampled_too():
    """Writer 5 is misread in 2 of 4, 7 in none, 9 in 1: the variance is (1 + 1 + 0) / 96."""
    plainly, by_writer = trust.headlines(judged(), data_set())
    assert plainly.interval == wilson(9, 12)
    assert (by_writer.accuracy, by_writer.unit) == (0.75, "writers")
    assert by_writer.design_effect == pytest.approx(2 / 96 / (0.75 * 0.25 / 12))


@pytest.mark.parametrize(
    ("data", "unit"),
    [(data_set(name="mnist"), "writers"), (data_set(None, None, "mnist"), "images")],
    ids=["writers", "nobody"],
)
def test_disputed_labels_are_left_out_in_the_end(data, unit, monkeypatch):
    monkeypatch.setattr(label_disputes, "DISPUTES", (Dispute(1, 1, (2,)), Dispute(3, 0, ())))
    last = trust.headlines(judged(), data)[-1]
    assert (last.title, last.images, last.unit) == ("without disputed labels", 10, unit)
    assert last.accuracy == 0.8  # 1 of 3 mistakes and 1 of 9 others are left out


def headline(title, effect=None):
    return AccuracyEstimate(title, 0.9, Interval(0.8, 0.95, 0.95), "images", 100, effect)


def test_the_accuracy_to_quote_leaves_nothing_out():
    plainly, by_writer, without = headline("a"), headline("b", 0.0), headline("c", 2.0)
    assert trust.cautious((plainly, by_writer, without)) is by_writer
    assert trust.cautious((plainly, headline("without"))) is plainly


def test_each_series_has_its_accuracy():
    found = trust.by_series(judged(), data_set())
    assert list(found) == [4]  # one writer alone cannot be resampled
    assert found[4] == bootstrap((PREDICTED == LABELS)[:8], WRITERS[:8], "writers")


def test_without_series_or_writers_there_are_none():
    assert trust.by_series(judged(), UNSIGNED) == {}
    assert trust.by_series(judged(), data_set(WRITERS, None)) == {}


def test_mistakes_are_counted_by_writer():
    images, wrong = trust.by_writer(judged(), data_set())
    assert images.tolist() == [4, 4, 4]
    assert wrong.tolist() == [2, 0, 1]


def test_without_writers_there_is_nothing_to_count():
    assert [len(each) for each in trust.by_writer(judged(), UNSIGNED)] == [0, 0]


def test_no_mistake_is_counted_where_there_is_none():
    assert trust.by_writer(judged(LABELS), data_set())[1].tolist() == [0, 0, 0]


def test_sets_hold_the_truth_as_often_as_promised():
    """Validation images are 0.2 short of certainty where they are right, 0.9 where not."""
    found = trust.conformal_sets(judged())
    assert list(found) == [0.95, 0.99, 0.999]
    assert all(each.members.all() for each in found.values())  # 12 images promise 0.92 at most


def sets(*rows):
    return PredictionSets(np.array(rows, bool))


def test_the_highest_promise_that_says_something_is_told():
    some, every = sets([1, 0], [1, 1]), sets([1, 1], [1, 1])
    assert trust.telling({0.9: some, 0.99: some, 0.999: every}) == (0.99, some)


def test_where_no_promise_says_anything_the_lowest_is_told():
    every = sets([1, 1])
    assert trust.telling({0.9: every, 0.99: every}) == (0.9, every)


def test_the_largest_sets_are_ambiguous_those_of_one_class_are_not():
    found = sets([1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 1, 1], [0, 1, 1])
    assert trust.ambiguous(found).tolist() == [3, 1, 4]
    assert trust.ambiguous(found, most=1).tolist() == [3]
    assert not len(trust.ambiguous(sets([1, 0], [0, 1])))


def strange(shape):
    """Three digits, of which 0 and 1 are read; the last is a 3, and taken for 2."""
    images = np.zeros((3, *shape), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = [0, 1, 2], 255
    return Split(images, np.array([0, 1, 3], np.uint8))


def test_digits_from_elsewhere_are_read_beside_their_own(monkeypatch):
    monkeypatch.setattr(robustness, "elsewhere", strange)
    data = data_set(names=tuple("0123456789"))
    found = trust.elsewhere([judged(classes=10)], data)
    assert found == {"small network": (0.75, pytest.approx(2 / 3))}


@pytest.mark.parametrize(
    "data",
    [
        data_set(name="digits", names=tuple("0123456789")),
        data_set(shape=(8, 8), names=tuple("0123456789")),
        data_set(names=tuple("abcdefghij")),
    ],
    ids=["the same", "small", "no digits"],
)
def test_not_all_data_can_be_compared_with_digits_from_elsewhere(data, monkeypatch):
    monkeypatch.setattr(robustness, "elsewhere", None)
    assert trust.elsewhere([judged(classes=10)], data) == {}


def test_foreign_images_are_told_by_low_confidence():
    """Test digits have 0.8; of four foreign images one has 1, the others have none."""
    images = np.zeros((4, 28, 28), np.uint8)
    images[0, 0, 1] = 255
    found = trust.detected([judged()], {"clothes": images})["small network"]["clothes"]
    assert found.let_through == 0.25
    assert found.kept == 1
    assert found.auroc == 0.75


def test_key_numbers_are_those_of_the_last_network():
    told = {"dense": (headline("a"),), "small": (headline("a"), headline("b", 2.0))}
    scores = np.eye(2)[[0, 0, 1]]
    refusals = {"small": risk_coverage(scores, [0, 1, 1])}
    declines = {
        "small": [
            CorruptionCurve(KINDS[0], (1, 1, 1, 1, 1, 0.5)),
            CorruptionCurve(KINDS[1], (1, 0, 0, 0, 0, 0.75)),
        ]
    }
    doubts = suspects(np.array([0, 1]), np.array([[0.9, 0.1], [0.9, 0.1]]))
    found = trust.key_numbers(told, refusals, declines, doubts)
    assert next(iter(found)) == "test_accuracy"
    assert found["worst_damaged_accuracy"] == 0.5
    assert found["mean_damaged_accuracy"] == pytest.approx((0.9 + 0.15) / 2)
    assert found["design_effect"] == 2.0
    assert found["doubtful_training_labels"] == len(doubts)


def test_without_writers_there_is_no_design_effect():
    declines = {"small": [CorruptionCurve(KINDS[0], (1.0,) * 6)]}
    refusals = {"small": risk_coverage(np.eye(2), [0, 1])}
    doubts = suspects(np.array([0]), np.ones((1, 1)))
    found = trust.key_numbers({"small": (headline("a"),)}, refusals, declines, doubts)
    assert "design_effect" not in found
