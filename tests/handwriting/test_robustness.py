from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage

from handwriting.data import published
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.evaluation import robustness
from handwriting.evaluation.corruptions import KINDS
from handwriting.evaluation.intervals import Interval
from handwriting.evaluation.robustness import CorruptionCurve, Robustness
from handwriting.experiments.trust import Experiment
from handwriting.models import config
from handwriting.results import store
from handwriting.results.files import PackedArray


@pytest.fixture(scope="module")
def elsewhere():
    return robustness.enlarged_digits((28, 28))


def test_all_of_scikit_learns_digits_are_read_with_their_ink_in_the_middle(elsewhere):
    data = published.digits()
    assert (elsewhere.images.shape, elsewhere.images.dtype) == ((1797, 28, 28), np.uint8)
    np.testing.assert_array_equal(
        elsewhere.labels, np.concatenate([data.train.labels, data.test.labels])
    )
    centres = np.array([ndimage.center_of_mass(image) for image in elsewhere.images])
    assert np.abs(centres - 13.5).max() <= 0.5 + 1e-9


def test_they_are_as_large_as_mnists_and_nothing_is_cut_off(elsewhere):
    """20 of 28 pixels: 6.25 for each of theirs, which hold as much ink but for rounding."""
    small = np.concatenate([published.digits().train.images, published.digits().test.images])
    ink = elsewhere.images.sum(axis=(1, 2)) / small.sum(axis=(1, 2))
    assert ink.mean() == pytest.approx(6.25, rel=0.01)
    assert ink.min() > 5.9
    assert elsewhere.images.any(axis=2).sum(axis=1).max() == 20


def test_they_can_be_read_when_they_are_shrunk_again(elsewhere):
    """Blocks of pixels, their means: a nearest neighbour among the small ones has the label."""
    data = published.digits()
    cut = elsewhere.images[: len(data.train), 4:24, 4:24].astype(float)
    shrunk = ndimage.zoom(cut, (1, 0.4, 0.4), order=1, grid_mode=True, mode="nearest")
    flat, known = shrunk.reshape(len(cut), -1), data.test.images.reshape(-1, 64).astype(float)
    nearest = ((flat[:200, np.newaxis] - known) ** 2).sum(axis=2).argmin(axis=1)
    assert (data.test.labels[nearest] == elsewhere.labels[:200]).mean() > 0.8


@pytest.mark.parametrize("shape", [(16, 16), (20, 33)])
def test_they_come_in_any_size(shape):
    assert robustness.enlarged_digits(shape).images.shape == (1797, *shape)


@pytest.fixture
def hurt():
    """All kinds of damage leave 0.9 to 0.95, but for blur, noise and inversion."""
    odd = {"blur": (0.6, 0.2, 0.2), "noise": (0.97, 0.97, 0.97), "inversion": (0.3, 0.3, 0.3)}
    curves = []
    for kind in KINDS:
        left = odd.get(kind.title, (0.95, 0.95, 0.9))
        constant = {3: 1, 4: 2, 5: 2} if kind.title == "inversion" else {}
        better = 0.2 if kind.title == "blur" else 0.0
        accuracies = [(0.98, 0.97, 0.96, *left[:2], left[2] + by) for by in (-better, better)]
        curves.append(CorruptionCurve(kind, tuple(accuracies), Interval(0.1, 0.9), constant))
    return Robustness("small", 2000, tuple(curves))


def test_damage_is_named_that_hurts_most_and_least_on_average(hurt):
    """Blur leaves less in the end, inversion less over the severities."""
    worst, then, *_, least = hurt.worst_first
    assert [each.kind.title for each in (worst, then, least)] == ["inversion", "blur", "noise"]
    assert worst.mean == pytest.approx((0.97 + 0.96 + 3 * 0.3) / 5)
    assert hurt.mean == pytest.approx((8 * 0.946 + 0.586 + 0.968 + 0.566) / 11)


def test_constant_answers_are_named_and_told_apart_where_only_some_trainings_give_them(hurt):
    assert hurt.constant == "inversion (4, 5; in some trainings 3)"
    odd = replace(hurt.curves[0], constant={2: 1, 4: 1})
    assert replace(hurt, curves=(odd,)).constant == "shift (in some trainings 2, 4)"
    assert replace(hurt, curves=hurt.curves[:1]).constant == ""


