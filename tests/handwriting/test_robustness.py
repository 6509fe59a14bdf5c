from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage

from handwriting.data import published
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.evaluation import robustness
from handwriting.evaluation.corruptions import KINDS
from handwriting.evaluation.robustness import CorruptionCurve, Robustness
from handwriting.models import config
from handwriting.results import store


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
    """All kinds of damage leave 0.9, but for blur and noise."""
    worst = {"blur": 0.4, "noise": 0.95}
    curves = (
        CorruptionCurve(kind, (0.98, 0.97, 0.96, worst.get(kind.title, 0.95), 0.9, each))
        for kind in KINDS
        for each in [worst.get(kind.title, 0.9)]
    )
    return Robustness("small", tuple(curves))


def test_damage_is_named_that_hurts_most_and_least(hurt):
    assert (hurt.most_harmful.kind.title, hurt.most_harmful.worst) == ("blur", 0.4)
    assert (hurt.least_harmful.kind.title, hurt.least_harmful.worst) == ("noise", 0.95)
    assert hurt.costly(3, 0.1) == ("blur",)
    # Over the five severities: 0.936 of nine kinds, 0.726 of blur and 0.946 of noise.
    assert hurt.mean == pytest.approx((9 * 0.936 + 0.726 + 0.946) / 11)


def test_damage_has_a_row_for_each_kind_and_columns_for_each_network(hurt):
    table = robustness.damage_table([hurt, hurt])
    assert table["Damage"].tolist() == [kind.title for kind in KINDS]
    assert table.columns.tolist()[2:] == ["Small, at 3", "Small, at 5"]
    assert table["Small, at 5"].min() == 0.4


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


def damage(weight=0.5, recipe=config.SMALL, data=None, images=12, **settings):
    network = SimpleNamespace(get_weights=lambda: [np.float32([weight])])
    run = SimpleNamespace(network=network, recipe=recipe)
    return robustness.damage(run, data or dataset(), images, {"cores": 2}, **settings)


def test_accuracy_falls_from_the_mildest_damage_on(cache, asked):
    """Ink at 255 fades to 80, 60, 45, 30 and 20%: to 204, 153, 115, 76 and 51."""
    lines, data = [], dataset(np.full((4, 28, 28), 255, np.uint8), [1, 1, 1, 0])
    found = {each.kind.title: each.accuracies for each in damage(data=data, progress=lines.append)}
    assert found["low contrast"] == (0.75, 0.75, 0.75, 0.75, 0.25, 0.25)
    assert list(found) == [kind.title for kind in KINDS]
    assert lines == [f"small network: damage: {kind.title}" for kind in KINDS]


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
        ({"weight": 0.25}, True),
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


@pytest.mark.parametrize(
    "content",
    [[[1.0] * 6], [[1.0] * 5] * len(KINDS), [[1.0] * 7] * len(KINDS), [["1"] * 6] * len(KINDS)],
    ids=["one kind", "five numbers", "seven numbers", "text"],
)
def test_an_answer_that_is_none_is_asked_for_anew(cache, asked, caplog, content):
    first = damage()
    (path,) = cache.glob("*.json")
    (kept,) = store.read(path)
    store.write(path, [replace(kept, content={"accuracies": content})])
    asked.clear()
    assert damage() == first
    assert asked
    assert "damage is not taken from the cache" in caplog.text
