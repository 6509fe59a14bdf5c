import base64
import json
import os
import zlib

import numpy as np
import pydantic
import pytest

from handwriting.errors import MeasurementError
from handwriting.results import files
from handwriting.results.files import Array


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_text("content")
    return path


def test_a_file_is_opened_and_a_link_to_one_where_it_is_followed(path):
    link = path.with_name("link")
    link.symlink_to(path)
    for opened in (files.opened(path), files.opened(path, follow=False), files.opened(link)):
        with opened as file:
            assert file.read() == b"content"
    with pytest.raises(OSError, match="symbolic link"):
        files.opened(link, follow=False)


@pytest.mark.promise("A named pipe in a file's place is refused at once.")
def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="a pipe or a device"):
        files.opened(tmp_path / "pipe")
    with pytest.raises(OSError, match="a pipe or a device"):
        files.opened(tmp_path / "pipe", follow=False)
    with pytest.raises(OSError, match="a folder"):
        files.opened(tmp_path)


def test_a_text_replaces_the_old_one_and_leaves_nothing_else(path):
    files.write_text(path, "new")
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.promise("A writer that is still at work is left alone by another one.")
def test_a_writer_that_is_still_at_work_is_left_alone(path):
    handle, part = files._part(path.parent)
    files.write_text(path, "new")
    assert part.exists()
    os.close(handle)  # as its process does when it ends
    files.write_text(path, "newer")
    assert not part.exists()


def test_hidden_files_of_others_are_left_alone(path):
    theirs = path.with_name(".download.part")
    theirs.write_text("theirs")
    files.write_text(path, "new")
    assert theirs.read_text() == "theirs"


def test_a_folder_is_made_with_those_above_it_or_is_there(tmp_path):
    assert files.made(tmp_path / "a" / "b").is_dir()
    assert files.made(tmp_path / "a" / "b") == tmp_path / "a" / "b"


ADAPTER = pydantic.TypeAdapter(Array)
CLASSES = np.random.default_rng(0).integers(0, 10, 1000).astype(np.uint8)


def written(array):
    return ADAPTER.dump_python(array, mode="json")


def read(found):
    return ADAPTER.validate_json(json.dumps(found), strict=True)


@pytest.mark.parametrize(
    "array",
    [
        CLASSES,
        CLASSES.reshape(10, 100)[:, ::2],
        np.arange(6).reshape(2, 3),
        np.array([0.1, -0.0, 5e-324]),
        np.float32([[0.1, 3.4e38]]),
        np.zeros((0, 2)),
        np.arange(3).astype(">i8"),
    ],
    ids=lambda array: f"{array.dtype} {array.shape}",
)
def test_an_array_is_read_as_it_was_written(array):
    found = read(written(array))
    assert found.tobytes() == np.ascontiguousarray(array, found.dtype).tobytes()
    assert (found.dtype, found.shape) == (array.dtype.newbyteorder("<"), array.shape)


@pytest.mark.parametrize("dtype", ["O", "U1", "M8[s]", "c16", "f2"])
def test_what_is_no_number_of_a_usual_kind_is_not_written(dtype):
    with pytest.raises(ValueError, match="dtype"):
        written(np.zeros(2, dtype))


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


BYTES = zlib.compress(bytes(1000))


@pytest.mark.promise("Packed arrays without their check sum are refused.")
@pytest.mark.parametrize(
    "change",
    [
        {"zlib": ""},
        {"zlib": "no base64"},
        {"zlib": text(b"no zlib")},
        {"zlib": text(BYTES[:-4])},
        {"zlib": text(BYTES[:-1] + b"?")},
        {"zlib": text(zlib.compress(bytes(999)))},
        {"zlib": text(zlib.compress(bytes(10**8)))},
        {"shape": [999]},
        {"shape": [10**9]},
        {"shape": [10**30]},
        {"shape": [-1]},
        {"shape": [True]},
        {"shape": ["1000"]},
        {"shape": 1000},
        {"dtype": "|O"},
        {"dtype": "<f4"},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_no_such_array_is_refused(change):
    found = written(np.zeros(1000, np.uint8))
    assert text(BYTES) == text(zlib.compress(bytes(1000)))
    with pytest.raises(ValueError, match=r".{9}"):
        read(found | change)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(number):
    with pytest.raises(ValueError, match="expected finite numbers"):
        read(written(np.array([0.0, number])))


def test_classes_of_so_many_images_are_accepted():
    files.require_classes(CLASSES, (1000,), 10)


@pytest.mark.parametrize(
    ("found", "shape", "classes"),
    [
        (CLASSES, (999,), 10),
        (CLASSES, (1, 1000), 10),
        (CLASSES, (1000,), 9),
        (CLASSES.astype(np.int64), (1000,), 10),
    ],
)
def test_predictions_of_other_images_or_classes_are_refused(found, shape, classes):
    with pytest.raises(MeasurementError, match=f"expected {classes} classes of shape"):
        files.require_classes(found, shape, classes)
