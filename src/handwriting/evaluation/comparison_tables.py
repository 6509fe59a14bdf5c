"""Who is compared, and what came of it: tables of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from handwriting.baselines.benchmark import Result
from handwriting.baselines.classifiers import CLASSIFIERS
from handwriting.evaluation.comparison import Comparison, Spread, Standing

_DASH = "\N{EN DASH}"
_MEBIBYTE = 2**20
_NETWORK = "weighs pixels into hidden neurons, and these into one score a class"


def classifiers(results: Sequence[Result]) -> pd.DataFrame:
    """Return a row for each classifier: its settings, where they are from, and how it decides."""
    known = {each.name: each for each in CLASSIFIERS}
    found = [(result.entrant, known.get(result.entrant.name)) for result in results]
    return pd.DataFrame(
        {
            "Classifier": entrant.title,
            "Settings": _settings(entrant.settings) if rival else entrant.settings,
            "Chosen by": rival.choice if rival else "validation",
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


def standings(found: Comparison) -> pd.DataFrame:
    """Return a row of numbers for each standing, and below them one for each that failed."""
    rows = [
        {
            "Classifier": each.title + _remark(each),
            "Accuracy": Spread(each.accuracy, each.interval.low, each.interval.high),
            "Misread": each.errors,
            "p": each.p_value,
            "One image, ms": 1e3 * each.seconds("single"),
            "Images a second": each.batch.images_per_second,
            "Fit, s": each.fit_seconds,
            "Size, MiB": each.size / _MEBIBYTE,
        }
        for each in found.standings
    ]
    return pd.DataFrame([*rows, *({"Classifier": each.entrant.title} for each in found.failed)])


def _remark(each: Standing) -> str:
    kept = ["kept"] if each.origin == "kept" else []
    remarks = kept if each.converged else [*kept, "not converged"]
    return f" ({', '.join(remarks)})" if remarks else ""


def times(found: Comparison) -> pd.DataFrame:
    """Return a row of times for each standing, and below them why others failed."""
    rows = [
        {
            "Classifier": each.title,
            "One image, ms": each.spread("single", 1e-3),
            "99th percentile, ms": 1e3 * each.single.slow,
            "In a batch, µs": each.spread("batch", 1e-6),
            "Measured": each.measured,
        }
        for each in found.standings
    ]
    failed = (
        {"Classifier": each.entrant.title, "Measured": f"failed: {each.error}"}
        for each in found.failed
    )
    return pd.DataFrame([*rows, *failed])


def plain_numbers(found: Comparison) -> pd.DataFrame:
    """Return what figures draw of each standing: fractions, and seconds an image."""
    return pd.DataFrame(
        {
            "classifier": each.title,
            "accuracy": each.accuracy,
            "low": each.interval.low,
            "high": each.interval.high,
            "seconds_alone": each.seconds("single"),
            "seconds_in_a_batch": each.seconds("batch"),
        }
        for each in found.standings
    )
