"""Networks before the bench, real ones, trained for an instant."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from networks import data_set, reader

from handwriting.data import corrections, splitting
from handwriting.data.corrections import Likeness
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.evaluation import robustness
from handwriting.evaluation.intervals import wilson
from handwriting.experiments import trust
from handwriting.models import config
from handwriting.models.config import TrainingConfig


@pytest.fixture
def short_recipes(monkeypatch):
    """The same recipes, over in no time."""
    for recipe in (config.DENSE, config.SMALL):
        settings = {"filters": (2, 2)} if recipe.kind == "convolutional" else {}
        short = replace(recipe, settings=settings, plan=TrainingConfig(epochs=1, batch_size=64))
        monkeypatch.setattr(config, recipe.name.upper(), short)


@pytest.fixture
def written():
    """120 images by 12 people, and 30 by 3 others."""
    random = np.random.default_rng(0)
    parts = [
        Split(
            random.integers(0, 256, (images, 8, 8), np.uint8),
            (np.arange(images) % 3).astype(np.uint8),
            random.permutation(np.resize(people, images)),
        )
        for images, people in ((120, np.arange(12)), (30, np.arange(50, 53)))
    ]
    return Dataset("t", "Tiny", *parts, tuple("012"), Origin((), {"a": "1"}, "", ""))


@pytest.mark.parametrize("images", [0, 60])
def test_what_is_chosen_is_chosen_on_whole_writers_that_nobody_learned_from(
    written, short_recipes, cache, images
):
    some = written.train.drawn(images or 120)
    learned, watched = splitting.divided(some, 1 / 12)
    tried = trust.Experiment(written, 3, {"cores": 2}, images, trainings=2).networks()
    assert [one.run.seed for each in tried for one in each.trainings] == [3, 4, 3, 4]
    assert [each.title for each in tried] == ["dense network", "small network"]
    for each in tried:
        assert each.run.images == len(some)
        np.testing.assert_array_equal(written.train.images[each.learned], some.images[learned])
        np.testing.assert_array_equal(each.validation_labels, some.labels[watched])
        np.testing.assert_allclose(each.validation_scores, each.read(some.images[watched]))
        np.testing.assert_allclose(each.scores, each.read(written.test.images))
        np.testing.assert_array_equal(each.right, each.run.predictions == written.test.labels)


def test_labels_are_not_doubted_where_networks_cannot_share_the_images(written):
    assert trust.Experiment(written, 3, {"cores": 2}, training_images=4).doubtful_labels() is None


@pytest.mark.parametrize(
    ("writers", "learned", "tested", "units"),
    [
        (None, None, None, ["images"]),
        (np.repeat([5, 7, 9], 4).astype(np.int32), 2, 3, ["images", "writers"]),
    ],
    ids=["unknown", "known"],
)
def test_writers_are_counted_on_both_sides_where_they_are_known(writers, learned, tested, units):
    found = reader(data_set(writers=writers))
    assert (found.title, found.name) == ("small network", "small")
    assert found.learned_writers == learned
    assert found.tested_writers == tested
    assert [each.unit for each in found.estimates.ways] == units
    assert found.series.groups == ()


def test_series_are_compared_from_the_hardest_to_the_easiest():
    """One of six images is misread of the first, none of the second."""
    writers, series = np.arange(12, dtype=np.int32) // 2, np.repeat([0, 4], 6).astype(np.int32)
    data = data_set(writers=writers, series=series)
    predicted = data.test.labels.copy()
    predicted[0] = 1
    found = reader(data, predicted)
    assert (found.series.lowest.name, found.series.highest.name) == ("hsf_0", "hsf_4")
    assert found.series_ratio is None
    predicted[[1, 11]] = 5
    ratio = reader(data, predicted).series_ratio
    assert ratio.ratio == pytest.approx(2)
    assert ratio.interval.low < 2 < ratio.interval.high


def test_refusals_of_the_hardest_series_are_compared_with_those_of_the_easiest():
    """Of 300 images six are refused: four of the first series, and two of the second."""
    writers, series = np.arange(300, dtype=np.int32) // 5, np.repeat([4, 0], 150).astype(np.int32)
    data = data_set(300, writers=writers, series=series)
    predicted = data.test.labels.copy()
    predicted[0] = 1
    assert reader(data, predicted).refusal_ratio is None  # the first six are all of one series
    found = reader(data, predicted)
    found.scores[[0, 20, 40, 60, 200, 220]] *= 0.9
    assert found.refusal_ratio.ratio == pytest.approx(2)
    assert 1 in found.refusal_ratio.interval


def test_series_and_classes_are_told_apart_in_what_is_refused_held_and_too_sure():
    writers, series = np.arange(12, dtype=np.int32) // 2, np.repeat([0, 4], 6).astype(np.int32)
    found = reader(data_set(writers=writers, series=series), sure=0.8)
    for shares in (found.gaps, found.refused, found.held):
        assert [each.name for each in shares.groups] == ["hsf_0", "hsf_4", *map(str, range(10))]
        assert [each.images for each in shares.groups] == [6, 6, 2, 2, *[1] * 8]
    assert found.held.expected == 0.95
    assert (found.held.below, found.held.above) == ((), ())
    # At the temperature 0.5, 0.8 and nine times 0.2 / 9 are 0.9931 of the sum of their squares.
    assert found.gaps.lowest.share == pytest.approx(0.64 / (0.64 + 9 * (0.2 / 9) ** 2) - 1)


def test_trainings_with_other_seeds_count_in_means_and_have_a_row_each():
    """One misreads half of the first series and the other none; of the second, both misread 2."""
    writers, series = np.arange(12, dtype=np.int32) // 2, np.repeat([0, 4], 6).astype(np.int32)
    data = data_set(writers=writers, series=series)
    bad = data.test.labels.copy()
    bad[[10, 11]] = 5
    worse = bad.copy()
    worse[:4] = 7
    found = replace(reader(data, worse), others=(reader(data, bad),))
    assert (found.mean.mean, found.mean.trainings) == (pytest.approx((6 + 10) / 24), 2)
    assert found.series_ratio.ratio == pytest.approx((4 + 0) / (2 + 2))
    table = trust.training_table([found])
    assert table["Accuracy"].tolist() == pytest.approx([6 / 12, 10 / 12])
    assert table["Network"].tolist() == ["small", "small"]


def test_mistakes_are_counted_among_those_that_it_is_least_sure_of():
    """Two of a hundred are refused, one of which is misread; so are two others."""
    data = data_set(100)
    predicted = data.test.labels.copy()
    predicted[[3, 50, 51]] = (predicted[[3, 50, 51]] + 1) % 10
    found = reader(data, predicted)
    found.scores[3:5] = found.scores[3:5] / 2 + 0.05
    assert found.caught == 1
    assert (found.answered.images, found.answered.share) == (98, pytest.approx(96 / 98))
    assert found.answered.interval == wilson(96, 98)


def test_where_mistakes_lie_is_told_of_known_writers_alone():
    writers = np.arange(12, dtype=np.int32) // 2
    wrong = data_set().test.labels[::-1]
    assert reader(data_set(writers=writers), wrong).crowding.network == "small"
    assert reader(data_set(writers=writers)).crowding is None
    assert reader(data_set(), wrong).crowding is None


def test_what_is_refused_is_counted_and_few_validation_images_promise_nothing():
    found = reader(data_set(), sure=0.8)
    assert (found.accuracy, found.answered.share, found.caught) == (1, 1, 0)
    assert [each.promised for each in found.sets] == [0.95, 0.99, 0.999]
    assert all(each.says_nothing for each in found.sets)  # 4 images promise 0.8 at most


@pytest.fixture
def like(monkeypatch):
    """What the images are like: scikit-learn's digits, without more said."""
    alike = partial(monkeypatch.setattr, corrections, "likeness_to_digits")
    alike(lambda *_: Likeness(0.43, 0.08))
    return lambda likeness: alike(lambda *_: likeness)


