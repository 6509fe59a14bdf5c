"""Networks before the bench, real ones, trained for an instant."""

from dataclasses import replace

import numpy as np
import pytest
from networks import data_set, reader

from handwriting.data import splitting
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.evaluation import calibration, evaluated_network, robustness
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


def evaluate(data, folder, **settings):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HANDWRITING_CACHE", str(folder))
        return evaluated_network.evaluate(data, 0, {"cores": 2}, **settings)


@pytest.fixture(scope="module")
def tried(written, folder, short_recipes):
    return evaluate(written, folder)


def test_both_networks_read_the_test_images(tried, written):
    assert [each.title for each in tried] == ["dense network", "small network"]
    for each in tried:
        np.testing.assert_array_equal(each.predictions, each.run.predictions)
        np.testing.assert_allclose(each.read(written.test.images), each.scores)


def test_what_is_chosen_is_chosen_on_whole_writers_that_nobody_learned_from(tried, written):
    _, watched = splitting.divided(written.train, 1 / 12)
    assert len(watched) == 10
    for each in tried:
        np.testing.assert_array_equal(each.validation_labels, written.train.labels[watched])
        np.testing.assert_array_equal(np.sort([*each.learned, *watched]), np.arange(120))
        np.testing.assert_allclose(each.validation_scores, each.read(written.train.images[watched]))


def test_the_second_time_networks_come_from_the_cache(tried, written, folder):
    again = evaluate(written, folder)
    assert {each.run.origin for each in again} == {"cache"}
    np.testing.assert_array_equal(again[1].scores, tried[1].scores)


def test_fewer_images_may_be_learned_from(written, folder, short_recipes):
    (found, _) = evaluate(written, folder, images=60)
    assert found.run.images == 60
    some = written.train.drawn(60)
    learned, watched = splitting.divided(some, 1 / 12)
    np.testing.assert_array_equal(found.validation_labels, some.labels[watched])
    images = written.train.images[found.learned]
    np.testing.assert_array_equal(images, some.images[learned])


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
    found = evaluate(written, folder)
    assert [each.temperature for each in found] == [1.0, 1.0]
    assert found[0].calibration.after.log_loss == pytest.approx(
        calibration.log_loss(found[0].scores, written.test.labels)
    )


def test_a_network_is_named_in_prose_and_in_tables():
    found = reader(data_set())
    assert (found.title, found.name, found.seconds) == ("small network", "small", 2)


def test_writers_are_counted_on_both_sides():
    writers = np.repeat([5, 7, 9], 4).astype(np.int32)
    found = reader(data_set(writers=writers))
    assert (found.learned_writers, found.writers.writers) == (2, 3)
    assert (len(found.learned), found.validation_images, found.test_images) == (8, 4, 12)


def test_where_nobody_knows_the_writers_there_is_nothing_to_say_of_them():
    found = reader(data_set())
    assert (found.learned_writers, found.writers) == (None, None)
    assert found.series == ()
    assert [each.unit for each in found.estimates.ways] == ["images"]


def test_series_are_compared_from_the_hardest_to_the_easiest():
    """One of six images is misread of the first, none of the second."""
    writers, series = np.arange(12, dtype=np.int32) // 2, np.repeat([0, 4], 6).astype(np.int32)
    data = data_set(writers=writers, series=series)
    predicted = data.test.labels.copy()
    predicted[0] = 1
    found = reader(data, predicted)
    assert (found.hardest_series.number, found.easiest_series.number) == (0, 4)
    assert found.series_ratio is None
    predicted[[1, 11]] = 5
    assert reader(data, predicted).series_ratio == pytest.approx(2)


def test_what_is_refused_first_is_what_is_least_certain():
    found = reader(data_set(100), sure=0.8)
    assert (found.accuracy, found.after_refusing) == (1, 1)


def test_few_validation_images_promise_nothing():
    found = reader(data_set())
    assert [each.promised for each in found.sets] == [0.95, 0.99, 0.999]
    assert all(each.says_nothing for each in found.sets)  # 4 images promise 0.8 at most


def test_digits_from_elsewhere_are_read_beside_their_own(monkeypatch):
    """Three digits, of which 0 and 1 are read; the last is a 3, and taken for 2."""
    others = replace(data_set(3).test, labels=np.array([0, 1, 3], np.uint8))
    monkeypatch.setattr(robustness, "enlarged_digits", lambda _: others)
    assert reader(data_set()).elsewhere == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "data",
    [data_set(name="digits"), data_set(shape=(8, 8)), data_set(names=tuple("abcdefghij"))],
    ids=["the same", "small", "no digits"],
)
def test_not_all_data_can_be_compared_with_digits_from_elsewhere(data):
    assert reader(data).elsewhere is None


def test_foreign_images_are_told_by_low_confidence():
    """Test digits have 0.8; of four foreign images one has 1, the others have none."""
    images = np.zeros((4, 28, 28), np.uint8)
    images[0, 0, 1] = 255
    network = reader(data_set())
    (found,) = network.detect({"clothes": images})
    assert (found.network, found.images) == ("small", "clothes")
    assert (found.let_through, found.kept, found.auroc) == (0.25, 1, 0.75)
    known, clothes = network.certainties({"clothes": images})
    assert (known.median, clothes.median) == (pytest.approx(0.8), 0)
