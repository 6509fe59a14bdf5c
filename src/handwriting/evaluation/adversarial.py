"""How often a network errs where each pixel may change a little, in the worst way or at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from handwriting.data.dataset import Split
from handwriting.evaluation import metrics
from handwriting.evaluation.intervals import Interval, wilson
from handwriting.models.training_runs import Run

RADII = (0.02, 0.05, 0.1, 0.2)
"""By how much each pixel may change, as shares of the range from paper to ink."""

ROWS = 1 + 2 * len(RADII)
"""How often a network is asked for each image: as it is, and at each radius in two ways."""


class AtRadius(NamedTuple):
    """A radius, and the shares read rightly where pixels change by it, 0-1."""

    radius: float
    worst: float
    noise: float


@dataclass(frozen=True)
class AdversarialAccuracy:
    """A network's accuracy where every pixel may change by a radius.

    Attributes:
        network: what a table calls it.
        images: how many test images were changed.
        clean: on the images as they are, 0-1.
        worst: by radius, the share that no change found makes it misread, 0-1: an upper bound of
            what holds against every change.
        noise: by radius, on images whose every pixel changes by the whole radius, up or down by
            chance, 0-1.
    """

    network: str
    images: int
    clean: float
    worst: tuple[float, ...]
    noise: tuple[float, ...]

    @property
    def by_radius(self) -> tuple[AtRadius, ...]:
        """Each radius, 0 first, with the accuracy under the worst change and under noise."""
        worst, noise = (self.clean, *self.worst), (self.clean, *self.noise)
        return tuple(map(AtRadius, (0.0, *RADII), worst, noise))

    def interval(self, share: float) -> Interval:
        """Return the 95% Wilson interval of one of these shares, had the images been others."""
        return wilson(round(share * self.images), self.images)

    @property
    def broken(self) -> AtRadius | None:
        """The least change by which it misreads half of the images or more; None without any."""
        return next((each for each in self.by_radius[1:] if each.worst <= 0.5), None)


def outcomes(run: Run, test: Split, progress: Callable[[str], None]) -> NDArray[np.uint8]:
    """Return whether a network reads images rightly, (ROWS, n) uint8, 1 where it does.

    The first row is of the images as they are; then comes a row for each radius, of changes in the
    worst way found, and then one for each radius of changes by chance. The network is asked for one
    look at each image.

    Args:
        run: the network, and how it was trained.
        test: n images as they are.
        progress: called with a line before each radius.
    """
    from handwriting.models import adversarial, training  # here: Keras takes seconds to import

    def right(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
        return np.asarray(metrics.predictions(training.predict(run.network, images)) == test.labels)

    signs = np.random.default_rng(0).choice(np.array([-1, 1]), test.images.shape)
    worst, noise = [], []
    for radius in RADII:
        progress(f"{run.recipe.title}: pixels change by {radius:.0%}")
        worst.append(adversarial.attacked(run.network, test.images, test.labels, radius))
        noisy = np.clip(test.images + np.rint(signs * radius * 255), 0, 255).astype(np.uint8)
        noise.append(right(noisy))
    return np.array([right(test.images), *worst, *noise], np.uint8)


def accuracy(network: str, outcomes: NDArray[np.uint8]) -> AdversarialAccuracy:
    """Return how a network fares where pixels change.

    Args:
        network: what a table calls it.
        outcomes: (ROWS, n), as the function of that name returns them.
    """
    clean, *shares = outcomes.mean(axis=1).tolist()
    worst, noise = shares[: len(RADII)], shares[len(RADII) :]
    return AdversarialAccuracy(network, outcomes.shape[1], clean, tuple(worst), tuple(noise))


def table(found: Sequence[AdversarialAccuracy]) -> pd.DataFrame:
    """Return a row for each network and radius, with Wilson intervals of independent images."""
    return pd.DataFrame(
        [
            {
                "Network": each.network,
                "Each pixel changes by": radius,
                "Changed at random": noise,
                "Changed in the worst way found": worst,
                "Interval from": each.interval(worst).low,
                "Interval to": each.interval(worst).high,
            }
            for each in found
            for radius, worst, noise in each.by_radius
        ]
    )