def test_the_range_over_trainings_is_that_of_their_means(hurt):
    """Blur leaves one training 0 of the images at severity 5, and the other one 0.4."""
    blur = hurt.widest
    assert (blur.kind.title, hurt.trainings) == ("blur", 2)
    assert (blur.spread.low, blur.spread.high) == pytest.approx((2.73 / 5, 3.13 / 5))
    assert [end[5] for end in blur.band] == pytest.approx([0, 0.4])
    assert blur.accuracies[5] == pytest.approx(0.2)


def test_damage_has_a_row_for_each_kind_and_columns_for_each_network(hurt):
    table = robustness.damage_table([hurt]).set_index("Damage")
    assert table.index.tolist() == [kind.title for kind in KINDS]
    assert robustness.kind_table()["Damage"].tolist() == table.index.tolist()
    assert table.columns.tolist() == [
        *("Small, mean", "Small, 95% interval", "Small, over trainings")
    ]
    assert table.loc["blur", "Small, over trainings"].high == pytest.approx(3.13 / 5)
    assert robustness.severity_table([hurt])["Small, at 5"].min() == pytest.approx(0.2)


def test_of_one_training_no_range_is_told(hurt):
    one = [replace(each, by_training=each.by_training[:1]) for each in hurt.curves]
    table = robustness.damage_table([replace(hurt, curves=tuple(one))])
    assert table.columns.tolist()[1:] == ["Small, mean", "Small, 95% interval"]


LABELS = np.arange(10, dtype=np.uint8) % 2


def answered(*trainings, writers=None):
    """Trainings' answers to ten images of classes 0 and 1, under the first kind and the rest."""
    tables = [np.tile(LABELS, (1 + len(KINDS) * 5, 1)) for _ in trainings]
    for table, answers in zip(tables, trainings, strict=True):
        table[1 : 1 + len(answers)] = answers
    test = Split(np.zeros((10, 2, 2), np.uint8), LABELS, writers)
    return robustness.robustness("small", tables, test, 2)


def test_one_class_for_nearly_all_images_is_a_constant_answer():
    nine = [1] * 9 + [0]
    found = answered([nine, [1] * 10]).curves
    assert found[0].by_training == ((1, 0.4, 0.5, 1, 1, 1),)
    assert found[0].constant == {2: 1}  # nine of ten are not more
    assert found[1].constant == {}


def test_it_is_counted_in_how_many_trainings_an_answer_is_constant():
    found = answered([[1] * 10, [0] * 10], [[0] * 10], [LABELS])
    assert found.curves[0].constant == {1: 2, 2: 1}
    assert found.constant == "shift (in some trainings 1, 2)"


def test_the_only_class_is_no_constant_answer():
    labels = np.zeros(10, np.uint8)
    answers = np.zeros((1 + len(KINDS) * 5, 10), np.uint8)
    test = Split(np.zeros((10, 2, 2), np.uint8), labels)
    found = robustness.robustness("small", [answers], test, 1)
    assert found.constant == ""


@pytest.mark.parametrize("writers", [None, np.repeat([1, 2, 3, 4, 5], 2)])
def test_the_mean_has_the_interval_of_each_images_mean(writers):
    found = answered([[1] * 10, [1, 1, 1, 1, 0, 1, 0, 1, 0, 1]], writers=writers).curves[0]
    shares = np.array([0.6, 1, 0.6, 1, 0.8, 1, 0.8, 1, 0.8, 1])
    rng, groups = np.random.default_rng(1), np.arange(10) if writers is None else writers - 1
    means = np.bincount(groups, shares) / np.bincount(groups)
    drawn = rng.choice(means, (20_000, len(means))).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert found.mean == pytest.approx(shares.mean())
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=0.015)


def test_trainings_that_differ_make_the_interval_wider_than_images_do():
    blind = [1 - LABELS] * 5
    one, both = (answered(*trainings).curves[0] for trainings in ([blind], [blind, [LABELS]]))
    assert (one.mean, both.mean) == (0, 0.5)
    assert one.interval.high < both.interval.high == 1
    assert (both.spread.low, both.spread.high) == (0, 1)


