"""A figure and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure that says what it shows.

    Attributes:
        figure: a `matplotlib.figure.Figure`.
        alt: what it shows, with its numbers, for those who can't see it.
    """

    figure: Any
    alt: str
