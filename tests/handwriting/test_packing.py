import base64
import zlib

import numpy as np
import pytest

from handwriting.errors import MeasurementError
from handwriting.results.store import packed, unpacked


def test_packed_predictions_are_unpacked_as_they_were():
    classes = np.random.default_rng(0).integers(0, 10, 1000)
    np.testing.assert_array_equal(unpacked(packed(classes), 1000, 10), classes)


@pytest.mark.parametrize(("images", "classes"), [(999, 10), (1001, 10), (1000, 9)])
def test_predictions_of_other_images_or_classes_are_refused(images, classes):
    text = packed(np.arange(1000) % 10)
    with pytest.raises(MeasurementError, match=f"expected those of {images:,} images"):
        unpacked(text, images, classes)


@pytest.mark.promise("Packed predictions without their check sum are refused.")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "no base64",
        base64.b64encode(b"no zlib").decode(),
        base64.b64encode(zlib.compress(bytes(1000))[:-4]).decode(),
        base64.b64encode(zlib.compress(bytes(1000))[:-1] + b"?").decode(),
        base64.b64encode(zlib.compress(bytes(10**8))).decode(),
    ],
    ids=["nothing", "no base64", "no zlib", "no check sum", "another check sum", "a bomb"],
)
def test_text_that_is_no_predictions_is_refused(text):
    with pytest.raises(MeasurementError, match="expected those of 1,000 images"):
        unpacked(text, 1000, 10)
