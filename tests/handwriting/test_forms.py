"""Each form that somebody may bring, made from MNIST's first images, comes to these images."""

import gzip

import numpy as np
import pytest
import scipy.io
from numpy.testing import assert_array_equal
from PIL import Image

from handwriting.data import forms, idx

LEARNED, JUDGED = 40, 20


@pytest.fixture(scope="module")
def first(real_mnist):
    """MNIST's first images and labels, to learn from and to be judged by."""
    return {
        part: (
            idx.read(real_mnist / f"{stem}-images-idx3-ubyte.gz", 3).array[:count],
            idx.read(real_mnist / f"{stem}-labels-idx1-ubyte.gz", 1).array[:count],
        )
        for part, stem, count in (("train", "train", LEARNED), ("test", "t10k", JUDGED))
    }


def as_idx(array) -> bytes:
    codes = {"uint8": 8, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D}
    header = bytes([0, 0, codes[str(array.dtype)], array.ndim])
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return header + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def in_idx(names, pack=bytes, below="."):
    """Four IDX files: what the names have in the place of `*` is what they hold."""

    def make(folder, first):
        for part, name in zip(("train", "test"), names, strict=True):
            for kind, dimensions, array in zip(
                ("images", "labels"), "31", first[part], strict=True
            ):
                path = folder / below / name.replace("*", kind).replace("#", dimensions)
                write(path, pack(as_idx(array)))
        return folder

    return make


def in_npz(*keys, change=lambda images: images):
    def make(folder, first):
        arrays = [array for images, labels in first.values() for array in (change(images), labels)]
        np.savez_compressed(folder / "mine.npz", **dict(zip(keys, arrays, strict=True)))
        return folder / "mine.npz"

    return make


def in_npy(folder, first):
    for part, arrays in first.items():
        for kind, array in zip("xy", arrays, strict=True):
            np.save(folder / f"{kind}_{part}.npy", array)
    return folder


def in_csv(train, test, place=0, header=None, pack=bytes):
    """Two tables with the labels in that column."""

    def make(folder, first):
        for name, (images, labels) in zip((train, test), first.values(), strict=True):
            rows = np.insert(images.reshape(len(images), -1), place, labels, axis=1)
            lines = [",".join(map(str, row)) for row in rows.tolist()]
            names = [",".join(header(column) for column in range(785))] if header else []
            write(folder / name, pack("\n".join(names + lines).encode()))
        return folder

    return make


def in_pictures(
    train="train", test="test", suffix="png", change=lambda picture: picture, **options
):
    def make(folder, first):
        for name, (images, labels) in zip((train, test), first.values(), strict=True):
            for number, (image, label) in enumerate(zip(images, labels, strict=True)):
                path = folder / name / str(label) / f"{number:03}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                change(Image.fromarray(image)).save(path, **options)
        write(folder / "__MACOSX" / "0" / "._1.png", b"rubbish")
        write(folder / train / "0" / ".DS_Store", b"rubbish")
        write(folder / "LICENSE", b"free")
        return folder

    return make


def in_mat(arrange):
    def make(folder, first):
        scipy.io.savemat(folder / "mine.mat", arrange(first), do_compression=True)
        return folder / "mine.mat"

    return make


def emnists(first):
    """As EMNIST's makers did: a struct of structs, images as rows, written by column."""
    parts = {
        part: {
            "images": images.reshape(len(images), -1),
            "labels": labels[:, None],
            "writers": np.arange(len(labels))[:, None],
        }
        for part, (images, labels) in first.items()
    }
    mapping = np.array([[digit, ord("a") + digit] for digit in range(10)])
    return {"dataset": {**parts, "mapping": mapping}}


def usps(first):
    """Pixels between -1 and 1 in columns, and a row for each class, 1 where it is that."""
    columns = {}
    for part, (images, labels) in first.items():
        columns[f"{part}_patterns"] = images.reshape(len(images), -1).T / 127.5 - 1
        columns[f"{part}_labels"] = np.where(np.arange(10)[:, None] == labels, 1, -1)
    return columns


def plain(first):
    keys = [f"{kind}_{part}" for part in first for kind in "xy"]
    return dict(zip(keys, [array for pair in first.values() for array in pair], strict=True))


def deeper(picture):
    return Image.fromarray(np.asarray(picture, np.uint16) * 257)


def grey_and_alpha(picture):
    return Image.merge("LA", (picture, Image.new("L", picture.size, 255)))


