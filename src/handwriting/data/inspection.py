"""What somebody brings, made a data set: corrected where that is certain, told where it is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from handwriting.data import copies, corrections, splitting
from handwriting.data.collection import Collection, Part
from handwriting.data.corrections import Say
from handwriting.data.dataset import Dataset, Finding, Origin, Split, plain
from handwriting.errors import DatasetError

_SMALLEST, _LARGEST = 8, 128  # pixels that an image may be high and wide
_PARTS = 5  # one of which is the test part, where nobody divided the images
_FEW_TESTED, _FEW_LEARNED = 100, 10  # images, of the test part and of a class: fewer are said


def inspected(
    collection: Collection,
    *,
    invert: bool | None = None,
    scale: float | None = None,
    transpose: bool | None = None,
    recognise: Callable[[Dataset], Dataset] = lambda data: data,
) -> Dataset:
    """The data set that somebody's images and labels are, with what is odd about them.

    What is certain is corrected; all that is corrected or suspected is among its `findings`.

    Args:
        collection: as it was read.
        invert: whether to exchange ink and paper; None to find out.
        scale: the number that stands for the brightest pixel there can be; None to find out.
        transpose: whether to exchange rows and columns; None to find out.
        recognise: gives a published data set its own name, once images and labels are corrected;
            the name of any other ends with a slash.

    Raises:
        DatasetError: It cannot be learned from, or a correction is needed that only its owner
            knows.
    """
    title, findings = collection.title, list[Finding]()
    parts = [part for part in (collection.train, collection.test) if part is not None]
    _check(title, parts)
    images = corrections.in_grey(title, [part.images for part in parts], scale, findings.append)
    _check_that_they_differ(title, images)
    images = corrections.with_bright_ink(images, invert, findings.append)
    labels, names = corrections.numbered(
        title, [part.labels for part in parts], collection.class_names, findings.append
    )
    likeness = corrections.likeness_to_digits(images[0], labels[0], names)
    if transpose or (transpose is None and collection.transposed):
        images = corrections.transposed(images)
        text = "Rows and columns of the images were exchanged; they are put right."
        findings.append(Finding("transposed", text))
    elif transpose is None and likeness.transposed:
        text = (
            "These digits look like digits with rows and columns exchanged. If they are, set the "
            "parameter `transpose` to true."
        )
        findings.append(Finding("transposed", text))
    named = bool(collection.class_names) or parts[0].labels.dtype.kind in "OUS"
    data = Dataset(
        f"{title}/",
        title,
        *_splits(title, images, labels, [part.writers for part in parts], findings.append),
        names,
        Origin((), collection.sha256, "not stated", "not stated"),
        _noun(names, named or likeness.digits),
        tuple(findings),
    )
    data = recognise(data)
    data = copies.without_copies(data, published=not data.name.endswith("/"))
    return replace(data, findings=(*data.findings, *_thin(data)))


# --- What cannot be learned from ---------------------------------------------------------------


def _check(title: str, parts: Sequence[Part]) -> None:
    """Refuse what is no images with a label each, of one size that can be worked with."""
    for part in parts:
        shape, numbers = part.images.shape, part.images.dtype
        if len(shape) != 3 or 0 in shape or part.labels.shape != shape[:1]:
            numbers = np.dtype(object)
        if numbers.kind not in "biuf":
            raise DatasetError.at(
                title,
                expected="images in grey, height by width numbers each, and as many labels",
                found=f"{part.images.dtype} of shape {shape}, and labels of {part.labels.shape}",
                remedy="Check that images and labels belong together.",
            )
    sizes = list(dict.fromkeys(part.images.shape[1:] for part in parts))
    if len(sizes) > 1 or not all(_SMALLEST <= side <= _LARGEST for side in sizes[0]):
        raise DatasetError.at(
            title,
            expected=f"images of one size, {_SMALLEST} to {_LARGEST} pixels high and wide",
            found=" and ".join(f"{height} by {width} pixels" for height, width in sizes),
            remedy="Resize them, to 28 by 28 pixels for instance.",
        )


def _check_that_they_differ(title: str, images: Sequence[NDArray[np.uint8]]) -> None:
    for part in images:
        if len(part) > 1 and (part == part[0]).all():
            raise DatasetError.at(
                title,
                expected="images that differ",
                found=f"{len(part):,} images, all alike to the pixel",
                remedy="Check how they were written.",
            )


# --- Parts and classes -------------------------------------------------------------------------


def _splits(
    title: str,
    images: Sequence[NDArray[np.uint8]],
    labels: Sequence[NDArray[np.int64]],
    writers: Sequence[NDArray[np.int32] | None],
    say: Say,
) -> tuple[Split, Split]:
    """The part to learn from and the part to be judged by."""
    train, *others = (
        Split(part, known.astype(np.uint8), by)
        for part, known, by in zip(images, labels, writers, strict=True)
    )
    if not others:
        learned, judged = _divided(train, say)
        return _fixed(learned), _fixed(judged)
    known = labels[1] >= 0
    if not known.any():
        raise DatasetError.at(
            title,
            expected="test images of classes that training images have",
            found=f"{len(known):,} test images, none of them of such a class",
            remedy="Check that both parts belong together.",
        )
    if not known.all():
        text = (
            f"Test images of classes that no training image has: **{(~known).sum():,} of "
            f"{len(known):,}**. Nobody can learn these classes; the images are left out."
        )
        say(Finding("unknown", text, severe=True))
    return _fixed(train), _fixed(others[0].taken(np.flatnonzero(known)))


def _divided(split: Split, say: Say) -> tuple[Split, Split]:
    """Images that nobody had divided, in two: by whole writers where several are known.

    Where one writer wrote all test images, that is not kept with them: how far an accuracy may lie
    from that among other people can be asked of several only.
    """
    if not splitting.knows_writers(split):
        judged = _fifth(split.labels)
        text = (
            f"Nobody had divided these images: of each class a fifth, {judged.sum():,} in all, was "
            "drawn at random to be the test images. Where images belong together, those by one "
            "hand for instance, some may be in each part, and reading look easier than it is."
        )
        say(Finding("divided", text))
        return split.taken(np.flatnonzero(~judged)), split.taken(np.flatnonzero(judged))
    train, test = map(split.taken, splitting.divided(split, 1 / _PARTS))
    people, strangers = (len(np.unique(np.asarray(each.writers))) for each in (train, test))
    text = (
        f"Nobody had divided these images: {strangers:,} of {people + strangers:,} writers, drawn "
        f"at random, wrote the {len(test):,} test images, and nobody wrote images of both parts."
    )
    if strangers == 1:
        text += " One person's images cannot tell how much people differ."
        test = replace(test, writers=None)
    say(Finding("divided", text))
    return train, test


def _fifth(labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which images are to be judged by, (n,), the same each time: of two of a class at least one.

    One that is the only image of its class is to learn from.
    """
    random = np.random.default_rng(0)
    judged = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        judged[members[: max(round(len(members) / _PARTS), len(members) > 1)]] = True
    return judged


