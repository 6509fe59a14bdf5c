"""What is it worth to have seen other images by the same hand?"""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from handwriting.data.dataset import Split
from handwriting.evaluation import same_writer

MACHINE = {"processor": "test"}


def written(images=300, writers=10, seed=0):
    """Images in which a writer's hand shows: each has a pixel of its own in all of them."""
    rng = np.random.default_rng(seed)
    hands = rng.integers(writers, size=images)
    pictures = rng.integers(0, 60, (images, 6, 6)).astype(np.uint8)
    pictures.reshape(images, -1)[np.arange(images), hands] = 255
    labels = rng.integers(3, size=images).astype(np.uint8)
    return Split(pictures, labels, hands.astype(np.int32), np.zeros(images, np.int32))


def test_the_nearest_images_are_scikit_learns():
    train = written()
    rows = train.images.reshape(len(train), -1).astype(float)
    found = same_writer.same_writer_effect(train, MACHINE)
    nearest = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(rows).kneighbors(rows)[1][:, 1]
    assert found.images == 300
    assert found.error == pytest.approx(np.mean(train.labels[nearest] != train.labels))
    assert found.shared == np.mean(train.writers[nearest] == train.writers) > 0.9


def test_strangers_are_looked_for_among_other_writers_alone():
    train = written()
    rows = train.images.reshape(len(train), -1).astype(float)
    strangers = []
    for row, writer in zip(rows, train.writers, strict=True):
        apart = ((rows - row) ** 2).sum(axis=1)
        apart[train.writers == writer] = np.inf
        strangers.append(apart.argmin())
    expected = np.mean(train.labels[strangers] != train.labels)
    found = same_writer.same_writer_effect(train, MACHINE)
    assert found.stranger_error == pytest.approx(expected)
    assert found.gain.difference == pytest.approx(expected - found.error)
    assert found.gain.interval.low < found.gain.difference < found.gain.interval.high


def test_where_hands_do_not_show_the_writer_is_shared_by_chance():
    train = written()
    mixed = np.random.default_rng(1).permutation(train.writers)
    found = same_writer.same_writer_effect(
        Split(train.images, train.labels, mixed, train.series), MACHINE
    )
    assert found.shared == pytest.approx(found.by_chance, abs=0.07)
    assert found.by_chance == pytest.approx(0.1, abs=0.02)


def test_nothing_is_said_where_nobody_knows_who_wrote_what():
    train = written()
    assert same_writer.same_writer_effect(Split(train.images, train.labels), MACHINE) is None