@pytest.mark.usefixtures("like")
def test_digits_from_elsewhere_are_read_beside_their_own(monkeypatch):
    """Three digits, of which 0 and 1 are read; the last is a 3, and taken for 2."""
    others = replace(data_set(3).test, labels=np.array([0, 1, 3], np.uint8))
    monkeypatch.setattr(robustness, "enlarged_digits", lambda _: others)
    found = reader(data_set()).elsewhere
    assert (found.mean, found.trainings) == (pytest.approx(2 / 3), 1)


@pytest.mark.parametrize(
    "data",
    [data_set(name="digits"), data_set(shape=(8, 8)), data_set(names=tuple("1230456789"))],
    ids=["the same", "small", "no digits in their order"],
)
@pytest.mark.usefixtures("like")
def test_not_all_data_can_be_compared_with_digits_from_elsewhere(data):
    assert reader(data).elsewhere is None


def test_digits_of_another_script_are_not_compared_with_those_from_elsewhere(like):
    like(Likeness(0.19, 0.1))  # as Gujarati digits are
    assert reader(data_set()).elsewhere is None


def test_foreign_images_are_told_by_low_confidence():
    """Test digits have 0.8; of four foreign images one has 1, the others have none."""
    images = np.zeros((4, 28, 28), np.uint8)
    images[0, 0, 1] = 255
    network = reader(data_set())
    (found,) = network.detect({"clothes": images})
    assert (found.network, found.images) == ("small", "clothes")
    assert (found.let_through, found.auroc.area) == (0.25, 0.75)
    assert (found.spread.low, found.spread.high) == (0.25, 0.25)
    surer = replace(network, others=(reader(data_set(), sure=0.99), reader(data_set(), sure=0.2)))
    (found,) = surer.detect({"clothes": images})
    assert [each.let_through for each in found.others] == [0.25, 0.25]
    assert (found.auroc_spread.low, found.auroc_spread.high) == (0.75, 0.75)
    known, clothes = network.certainties({"clothes": images})
    assert (known.median, clothes.median) == (pytest.approx(0.8), 0)
