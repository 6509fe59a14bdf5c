"""Data sets by name, verified each time they are read.

The name of a published data set, such as `mnist`, is that one or an error; those that there are
stand in `published.by_name`. `digits` comes with scikit-learn and needs no network; `auto` is MNIST
where it can be had and `digits` where it cannot; any other name is the path of a file or a folder
in one of the forms that `forms` reads. MNIST may lie in `$HANDWRITING_DATA` in any of them.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from handwriting.data import (
    archives,
    forms,
    idx,
    out_of_distribution,
    published,
    qmnist,
    recognition,
    searching,
)
from handwriting.data.dataset import Dataset, Finding, Split
from handwriting.data.photographs import lookup
from handwriting.data.published import Published
from handwriting.errors import DatasetError, DownloadError
from handwriting.results import files

logger = logging.getLogger(__name__)

_NAMES = tuple(dict.fromkeys(("auto", "mnist", "digits", *published.by_name())))
_CORRECTIONS = ("invert", "scale", "transpose")
_NO_MNIST = (
    "**MNIST could not be had, so this report was made with `digits`**: 1,797 images of 8 by 8 "
    "pixels that come with scikit-learn. Its numbers say nothing about MNIST. To make it with "
    "MNIST, connect to the network, or put MNIST, in any form, into `$HANDWRITING_DATA` ({}) as "
    "`mnist`, and run it again."
)


@dataclass(frozen=True)
class Prepared:
    """A notebook's parameters made ready for a run.

    Attributes:
        parameters: as given, but for `dataset` and `foreigners`: `auto` is now a name, and a path
            is absolute, as are those of `images` and `truth`.
        inputs: the SHA-256 of each data file, by file name, or one of many pictures; of photographs
            by their number, since their names may tell who took them, and where.
        notice: Markdown for the top of the page, or None.
        warnings: what is odd about the data, for a terminal; pages show it themselves.
        faults: what of that would make a page's headline false.
    """

    parameters: dict[str, object]
    inputs: dict[str, str]
    notice: str | None
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def load(name: str = "auto", **corrections: Any) -> Dataset:
    """The data set of that name, its files verified.

    Args:
        name: `auto`, `digits`, that of a published data set, or a path (`./mnist` for a folder that
            has one of these names). The result's `name` says what `auto` came to.
        corrections: `invert`, `scale` or `transpose`, as `inspection.inspected` takes them, for
            data that are named by a path; what is published needs none, and takes but None.

    Raises:
        DatasetError: where there is no such data set, or its files are not what they should be.
        DownloadError: where a published data set is asked for by name, is not on this machine, and
            no mirror gives it.
    """
    asked = name = _checked_name(name)
    if name == "auto":
        name = _resolve_auto()
    if name == "digits":
        _check_uncorrected(name, corrections)
        found = (Finding("substitute", _no_mnist()),) if asked == "auto" else ()
        return replace(published.digits(), findings=found)
    if known := published.by_name().get(name):
        return _load_published(known, corrections)
    return _brought(searching.named(name, "dataset", _NAMES), **corrections)


def prepare(parameters: Mapping[str, object]) -> Prepared:
    """A notebook's parameters with those resolved that name data, and what their files are.

    A relative `$HANDWRITING_DATA` or `$HANDWRITING_CACHE` is made absolute, because the kernels
    that inherit it work in another folder.

    Raises:
        DatasetError: whatever `load` would refuse, foreign images that do not fit the data, and
            photographs that cannot be opened.
    """
    for name in ("HANDWRITING_DATA", "HANDWRITING_CACHE"):
        if os.environ.get(name):
            os.environ[name] = str(files.absolute(name))
    resolved = dict(parameters)
    photographs, photographed = lookup.resolved(parameters)
    resolved |= photographs
    if "dataset" not in parameters:
        return Prepared(resolved, photographed, None)
    name = asked = _checked_name(parameters["dataset"])
    if asked == "auto":
        name = _resolve_auto_once(os.environ.get("HANDWRITING_DATA"), files.cache_folder())
    corrections = {each: parameters[each] for each in _CORRECTIONS if each in parameters}
    name, inputs, image_shape, findings = _prepared(name, corrections)
    resolved["dataset"] = name
    if "foreigners" in parameters:
        asked_for = str(parameters["foreigners"])
        foreigners, more = out_of_distribution.resolved(asked_for, image_shape, own=inputs.values())
        resolved["foreigners"] = foreigners
        inputs |= {f"{Path(foreigners).name}/{file}": sha256 for file, sha256 in more.items()}
    notice = _no_mnist() if (asked, name) == ("auto", "digits") else None
    warnings, faults = (
        tuple(each.words for each in findings if each.severe or not severe)
        for severe in (False, True)
    )
    return Prepared(resolved, inputs | photographed, notice, warnings, faults)


def _prepared(
    name: str, corrections: Mapping[str, Any]
) -> tuple[str, dict[str, str], tuple[int, int], Sequence[Finding]]:
    """A data set's name or absolute path, its files' SHA-256, its images' size, its findings."""
    known = published.by_name().get(name)
    own = _own(known) if known else None
    if known and not own:
        _check_uncorrected(name, corrections)
        archives.verified(known.archive)
        people = qmnist.prepare() if known is published.MNIST else {}
        return name, known.archive.sha256 | people, published.IMAGE_SHAPE, ()
    if name == "digits":
        _check_uncorrected(name, corrections)
        published.check_digits()
        return name, dict(published.DIGITS_SHA256), published.DIGITS_SHAPE, ()
    path = own or searching.named(name, "dataset", _NAMES)
    name = name if own else str(path)
    state = searching.stamp(path), os.environ.get("HANDWRITING_DATA")
    inputs, image_shape, findings = _looked_at(name, state, tuple(corrections.items()))
    return name, dict(inputs), image_shape, findings


