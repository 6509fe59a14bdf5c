"""How networks are trained: settings alone, which cost no import of Keras."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from handwriting.errors import SettingError

__all__ = ["Plan"]

_FEWEST_STEPS = 20
"""How many steps an epoch has at least, where there are as many images."""


@dataclass(frozen=True)
class Plan:
    """How a network is trained.

    Attributes:
        epochs: passes over the training images.
        batch_size: images in a step, at most: see `images_per_step`.
        learning_rate: the highest that Adam's step size becomes.
        seed: what the order of the images is drawn from.
        label_smoothing: share of certainty that is taken from the true class and spread evenly.
        validation_share: share of the images that are kept from training, to watch it by.

    Raises:
        SettingError: where a setting is out of its range.
    """

    epochs: int = 10
    batch_size: int = 512
    learning_rate: float = 0.01
    seed: int = 0
    label_smoothing: float = 0.05
    validation_share: float = 1 / 12

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
            value = getattr(self, name)
            whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not (whole and least <= value < 2**31):
                _refuse(name, f"a whole number of at least {least}, below 2^31", value)
        if not 0 < self.learning_rate < math.inf:
            _refuse("learning_rate", "a finite number above 0", self.learning_rate)
        for name in ("label_smoothing", "validation_share"):
            if not 0 <= getattr(self, name) < 1:
                _refuse(name, "a number of at least 0 and below 1", getattr(self, name))

    def images_per_step(self, images: int) -> int:
        """How many of so many training images make a step: the batch size, or a twentieth.

        A small data set gives 20 steps an epoch even where the batch size suits a large one.
        """
        return min(self.batch_size, math.ceil(images / _FEWEST_STEPS))


def _refuse(name: str, expected: str, found: object) -> None:
    raise SettingError(f"{name}: expected {expected}; found {found!r}. Change it.")
