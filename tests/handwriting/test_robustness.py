from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage

from handwriting.data import published
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.evaluation import robustness
from handwriting.evaluation.corruptions import KINDS
from handwriting.evaluation.robustness import CorruptionCurve
from handwriting.models import config
from handwriting.results import store

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (12, 28, 28), np.uint8)
CONTRAST = next(kind for kind in KINDS if kind.name == "contrast")


def bright(images):
    """A reader that takes what has a pixel above 100 for class 1, and all else for class 0."""
    return np.stack([np.full(len(images), 0.5), images.max(axis=(1, 2)) > 100], axis=1)


def test_accuracy_falls_from_the_mildest_damage_on():
    """Ink at 255 fades to 80, 60, 45, 30 and 20%: to 204, 153, 115, 76 and 51."""
    images = np.full((4, 28, 28), 255, np.uint8)
    (found,) = robustness.corruption_curves(bright, images, np.array([1, 1, 1, 0]), [CONTRAST])
    assert found.kind is CONTRAST
    assert found.accuracies == (0.75, 0.75, 0.75, 0.75, 0.25, 0.25)


def test_the_mean_is_that_of_the_severities_alone():
    assert CorruptionCurve(CONTRAST, (1.0, 0.5, 0.4, 0.3, 0.2, 0.1)).mean == pytest.approx(0.3)


def test_each_kind_is_asked_about_and_named():
    lines = []
    found = robustness.corruption_curves(bright, IMAGES, np.ones(12, int), progress=lines.append)
    assert [each.kind for each in found] == list(KINDS)
    assert lines == [f"damage: {kind.title}" for kind in KINDS]


def test_what_is_read_is_what_is_shown():
    seen = []

    def read(images):
        seen.append(images)
        return bright(images)

    robustness.corruption_curves(read, IMAGES, np.ones(12, int), [CONTRAST])
    np.testing.assert_array_equal(seen[0], IMAGES)
    np.testing.assert_array_equal(seen[-1], CONTRAST.damaged(IMAGES, 5))


@pytest.fixture(scope="module")
def elsewhere():
    return robustness.enlarged_digits((28, 28))


def test_all_of_scikit_learns_digits_are_read(elsewhere):
    data = published.digits()
    assert elsewhere.images.shape == (1797, 28, 28)
    assert elsewhere.images.dtype == np.uint8
    np.testing.assert_array_equal(
        elsewhere.labels, np.concatenate([data.train.labels, data.test.labels])
    )


def test_their_ink_lies_in_the_middle(elsewhere):
    centres = np.array([ndimage.center_of_mass(image) for image in elsewhere.images])
    assert np.abs(centres - 13.5).max() <= 0.5 + 1e-9


def test_they_are_as_large_as_mnists_and_nothing_is_cut_off(elsewhere):
    """20 of 28 pixels: 6.25 for each of theirs, which hold as much ink but for rounding."""
    small = np.concatenate([published.digits().train.images, published.digits().test.images])
    ink = elsewhere.images.sum(axis=(1, 2)) / small.sum(axis=(1, 2))
    assert ink.mean() == pytest.approx(6.25, rel=0.01)
    assert ink.min() > 5.9
    rows = elsewhere.images.any(axis=2).sum(axis=1)
    assert rows.max() == 20


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


def test_mnists_own_ink_lies_in_the_middle_too(mnist):
    """What `enlarged_digits` imitates: to within a pixel, and 20 pixels at most."""
    images = mnist.test.images[:300]
    centres = np.array([ndimage.center_of_mass(image) for image in images])
    assert np.abs(centres.mean(axis=0) - 13.5).max() < 1
    assert (images.any(axis=2).sum(axis=1)).max() <= 20


