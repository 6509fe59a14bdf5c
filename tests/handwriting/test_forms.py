"""Each form that somebody may bring, made from MNIST's first images, comes to these images."""

import gzip
import io

import numpy as np
import pandas as pd
import pytest
import scipy.io
from numpy.testing import assert_array_equal
from PIL import Image

from handwriting.data import forms, idx, searching, tables
from handwriting.errors import DatasetError

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


def png(image) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return stream.getvalue()


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


def grey_and_alpha(picture):
    return Image.merge("LA", (picture, Image.new("L", picture.size, 255)))


def excels(table: bytes) -> bytes:
    return b"\xef\xbb\xbf" + table.replace(b",", b";").replace(b"\n", b"\r\n")


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
    "CSV of Excel": (in_csv("train.csv", "test.csv", pack=excels), "two .csv files"),
    "CSV last": (in_csv("train.csv", "test.csv", 784), "two .csv files"),
    "PNG": (in_pictures("training", "testing"), "10 folders of PNG"),
    "PNG deeper": (in_pictures("m/training-images", "m/t10k-images"), "10 folders of PNG"),
    "PNG RGB": (in_pictures(change=lambda p: p.convert("RGB")), "10 folders of PNG"),
    "PNG palette": (in_pictures(change=lambda p: p.convert("P")), "10 folders of PNG"),
    "PNG alpha": (in_pictures(change=grey_and_alpha), "10 folders of PNG"),
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


def svhn(first):
    """The last axis is that of the images, and 10 stands for 0."""
    images, labels = first["train"]
    return {"X": np.moveaxis(images, 0, -1)[:, :, None], "y": np.where(labels == 0, 10, labels)}


@pytest.mark.parametrize(
    ("arrange", "parts"),
    [(usps, ("train", "test")), (svhn, ("train",))],
    ids=["USPS", "Street View House Numbers"],
)
def test_images_in_other_numbers_and_axes_are_the_same_images(tmp_path, first, arrange, parts):
    found = forms.read(in_mat(arrange)(tmp_path, first))
    for name in parts:
        part, (images, labels) = getattr(found, name), first[name]
        assert_array_equal(part.labels % 10, labels)
        scaled = (part.images + 1) * 127.5 if arrange is usps else part.images
        assert_array_equal(np.rint(scaled), images)
    assert found.class_names == ({"10": "0"} if arrange is svhn else {})


@pytest.mark.parametrize("factor", [1, 16, 257])
def test_pictures_of_16_bits_are_read_in_their_own_numbers(tmp_path, first, factor):
    def deeper(picture):
        return Image.fromarray(np.asarray(picture, np.uint16) * factor)

    found = forms.read(in_pictures(change=deeper)(tmp_path, first))
    images, labels = first["train"]
    sorted_images = images[np.argsort(labels, kind="stable")].astype(np.uint16)
    assert_array_equal(found.train.images, sorted_images * factor)


def test_pictures_of_two_depths_are_refused(tmp_path, first):
    def deeper_by_chance(picture):
        odd = int(np.asarray(picture).sum()) % 2
        return Image.fromarray(np.asarray(picture, np.uint16)) if odd else picture

    with pytest.raises(DatasetError, match="bits a pixel, as in"):
        forms.read(in_pictures(change=deeper_by_chance)(tmp_path, first))


def test_a_struct_of_emnist_has_its_names_and_its_images_lie_by_column(tmp_path, first):
    path = in_mat(emnists)(tmp_path, first)
    found = forms.read(path.rename(tmp_path / "emnist-letters.mat"))
    assert found.transposed
    assert [found.class_names[str(label)] for label in range(10)] == list("abcdefghij")


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        ("classes.txt", "zero\none\n", {"0": "zero", "1": "one"}),
        ("emnist-digits-mapping.txt", "0 48\r\n1 65 97\r\n", {"0": "0", "1": "Aa"}),
        ("emnist-digits-mapping.txt", "0  ->  48   ->  '0'", {"0": "0"}),
        ("emnist-letters-mapping.txt", "0 49", {}),
        ("notes.txt", "0 49", {}),
    ],
)
def test_a_file_beside_the_data_names_their_classes(tmp_path, first, name, text, names):
    folder = in_idx(EMNIST)(tmp_path, first)
    (folder / name).write_text(text)
    found = forms.read(folder)
    assert found.class_names == names
    assert found.transposed


def test_one_of_several_sets_in_a_folder_is_named_by_how_its_files_begin(tmp_path, first):
    in_idx(EMNIST)(tmp_path, first)
    write(tmp_path / "emnist-letters-train-images-idx3-ubyte", b"rubbish")
    found = forms.read(searching.named(str(tmp_path / "emnist-digits"), "dataset", ()))
    assert_array_equal(found.train.images, first["train"][0])


def test_emnists_letters_have_their_names_without_a_file(tmp_path, first):
    in_idx([name.replace("digits", "letters") for name in EMNIST])(tmp_path, first)
    names = forms.read(tmp_path).class_names
    assert (names["1"], names["26"], len(names)) == ("A", "Z", 26)


