"""How digits in photographs are written, and what of that goes with their being refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from handwriting.evaluation.readings import Reading

_ENOUGH = {
    "darkness of ink": ("contrast", 0.3),
    "height, pixels": ("height", 30.0),
    "space around, heights": ("gap", 0.1),
}
"""How digits are written, and how dark and how high they are where `benchmarks/photographs.py`
begins to lose some; how far apart was set by hand, since it hardly loses any that stand close."""


@dataclass(frozen=True)
class Aspect:
    """How digits are written in one respect, and whether those that lack it are refused.

    Attributes:
        name: what it is.
        enough: what digits should have at least.
        median: what they have.
        lacking: how many have less than enough.
        lacking_refused: how many of those are refused.
        others: how many have enough.
        others_refused: how many of those are refused.
    """

    name: str
    enough: float
    median: float
    lacking: int
    lacking_refused: int
    others: int
    others_refused: int

    @property
    def tells(self) -> bool:
        """Whether a greater share is refused of those that lack it than of the others."""
        return self.lacking_refused * max(self.others, 1) > self.others_refused * self.lacking


def aspects(readings: Sequence[Reading]) -> tuple[Aspect, ...]:
    """Return how digits are written: how dark, how large and how far apart.

    Args:
        readings: at least one.
    """
    found = []
    refused = np.array([bool(each.refusal) for each in readings])
    for name, (attribute, enough) in _ENOUGH.items():
        values = np.array([float(getattr(each.stroke, attribute)) for each in readings])
        lacks = values < enough
        counts = (lacks, lacks & refused, ~lacks, ~lacks & refused)
        numbers = (int(each.sum()) for each in counts)
        found.append(Aspect(name, enough, float(np.median(values)), *numbers))
    return tuple(found)


def table(found: Sequence[Aspect]) -> pd.DataFrame:
    """Return a row for each respect in which digits may lack something."""
    return pd.DataFrame(
        [
            {
                "Respect": each.name,
                "Median": each.median,
                "Enough": each.enough,
                "Have less": each.lacking,
                "Refused of these": each.lacking_refused,
                "Refused of the others": each.others_refused,
            }
            for each in found
        ]
    )