KAGGLE = ["label", *(f"pixel{number}" for number in range(784))].__getitem__
OPENML = [*(f"pixel{number}" for number in range(1, 785)), "class"].__getitem__
MEDMNIST = ("train_images", "train_labels", "test_images", "test_labels")
KERAS = ("x_train", "y_train", "x_test", "y_test")
NUMBERED = ("arr_0", "arr_1", "arr_2", "arr_3")
PAIR = ("train-*-idx#-ubyte", "t10k-*-idx#-ubyte")
EMNIST = ("emnist-digits-train-*-idx#-ubyte.gz", "emnist-digits-test-*-idx#-ubyte.gz")

FORMS = {
    "IDX": (in_idx(PAIR), "four IDX files"),
    "IDX with dots": (in_idx(("train-*.idx#-ubyte", "t10k-*.idx#-ubyte")), "four IDX files"),
    "IDX packed": (in_idx([f"{name}.gz" for name in PAIR], gzip.compress), "four IDX files"),
    "IDX test": (in_idx(("training_*.idx#", "test_*.idx#")), "four IDX files"),
    "torchvision": (in_idx(PAIR, below="MNIST/raw"), "four IDX files"),
    "EMNIST": (in_idx(EMNIST, gzip.compress, "EMNIST/raw"), "four IDX files"),
    "npz": (in_npz(*KERAS), "mine.npz"),
    "npz of MedMNIST": (in_npz(*MEDMNIST), "mine.npz"),
    "npz without names": (in_npz(*NUMBERED), "mine.npz"),
    "npz flat": (in_npz(*KERAS, change=lambda images: images.reshape(-1, 784)), "mine.npz"),
    "npz channel": (in_npz(*KERAS, change=lambda images: images[..., None]), "mine.npz"),
    "npz first channel": (in_npz(*KERAS, change=lambda images: images[:, None]), "mine.npz"),
    "npz RGB": (in_npz(*KERAS, change=lambda i: np.stack([i] * 3, -1)), "mine.npz"),
    "npz by column": (in_npz(*KERAS, change=np.asfortranarray), "mine.npz"),
    "npy": (in_npy, "four .npy files"),
    "CSV": (in_csv("mnist_train.csv", "mnist_test.csv"), "two .csv files"),
    "CSV of Kaggle": (in_csv("train.csv", "test.csv", header=KAGGLE), "two .csv files"),
    "CSV of OpenML": (in_csv("a_train.csv", "a_test.csv", 784, OPENML), "two .csv files"),
    "CSV packed": (in_csv("train.csv.gz", "test.csv.gz", pack=gzip.compress), "two .csv files"),
    "CSV last": (in_csv("train.csv", "test.csv", 784), "two .csv files"),
    "PNG": (in_pictures("training", "testing"), "10 folders of PNG"),
    "PNG deeper": (in_pictures("m/training-images", "m/t10k-images"), "10 folders of PNG"),
    "PNG RGB": (in_pictures(change=lambda p: p.convert("RGB")), "10 folders of PNG"),
    "PNG palette": (in_pictures(change=lambda p: p.convert("P")), "10 folders of PNG"),
    "PNG alpha": (in_pictures(change=grey_and_alpha), "10 folders of PNG"),
    "PNG 16 bits": (in_pictures(change=deeper), "10 folders of PNG"),
    "BMP": (in_pictures("train", "validation", "bmp"), "10 folders of BMP"),
    "GIF": (in_pictures("trainingSet/trainingSet", "testSet", "gif"), "10 folders of GIF"),
    "TIFF": (in_pictures(suffix="tif"), "10 folders of TIF"),
    "WebP": (in_pictures(suffix="webp", lossless=True, exact=True), "10 folders of WEBP"),
    "MATLAB": (in_mat(plain), "mine.mat"),
    "MATLAB of EMNIST": (in_mat(emnists), "mine.mat"),
}


@pytest.mark.parametrize(("make", "form"), FORMS.values(), ids=FORMS)
def test_images_and_labels_are_those_that_were_written(tmp_path, first, make, form):
    found = forms.read(make(tmp_path, first))
    assert found.form == form
    for part, (images, labels) in zip((found.train, found.test), first.values(), strict=True):
        order = (
            np.argsort(labels, kind="stable") if " folders of " in form else np.arange(len(labels))
        )
        assert_array_equal(part.labels, labels[order])
        assert_array_equal(part.images, images[order])
    assert found.remarks == ()
