"""MNIST's images are MNIST's in any form, order and number; what looks like EMNIST says so."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from handwriting.__main__ import main
from handwriting.data import forms, published, recognition, registry
from handwriting.data.collection import Collection, Part
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import DatasetError

MINE = Origin((), {"mine": "0" * 64}, "not stated", "not stated")


def brought(train, test, classes=10):
    names = tuple(map(str, range(classes)))
    return Dataset("mine/", "mine", train, test, names, MINE)


def collection(transposed=False):
    part = Part(np.zeros((1, 28, 28)), np.zeros(1))
    return Collection("mine", "mine.npz", part, None, {}, {}, transposed)


def bare(split, order=slice(None)):
    return Split(split.images[order].copy(), split.labels[order].copy())


def shuffled(split):
    return np.random.default_rng(0).permutation(len(split))


@pytest.fixture
def nowhere(monkeypatch, cache):
    """A machine that MNIST is not on."""
    monkeypatch.setattr(recognition, "_known", lambda: None)
    monkeypatch.delenv("HANDWRITING_DATA", raising=False)
    archive = replace(recognition.qmnist.QMNIST, mirrors=())
    monkeypatch.setattr(recognition.qmnist, "QMNIST", archive)


@pytest.mark.parametrize("order", [lambda split: np.arange(len(split)), shuffled])
def test_all_of_mnist_is_mnist_in_its_own_order(mnist, order):
    parts = (bare(split, order(split)) for split in (mnist.train, mnist.test))
    found = recognition.by_images(brought(*parts), collection())
    assert (found.name, found.origin.licence) == ("mnist", mnist.origin.licence)
    assert found.origin.sha256 == MINE.sha256
    for part in ("train", "test"):
        expected, split = getattr(mnist, part), getattr(found, part)
        assert_array_equal(split.images, expected.images)
        assert_array_equal(split.labels, expected.labels)
        assert_array_equal(split.writers, expected.writers)


def test_a_part_of_mnist_in_any_order_has_its_origin_and_its_writers(mnist):
    learned, judged = shuffled(mnist.train)[:50], shuffled(mnist.test)[:20]
    swapped = brought(bare(mnist.test, judged), bare(mnist.train, learned))
    found = recognition.by_images(swapped, collection())
    assert (found.name, found.title, found.noun) == ("mine/", "a selection from MNIST", "digit")
    assert "Y. LeCun" in found.origin.citation
    assert_array_equal(found.train.writers, mnist.test.writers[judged])
    assert_array_equal(found.test.writers, mnist.train.writers[learned])
    assert "All **70** images are MNIST's" in found.findings[-1].text
    assert "**70** of them are in the other part there" in found.findings[-1].text


def test_mnist_that_came_since_it_was_last_looked_for_is_known(mnist, tmp_path, monkeypatch):
    few = brought(bare(mnist.train, slice(9)), bare(mnist.test, slice(9)))
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("HANDWRITING_DATA", str(tmp_path))
        elsewhere.setenv("HANDWRITING_CACHE", str(tmp_path / "cache"))
        assert recognition.by_images(few, collection()) is few
    assert recognition.by_images(few, collection()).title == "a selection from MNIST"


def test_other_labels_have_no_writers(mnist):
    images = mnist.test.images[:20].copy()
    changed = Split(images, (mnist.test.labels[:20] + 1) % 10)
    found = recognition.by_images(brought(changed, changed), collection())
    assert found.title == "a selection from MNIST"
    assert found.train.writers is None


def test_one_changed_pixel_makes_it_another_data_set(mnist):
    images = mnist.test.images[:20].copy()
    images[7, 3, 3] ^= 1
    data = brought(Split(images, mnist.test.labels[:20]), bare(mnist.test, slice(20, 30)))
    assert recognition.by_images(data, collection()) is data


def test_all_of_mnist_is_known_where_mnist_is_not(mnist, nowhere):
    found = recognition.by_images(brought(bare(mnist.train), bare(mnist.test)), collection())
    assert (found.name, found.train.writers) == ("mnist", None)
    parts = (bare(split, shuffled(split)) for split in (mnist.train, mnist.test))
    found = recognition.by_images(brought(*parts), collection())
    assert (found.name, found.title) == ("mine/", "a selection from MNIST")
    few = brought(bare(mnist.train, slice(9)), bare(mnist.test, slice(9)))
    assert recognition.by_images(few, collection()) is few


@pytest.mark.parametrize(
    ("transposed", "count", "title"),
    [
        (True, 88_800, "mine, which looks like EMNIST Letters"),
        (False, 88_800, "mine"),
        (True, 88_801, "mine"),
    ],
)
def test_what_has_emnists_names_and_counts_looks_like_it(nowhere, transposed, count, title):
    train, test = (
        Split(np.broadcast_to(np.uint8(9), (images, 28, 28)), np.zeros(images, np.uint8))
        for images in (count, 14_800)
    )
    found = recognition.by_images(brought(train, test, 26), collection(transposed))
    assert (found.title, found.noun) == (title, "image" if title == "mine" else "letter")
    assert [each.kind for each in found.findings] == ["recognised"] * (title != "mine")


# Where MNIST is looked for, and what it is written as


@pytest.fixture
def own(mnist, tmp_path, monkeypatch):
    """The folder that `$HANDWRITING_DATA` names, with MNIST in another form."""
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    archive = replace(published.MNIST.archive, mirrors=())
    monkeypatch.setattr(published, "MNIST", replace(published.MNIST, archive=archive))
    return tmp_path / "data"


def test_mnist_is_found_in_another_form(own, mnist):
    train, test = mnist.train, mnist.test
    keys = ("x_train", "y_train", "x_test", "y_test")
    arrays = (train.images, train.labels, test.images, test.labels)
    np.savez(own / "MNIST.npz", **dict(zip(keys, arrays, strict=True)))
    prepared = registry.prepare({"dataset": "auto"})
    assert prepared.parameters == {"dataset": "mnist"}
    assert list(prepared.inputs) == ["MNIST.npz"]
    assert registry.load("mnist").name == "mnist"


def test_what_is_called_mnist_and_is_another_is_refused_and_named(own):
    np.savez(own / "mnist.npz", x=np.eye(9, dtype=np.uint8)[None].repeat(9, 0) * 9, y=np.arange(9))
    with pytest.raises(DatasetError, match=r"mnist\.npz"):
        registry.load("auto")


def test_any_form_is_written_as_idx_files_that_are_the_same(tmp_path, capsys, cache):
    source, folder = tmp_path / "mine.npz", tmp_path / "as idx"
    images = np.random.default_rng(0).integers(0, 90, (40, 9, 8), np.uint8)
    np.savez(source, x=images, y=np.array(["b", "a"] * 20))
    assert main(["import", str(source), str(folder)]) == 0
    assert "Nobody had divided these images" in capsys.readouterr().out
    given, found = (registry.load(str(path)) for path in (source, folder))
    assert found.class_names == given.class_names == ("a", "b")
    assert_array_equal(found.test.images, given.test.images)
    assert_array_equal(found.train.labels, given.train.labels)
    assert forms.read(folder).form == "four IDX files"
    before = sorted(folder.iterdir())
    assert main(["import", str(source), str(folder)]) == 3
    assert "expected a new or empty folder" in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before
