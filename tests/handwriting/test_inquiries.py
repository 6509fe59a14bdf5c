import logging
from dataclasses import dataclass, replace

import numpy as np
import pytest

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import DatasetError
from handwriting.evaluation import inquiries
from handwriting.evaluation.corruptions import KINDS
from handwriting.evaluation.evaluated_network import EvaluatedNetwork
from handwriting.evaluation.robustness import declines
from handwriting.models import config
from handwriting.models.config import TrainingConfig
from handwriting.models.training_runs import Outcome, Run
from handwriting.results import store
from handwriting.results.store import Cache

MACHINE = {"cores": 2}


def split(images, seed, writers=False):
    """Images with a bright row, whose number is their label."""
    random = np.random.default_rng(seed)
    labels = (np.arange(images) % 3).astype(np.uint8)
    pixels = random.integers(0, 60, (images, 8, 8), np.uint8)
    pixels[np.arange(images), labels] += 180
    people = random.permutation(np.resize(np.arange(10, dtype=np.int32), images))
    return Split(pixels, labels, people if writers else None)


def dataset(writers=False, sha256="1"):
    train, test = split(90, 0, writers), split(40, 1, writers)
    return Dataset("t", "Tiny", train, test, tuple("012"), Origin((), {"a": sha256}, "", ""))


def brightest(images):
    """The scores of a reader that needs no training."""
    scores = np.full((len(images), 3), 0.125, np.float32)
    scores[np.arange(len(images)), images[:, :3].sum(axis=2).argmax(axis=1)] = 0.75
    return scores


@dataclass(frozen=True, eq=False)
class Reader(EvaluatedNetwork):
    asked: list

    def read(self, images):
        self.asked.append(len(images))
        return brightest(images)


class Network:
    def __init__(self, weight):
        self.weight = weight

    def get_weights(self):
        return [np.float32([self.weight])]


def reader(images=90, seed=0, weight=0.5):
    outcome = Outcome("", {}, (), 0.0, 0)
    predictions, network = np.zeros(40, int), Network(weight)
    trial = Run(config.SMALL, seed, images, "now", "", {}, outcome, predictions, network)
    nothing = np.zeros((0, 3), np.float32)
    learned, labels = np.arange(images), np.zeros(0, np.uint8)
    return Reader(trial, dataset(), learned, labels, nothing, nothing, 1.0, [])


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path)


def damage(found, data, cache, images=20, **settings):
    return inquiries.damage(found, data, images, MACHINE, cache=cache, **settings)


def test_some_test_images_are_damaged_in_each_way(cache):
    found, data = reader(), dataset()
    told = damage(found, data, cache)
    some = data.test.drawn(20)
    assert told == declines(brightest, some.images, some.labels)
    assert [each.kind for each in told] == list(KINDS)
    assert set(found.asked) == {20}


def test_more_test_images_than_there_are_are_all(cache):
    found = reader()
    damage(found, dataset(), cache, images=1_000)
    assert set(found.asked) == {40}


def test_what_was_asked_comes_from_the_cache(cache):
    first = damage(reader(), dataset(), cache)
    again = reader()
    assert damage(again, dataset(), cache) == first
    assert again.asked == []


@pytest.mark.promise(
    "What a network was asked is kept for that very network, not for one that was trained again."
)
@pytest.mark.parametrize(
    "change",
    [
        {"found": reader(images=60)},
        {"found": reader(seed=1)},
        {"found": reader(weight=0.25)},
        {"data": dataset(sha256="2")},
        {"data": dataset(writers=True)},
        {"images": 10},
        {"fresh": True},
    ],
    ids=[
        "images learned from",
        "seed",
        "the network itself",
        "data",
        "validation",
        "images",
        "fresh",
    ],
)
def test_another_question_is_asked_anew(cache, change):
    damage(reader(), dataset(), cache)
    found = change.pop("found", None) or reader()
    found.asked.clear()
    damage(found, change.pop("data", None) or dataset(), cache, **change)
    assert found.asked


def test_progress_names_the_network_and_the_damage(cache):
    lines = []
    damage(reader(), dataset(), cache, progress=lines.append)
    assert lines == [f"small network: damage: {kind.title}" for kind in KINDS]


