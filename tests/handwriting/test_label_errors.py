from dataclasses import replace

import numpy as np
import pytest
from cleanlab.filter import find_label_issues
from scipy import special

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import DatasetError
from handwriting.evaluation import label_errors
from handwriting.evaluation.label_errors import suspects
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


@pytest.mark.parametrize(
    ("labels", "table", "suspected"),
    [
        # Image 2 is 0.9 sure of 1, above 0.45; image 5 is 0.95 sure of 0, above 0.6.
        (LABELS, PROBABILITIES, {5: (1, 0), 2: (0, 1)}),
        (LABELS.astype(np.uint8), PROBABILITIES.astype(np.float32), {5: (1, 0), 2: (0, 1)}),
        # Class 1 has a mean of 0.75: at 0.7 it does not dispute image 2, whose label has but 0.3.
        (LABELS, [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.3, 0.7], [0.2, 0.8], [0.25, 0.75]], {}),
        # Class 1 reaches its mean of 0.3 in image 2, and 0 falls short of its own, but 0 leads.
        (LABELS, [[0.95, 0.05], [0.9, 0.1], [0.6, 0.4], *[[0.2, 0.8]] * 3], {}),
        # Classes 0 and 2 are both confident in image 1.
        (
            [1, 1, 0, 2],
            [[0.05, 0.9, 0.05], [0.4, 0.1, 0.5], [0.3, 0.6, 0.1], [0.6, 0.1, 0.3]],
            {1: (1, 2), 2: (0, 1), 3: (2, 0)},
        ),
        ([0, 1, 2], np.eye(3), {}),
        # Class 2 has no image, and is never proposed; 0 has a mean of 0.1.
        ([0, 1, 1], [[0.1, 0.1, 0.8], [0.1, 0.2, 0.7], [0.2, 0.1, 0.7]], {2: (1, 0)}),
        (np.zeros(0, int), np.zeros((0, 10)), {}),
    ],
    ids=["two", "dtypes", "below", "leads", "several", "agreed", "none of a class", "no images"],
)
def test_labels_that_others_are_confident_about_are_suspected_the_worst_first(
    labels, table, suspected
):
    found = suspects(np.array(labels), np.array(table))
    pairs = zip(found.labels.tolist(), found.proposed.tolist(), strict=True)
    assert list(zip(found.indices.tolist(), pairs, strict=True)) == list(suspected.items())
    assert found.among == len(labels)
    assert not len(labels) or found.share == len(suspected) / len(labels)


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 3.0])
def test_cleanlab_suspects_the_same_labels_whatever_the_temperature(sharpness):
    rng = np.random.default_rng(0)
    truths = rng.integers(0, 4, 2000)
    scores = special.softmax(sharpness * (3 * np.eye(4)[truths] + rng.normal(size=(2000, 4))), 1)
    labels = np.where(rng.random(2000) < 0.05, (truths + 1) % 4, truths)
    expected = find_label_issues(labels, scores, filter_by="confident_learning", n_jobs=1)
    assert sorted(suspects(labels, scores).indices) == np.flatnonzero(expected).tolist()


# By networks that never saw the images


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


@pytest.fixture
def networks(monkeypatch):
    """Networks that need no training: the images that each learned from, and those it read."""
    fitted = []

    class Fitted:
        def __init__(self, network, train, plan):
            self.network, self.train, self.plan = self, train, plan
            fitted.append(self)

    def predict(network, images, looks):
        network.seen = {image.tobytes() for image in images}
        scores = np.full((len(images), 3), 0.125, np.float32)
        scores[np.arange(len(images)), images[:, :3].sum(axis=2).argmax(axis=1)] = 0.75
        return scores

    monkeypatch.setattr("handwriting.models.training.fit", Fitted)
    monkeypatch.setattr("handwriting.models.training.predict", predict)
    return fitted


def doubts(data, **settings):
    return label_errors.doubtful_labels(data, 3, {"cores": 2}, **settings)


def mislabelled(wrong, writers=False):
    """Data in which some training images bear the next label."""
    data = dataset(writers)
    labels = data.train.labels.copy()
    labels[wrong] = (labels[wrong] + 1) % 3
    return replace(data, train=replace(data.train, labels=labels))


def test_labels_that_are_wrong_are_found_where_they_stand(networks, cache):
    lines = []
    found = doubts(mislabelled([7, 40]), progress=lines.append)
    assert sorted(found.indices) == [7, 40]
    assert (found.labels.tolist(), found.proposed.tolist()) == ([2, 2], [1, 1])
    assert lines == [f"part {number} of 5: training on the others" for number in range(1, 6)]
    assert {(each.plan.seed, each.plan.validation_share) for each in networks} == {(3, 0.0)}


def test_probabilities_are_tempered_first_and_the_count_without_is_told(
    networks, cache, monkeypatch
):
    """At 0.6 to 0.2 and 0.2, right in 14 of 15: truer at odds of 28 to 1 than at 3."""
    data = mislabelled([0, 1, 2, 3, 4, 5])

    def unsure(network, images, looks):
        network.seen = set()
        scores = np.full((len(images), 3), 0.2, np.float32)
        scores[np.arange(len(images)), images[:, :3].sum(axis=2).argmax(axis=1)] = 0.6
        return scores

    monkeypatch.setattr("handwriting.models.training.predict", unsure)
    found = doubts(data)
    assert found.temperature == pytest.approx(np.log(3) / np.log(28))
    assert (sorted(found.indices), found.untempered) == ([0, 1, 2, 3, 4, 5], 6)


def test_among_fewer_images_they_are_found_where_they_stand_among_all(networks, cache):
    some = dataset().train.draw(60)
    wrong = [int(some[5]), int(some[50])]
    assert sorted(doubts(mislabelled(wrong), images=60).indices) == wrong


@pytest.mark.parametrize("writers", [False, True])
def test_no_network_reads_what_or_whom_it_learned_from(networks, cache, writers):
    train = dataset(writers).train
    doubts(dataset(writers))
    everything = {image.tobytes() for image in train.images}
    assert len(networks) == 5
    assert set.union(*(each.seen for each in networks)) == everything
    for each in networks:
        assert {image.tobytes() for image in each.train.images} == everything - each.seen
        read = [image.tobytes() in each.seen for image in train.images]
        assert not (writers and set(each.train.writers) & set(train.writers[read]))


@pytest.mark.parametrize("wrong", [[7, 40], []], ids=["some", "none"])
def test_doubts_come_from_the_cache_whole_but_not_those_with_other_writers(networks, cache, wrong):
    first, again = doubts(mislabelled(wrong)), doubts(mislabelled(wrong))
    assert len(networks) == 5
    np.testing.assert_array_equal(first.indices, again.indices)
    doubts(mislabelled(wrong, writers=True))
    assert len(networks) == 10


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


@pytest.mark.slow
def test_a_real_network_is_doubtful_the_same_way_each_time(cache, monkeypatch):
    tiny = {"kind": "dense", "settings": {"hidden_units": 2}, "plan": TrainingConfig(epochs=1)}
    monkeypatch.setattr(config, "ONE_EPOCH", replace(config.ONE_EPOCH, **tiny))
    monkeypatch.setattr(label_errors, "FOLDS", 2)
    first, again = doubts(dataset()), doubts(dataset(), fresh=True)
    np.testing.assert_array_equal(first.indices, again.indices)
