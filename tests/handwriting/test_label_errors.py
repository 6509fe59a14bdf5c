from dataclasses import replace

import numpy as np
import pytest

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import DatasetError
from handwriting.evaluation import label_errors
from handwriting.evaluation.label_errors import SuspectLabels, suspects
from handwriting.models import config
from handwriting.models.config import TrainingConfig
from handwriting.results import store
from handwriting.results.files import PackedArray

LABELS = np.array([0, 0, 0, 1, 1, 1])
PROBABILITIES = np.array(
    [
        [0.9, 0.1],
        [0.8, 0.2],
        [0.1, 0.9],
        [0.3, 0.7],
        [0.4, 0.6],
        [0.95, 0.05],
    ]
)
"""Class 0 has a mean of 0.6 over the first three, class 1 of 0.45 over the last three."""


def test_the_labels_that_others_are_confident_about_are_suspected_the_worst_first():
    """Image 2 is 0.9 sure of 1, above 0.45; image 5 is 0.95 sure of 0, above 0.6."""
    found = suspects(LABELS, PROBABILITIES)
    assert found.indices.tolist() == [5, 2]
    assert found.labels.tolist() == [1, 0]
    assert found.proposed.tolist() == [0, 1]
    np.testing.assert_allclose(found.margins, [0.9, 0.8])
    assert (len(found), found.among, found.share) == (2, 6, pytest.approx(1 / 3))


def test_a_class_below_its_own_mean_is_not_confident():
    """Class 1 has a mean of 0.75: at 0.7 it does not dispute image 2, whose label has but 0.3."""
    table = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.3, 0.7], [0.2, 0.8], [0.25, 0.75]]
    assert not len(suspects(LABELS, np.array(table)))


def test_a_label_that_is_the_more_probable_one_is_not_suspected():
    """Class 1 reaches its mean of 0.3 in image 2, and 0 falls short of its own, but 0 leads."""
    table = [[0.95, 0.05], [0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.7, 0.3], [0.7, 0.3]]
    found = suspects(LABELS, np.array(table))
    assert 2 not in found.indices


def test_the_most_probable_of_several_confident_classes_is_proposed():
    labels = np.array([0, 0, 1, 2])
    table = np.array([[0.9, 0.05, 0.05], [0.1, 0.4, 0.5], [0.6, 0.3, 0.1], [0.6, 0.1, 0.3]])
    found = suspects(labels, table)
    assert dict(zip(found.indices.tolist(), found.proposed.tolist(), strict=True))[1] == 2


def test_labels_that_everybody_agrees_with_are_not_suspected():
    assert not len(suspects(np.array([0, 1, 2]), np.eye(3)))


def test_a_class_without_images_is_never_proposed():
    table = np.array([[0.1, 0.1, 0.8], [0.1, 0.2, 0.7], [0.2, 0.1, 0.7]])
    assert 2 not in suspects(np.array([0, 1, 1]), table).proposed


def test_of_no_images_none_is_suspected():
    assert not len(suspects(np.zeros(0, int), np.zeros((0, 10))))


def test_float32_and_uint8_are_taken():
    found = suspects(LABELS.astype(np.uint8), PROBABILITIES.astype(np.float32))
    assert found.indices.tolist() == [5, 2]
    assert found.margins.dtype == np.float64


@pytest.mark.parametrize(
    ("pairs", "commonest"),
    [
        ([], None),
        ([(8, 3), (4, 9)], (4, 9, 1)),
        ([(4, 9), (9, 4), (9, 4)], (9, 4, 2)),
    ],
    ids=["none", "alike", "one"],
)
def test_the_commonest_wrong_label_is_named(pairs, commonest):
    labels, proposed = (np.array([pair[side] for pair in pairs], int) for side in (0, 1))
    found = SuspectLabels(np.arange(len(pairs)), labels, proposed, np.ones(len(pairs)), 200)
    assert found.commonest == commonest


# By networks that never saw the images

MACHINE = {"cores": 2}


def split(images, seed, writers=False):
    """Images with a bright row, whose number is their label."""
    random = np.random.default_rng(seed)
    labels = (np.arange(images) % 3).astype(np.uint8)
    pixels = random.integers(0, 60, (images, 8, 8), np.uint8)
    pixels[np.arange(images), labels] += 180
    people = random.permutation(np.resize(np.arange(10, dtype=np.int32), images))
    return Split(pixels, labels, people if writers else None)


def dataset(writers=False):
    train, test = split(90, 0, writers), split(40, 1, writers)
    return Dataset("t", "Tiny", train, test, tuple("012"), Origin((), {}, "", ""))


def brightest(images):
    """The scores of a reader that needs no training."""
    scores = np.full((len(images), 3), 0.125, np.float32)
    scores[np.arange(len(images)), images[:, :3].sum(axis=2).argmax(axis=1)] = 0.75
    return scores