@pytest.fixture
def hurt():
    """All kinds of damage leave 0.9, but for blur and noise."""
    worst = {"blur": 0.4, "noise": 0.95}
    return robustness.Robustness(
        "small",
        tuple(
            robustness.CorruptionCurve(
                kind, (0.98, 0.97, 0.96, worst.get(kind.name, 0.95), 0.9, worst.get(kind.name, 0.9))
            )
            for kind in KINDS
        ),
    )


def test_damage_is_named_that_hurts_most_and_least(hurt):
    assert (hurt.most_harmful.kind.name, hurt.most_harmful.worst) == ("blur", 0.4)
    assert (hurt.least_harmful.kind.name, hurt.least_harmful.worst) == ("noise", 0.95)
    assert hurt.costly(3, 0.1) == ("blur",)
    assert hurt.clean == 0.98


def test_damage_has_a_row_for_each_kind_and_columns_for_each_network(hurt):
    table = robustness.damage_table([hurt, hurt])
    assert table["Damage"].tolist() == [kind.title for kind in KINDS]
    assert table.columns.tolist()[2:] == ["Small, at 3", "Small, at 5"]
    assert table["Small, at 5"].min() == 0.4


# Asked once, and kept


@dataclass
class Network:
    weight: float = 0.5

    def get_weights(self):
        return [np.float32([self.weight])]


def trained(network=None, recipe=config.SMALL):
    """A network that was trained, as far as it is asked for."""
    run = SimpleNamespace(network=network or Network(), recipe=recipe)
    return SimpleNamespace(title="small network", run=run)


def dataset(test=IMAGES):
    split = Split(test, np.ones(len(test), np.uint8))
    return Dataset("t", "Tiny", split, split, tuple("01"), Origin((), {}, "", ""))


@pytest.fixture
def asked(monkeypatch):
    """How many images each question was about."""
    counts = []

    def predict(network, images, looks=1):
        counts.append(len(images))
        return bright(images)

    monkeypatch.setattr("handwriting.models.training.predict", predict)
    return counts


def damage(network=None, data=None, images=10, **settings):
    return robustness.damage(
        network or trained(), data or dataset(), images, {"cores": 2}, **settings
    )


def test_some_test_images_are_damaged_in_each_way(cache, asked):
    some = dataset().test.drawn(10)
    assert damage() == robustness.corruption_curves(bright, some.images, some.labels)
    assert set(asked) == {10}


def test_more_test_images_than_there_are_are_all(cache, asked):
    damage(images=1_000)
    assert set(asked) == {12}


def test_what_was_asked_comes_from_the_cache(cache, asked):
    first, questions = damage(), len(asked)
    assert damage() == first
    assert len(asked) == questions


@pytest.mark.promise(
    "What a network was asked is kept for that very network, not for one that was trained again."
)
@pytest.mark.parametrize(
    "change",
    [
        {"network": trained(Network(0.25))},
        {"network": trained(recipe=replace(config.SMALL, looks=5))},
        {"data": dataset(255 - IMAGES)},
        {"images": 9},
        {"fresh": True},
    ],
    ids=["the network itself", "looks", "data", "images", "fresh"],
)
def test_another_question_is_asked_anew(cache, asked, change):
    damage()
    asked.clear()
    damage(**change)
    assert asked


def test_progress_names_the_network_and_the_damage(cache, asked):
    lines = []
    damage(progress=lines.append)
    assert lines == [f"small network: damage: {kind.title}" for kind in KINDS]


@pytest.mark.parametrize(
    "content",
    [
        {"shift": [1.0] * 6},
        {kind.name: [1.0] * 5 for kind in KINDS},
        {kind.name: ["1"] * 6 for kind in KINDS},
    ],
    ids=["one kind", "five numbers", "text"],
)
def test_an_answer_that_is_none_is_asked_for_anew(cache, asked, caplog, content):
    first = damage()
    (path,) = cache.glob("*.json")
    (kept,) = store.read(path)
    store.write(path, [replace(kept, content=content)])
    asked.clear()
    assert damage() == first
    assert asked
    assert "damage is not taken from the cache" in caplog.text
