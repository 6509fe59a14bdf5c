"""How often a network errs where each pixel may change a little, in the worst way or at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pydantic

from handwriting.data.dataset import Dataset
from handwriting.errors import MeasurementError
from handwriting.evaluation import metrics
from handwriting.evaluation.intervals import Interval, wilson
from handwriting.models import training_runs
from handwriting.models.training_runs import Run
from handwriting.results import store

RADII = (0.02, 0.05, 0.1, 0.2)
"""By how much each pixel may change, as shares of the range from paper to ink."""


class Broken(NamedTuple):
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
    def by_radius(self) -> tuple[tuple[float, float, float], ...]:
        """Each radius, 0 first, with the accuracy under the worst change and under noise."""
        worst, noise = (self.clean, *self.worst), (self.clean, *self.noise)
        return tuple(zip((0.0, *RADII), worst, noise, strict=True))

    def interval(self, share: float) -> Interval:
        """Return the 95% Wilson interval of one of these shares, had the images been others."""
        return wilson(round(share * self.images), self.images)

    @property
    def broken(self) -> Broken | None:
        """The least radius that makes it misread half of the images or more; None without any."""
        least = next((each for each in self.by_radius if each[1] <= 0.5), None)
        return None if least is None else Broken(*least)


_FOUND = pydantic.TypeAdapter(AdversarialAccuracy)


def accuracy(
    name: str,
    run: Run,
    data: Dataset,
    images: int,
    machine: Mapping[str, object],
    *,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> AdversarialAccuracy:
    """Return how a network fares where pixels change; from the user's cache, or found out now.

    The network is asked for one look at each image.

    Args:
        name: what a table calls the network.
        run: the network, and how it was trained.
        data: whose test images are changed.
        images: how many of them, drawn at random.
        machine: processor, cores and the like, each by name.
        fresh: ask anew, whatever the cache holds.
        progress: called with a line before each radius.
    """
    from handwriting.models import adversarial, networks, training  # here: Keras takes seconds

    network, test = run.network, data.test.drawn(min(images, len(data.test)))

    def ask() -> AdversarialAccuracy:
        rng = np.random.default_rng(0)
        signs = rng.choice(np.array([-1, 1]), test.images.shape)
        worst, noise = [], []
        for radius in RADII:
            progress(f"{run.recipe.title}: pixels change by {radius:.0%}")
            survived = adversarial.attacked(network, test.images, test.labels, radius)
            worst.append(float(survived.mean()))
            noisy = np.clip(test.images + np.rint(signs * radius * 255), 0, 255).astype(np.uint8)
            read = metrics.predictions(training.predict(network, noisy))
            noise.append(metrics.accuracy(test.labels, read))
        read = metrics.predictions(training.predict(network, test.images))
        clean = metrics.accuracy(test.labels, read)
        return AdversarialAccuracy(name, len(test), clean, tuple(worst), tuple(noise))

    key = {"test": test.digest, "network": networks.fingerprint(network), "radii": str(RADII)}
    made_under = training_runs.environment(machine, __name__)
    told = store.remember("adversarial", key, ask, _FOUND, made_under, check=_check, fresh=fresh)
    return replace(told.value, network=name)


def _check(found: AdversarialAccuracy) -> None:
    if {len(found.worst), len(found.noise)} != {len(RADII)}:
        raise MeasurementError(f"expected accuracies at {len(RADII)} radii; found {found}")


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