def test_images_for_validation_are_to_learn_from_where_there_are_others(tmp_path, first):
    (images, labels), (others, _) = first.values()
    half = {"val_images": images[:9], "val_labels": labels[:9, None]}
    rest = {"train_images": images[9:], "train_labels": labels[9:, None]}
    test = {"test_images": others, "test_labels": labels[:JUDGED, None]}
    np.savez(tmp_path / "a.npz", **rest, **half, **test)
    found = forms.read(tmp_path / "a.npz")
    assert_array_equal(found.train.images, np.roll(images, -9, axis=0))
    assert_array_equal(found.test.images, others)
    assert "for validation" in found.remarks[0]


def test_images_that_nobody_divided_are_one_part(tmp_path, first):
    images, labels = first["train"]
    np.savez(tmp_path / "a.npz", data=images, target=labels)
    found = forms.read(tmp_path)
    assert found.test is None
    assert_array_equal(found.train.images, images)


def test_a_table_without_labels_is_no_test_part_and_is_named(tmp_path, first):
    in_csv("train.csv", "test.csv", header=KAGGLE)(tmp_path, first)
    table = (tmp_path / "test.csv").read_text().splitlines()
    (tmp_path / "test.csv").write_text("\n".join(row.partition(",")[2] for row in table))
    (tmp_path / "sample_submission.csv").write_text("ImageId,Label\n1,0\n")
    found = forms.read(tmp_path)
    assert (found.test, len(found.train.labels)) == (None, LEARNED)
    assert found.remarks == ("`test.csv` has no labels, and is left out.",)


def test_labels_of_a_table_may_be_text(tmp_path):
    (tmp_path / "a.csv").write_text("NA,0,0,0,9\nb,1,1,1,1\n")
    found = forms.read(tmp_path / "a.csv")
    assert found.train.labels.tolist() == ["NA", "b"]


def test_a_table_is_read_in_blocks_that_are_one(tmp_path, first, monkeypatch):
    monkeypatch.setattr(tables, "_BLOCK", 20_000)
    found = forms.read(in_csv("train.csv", "test.csv", header=KAGGLE)(tmp_path, first))
    assert_array_equal(found.train.images, first["train"][0])


@pytest.mark.parametrize("kind", ["int16", "int32", "float32"])
def test_idx_files_may_hold_other_numbers_than_bytes(tmp_path, first, kind):
    changed = {part: [array.astype(kind) for array in pair] for part, pair in first.items()}
    found = forms.read(in_idx(PAIR)(tmp_path, changed))
    assert found.train.images.dtype == kind
    assert_array_equal(found.train.images, first["train"][0])
    assert_array_equal(found.train.labels, first["train"][1])


def test_folders_are_classes_in_the_order_of_their_numbers(tmp_path):
    for number, name in enumerate(("b10", "b9", "a")):
        (tmp_path / name).mkdir()
        Image.new("L", (9, 8), number).save(tmp_path / name / "x.png")
    found = forms.read(tmp_path)
    assert found.class_names == {"0": "a", "1": "b9", "2": "b10"}
    assert found.train.images[np.argsort(found.train.labels), 0, 0].tolist() == [2, 1, 0]


def test_a_picture_is_turned_as_its_camera_says_and_where_it_was_taken_is_not_kept(tmp_path):
    picture = Image.fromarray(np.arange(72, dtype=np.uint8).reshape(8, 9))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees, clockwise
    exif[0x010F] = "a camera of somebody's"
    for name in "01":
        (tmp_path / name).mkdir()
        picture.save(tmp_path / name / "x.png", exif=exif)
    found = forms.read(tmp_path)
    assert_array_equal(found.train.images[0], np.rot90(np.asarray(picture), -1))
    assert "somebody" not in repr(found)


BLACK = Image.new("P", (9, 8), 3)
BLACK.putpalette(bytes(12))


@pytest.mark.parametrize(
    ("picture", "options", "grey"),
    [
        (Image.new("RGBA", (9, 8), (0, 0, 0, 51)), {}, 255 - 51),
        (BLACK, {"transparency": 3}, 255),
    ],
    ids=["alpha", "palette"],
)
def test_a_transparent_picture_is_on_white(tmp_path, picture, options, grey):
    for name in "01":
        (tmp_path / name).mkdir()
        picture.save(tmp_path / name / "x.png", **options)
    assert forms.read(tmp_path).train.images[0, 0, 0] == grey
    assert list(forms.read(tmp_path).sha256) == ["2 pictures"]


@pytest.mark.parametrize("as_pictures", [True, False])
def test_parquet_needs_a_package_of_its_own(tmp_path, first, as_pictures):
    images, labels = first["train"]
    if as_pictures:
        columns = {"image": [{"bytes": png(image), "path": None} for image in images]}
    else:
        columns = {f"p{at}": column for at, column in enumerate(images.reshape(len(images), -1).T)}
    path = tmp_path / "train-00000-of-00001.parquet"
    try:
        pd.DataFrame({**columns, "label": labels}).to_parquet(path)
    except ImportError:
        path.touch()
        with pytest.raises(DatasetError, match="pip install pyarrow"):
            forms.read(path)
    else:
        found = forms.read(tmp_path)
        assert_array_equal(found.train.images, images)
        assert_array_equal(found.train.labels.astype(int), labels)
