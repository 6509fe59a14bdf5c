"""What the figures of a data set show, in words, for those who cannot see them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.datasheet import Portrait, Writers
from handwriting.evaluation.similarity import Neighbours
from handwriting.figures.disputes import opinion
from handwriting.figures.phrases import counted, listed

_LISTED = 12  # classes that are listed one by one


def balance_alt(
    train: NDArray[np.integer], test: NDArray[np.integer], class_names: Sequence[str]
) -> str:
    """Return what a figure of class sizes shows: the count of each class in both splits."""
    rows = list(zip(class_names, train.tolist(), test.tolist(), strict=True))[:_LISTED]
    counts = ", ".join(f"{name}: {many:,} and {few:,}" for name, many, few in rows)
    some = f" The first {_LISTED} of {len(class_names)}:" if len(class_names) > _LISTED else ""
    return f"Bars of each class's share of the training and of the test images.{some} {counts}."


def portraits_alt(found: Sequence[Portrait | None], class_names: Sequence[str]) -> str:
    """Return what a figure of means and spreads shows: how much the pixels of each class differ."""
    spreads = [
        f"{name}: {each.spread.mean():.0f}"
        for each, name in zip(found, class_names, strict=True)
        if each
    ]
    some = f", for the first {_LISTED} of {len(spreads)}" if len(spreads) > _LISTED else ""
    return (
        "The mean image of each class, and below it the spread of its pixels, dark where its "
        f"images differ{some}. Mean spread in grey levels: {', '.join(spreads[:_LISTED])}."
    )


def hardest_alt(data: Dataset, found: Neighbours, shown: NDArray[np.integer]) -> str:
    """Return what a figure of hard images shows: each label, and the class that it looks like."""
    pairs = listed(
        [
            f"{_named(data, index)} like {data.class_names[data.train.labels[found.other[index]]]} "
            f"(difficulty {_difficulty(found, index)})"
            for index in shown
        ]
    )
    return f"Test images, and below each a training image of another class: {pairs}."


def easiest_alt(data: Dataset, found: Neighbours, shown: NDArray[np.integer]) -> str:
    """Return what a figure of easy images shows: the difficulty of each."""
    each = listed([f"{_named(data, index)} ({_difficulty(found, index)})" for index in shown])
    return f"The easiest test image of each class, with its difficulty: {each}."


def closest_alt(data: Dataset, found: Neighbours, shown: NDArray[np.integer]) -> str:
    """Return what a figure of the closest pairs shows: how far apart each pair is."""
    _, distances = found.closest
    each = listed([f"{_named(data, index)} ({distances[index]:.1f})" for index in shown])
    return (
        "Test images, and below each the training image that differs least, with the distance in "
        f"grey levels: {each}."
    )


def map_alt(
    places: NDArray[np.floating], labels: NDArray[np.integer], class_names: Sequence[str]
) -> str:
    """Return what a map shows: how many images, and which classes stand closest together."""
    present = np.unique(labels)
    shown = f"A map of {counted(len(labels), 'image')}, coloured by class."
    if len(present) < 2:
        return shown
    middles = np.stack([np.median(places[labels == label], axis=0) for label in present])
    apart = np.linalg.norm(middles[:, np.newaxis] - middles, axis=2)
    np.fill_diagonal(apart, np.inf)
    first, second = np.unravel_index(apart.argmin(), apart.shape)
    pair = listed([class_names[int(present[each])] for each in (first, second)])
    return f"{shown} Of all classes, the middles of {pair} are closest together."


def digits_each_alt(train: Writers, test: Writers) -> str:
    """Return what a figure of images by writer shows: how many, fewest, median and most."""
    parts = [
        f"{counted(len(each.images), 'writer')} of {name} images: {each.images.min():,} to "
        f"{each.images.max():,} each, median {np.median(each.images):,g}"
        for each, name in ((train, "training"), (test, "test"))
    ]
    return f"Two histograms of how many images one person wrote. {parts[0]}; {parts[1]}."


def hands_alt(hands: int, class_name: str) -> str:
    """Return what a figure of one digit by several hands shows."""
    return f"The digit {class_name}, one image each by {counted(hands, 'writer')}."


def disputed_alt(found: Sequence[Dispute], class_names: Sequence[str]) -> str:
    """Return what a figure of disputed labels shows: each label, and what people read."""
    each = "; ".join(
        f"labelled {class_names[one.given]}, people read {opinion(one, class_names)}"
        for one in found
    )
    return f"{counted(len(found), 'test image')} whose label people dispute: {each}."


def _difficulty(found: Neighbours, index: int) -> str:
    value = float(found.difficulty[index])
    return f"{value:.2f}" if np.isfinite(value) else "infinite"


def _named(data: Dataset, index: int) -> str:
    return data.class_names[int(data.test.labels[index])]