def _fixed(split: Split) -> Split:
    """The same arrays, which nobody can change through it."""
    fixed = replace(split, images=split.images.view())
    for array in (fixed.images, fixed.labels, fixed.writers):
        if array is not None:
            array.setflags(write=False)
    return fixed


def _noun(class_names: Sequence[str], digits: bool) -> str:
    """What one of the classes is, in the singular."""
    single = all(len(name) == 1 for name in class_names)
    if single and digits and all(name.isdecimal() for name in class_names):
        return "digit"
    return "letter" if single and all(name.isalpha() for name in class_names) else "image"


def _thin(data: Dataset) -> list[Finding]:
    """What to say of a single class, a small test part, and classes with few images, or none."""
    learned, judged = (
        np.bincount(split.labels, minlength=data.classes) for split in (data.train, data.test)
    )
    findings, tested = [], len(data.test)
    if data.classes == 1:
        text = (
            "All images are of **one class**: whoever names it without looking is always right, "
            "so that an accuracy of 100% says nothing here, nor does anything that rests on it."
        )
        findings.append(Finding("single", text, severe=True))
    if missing := [plain(data.class_names[label]) for label in np.flatnonzero(judged == 0)]:
        text = (
            f"Classes without a test image: **{len(missing)} of {data.classes}** "
            f"({', '.join(missing[:10])}{', …' * (len(missing) > 10)}). How well they are read is "
            "not measured."
        )
        findings.append(Finding("unmeasured", text, severe=True))
    if tested < _FEW_TESTED:
        low, high = _interval(0.9, tested)
        text = (
            f"Test images: only {tested:,}. One of them is {1 / tested:.1%} of accuracy, and the "
            f"95% interval of an accuracy of 90% is {low:.0%} to {high:.0%}."
        )
        findings.append(Finding("few", text))
    if learned.min() < _FEW_LEARNED:
        text = (
            f"Training images of the rarest class, {plain(data.class_names[learned.argmin()])}: "
            f"only {learned.min():,}. What is said of so small a class is mostly chance."
        )
        findings.append(Finding("few", text))
    return findings


def _interval(share: float, images: int) -> tuple[float, float]:
    """The 95% interval of a share of so many images, after Wilson (1927); it stays within 0 to 1.

    E. B. Wilson (1927), *Probable inference, the law of succession, and statistical inference*,
    Journal of the American Statistical Association 22(158), 209-212.
    """
    room = 1.96**2 / images
    middle = share + room / 2
    reach = np.sqrt(room * (share * (1 - share) + room / 4))
    return float((middle - reach) / (1 + room)), float((middle + reach) / (1 + room))
