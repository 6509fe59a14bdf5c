import base64
import json
import zlib

import numpy as np
import pydantic
import pytest

from handwriting.errors import MeasurementError
from handwriting.results import files
from handwriting.results.files import Array

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
