"""Who is compared, and what came of it: tables of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from handwriting.baselines.benchmark import Result
from handwriting.baselines.classifiers import CLASSIFIERS
from handwriting.evaluation.comparison import Comparison
from handwriting.evaluation.method_comparison import MARGIN, Difference
from handwriting.evaluation.standings import Spread, Standing, TimeRatio
from handwriting.evaluation.trainings import MeanAccuracy

_DASH = "\N{EN DASH}"
_MEBIBYTE = 2**20
_POINTS = 100
_NETWORK = "weighs pixels into hidden neurons, and these into one score a class"


def classifiers(results: Sequence[Result]) -> pd.DataFrame:
    """Return a row for each classifier: its settings, where they are from, and how it decides."""
    known = {each.name: each for each in CLASSIFIERS}
    found = [(result.entrant, known.get(result.entrant.name)) for result in results]
    return pd.DataFrame(
        {
            "Classifier": entrant.title,
            "Settings": _settings(entrant.settings) if rival else entrant.settings,
            "Chosen by": rival.choice if rival else "Keras, early choices",
            "How it decides": rival.idea if rival else _NETWORK,
        }
        for entrant, rival in found
    )


def _settings(pipeline: str) -> str:
    """What stands in the brackets of a pipeline's steps: `k=3` of `PCA() → Neighbours(k=3)`."""
    named = re.findall(r"\w+\(((?:[^()]|\([^()]*\))*)\)", pipeline)
    return ", ".join(filter(None, named)) or _DASH


def sources(results: Sequence[Result]) -> pd.DataFrame:
    """Return a row for each rival: scikit-learn's name for it, and who described it."""
    entered = {result.entrant.name for result in results}
    return pd.DataFrame(
        {
            "Classifier": each.title,
            "In scikit-learn": type(each.steps[-1]).__name__,
            "Described in": each.source,
        }
        for each in CLASSIFIERS
        if each.name in entered and each.source
    )


def accuracies(found: Comparison) -> pd.DataFrame:
    """Return a row for each classifier: its mean accuracy, and how that differs from the network's.

    Differences are in percentage points.
    """
    differences = {each.name: each for each in found.accuracy.differences}
    return pd.DataFrame(
        {
            "Classifier": each.name,
            "Trainings": _trainings(each),
            "Mean accuracy": Spread(each.mean, each.interval.low, each.interval.high),
            "Difference, points": _points(differences.get(each.name)),
            "Than the network": _relation(differences.get(each.name)),
            "p-value": getattr(differences.get(each.name), "p_value", None),
            "Findable, points": _findable(differences.get(each.name)),
        }
        for each in found.ranked
    )


def _trainings(each: MeanAccuracy) -> str:
    if each.random:
        return "1, its own luck is not known" if each.trainings == 1 else str(each.trainings)
    return "1, has no seed"


def _points(each: Difference | None) -> Spread | None:
    if each is None:
        return None
    low, high = each.interval.low, each.interval.high
    return Spread(_POINTS * each.difference, _POINTS * low, _POINTS * high)


def _findable(each: Difference | None) -> float | None:
    return None if each is None else _POINTS * each.least_detectable


def _relation(each: Difference | None) -> str | None:
    """What can be said of a rival, and what cannot be excluded."""
    if each is None:
        return None
    if each.relation == "equivalent":
        return f"equivalent within {_POINTS * MARGIN:.1f} points"
    if each.relation == "not told apart" and each.excluded < 1:
        excluded = f"{_POINTS * each.excluded:.2f}"
        return f"not told apart (more than {excluded} points can be excluded)"
    return each.relation


def standings(found: Comparison) -> pd.DataFrame:
    """Return a row of numbers for each standing, and below them one for each that failed."""
    rows = [
        {
            "Classifier": each.title + _remark(each),
            "Called by": each.way,
            "Accuracy": each.accuracy,
            "One image, ms": 1e3 * each.seconds("single"),
            "Images a second": each.batch.images_per_second,
            "Fit, s": each.fit_seconds,
            "Size, MiB": each.size / _MEBIBYTE,
        }
        for each in found.standings
    ]
    return pd.DataFrame([*rows, *({"Classifier": each.entrant.title} for each in found.failed)])


def _remark(each: Standing) -> str:
    kept = [] if each.in_turns else ["times of another run"]
    remarks = kept if each.converged else [*kept, "not converged"]
    return f" ({', '.join(remarks)})" if remarks else ""


def times(found: Comparison) -> pd.DataFrame:
    """Return a row of times for each standing, and below them why others failed.

    They are compared with the network's quickest way of being called in the same world.
    """
    rows = [
        {
            "Classifier": each.title,
            "Called by": each.way,
            "One image, ms": each.spread("single", 1e-3),
            "99th percentile, ms": 1e3 * each.single.slow,
            "Times the network's": _ratio(found.ratio(each, "single")),
            "In a batch, µs": each.spread("batch", 1e-6),
            "Times its batch": _ratio(found.ratio(each, "batch")),
            "Measured": each.measured,
        }
        for each in found.standings
    ]
    failed = (
        {"Classifier": each.entrant.title, "Measured": f"failed: {each.error}"}
        for each in found.failed
    )
    return pd.DataFrame([*rows, *failed])


def _ratio(found: TimeRatio | None) -> Spread | None:
    if found is None:
        return None
    return Spread(found.ratio, found.interval.low, found.interval.high)


def plain_accuracies(found: Comparison) -> pd.DataFrame:
    """Return what a figure draws of each classifier's accuracy, as fractions."""
    return pd.DataFrame(
        {
            "classifier": each.name,
            "accuracy": each.mean,
            "low": each.interval.low,
            "high": each.interval.high,
            "trainings": each.trainings,
        }
        for each in found.ranked
    )


@dataclass(frozen=True)
class Published:
    """A method's error rate on MNIST as its source gives it.

    Attributes:
        method: what the source calls it.
        percent: of the test images, those that it misreads.
        name: the classifier here that is most like it; empty where there is none.
    """

    method: str
    percent: float
    name: str = ""


LECUN_1998 = (
    Published("linear classifier", 12.0, "lda"),
    Published("K-NN, Euclidean", 5.0, "knn"),
    Published("network with 300 hidden units", 4.7, "network"),
    Published("1000 RBF + linear classifier", 3.6, "nystroem_svm"),
    Published("40 PCA + quadratic classifier", 3.3, "qda"),
    Published("K-NN, Euclidean, deskewed", 2.4, "knn_deskewed"),
    Published("SVM, polynomials of degree 4, deskewed", 1.1, "polynomial_svm"),
    Published("LeNet-1", 1.7),
    Published("LeNet-4", 1.1),
    Published("LeNet-5", 0.95),
)
"""Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), Gradient-based learning applied to document
recognition, Proceedings of the IEEE 86(11), figure 9."""


def beside_1998(found: Comparison) -> pd.DataFrame:
    """Return a row for each method of 1998: its errors in percent, and those of its like here."""
    here = [(each, found.named(each.name)) for each in LECUN_1998]
    return pd.DataFrame(
        {
            "In 1998": each.method,
            "Misread then, %": each.percent,
            "Most like it here": ours and ours.title,
            "Misread here, %": ours and 100 * (1 - ours.accuracy),
        }
        for each, ours in here
    )
