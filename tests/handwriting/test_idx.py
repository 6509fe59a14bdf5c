import gzip
import hashlib
import os
import struct
import subprocess
import sys
import tempfile
import textwrap
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies
from numpy.testing import assert_array_equal

from handwriting.data import idx
from handwriting.errors import DatasetError

THREE_LABELS = b"\x00\x00\x08\x01" + b"\x00\x00\x00\x03" + b"\x05\x00\x09"
TWO_IMAGES = (
    b"\x00\x00\x08\x03"
    + b"\x00\x00\x00\x02" + b"\x00\x00\x00\x01" + b"\x00\x00\x00\x03"
    + b"\x01\x02\x03" + b"\xfd\xfe\xff"
)  # fmt: skip
MEGABYTE = 2**20


def header(*shape: int, code: int = 8) -> bytes:
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


def a_gigabyte_packed() -> bytes:
    """A gzip of a megabyte that unpacks to a gigabyte of zeros."""
    return gzip.compress(bytes(16 * MEGABYTE)) * 64


def write(folder: Path, content: bytes, name: str = "data") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_labels_are_read_in_order(tmp_path):
    array = idx.read(write(tmp_path, THREE_LABELS), dimensions=1).array
    assert array.dtype == np.uint8
    assert array.tolist() == [5, 0, 9]


def test_the_last_dimension_of_images_varies_fastest(tmp_path):
    array = idx.read(write(tmp_path, TWO_IMAGES), dimensions=3).array
    assert array.tolist() == [[[1, 2, 3]], [[253, 254, 255]]]


def test_whole_numbers_of_four_bytes_are_read_most_significant_first(tmp_path):
    content = header(1, 3, code=0x0C) + bytes.fromhex("00000001 00000100 ffffffff")
    array = idx.read(write(tmp_path, content), 2, np.int32).array
    assert (array.dtype, array.flags.writeable) == (np.int32, False)
    assert array.tolist() == [[1, 256, -1]]


def test_another_type_than_the_one_asked_for_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="32-bit integers; found unsigned bytes"):
        idx.read(write(tmp_path, header(1, 1) + b"\0"), 2, np.int32)


