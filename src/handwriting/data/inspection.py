"""What somebody brought, made a data set."""

from __future__ import annotations

import numpy as np

from handwriting.data.collection import Collection, Part
from handwriting.data.dataset import Dataset, Origin, Split


def inspected(collection: Collection) -> Dataset:
    """The data set that a collection is."""
    train, test = collection.train, collection.test or collection.train
    classes = np.unique(train.labels)
    if train.labels.dtype.kind in "iu":
        classes = np.arange(train.labels.max() + 1)
    names = tuple(collection.class_names.get(str(each), str(each)) for each in classes)
    origin = Origin((), collection.sha256, "not stated", "not stated")
    title = collection.title
    return Dataset(f"{title}/", title, _split(train, classes), _split(test, classes), names, origin)


def _split(part: Part, classes: np.ndarray) -> Split:
    images = np.array(part.images, np.uint8)
    labels = np.searchsorted(classes, part.labels).astype(np.uint8)
    for array in (images, labels):
        array.setflags(write=False)
    return Split(images, labels)
