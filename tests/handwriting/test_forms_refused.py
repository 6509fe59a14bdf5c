"""What is no data, or bad data: a clear error each, in little time and memory."""

import gzip
import io
import os
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from handwriting.data import forms, idx, registry, searching
from handwriting.errors import DatasetError

MEGABYTE = 2**20


def npy(array=None, promise=None, kind="|u1") -> bytes:
    """The bytes of a .npy file; its header may promise another shape."""
    stream = io.BytesIO()
    header = {"descr": kind, "fortran_order": False, "shape": promise or array.shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + (b"" if array is None else array.tobytes())


def npz(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def mat(*elements: bytes) -> bytes:
    """A MATLAB file of compressed elements."""
    packed = [zlib.compress(element) for element in elements]
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM"
    return head + b"".join(struct.pack("<II", 15, len(each)) + each for each in packed)


def png(picture, **options) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG", **options)
    return stream.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A picture of a few bytes that promises to be of that size."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk + chunk.replace(b"IHDR", b"IDAT")


FRAME = Image.new("L", (9, 8), 7)
GREY = png(FRAME)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="8"/>'
ROWS = b"1,0,0,0,0\n2,0,0,0,9\n"
NAMED = b"label,a,b,c,d\n" + ROWS

BAD = {
    "pickle": ("mnist.pkl.gz", b"x", "mnist.pkl.gz, a pickle.* `numpy.savez`"),
    "tfrecord": ("train.tfrecord-00000-of-00001", b"x", "a TFRecord file"),
    "zip": ("mnist.zip", b"PK", "mnist.zip, a packed archive. Unpack it"),
    "tar": ("mnist.tar.gz", b"x", "a packed archive. Unpack it"),
    "ARFF": ("mnist_784.arff", b"x", "an ARFF file. Save it as CSV"),
    "HDF5": ("usps.h5", b"x", "an HDF5 file"),
    "LIBSVM": ("mnist.libsvm", b"x", "a LIBSVM file"),
    "text": ("notes.txt", b"x", "notes.txt, which is none of these"),
    "picture": ("3.png", GREY, "four of its corner marks; found a picture without them"),
    "one IDX file": ("train-images-idx3-ubyte", b"x", "Name the folder that it is in"),
    "npz without labels": ("a.npz", npz(x=npy(np.ones((2, 8, 8), np.uint8))), "no train labels"),
    "npz of 0 bytes": ("a.npz", b"", "whole files that can be read"),
    "npz cut short": ("a.npz", npz(x=npy(np.ones((2, 8, 8), np.uint8)))[:-30], "whole files"),
    "npz of a terabyte": ("a.npz", npz(x=npy(promise=(2**20, 2**10, 2**10))), "promises 1,099,511"),
    "npz bomb": ("a.npz", npz(x=bytes(70 * MEGABYTE)), "at most 67,108,864 bytes"),
    "npz of objects": (
        "a.npz",
        npz(x=npy(promise=(1,), kind="|O")),
        "found one of Python's objects, pickled. Save it as an array of numbers or of text",
    ),
    "npy of a terabyte": ("x.npy", npy(promise=(2**40,)), "promises 1,099,511,627,776 bytes"),
    "mat of 0 bytes": ("a.mat", b"", "a .mat file of MATLAB 5 to 7"),
    "mat of 7.3": ("a.mat", b"MATLAB 7.3 MAT-file".ljust(600), "'-v7'"),
    "mat cut short": ("a.mat", mat(bytes(9000))[:-3], "it is cut short"),
    "mat bomb": ("a.mat", mat(bytes(90 * MEGABYTE)), "at most 67,108,864 bytes"),
    "mat of gigabytes": ("a.mat", mat(struct.pack("<8I", 14, 2**31, 6, 8, 6, 0, 5, 8)), "whole f"),
    "CSV of 0 bytes": ("a.csv", b"", "rows of numbers; found none"),
    "CSV of words": ("a.csv", b"label,p1\n1,a\n2,b\n", "'a' in column 2"),
    "CSV ragged": ("a.csv", ROWS + b"3,0,0,0,0,0,0\n", r"line 3, saw 7\. Replace"),
    "CSV ragged below names": ("a.csv", NAMED + b"3,0,0,0,0,0,0\n", r"line 4, saw 7\. Replace"),
    "CSV with a short line": ("a.csv", NAMED + b"3,0,0\n", "found '' in column 4 of image 3"),
    "CSV with decimal commas": ("a.csv", b"1;0,5;0\n2;0;0,5\n", "'0,5' in column 2 of image 1"),
    "CSV of names alone": ("a.csv", b"label,a,b,c,d\n", "rows of numbers; found none"),
    "CSV in UTF-16": ("a.csv", NAMED.decode().encode("utf-16"), "in UTF-16. Save it as UTF-8"),
    "CSV no square": ("a.csv", b"1,0,0,0\n2,0,0,9\n", "3 numbers each, which are no square"),
    "CSV of one line": ("a.csv.gz", gzip.compress(b"1" * 40 * MEGABYTE), "lines of a table"),
    "CSV cut short": ("a.csv.gz", gzip.compress(ROWS)[:-6], "whole files"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "reason"), BAD.values(), ids=BAD)
def test_a_file_that_is_no_data_is_refused_with_advice(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match=reason) as refusal:
            forms.read(tmp_path / name)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert str(refusal.value).startswith(str(tmp_path / name))
    assert peak < 100 * MEGABYTE


BAD_PICTURES = {
    "SVG": (SVG, "found none, or a damaged one"),
    "0 bytes": (b"", "found an empty file"),
    "cut short": (GREY[:-20], "found none, or a damaged one"),
    "50,000 pixels wide": (png_header(50_000, 50), "at most 128 by 128 pixels; found 50 by 50000"),
    "bomb": (png_header(50_000, 50_000), "found one of too many pixels"),
    "one pixel": (png(Image.new("L", (1, 1))), r"8 by 9 pixels, as in 0/0.png; found 1 by 1"),
    "mixed sizes": (png(Image.new("L", (8, 9))), r"8 by 9 pixels, as in 0/0.png; found 9 by 8"),
    "colour": (png(Image.new("RGB", (9, 8), "red")), "colour that would matter"),
    "animated": (png(FRAME, save_all=True, append_images=[FRAME] * 2), "found 3 in one file"),
    "17 MB": (GREY + bytes(17 * MEGABYTE), "at most 16,777,216 bytes; found more"),
}


@pytest.mark.parametrize(("content", "reason"), BAD_PICTURES.values(), ids=BAD_PICTURES)
def test_a_bad_picture_is_refused_by_its_name(tmp_path, content, reason):
    for number, each in enumerate((GREY, content)):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / f"{number}.png").write_bytes(each)
    with pytest.raises(DatasetError, match=f"1/1.png: .*{reason}"):
        forms.read(tmp_path)


def test_pictures_that_memory_could_not_hold_are_refused_at_the_first(tmp_path, monkeypatch):
    monkeypatch.setattr(idx, "LARGEST", 72 * 9)
    (tmp_path / "0").mkdir()
    for number in range(10):
        (tmp_path / "0" / f"{number}.png").write_bytes(GREY if number == 0 else b"never read")
    with pytest.raises(DatasetError, match="at most 648 pixels in all; found more"):
        forms.read(tmp_path)


FOLDERS = {
    "empty": ([], "an empty folder"),
    "hidden": ([".DS_Store", "__MACOSX/0/a.png", "Thumbs.db"], "an empty folder"),
    "loose pictures": (
        ["a.png", "b.PNG"],
        "a.png: .*a picture without them.*put pictures of single",
    ),
    "too many loose pictures": (
        [f"{number}.png" for number in range(201)],
        "at most 200 photographed sheets; found 201 pictures.*called as their classes are",
    ),
    "parts without classes": (["train/a.png", "test/b.png"], "2 pictures without class folders"),
    "archive": (["MNIST/raw/mnist.zip"], "mnist.zip, a packed archive"),
    "two sets": (["MNIST/raw/a.npz", "b/a.npz"], "2: MNIST/raw/a, b/a. Name one of them"),
    "EMNIST": (
        [f"emnist-{name}-train-images-idx3-ubyte.gz" for name in ("digits", "letters")],
        "2: emnist-digits, emnist-letters",
    ),
    "two parts alike": (
        ["train/0/a.png", "training/0/a.png"],
        "one folder of pictures for each part; found train, training",
    ),
}


@pytest.mark.parametrize(("there", "reason"), FOLDERS.values(), ids=FOLDERS)
def test_a_folder_that_is_no_one_data_set_says_what_it_is(tmp_path, there, reason):
    for name in there:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(GREY)
    with pytest.raises(DatasetError, match=reason):
        forms.read(tmp_path)


def test_a_link_that_leads_to_itself_is_passed_over(tmp_path):
    (tmp_path / "a").symlink_to("a")
    (tmp_path / "b").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(DatasetError, match="4 other files"):
        forms.read(tmp_path)


def test_no_more_than_so_many_files_are_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(searching, "_MOST_ENTRIES", 50)
    for number in range(60):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(DatasetError, match="expected at most 50 files; found more"):
        forms.read(tmp_path)


def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.npz")
    with pytest.raises(DatasetError, match=r"a\.npz"):
        forms.read(tmp_path)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("emnist", "the name of a data set that is not fetched from here. Fetch it as IDX"),
        ("qmnist", "not fetched from here"),
        ("CIFAR-10", "not fetched from here"),
        ("mnits", "Did you mean 'mnist'"),
        ("https://example.org/mnist.npz", "found an address. Fetch"),
        ("hf://datasets/ylecun/mnist", "found an address"),
        ("ylecun/mnist", "what is on a hub has to be fetched first"),
    ],
)
def test_a_name_that_is_no_path_is_refused_with_advice(name, reason):
    with pytest.raises(DatasetError, match=reason):
        registry.load(name)