def half_written(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def rewritten(**changes):
    """A function that changes a kept answer, and notes the SHA-256 of what it is now."""

    def rewrite(path):
        (kept,) = store.read(path)
        store.write(path, [replace(kept, content={**kept.content, **changes})])

    return rewrite


@pytest.mark.parametrize(
    "spoil",
    [
        half_written,
        lambda path: path.write_text("{}"),
        rewritten(accuracies="none"),
        rewritten(accuracies={"shift": [1.0] * 6}),
        rewritten(accuracies={kind.name: [1.0] * 5 for kind in KINDS}),
        rewritten(accuracies={kind.name: ["1"] * 6 for kind in KINDS}),
    ],
    ids=["half", "empty", "no table", "one kind", "five numbers", "text"],
)
def test_an_answer_that_is_damaged_is_asked_for_anew(cache, tmp_path, caplog, spoil):
    first = damage(reader(), dataset(), cache)
    (path,) = tmp_path.iterdir()
    spoil(path)
    again = reader()
    with caplog.at_level(logging.WARNING):
        assert damage(again, dataset(), cache) == first
    assert again.asked
    assert "anew" in caplog.text


# Which labels look wrong


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


def doubts(data, cache, **settings):
    return inquiries.doubtful_labels(data, 3, MACHINE, cache=cache, **settings)


def mislabelled(wrong, writers=False):
    """Data in which some training images bear the next label."""
    data = dataset(writers)
    labels = data.train.labels.copy()
    labels[wrong] = (labels[wrong] + 1) % 3
    return replace(data, train=replace(data.train, labels=labels))


def test_labels_that_are_wrong_are_found_where_they_stand(networks, cache):
    found = doubts(mislabelled([7, 40]), cache)
    assert sorted(found.indices) == [7, 40]
    assert dict(zip(found.indices, found.labels, strict=True)) == {7: 2, 40: 2}
    assert dict(zip(found.indices, found.proposed, strict=True)) == {7: 1, 40: 1}


def test_among_fewer_images_they_are_found_where_they_stand_among_all(networks, cache):
    data = dataset()
    some = data.train.draw(60)
    wrong = [int(some[5]), int(some[50])]
    found = doubts(mislabelled(wrong), cache, images=60)
    assert sorted(found.indices) == wrong


@pytest.mark.parametrize("writers", [False, True])
def test_no_network_reads_what_it_learned_from(networks, cache, writers):
    data = dataset(writers)
    doubts(data, cache)
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
    doubts(data, cache)
    for each in networks:
        assert not set(each.train.writers) & {by_image[image.tobytes()] for image in each.seen}


def test_networks_are_trained_on_all_that_they_are_given_with_the_seed(networks, cache):
    doubts(dataset(), cache)
    assert {(each.plan.seed, each.plan.validation_share) for each in networks} == {(3, 0.0)}


def test_doubts_come_from_the_cache_whole(networks, cache):
    first = doubts(mislabelled([7, 40]), cache)
    again = doubts(mislabelled([7, 40]), cache)
    assert len(networks) == 5
    for name in ("indices", "labels", "proposed", "margins"):
        one, other = getattr(first, name), getattr(again, name)
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


def test_doubts_where_writers_are_known_are_not_those_where_they_are_not(networks, cache):
    doubts(dataset(), cache)
    doubts(dataset(writers=True), cache)
    assert len(networks) == 10


def test_no_doubt_is_an_answer_too(networks, cache):
    assert not len(doubts(dataset(), cache))
    assert doubts(dataset(), cache).indices.dtype == np.int64


@pytest.mark.parametrize(
    "spoil",
    [half_written, rewritten(margins=[0.5]), rewritten(indices=["7", "40"])],
    ids=["half", "one margin", "text"],
)
def test_doubts_that_are_damaged_are_asked_for_anew(networks, cache, tmp_path, spoil, caplog):
    first = doubts(mislabelled([7, 40]), cache)
    (path,) = tmp_path.iterdir()
    spoil(path)
    with caplog.at_level(logging.WARNING):
        again = doubts(mislabelled([7, 40]), cache)
    assert len(networks) == 10
    np.testing.assert_array_equal(first.indices, again.indices)
    assert "anew" in caplog.text


def test_too_few_images_are_refused(networks, cache):
    with pytest.raises(DatasetError, match="at least 5 images"):
        doubts(dataset(), cache, images=4)


def test_progress_counts_the_parts(networks, cache):
    lines = []
    doubts(dataset(), cache, progress=lines.append)
    assert lines[0] == "part 1 of 5: training on the others"
    assert len(lines) == 5


def test_a_real_network_is_doubtful_the_same_way_each_time(cache, monkeypatch):
    tiny = {"kind": "dense", "settings": {"hidden_units": 2}, "plan": TrainingConfig(epochs=1)}
    short = replace(config.ONE_EPOCH, **tiny)
    monkeypatch.setattr(config, "ONE_EPOCH", short)
    monkeypatch.setattr(inquiries, "_FOLDS", 2)
    first = doubts(dataset(), cache)
    again = doubts(dataset(), cache, fresh=True)
    np.testing.assert_array_equal(first.indices, again.indices)
    np.testing.assert_array_equal(first.margins, again.margins)
