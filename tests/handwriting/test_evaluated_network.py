"""Networks before the bench, real ones, trained for an instant."""

from dataclasses import replace

import numpy as np
import pytest

from handwriting.data import splitting
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.evaluation import calibration, evaluated_network
from handwriting.models import config
from handwriting.models.config import TrainingConfig


@pytest.fixture(scope="module")
def short_recipes():
    """The same recipes, over in no time."""
    with pytest.MonkeyPatch.context() as patched:
        for recipe in (config.DENSE, config.SMALL):
            settings = {"filters": (2, 2)} if recipe.kind == "convolutional" else {}
            short = replace(recipe, settings=settings, plan=TrainingConfig(epochs=1, batch_size=64))
            patched.setattr(config, recipe.name.upper(), short)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def written():
    """120 images by 12 people, and 30 by 3 others."""

    def split(images, seed, people):
        random = np.random.default_rng(seed)
        labels = (np.arange(images) % 3).astype(np.uint8)
        pixels = random.integers(0, 256, (images, 8, 8), np.uint8)
        return Split(pixels, labels, random.permutation(np.resize(people, images)))

    train = split(120, 0, np.arange(12, dtype=np.int32))
    test = split(30, 1, np.arange(50, 53, dtype=np.int32))
    return Dataset("t", "Tiny", train, test, tuple("012"), Origin((), {"a": "1"}, "", ""))


def judge(data, folder, **settings):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HANDWRITING_CACHE", str(folder))
        return evaluated_network.judge(data, 0, {"cores": 2}, **settings)


@pytest.fixture(scope="module")
def tried(written, folder, short_recipes):
    return judge(written, folder)


def test_both_networks_read_the_test_images(tried, written):
    assert [each.title for each in tried] == ["dense network", "small network"]
    for each in tried:
        np.testing.assert_array_equal(each.predictions, each.trial.predictions)
        np.testing.assert_allclose(each.read(written.test.images), each.scores)


def test_what_is_chosen_is_chosen_on_whole_writers_that_nobody_learned_from(tried, written):
    _, watched = splitting.divided(written.train, 1 / 12)
    assert len(watched) == 10
    for each in tried:
        np.testing.assert_array_equal(each.labels, written.train.labels[watched])
        np.testing.assert_allclose(each.validation_scores, each.read(written.train.images[watched]))


def test_tempered_probabilities_keep_each_answer(tried):
    for each in tried:
        np.testing.assert_array_equal(each.tempered.argmax(axis=1), each.predictions)


def test_the_second_time_networks_come_from_the_cache(tried, written, folder):
    again = judge(written, folder)
    assert {each.trial.origin for each in again} == {"cache"}
    np.testing.assert_array_equal(again[1].scores, tried[1].scores)


def test_fewer_images_may_be_learned_from(written, folder, short_recipes):
    (found, _) = judge(written, folder, images=60)
    assert found.trial.images == 60
    _, watched = splitting.divided(written.train.drawn(60), 1 / 12)
    np.testing.assert_array_equal(found.labels, written.train.drawn(60).labels[watched])


@pytest.mark.parametrize("answer", [0, 1], ids=["no mistake", "mistakes alone"])
def test_where_validation_images_cannot_tell_a_temperature_it_is_one(
    tried, written, folder, monkeypatch, answer
):
    def predict(_network, images, _looks):
        known = {image.tobytes(): label for image, label in zip(*everything, strict=True)}
        right = np.array([known[image.tobytes()] for image in images])
        return np.eye(3, dtype=np.float32)[(right + answer) % 3]

    both = (written.train, written.test)
    everything = (
        np.concatenate([each.images for each in both]),
        np.concatenate([each.labels for each in both]),
    )
    monkeypatch.setattr("handwriting.models.training.predict", predict)
    found = judge(written, folder)
    assert [each.temperature for each in found] == [1.0, 1.0]
    np.testing.assert_allclose(found[0].tempered, calibration.probabilities(found[0].scores))
