"""One tree for all that the analysis refuses.

    HandwritingError
    ├── DatasetError         data that are missing, damaged or not what they claim to be
    │   └── DownloadError    data that no mirror gave
    ├── MeasurementError     a result that could not be measured, or that was kept and is damaged
    │   └── TooFewImagesError    a classifier that cannot learn from so little
    ├── SettingError         a setting out of its range (also a ValueError)
    └── TrainingError        a training that came to nothing

Each message says what was expected, what was found, where, and what to do next.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self


class HandwritingError(Exception):
    """The root: catch it for anything that this package refuses."""


class DatasetError(HandwritingError):
    """Data that are missing, damaged or not what they claim to be."""

    @classmethod
    def at(cls, place: str | Path, *, expected: str, found: str, remedy: str) -> Self:
        """The error that says where, what was expected, what was found, and what to do."""
        return cls(f"{place}: expected {expected}; found {found}. {remedy}")


class DownloadError(DatasetError):
    """Data that are nowhere on this machine and that no mirror gave."""


class MeasurementError(HandwritingError):
    """A result that could not be measured, or that was kept and cannot be used."""


class TooFewImagesError(MeasurementError):
    """Training images that are too few for a classifier, or of too few classes."""


class SettingError(HandwritingError, ValueError):
    """A setting outside its range, or settings that do not go together."""


class TrainingError(HandwritingError):
    """A training that came to nothing, such as one whose loss is no longer a number."""
