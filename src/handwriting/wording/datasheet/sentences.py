"""What a data set is, in words: its answer, its counts, its odd images and its writers."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset, Split
from handwriting.data.label_disputes import SHOWN, Dispute
from handwriting.evaluation import datasheet
from handwriting.evaluation.datasheet import Portrait, Survey, Writers
from handwriting.evaluation.similarity import Copies
from handwriting.figures.phrases import counted, listed, plain, times

MUCH_VARIED = 4
"""A digit that people write in more than one way: its top is open or closed."""

_SERIES = {
    0: "Census Bureau employees",
    1: "Census Bureau employees",
    2: "Census Bureau employees",
    3: "Census Bureau employees",
    4: "high-school students",
}
"""Who filled in the forms of NIST's collection, by its series hsf_0 to hsf_4 (P. J. Grother, 1995,
NIST Special Database 19)."""


def answer(data: Dataset, found: Copies, disputes: int) -> str:
    """Return the sentence that answers what is in the data and whether they can be trusted.

    Args:
        data: what was looked at.
        found: the copies in it.
        disputes: how many test labels people dispute.
    """
    images, writers = len(data.train) + len(data.test), datasheet.writer_count(data)
    hands = f" by **{counted(writers, 'writer')}**" if writers else ""
    apart = "no test image is a copy of a training image"
    if found.across:
        copies = "is a copy of a training image"
        if found.across > 1:
            copies = "are copies of training images"
        apart = f"**{found.across:,}** of {counted(len(data.test), 'test image')} {copies}"
    doubt = ""
    if disputes:
        doubt = f", and of {SHOWN} test labels that people were shown they dispute **{disputes:,}**"
    return (
        f"In {plain(data.title)} there are **{counted(images, 'image')}**{hands}; {apart}{doubt}."
    )


def contents(data: Dataset) -> str:
    """Return a sentence on how many images there are, and how large they are."""
    height, width = data.image_shape
    return (
        f"{plain(data.title)}: **{counted(len(data.train), 'training image')}** and "
        f"**{counted(len(data.test), 'test image')}** in {data.classes} classes, each "
        f"{counted(height, 'pixel')} high and {width:,} wide."
    )


def balance(
    train: NDArray[np.integer], test: NDArray[np.integer], class_names: Sequence[str]
) -> str:
    """Return sentences on the largest and the smallest class of both splits.

    Args:
        train: (classes,) integers, how many training images each class has.
        test: (classes,) integers, likewise of test images.
        class_names: what to call each class.
    """
    parts = (
        _range(counts, class_names, noun)
        for counts, noun in ((train, "training image"), (test, "test image"))
    )
    commonest = train.max() / train.sum()
    return (
        f"Classes hold {', and '.join(parts)}. Whoever always gave the same answer would be right "
        f"about **{commonest:.1%}** of the training images at most."
    )


def _range(counts: NDArray[np.integer], class_names: Sequence[str], noun: str) -> str:
    few, many = int(counts.argmin()), int(counts.argmax())
    if counts[few] == counts[many]:
        return f"{counted(int(counts[few]), noun)} each"
    low, high = (f"{counts[label]:,} ({class_names[label]})" for label in (few, many))
    return f"from {low} to {high} {noun}s"


def portraits(found: Sequence[Portrait | None], class_names: Sequence[str]) -> str:
    """Return a sentence on the classes whose images differ most and least.

    Args:
        found: the portrait of each class, of one at least.
        class_names: what to call each class.
    """
    spreads = [float(each.spread.mean()) if each else np.nan for each in found]
    most, least = int(np.nanargmax(spreads)), int(np.nanargmin(spreads))
    return (
        f"Images of **{class_names[most]}** differ most from one another: the spread of their "
        f"pixels is {spreads[most]:.0f} grey levels of 255 on average. Those of "
        f"**{class_names[least]}** differ least, with a spread of {spreads[least]:.0f}."
    )


def copied(found: Copies) -> str:
    """Return a sentence on exact copies within and across the splits."""
    if not (found.train or found.test or found.across):
        return "Pixel by pixel, **no image** is a copy of another, in one part or across both."
    across = _clause(
        found.across,
        "test image",
        "is a copy of a training image",
        "are copies of training images",
    )
    train, test = (
        _clause(count, noun, "repeats an earlier one", "repeat earlier ones")
        for count, noun in ((found.train, "training image"), (found.test, "test image"))
    )
    return f"Pixel by pixel, {across}; {train}, and {test}."


def _clause(number: int, noun: str, one: str, several: str) -> str:
    """A number with its noun and what is said of them: `no image is`, `2 images are`."""
    if not number:
        return f"**no {noun}** {one}"
    return f"**{counted(number, noun)}** {one if number == 1 else several}"


def closest(found: Survey, data: Dataset) -> str:
    """Return sentences on how close test images come to training images."""
    _, distances = found.neighbours.closest
    flat = data.test.images.reshape(len(data.test), -1).astype(np.float32)
    ink = np.sqrt(np.einsum("ij,ij->i", flat, flat) / flat.shape[1])
    return (
        f"The closest pair differs by **{distances.min():.1f}** grey levels of 255 (the root of "
        "the mean square over all pixels). From the most similar training image, the median "
        f"distance of a test image is {np.median(distances):.1f}; from a blank sheet it is "
        f"{np.median(ink):.1f}.{_searched(found, data)}"
    )


def difficulty(found: Survey, data: Dataset) -> str:
    """Return sentences on test images that look most like another class."""
    hard = int((found.neighbours.difficulty > 1).sum())
    number = f"**{counted(hard, 'test image')}** ({hard / len(data.test):.1%})"
    who = f"{number} are" if hard > 1 else f"{number} is" if hard else "No test image is"
    misread = "them" if hard > 1 else "it" if hard else "none"
    return (
        f"{who} most like a training image of another class: whoever answers by the most similar "
        f"example misreads {misread}.{_searched(found, data)}"
    )


def _searched(found: Survey, data: Dataset) -> str:
    """A sentence that says so where not all training images were searched, or nothing."""
    if found.compared == len(data.train):
        return ""
    return (
        f" Only {found.compared:,} of the {len(data.train):,} training images, drawn at random, "
        "were searched."
    )


def mapped(places: NDArray[np.floating], labels: NDArray[np.integer]) -> str:
    """Return sentences on how well the map keeps classes together.

    Args:
        places: (n, 2), where each image stands.
        labels: (n,) integers, the class of each.
    """
    if len(labels) < 2:
        return "There is but one image on the map."
    alike = datasheet.kept_together(places, labels)
    return (
        f"Of {counted(len(labels), 'image')} on the map, **{alike:.1%}** stand nearest to one of "
        "their own class. Their places were found from the pixels alone; the labels only colour "
        "them."
    )


def written(data: Dataset) -> str:
    """Return sentences on how many people wrote the images, and how many images each."""
    train, test = datasheet.writers(data.train), datasheet.writers(data.test)
    if train is None or test is None:
        unknown = (
            "Who wrote these images is not known here, so this report says nothing about writers."
        )
        if data.name != "mnist":
            return unknown
        return (
            f"{unknown} The files of QMNIST say it: connect to the network, or put them into "
            "`$HANDWRITING_DATA/qmnist`, and make the report again."
        )
    shared = datasheet.shared_writers(data)
    both = {0: "Nobody is in both groups", 1: "1 person is in both groups"}
    return (
        f"{_people(train, 'training')}, and {_people(test, 'test')}. "
        f"{both.get(shared, f'{shared:,} people are in both groups')}."
    )


def _people(found: Writers, noun: str) -> str:
    """How many people wrote images, and how many each."""
    many = len(found.images)
    people = "person" if many == 1 else "people"
    fewest, most = int(found.images.min()), int(found.images.max())
    each = f"{fewest:,} to {most:,} each (median {np.median(found.images):,g})"
    if fewest == most:
        each = f"all {most:,}" if many == 1 else f"{most:,} each"
    return f"**{many:,}** {people} wrote the {noun} images, {each}"


def order(test: Split) -> str:
    """Return a sentence on which series each half of the test images is from; empty if unknown."""
    half = len(test) // 2
    if test.series is None or not half:
        return ""
    first, last = (
        _commonest_series(part, name)
        for part, name in ((test.series[:half], "first"), (test.series[half:], "last"))
    )
    return f"Of the {first}; of the {last}."


def _commonest_series(series: NDArray[np.int32], name: str) -> str:
    numbers, counts = np.unique(series, return_counts=True)
    most = int(counts.argmax())
    who = _SERIES.get(int(numbers[most]), "others")
    verb = "is" if counts[most] == 1 else "are"
    return (
        f"{name} {counted(len(series), 'test image')}, **{counts[most]:,}** {verb} from "
        f"hsf_{numbers[most]} ({who})"
    )


def series_rows(train: Writers, test: Writers) -> list[dict[str, str]]:
    """Return rows of a table: how many images each series of the collection gave to each split."""
    numbers = sorted({*train.series, *test.series})
    return [
        {
            "Series": f"hsf_{number}",
            "Written by": _SERIES.get(number, "others"),
            "Training images": f"{train.series.get(number, 0):,}",
            "Test images": f"{test.series.get(number, 0):,}",
        }
        for number in numbers
    ]


def disputed(found: Sequence[Dispute], class_names: Sequence[str]) -> str:
    """Return a sentence on what people read in the images whose labels they dispute."""
    if not found:
        return "For these data nobody is known to have asked."
    other, tied, neither = (
        [each for each in found if len(each.preferred) == number] for number in (1, 2, 0)
    )
    pairs = Counter(f"{class_names[e.given]} as {class_names[e.preferred[0]]}" for e in other)
    read = [pair if number == 1 else f"{pair} {times(number)}" for pair, number in pairs.items()]
    parts = [
        (other, f"most of the five prefer another digit ({listed(read)})"),
        (tied, "two digits are tied"),
        (neither, "most see neither of the two digits that they were asked about"),
    ]
    said = [f"in **{len(images)}**, {what}" for images, what in parts if images]
    return (
        f"Of the {SHOWN} images that people were shown, {counted(len(found), 'label')} "
        f"{'is' if len(found) == 1 else 'are'} disputed: {'; '.join(said)}."
    )


def file_rows(sha256: Mapping[str, str]) -> list[dict[str, str]]:
    """Return rows of a table: each file and its SHA-256, as it was read."""
    return [{"File": name, "SHA-256": digest} for name, digest in sha256.items()]


def licence(data: Dataset) -> str:
    """Return sentences on the terms on which the data may be used."""
    sentences = f"Licence: {data.origin.licence}."
    if data.name == "mnist":
        sentences += (
            " Not everybody says the same: the card of Hugging Face's copy "
            "(https://huggingface.co/datasets/ylecun/mnist) says MIT."
        )
    return f"{sentences} To cite: {data.origin.citation}."
