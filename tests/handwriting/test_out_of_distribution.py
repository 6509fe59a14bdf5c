import gzip
import hashlib
from dataclasses import replace

import numpy as np
import pytest

from handwriting.data import archives, out_of_distribution, published, registry
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.data.download import File
from handwriting.errors import DatasetError, DownloadError

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (30, 28, 28), np.uint8)
STEMS = ("train-images", "train-labels", "t10k-images", "t10k-labels")


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


def dataset(images=IMAGES, sha256=()):
    split = Split(images, np.zeros(len(images), np.uint8))
    origin = Origin((), {str(number): each for number, each in enumerate(sha256)}, "", "")
    return Dataset("t", "Tiny", split, split, tuple("0123456789"), origin)


def folder(path, images=IMAGES):
    """A folder of four files."""
    path.mkdir(parents=True)
    for stem in STEMS:
        array = images if stem.endswith("images") else (np.arange(len(images)) % 2).astype(np.uint8)
        (path / f"{stem}-idx{array.ndim}-ubyte.gz").write_bytes(idx(array))
    return path


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Return a function that makes the files of a folder a published data set's, or takes them."""
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()

    def change(name, **changes):
        known = getattr(published, name)
        archive = replace(known.archive, mirrors=(), **changes)
        monkeypatch.setattr(published, name, replace(known, archive=archive))

    def have(name, images=IMAGES):
        path = folder(tmp_path / "data" / name.lower(), images)
        files = [path / file.name for file in getattr(published, name).archive.files]
        sums = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
        change(
            name,
            files=tuple(
                File(file.name, found, file.stat().st_size)
                for file, found in zip(files, sums, strict=True)
            ),
        )
        return sums[2]

    for name in ("FASHION_MNIST", "KMNIST"):
        change(name)
    return have


SHAPE = (28, 28)


def test_auto_is_fashion_mnist_where_it_can_be_had(world):
    world("KMNIST", 255 - IMAGES)
    sha256 = world("FASHION_MNIST")
    name, files = out_of_distribution.resolved("auto", SHAPE)
    assert (name, files["t10k-images-idx3-ubyte.gz"]) == ("fashion_mnist", sha256)
    assert not [file for file in files if file.startswith("train")]
    assert out_of_distribution.resolved("auto", SHAPE, [sha256])[0] == "kmnist"


@pytest.mark.parametrize(("known", "expected"), [(["KMNIST"], "kmnist"), ([], "scrambled")])
def test_auto_is_what_can_be_had(world, known, expected):
    for name in known:
        world(name)
    assert out_of_distribution.resolved("auto", SHAPE)[0] == expected


def test_the_training_images_of_a_published_set_are_not_needed(world, tmp_path):
    world("FASHION_MNIST")
    for file in (tmp_path / "data" / "fashion_mnist").glob("train*"):
        file.unlink()
    assert out_of_distribution.resolved("fashion_mnist", SHAPE)[0] == "fashion_mnist"


def test_what_is_asked_for_by_name_and_cannot_be_had_is_an_error(world):
    with pytest.raises(DownloadError, match="Kuzushiji-MNIST"):
        out_of_distribution.resolved("kmnist", SHAPE)


def test_nobody_is_asked_for_a_published_set_of_another_size(world, monkeypatch):
    monkeypatch.setattr(archives, "verified", None)
    assert out_of_distribution.resolved("auto", (8, 8)) == ("scrambled", {})
    with pytest.raises(DatasetError, match=r"of 8 by 8 pixels, .* found 28 by 28 pixels"):
        out_of_distribution.resolved("fashion_mnist", (8, 8))


def test_a_data_set_is_not_foreign_to_itself(world):
    own = world("FASHION_MNIST")
    with pytest.raises(DatasetError, match="unlike those of the data set; found its own"):
        out_of_distribution.resolved("fashion_mnist", SHAPE, [own])


def test_a_folder_becomes_absolute_with_its_digest(tmp_path, monkeypatch):
    path = folder(tmp_path / "letters")
    monkeypatch.chdir(tmp_path)
    name, files = out_of_distribution.resolved("letters", SHAPE)
    assert name == str(path)
    content = (path / "t10k-images-idx3-ubyte.gz").read_bytes()
    assert files == {"t10k-images-idx3-ubyte.gz": hashlib.sha256(content).hexdigest()}


