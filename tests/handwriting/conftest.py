"""A comparison that can be worked by hand: 12 images of 3 classes, a network and three rivals."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handwriting.baselines.benchmark import Result
from handwriting.baselines.timing import BARE, Durations, Entrant, InferenceMode, Measurement
from handwriting.data import registry
from handwriting.data.dataset import Dataset
from handwriting.evaluation import comparison
from handwriting.evaluation.comparison import Comparison

TRUTHS = np.repeat([0, 1, 2], 4)
NETWORK = [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2]  # wrong about images 3 and 7
ACCURATE = [0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2]  # wrong about image 3
QUICK = [0, 0, 0, 1, 0, 0, 0, 1, 0, 2, 2, 2]  # wrong about images 3, 4, 5, 6 and 8
DUMMY = [0] * 12  # wrong about images 4 to 11


def times(median: float, images: int = 1) -> Durations:
    """Durations of eleven rounds, each of which has the same median."""
    rounds = (median,) * 11
    return Durations(images, 220, median, 0.9 * median, 1.1 * median, 1.5 * median, rounds)


def way(name: str, single: float, batch: float, size: int = 2**20) -> InferenceMode:
    return InferenceMode(name, times(single), times(batch * 12, 12), size)


def result(
    name: str,
    *predictions: Sequence[int],
    ways: Sequence[InferenceMode],
    fit_seconds: float = 1.0,
    network: bool = False,
    origin: str = "now",
    converged: bool = True,
    random: bool = False,
) -> Result:
    """The result of an entrant that was never really measured."""
    title = name.replace("_", " ")
    entrant = Entrant(name, title, f"{name}()", "", "", (), lambda *_: None, network, random)
    rows = np.array(predictions, np.uint8)
    measurement = Measurement(rows, fit_seconds, converged, tuple(ways))
    environment = {"machine: processor": "abacus", "machine: cores": "2", "source": "abc"}
    moment = "2026-11-25T04:05:06+00:00"
    return Result(entrant, origin, moment, environment, measurement)


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache: the folder of the results in it, which is not there yet."""
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "results"


@pytest.fixture
def mnist(real_mnist, monkeypatch) -> Dataset:
    """The real MNIST, with its writers where they are known here."""
    monkeypatch.setenv("HANDWRITING_DATA", str(real_mnist.parent))
    return registry.load("mnist")


@pytest.fixture
def truths() -> np.ndarray:
    return TRUTHS


@pytest.fixture
def make_result() -> Callable[..., Result]:
    return result


@pytest.fixture
def make_way() -> Callable[..., InferenceMode]:
    return way


@pytest.fixture
def results() -> tuple[Result, ...]:
    """The network, called in three ways, and its rivals, one of them by NumPy alone, too."""
    ours = way("slow call", 0.1, 0.1), way("quick call", 0.002, 0.001), way(BARE, 2e-5, 1e-5)
    theirs = way("it", 0.001, 0.0001), way(BARE, 4e-5, 5e-6)
    floor = way("it", 1e-6, 1e-6), way(BARE, 1e-7, 1e-7)
    accurate = [way("it", 0.05, 0.05)]
    return (
        result(
            "neural_network", NETWORK, ACCURATE, ways=ours, fit_seconds=4, network=True, random=True
        ),
        result("dummy", DUMMY, ways=floor, fit_seconds=0.01),
        result("accurate", ACCURATE, ways=accurate, fit_seconds=90, origin="kept", random=True),
        result("quick", QUICK, ways=theirs, converged=False, origin="cache"),
    )


@pytest.fixture
def found(results, truths) -> Comparison:
    """How they compare."""
    return comparison.compare(results, truths)


@pytest.fixture
def related(found) -> Callable[..., Comparison]:
    """The same, with what can be said of some rivals changed."""

    def made(**relations: str) -> Comparison:
        differences = tuple(
            replace(each, relation=relations.get(each.name, each.relation))
            for each in found.accuracy.differences
        )
        return replace(found, accuracy=replace(found.accuracy, differences=differences))

    return made