@pytest.mark.parametrize("name", ["labels", "labels.gz"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_first_bytes_decide_whether_a_file_is_compressed(tmp_path, name, pack):
    path = write(tmp_path, pack(THREE_LABELS), name)
    assert idx.read(path, dimensions=1).array.tolist() == [5, 0, 9]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_sha256_is_of_the_file_as_it_lies_on_disk(tmp_path, pack):
    content = pack(header(70_000) + bytes(range(250)) * 280)
    expected = hashlib.sha256(content).hexdigest()
    assert idx.read(write(tmp_path, content), dimensions=1).sha256 == expected


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_arrays_are_read_only(tmp_path, pack):
    array = idx.read(write(tmp_path, pack(THREE_LABELS)), dimensions=1).array
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


REFUSED = {
    "empty": (b"", "found nothing"),
    "web page": (b"<!DOCTYPE html><html>404</html>", "looks like a web page"),
    "packed web page": (gzip.compress(b"\n<html><body>Sign in"), "looks like a web page"),
    "LFS pointer": (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
    "one byte": (b"\0", "found 00"),
    "empty gzip": (gzip.compress(b""), "found nothing"),
    "no zeros first": (b"\x01" + THREE_LABELS[1:], "opens with 00 00 08 01"),
    "unknown type": (header(3, code=0x0A) + b"abc", "found 00 00 0a 01"),
    "other type": (header(3, code=0x0C) + bytes(12), "32-bit integers"),
    "images": (TWO_IMAGES, "Are the files of images and labels swapped?"),
    "no dimensions": (header(), "an array of 0 dimensions"),
    "half a dimension": (THREE_LABELS[:6], "expected 4 bytes of dimensions; found 2"),
    "cut short": (THREE_LABELS[:-1], "expected 11 bytes .*; found 10 bytes: it is cut short"),
    "trailing": (THREE_LABELS + b"\0", "found 12 bytes: something trails"),
    "packed cut short": (gzip.compress(THREE_LABELS[:-1]), "found 10: it is cut short"),
    "packed trailing": (gzip.compress(THREE_LABELS + b"\0"), "found 12: something trails"),
    "truncated gzip": (gzip.compress(THREE_LABELS)[:-9], "a damaged one"),
    "gzip without its check sum": (gzip.compress(THREE_LABELS)[:-4], "a damaged one"),
    "gzip with another check sum": (
        gzip.compress(THREE_LABELS)[:-8] + bytes(4) + gzip.compress(THREE_LABELS)[-4:],
        "a damaged one .*CRC",
    ),
    "gzip with broken insides": (gzip.compress(THREE_LABELS)[:10] + b"\xff" * 20, "damaged"),
    "gzip followed by something": (gzip.compress(THREE_LABELS) + b"more", "a damaged one"),
    "absurd length": (header(2**32 - 1), "4,294,967,303 bytes"),
    "absurd length, packed": (gzip.compress(header(2**32 - 1)), "promises 4294967295 elements"),
}


@pytest.mark.promise(
    "A header that promises more than any such file holds is refused before memory is taken."
)
@pytest.mark.promise(
    "What trails behind the elements, or a check sum that is wrong, makes a file refused."
)
@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_no_array_of_labels_is_refused(tmp_path, content, reason):
    with pytest.raises(DatasetError, match=reason):
        idx.read(write(tmp_path, content), dimensions=1)


def test_a_refusal_names_the_file_and_a_remedy(tmp_path):
    path = write(tmp_path, b"", "train-labels-idx1-ubyte.gz")
    with pytest.raises(DatasetError) as refusal:
        idx.read(path, dimensions=1)
    assert str(path) in str(refusal.value)
    assert "Replace the file" in str(refusal.value)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("shape", [(2**32 - 1,) * 3, (0, 2**32 - 1, 2**32 - 1)])
def test_absurd_dimensions_are_refused(tmp_path, pack, shape):
    with pytest.raises(DatasetError, match="4294967295 by 4294967295"):
        idx.read(write(tmp_path, pack(header(*shape))), dimensions=3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(
            gzip.compress(header(3)) + a_gigabyte_packed(), "something trails", id="small promise"
        ),
        pytest.param(
            gzip.compress(header(2**30)) + a_gigabyte_packed(),
            "at most",
            id="promise that it keeps",
        ),
        pytest.param(
            gzip.compress(header(60 * MEGABYTE) + b"abc"), "cut short", id="promise that is false"
        ),
    ],
)
def test_a_promise_that_is_not_kept_or_too_large_costs_no_memory(tmp_path, content, reason):
    path = write(tmp_path, content)
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match=reason):
            idx.read(path, dimensions=1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MEGABYTE


def bytes_read() -> int:
    """How many bytes this process has read from files and pipes so far."""
    return int(Path("/proc/self/io").read_text().split()[1])


def endless_name() -> bytes:
    """The beginning of a gzip member whose header has a name that does not end."""
    return gzip.compress(THREE_LABELS)[:3] + b"\x08" + bytes(6) + b"x" * (8 * MEGABYTE)


@pytest.mark.promise("A file is not read further than the part that must hold its header.")
@pytest.mark.promise(
    "A packed file that is larger than its promise can need is not read to its end."
)
@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="needs Linux to count what is read")
@pytest.mark.parametrize(
    ("content", "size"),
    [
        pytest.param(
            gzip.compress(header(10)) + a_gigabyte_packed() * 10, None, id="10 GB of gzip"
        ),
        pytest.param(gzip.compress(THREE_LABELS), 2**24, id="zeros behind it"),
        pytest.param(THREE_LABELS, 2**40, id="a terabyte of zeros behind it, not packed"),
        pytest.param(endless_name(), None, id="a name that does not end"),
        pytest.param(
            gzip.compress(b"", mtime=0) * 200_000 + gzip.compress(THREE_LABELS),
            None,
            id="no header",
        ),
    ],
)
def test_no_more_of_a_file_is_read_than_its_promise_needs(tmp_path, content, size):
    path = write(tmp_path, content)
    if size:
        os.truncate(path, size)  # a sparse file: it takes no room on the disk
    before = bytes_read()
    with pytest.raises(DatasetError):
        idx.read(path, dimensions=1)
    assert bytes_read() - before < 3 * MEGABYTE


@pytest.mark.promise("A file that does not fit into memory is refused, and is no crash.")
@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to hold memory back")
def test_a_file_that_does_not_fit_into_memory_is_refused(tmp_path):
    program = """
        import resource, sys
        from handwriting.data import idx
        from handwriting.errors import DatasetError
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**24, used + 2**24))
        try:
            idx.read(sys.argv[1], 1)
        except DatasetError as error:
            print(error)
    """
    path = write(tmp_path, header(60 * MEGABYTE) + bytes(60 * MEGABYTE))
    command = [sys.executable, "-c", textwrap.dedent(program), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "a file that fits into memory" in done.stdout


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("absent", "No such file"),
        (".", "found a folder"),
        ("pipe", "a device"),
        ("a\0b", "null"),
    ],
)
def test_what_is_no_file_is_refused_at_once(tmp_path, name, reason):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DatasetError, match=reason):
        idx.read(tmp_path / name, dimensions=1)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path, monkeypatch):
    def refuse(*_args, **_keywords):
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, THREE_LABELS)
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DatasetError, match="Permission denied"):
        idx.read(path, dimensions=1)


small_arrays = numpy_strategies.arrays(
    np.uint8, numpy_strategies.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=6)
)


@given(small_arrays, st.booleans())
def test_any_small_array_comes_back_as_it_was(array, packed):
    content = header(*array.shape) + array.tobytes()
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), gzip.compress(content) if packed else content)
        assert_array_equal(idx.read(path, array.ndim).array, array, strict=True)