@functools.lru_cache(maxsize=8)
def _looked_at(
    name: str, _state: object, corrections: tuple[tuple[str, Any], ...]
) -> tuple[Mapping[str, str], tuple[int, int], Sequence[Finding]]:
    """Each file's SHA-256, the images' size, and the findings; read once for a build."""
    dataset = load(name, **dict(corrections))
    origin = dataset.origin
    return {**origin.sha256, **origin.writers_sha256}, dataset.image_shape, dataset.findings


# Published data sets, and those that somebody brings


def _load_published(asked: Published, corrections: Mapping[str, Any]) -> Dataset:
    if own := _own(asked):
        dataset = _brought(own, **corrections)
        if dataset.name == asked.archive.name:
            return dataset
        raise DatasetError.at(
            own,
            expected=f"{asked.archive.title}, since `$HANDWRITING_DATA` names its folder",
            found="other images, or a part of it",
            remedy="Replace it, or move it away to have MNIST downloaded.",
        )
    _check_uncorrected(asked.archive.name, corrections)
    paths = archives.verified(asked.archive)
    found = [idx.read(path, dimensions) for path, dimensions in zip(paths, (3, 1) * 2, strict=True)]
    if [each.sha256 for each in found] != [*asked.archive.sha256.values()]:
        raise DatasetError.at(
            paths[0].parent,
            expected="files that nobody changes",
            found="one that changed between two looks",
            remedy="Run it again.",
        )
    images, labels, test_images, test_labels = (each.array for each in found)
    train, test = Split(images, labels), Split(test_images, test_labels)
    return recognition.as_published(train, test, asked)


def _own(asked: Published) -> Path | None:
    """Where MNIST lies in `$HANDWRITING_DATA` in another form than its four files, or None."""
    if not os.environ.get("HANDWRITING_DATA") or asked is not published.MNIST:
        return None
    given, name = files.absolute("HANDWRITING_DATA"), asked.archive.name
    if given.is_file():
        return given
    if not given.is_dir() or any(
        (given / name / each.name).exists() for each in asked.archive.files
    ):
        return None
    called = [each for each in given.iterdir() if each.name.lower().partition(".")[0] == name]
    return next((each for each in sorted(called) if each.is_file() or any(each.iterdir())), None)


def _brought(path: Path, **corrections: Any) -> Dataset:
    """What somebody brings, under the name of the published data set that it is."""
    from handwriting.data import inspection  # slow to import

    collection = forms.read(path)
    corrected = any(each is not None for each in corrections.values())
    if not corrected and (known := recognition.by_files(collection)):
        return known
    recognise = functools.partial(recognition.by_images, collection=collection)
    dataset = inspection.inspected(collection, **corrections, recognise=recognise)
    remarks = [Finding("form", each) for each in collection.remarks]
    return replace(dataset, findings=(*remarks, *dataset.findings))


def _check_uncorrected(name: str, corrections: Mapping[str, object]) -> None:
    """Refuse to correct a published data set."""
    for parameter, value in corrections.items():
        if value is not None:
            raise DatasetError.at(
                parameter,
                expected=f"None, since {name!r} needs no correction",
                found=repr(value),
                remedy="Leave it out, or name the path of the images that it is for.",
            )


# Names


def _checked_name(name: object) -> str:
    if isinstance(name, str) and name.strip():
        return name
    raise DatasetError.at(
        "dataset",
        expected="the name of a data set or a path, as text",
        found=repr(name),
        remedy=f"Use one of {', '.join(_NAMES)}, or the path of a file or a folder.",
    )


@functools.cache
def _resolve_auto_once(_given: str | None, _cache: Path) -> str:
    """The same for all notebooks of a build, and none of them waits for the network again."""
    return _resolve_auto()


def _no_mnist() -> str:
    """What a page says where `auto` is not MNIST; of a folder no more than its name."""
    given = os.environ.get("HANDWRITING_DATA")
    return _NO_MNIST.format(f"the folder `{Path(given).name}`" if given else "which is not set")


def _resolve_auto() -> str:
    try:
        if not _own(published.MNIST):
            archives.verified(published.MNIST.archive)
    except DownloadError as error:
        logger.warning("Using the data set 'digits' in place of MNIST. %s", error)
        return "digits"
    return "mnist"