def test_a_folder_whose_images_have_another_size_is_an_error(tmp_path):
    path = folder(tmp_path / "large", np.zeros((3, 32, 30), np.uint8))
    with pytest.raises(DatasetError, match=r"of 28 by 28 pixels, .* found 32 by 30 pixels. Scale"):
        out_of_distribution.resolved(str(path), SHAPE)


def test_a_folder_without_images_is_an_error(tmp_path):
    path = folder(tmp_path / "empty", np.zeros((0, 28, 28), np.uint8))
    with pytest.raises(DatasetError, match="at least one image"):
        out_of_distribution.resolved(str(path), SHAPE)


def test_a_folder_that_holds_the_data_themselves_is_an_error(tmp_path):
    path = folder(tmp_path / "same")
    own = registry.load(str(path)).origin.sha256.values()
    with pytest.raises(DatasetError, match="found its own"):
        out_of_distribution.resolved(str(path), SHAPE, own)


@pytest.mark.parametrize("name", ["", " ", "nowhere", "a\0b", "~nobody-of-that-name/x"])
def test_what_is_no_name_and_no_folder_is_an_error(name):
    with pytest.raises(DatasetError, match="expected one of auto, fashion_mnist, kmnist, scram"):
        out_of_distribution.resolved(name, SHAPE)


def test_an_unknown_name_brings_the_nearest():
    with pytest.raises(DatasetError, match="Did you mean 'fashion_mnist'"):
        out_of_distribution.resolved("Fashion-MNIST", SHAPE)


def test_images_have_the_title_of_what_they_are_and_so_many_are_given(world):
    world("FASHION_MNIST")
    found = out_of_distribution.images("fashion_mnist", dataset(), most=7)
    assert list(found) == ["Fashion-MNIST"]
    np.testing.assert_array_equal(found["Fashion-MNIST"], IMAGES[:7])


def test_a_folders_images_have_its_name(tmp_path):
    found = out_of_distribution.images(str(folder(tmp_path / "letters")), dataset())
    assert list(found) == ["letters"]
    np.testing.assert_array_equal(found["letters"], IMAGES)


def test_foreign_images_may_be_of_one_class_and_have_dark_ink(tmp_path):
    images = np.full((9, 28, 28), 255, np.uint8)
    images[:, 5:9, 5:9] = 9
    np.savez(tmp_path / "dark.npz", x=images, y=np.zeros(9, int))
    (given,) = out_of_distribution.images(str(tmp_path / "dark.npz"), dataset()).values()
    assert (given == 255 - images).all()


def test_foreign_images_whose_pixels_mean_nothing_are_refused_before_any_kernel(tmp_path):
    np.savez(tmp_path / "odd.npz", x=IMAGES * 3.5, y=np.arange(30))
    with pytest.raises(DatasetError, match="found numbers from 0 to 892"):
        out_of_distribution.resolved(str(tmp_path / "odd.npz"), (28, 28))


def test_scrambled_digits_have_their_pixels_in_other_places():
    found = out_of_distribution.images("scrambled", dataset(), most=20)["scrambled images"]
    assert found.shape == (20, 28, 28)
    for image, digit in zip(found, dataset().test.drawn(20).images, strict=True):
        np.testing.assert_array_equal(np.sort(image, axis=None), np.sort(digit, axis=None))
        assert (image != digit).any()


def test_each_digit_is_scrambled_its_own_way_and_the_same_each_time():
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    data = dataset(np.repeat(ramp, 2, axis=0))
    first, again = (
        out_of_distribution.images("scrambled", data)["scrambled images"] for _ in range(2)
    )
    assert (first[0] != first[1]).any()
    np.testing.assert_array_equal(first, again)


def test_inverted_digits_have_ink_where_there_was_none():
    found = out_of_distribution.images("scrambled", dataset())["inverted images"]
    np.testing.assert_array_equal(found.astype(int) + IMAGES, np.full_like(IMAGES, 255))