# Asked once, and kept

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 28, 28), np.uint8)


def dataset(test=IMAGES, labels=1):
    split = Split(test, np.broadcast_to(np.uint8(labels), len(test)))
    return Dataset("t", "Tiny", split, split, tuple("01"), Origin((), {}, "", ""))


@pytest.fixture
def asked(monkeypatch):
    """What a network was asked to read: it takes all with a pixel above 100 for class 1."""
    seen = []

    def predict(network, images, looks):
        seen.append(images)
        return np.stack([np.full(len(images), 0.5), images.max(axis=(1, 2)) > 100], axis=1)

    monkeypatch.setattr("handwriting.models.training.predict", predict)
    return seen


def damage(weights=(0.5,), recipe=config.SMALL, data=None, images=12, **settings):
    trainings = []
    for seed, weight in enumerate(weights):
        network = SimpleNamespace(get_weights=partial(list, [np.float32([weight])]))
        run = SimpleNamespace(network=network, recipe=recipe, seed=seed)
        trainings.append(SimpleNamespace(run=run))
    experiment = Experiment(data or dataset(), 0, {"cores": 2}, **settings)
    return experiment.damage([SimpleNamespace(name="small", trainings=trainings)], images)[0]


def test_accuracy_falls_from_the_mildest_damage_on(cache, asked):
    """Ink at 255 fades to 80, 60, 45, 30 and 20%: to 204, 153, 115, 76 and 51."""
    lines, data = [], dataset(np.full((4, 28, 28), 255, np.uint8), [1, 1, 1, 0])
    curves = damage(data=data, progress=lines.append).curves
    found = {each.kind.title: each.accuracies for each in curves}
    assert found["low contrast"] == (0.75, 0.75, 0.75, 0.75, 0.25, 0.25)
    assert list(found) == [kind.title for kind in KINDS]
    assert lines == [f"small network, seed 0: damage: {kind.title}" for kind in KINDS]


@pytest.mark.parametrize(("images", "read"), [(10, 10), (1_000, 12)])
def test_some_test_images_are_damaged_in_each_way(cache, asked, images, read):
    damage(images=images)
    some = dataset().test.drawn(read).images
    assert {len(each) for each in asked} == {read}
    np.testing.assert_array_equal(asked[0], some)
    np.testing.assert_array_equal(asked[-1], KINDS[-1].damaged(some, 5))


@pytest.mark.promise(
    "What a network was asked is kept for that very network, not for one that was trained again."
)
@pytest.mark.parametrize(
    ("change", "anew"),
    [
        ({}, False),
        ({"weights": (0.25,)}, True),
        ({"recipe": replace(config.SMALL, looks=5)}, True),
        ({"data": dataset(255 - IMAGES)}, True),
        ({"images": 9}, True),
        ({"fresh": True}, True),
    ],
    ids=["nothing", "the network itself", "looks", "data", "images", "fresh"],
)
def test_the_same_question_is_answered_from_the_cache_and_another_anew(cache, asked, change, anew):
    first = damage()
    asked.clear()
    again = damage(**change)
    assert bool(asked) == anew
    assert change or again == first


def test_each_training_is_asked_and_those_that_were_are_not_asked_again(cache, asked):
    damage()
    once = len(asked)
    assert damage(weights=(0.5, 0.25, 0.125)).trainings == 3
    assert len(asked) == 3 * once
    damage(weights=(0.125, 0.5))
    assert len(asked) == 3 * once


@pytest.mark.parametrize(
    "content",
    [np.zeros((6, 12), np.uint8), np.zeros((56, 11), np.uint8), np.zeros((56, 12), np.float32)],
    ids=["one kind", "eleven images", "other numbers"],
)
def test_an_answer_that_is_none_is_asked_for_anew(cache, asked, caplog, content):
    first = damage()
    (path,) = cache.glob("*.json")
    (kept,) = store.read(path)
    store.write(path, [replace(kept, content=PackedArray.of(content).model_dump(mode="json"))])
    asked.clear()
    assert damage() == first
    assert asked
    assert "damage is not taken from the cache" in caplog.text
