"""How much is read of digits that are photographed worse and worse: measured once, and kept."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.data.photographs.made import MODERATE, Conditions
from handwriting.evaluation.readings import Recovery
from handwriting.models import config
from handwriting.results import store
from handwriting.results.store import Entry, Remembered

KEPT = "photographs"
"""What the file is called in which the project keeps it."""

DIGITS, _ON_A_PHOTOGRAPH = 1000, 100
_ALONG_A_CURVE = 3
"""Photographs at each point of a curve, where under moderate conditions it is all of them."""

SQUARED = replace(MODERATE, squared=True)
"""The same on squared paper."""

_SHARES = 0.9, 0.6, 0.4, 0.3, 0.2, 0.1


def _pale(contrast: float) -> tuple[int, int, int]:
    """A grey pen, so much darker than the paper."""
    return (round(235 * (1 - contrast)),) * 3


CONDITIONS: Mapping[str, Mapping[float, Conditions]] = {
    "height of digits, pixels": {
        size: replace(MODERATE, lowest=size, highest=size) for size in (60, 40, 30, 20, 15, 10)
    },
    "darkness of ink": {share: replace(MODERATE, pen=_pale(share)) for share in _SHARES},
    "space between, in heights": {
        space: replace(MODERATE, space=space) for space in (0.5, 0.3, 0.2, 0.1, 0.05, 0)
    },
    "blur, pixels": {blur: replace(MODERATE, blur=blur) for blur in (0, 1, 2, 3, 4, 6)},
    "noise, grey levels": {
        noise: replace(MODERATE, noise=noise) for noise in (0, 3, 10, 20, 30, 40)
    },
    "light: brightest to darkest": {
        light: replace(MODERATE, light=light) for light in (1, 2, 4, 8, 16, 32)
    },
    "turned by up to, degrees": {
        angle: replace(MODERATE, rotation=angle) for angle in (0, 5, 10, 20, 30, 45)
    },
    "perspective, share of the side": {
        share: replace(MODERATE, perspective=share) for share in (0, 0.05, 0.1, 0.15, 0.2, 0.25)
    },
}
"""What gets worse, and by how much, while all else stays moderate."""


@dataclass(frozen=True)
class Series:
    """What comes back of digits as photographs get worse in one respect.

    Attributes:
        title: in which, as `CONDITIONS` calls it.
        amounts: how much, from better to worse.
        recoveries: what came back at each.
    """

    title: str
    amounts: tuple[float, ...]
    recoveries: tuple[Recovery, ...]


@dataclass(frozen=True)
class Curves:
    """What came back under moderate conditions, and under worse ones.

    Attributes:
        moderate: under `MODERATE`.
        squared: the same on squared paper.
        series: one for each of `CONDITIONS`.
    """

    moderate: Recovery
    squared: Recovery
    series: tuple[Series, ...]


_CURVES = pydantic.TypeAdapter(Curves)


def measure(
    data: Dataset,
    read: Callable[[NDArray[np.int64], Conditions, int], Recovery],
    progress: Callable[[str], None] = lambda _: None,
) -> Curves:
    """Return what comes back of the same test images under all conditions.

    Args:
        data: whose test images are photographed.
        read: returns what comes back of some of them, from their numbers, conditions and a seed.
        progress: called with a line on what is being done.
    """
    chosen = data.test.draw(min(DIGITS, len(data.test)))
    parts = np.array_split(chosen, -(-len(chosen) // _ON_A_PHOTOGRAPH))

    @functools.cache  # since moderate conditions are a point of most curves
    def under(conditions: Conditions, photographs: int) -> Recovery:
        progress(str(conditions))
        seen = enumerate(parts[:photographs])
        found = [astuple(read(part, conditions, seed)) for seed, part in seen]
        return Recovery(*np.sum(found, axis=0).tolist())

    series = (
        Series(title, tuple(each), tuple(under(one, _ALONG_A_CURVE) for one in each.values()))
        for title, each in CONDITIONS.items()
    )
    on_ruled, on_squared = (under(each, len(parts)) for each in (MODERATE, SQUARED))
    return Curves(on_ruled, on_squared, tuple(series))


def entry(found: Curves, data: Dataset, environment: Mapping[str, str]) -> Entry:
    """Return curves as a file keeps them.

    Args:
        found: what `measure` returned.
        data: whose test images were photographed.
        environment: what they came about under, as `training_runs.environment` returns it.
    """
    return store.entry(KEPT, key(data), Remembered(found, "now", store.now(), environment), _CURVES)


def load(data: Dataset, kept: Sequence[Entry]) -> Remembered[Curves] | None:
    """Return the kept curves of these data and these conditions, or None where there are none.

    Args:
        data: whose test images are to have been photographed.
        kept: as `store.kept` returns it.
    """
    return store.recall(kept, KEPT, key(data), _CURVES)


def key(data: Dataset) -> dict[str, str]:
    """Return what the curves depend on: the images, how the network is trained, the conditions."""
    return {
        "train": data.train.digest,
        "test": data.test.digest,
        "recipe": config.SMALL.parameters,
        "conditions": conditions_digest(),
    }


def conditions_digest() -> str:
    """Return what tells these conditions from others, in hexadecimal."""
    every = [MODERATE, SQUARED, *(one for each in CONDITIONS.values() for one in each.values())]
    return store.digest([DIGITS, _ALONG_A_CURVE, *map(asdict, every)])