@pytest.fixture
def networks(monkeypatch):
    """Networks that need no training: the images that each learned from, and those it read."""
    fitted = []

    class Fitted:
        def __init__(self, network, train, plan):
            self.network, self.train, self.plan = self, train, plan
            fitted.append(self)

    def predict(network, images, looks):
        network.seen = images
        return brightest(images)

    monkeypatch.setattr("handwriting.models.training.fit", Fitted)
    monkeypatch.setattr("handwriting.models.training.predict", predict)
    return fitted


def doubts(data, **settings):
    return label_errors.doubtful_labels(data, 3, MACHINE, **settings)


def mislabelled(wrong, writers=False):
    """Data in which some training images bear the next label."""
    data = dataset(writers)
    labels = data.train.labels.copy()
    labels[wrong] = (labels[wrong] + 1) % 3
    return replace(data, train=replace(data.train, labels=labels))


def test_labels_that_are_wrong_are_found_where_they_stand(networks, cache):
    found = doubts(mislabelled([7, 40]))
    assert sorted(found.indices) == [7, 40]
    assert dict(zip(found.indices, found.labels, strict=True)) == {7: 2, 40: 2}
    assert dict(zip(found.indices, found.proposed, strict=True)) == {7: 1, 40: 1}


def test_among_fewer_images_they_are_found_where_they_stand_among_all(networks, cache):
    data = dataset()
    some = data.train.draw(60)
    wrong = [int(some[5]), int(some[50])]
    found = doubts(mislabelled(wrong), images=60)
    assert sorted(found.indices) == wrong


@pytest.mark.parametrize("writers", [False, True])
def test_no_network_reads_what_it_learned_from(networks, cache, writers):
    data = dataset(writers)
    doubts(data)
    assert len(networks) == 5
    assert sum(len(each.seen) for each in networks) == 90
    for each in networks:
        learned = {image.tobytes() for image in each.train.images}
        assert not learned & {image.tobytes() for image in each.seen}
        assert len(each.train) + len(each.seen) == 90


def test_no_network_reads_the_writers_that_it_learned_from(networks, cache):
    data = dataset(writers=True)
    by_image = {
        image.tobytes(): writer
        for image, writer in zip(data.train.images, data.train.writers, strict=True)
    }
    doubts(data)
    for each in networks:
        assert not set(each.train.writers) & {by_image[image.tobytes()] for image in each.seen}


def test_networks_are_trained_on_all_that_they_are_given_with_the_seed(networks, cache):
    doubts(dataset())
    assert {(each.plan.seed, each.plan.validation_share) for each in networks} == {(3, 0.0)}


def test_doubts_come_from_the_cache_whole(networks, cache):
    first = doubts(mislabelled([7, 40]))
    again = doubts(mislabelled([7, 40]))
    assert len(networks) == 5
    for name in ("indices", "labels", "proposed", "margins"):
        one, other = getattr(first, name), getattr(again, name)
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


def test_doubts_where_writers_are_known_are_not_those_where_they_are_not(networks, cache):
    doubts(dataset())
    doubts(dataset(writers=True))
    assert len(networks) == 10


def test_no_doubt_is_an_answer_too(networks, cache):
    assert not len(doubts(dataset()))
    assert doubts(dataset()).indices.dtype == np.int64


def test_scores_of_other_images_are_asked_for_anew(networks, cache, caplog):
    first = doubts(mislabelled([7, 40]))
    (path,) = cache.glob("*.json")
    (kept,) = store.read(path)
    other = PackedArray.of(np.zeros((89, 3), np.float32)).model_dump(mode="json")
    store.write(path, [replace(kept, content=other)])
    again = doubts(mislabelled([7, 40]))
    assert len(networks) == 10
    np.testing.assert_array_equal(first.indices, again.indices)
    assert "doubts is not taken from the cache" in caplog.text


def test_too_few_images_are_refused(networks, cache):
    with pytest.raises(DatasetError, match="at least 5 images"):
        doubts(dataset(), images=4)


def test_progress_counts_the_parts(networks, cache):
    lines = []
    doubts(dataset(), progress=lines.append)
    assert lines[0] == "part 1 of 5: training on the others"
    assert len(lines) == 5


def test_a_real_network_is_doubtful_the_same_way_each_time(cache, monkeypatch):
    tiny = {"kind": "dense", "settings": {"hidden_units": 2}, "plan": TrainingConfig(epochs=1)}
    short = replace(config.ONE_EPOCH, **tiny)
    monkeypatch.setattr(config, "ONE_EPOCH", short)
    monkeypatch.setattr(label_errors, "_FOLDS", 2)
    first = doubts(dataset())
    again = doubts(dataset(), fresh=True)
    np.testing.assert_array_equal(first.indices, again.indices)
    np.testing.assert_array_equal(first.margins, again.margins)
