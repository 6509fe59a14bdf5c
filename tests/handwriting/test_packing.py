import numpy as np
import pytest

from handwriting.errors import MeasurementError
from handwriting.packing import packed, unpacked


def test_packed_predictions_are_unpacked_as_they_were():
    classes = np.random.default_rng(0).integers(0, 10, 1000)
    np.testing.assert_array_equal(unpacked(packed(classes), 1000, 10), classes)


@pytest.mark.parametrize(("images", "classes"), [(999, 10), (1001, 10), (1000, 9)])
def test_predictions_of_other_images_or_classes_are_refused(images, classes):
    text = packed(np.arange(1000) % 10)
    with pytest.raises(MeasurementError, match=f"expected those of {images:,} images"):
        unpacked(text, images, classes)
