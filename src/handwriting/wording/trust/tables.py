"""Rows of the tables on trust."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.evaluation import calibration
from handwriting.evaluation.conformal import PredictionSets
from handwriting.evaluation.evaluated_network import EvaluatedNetwork
from handwriting.evaluation.intervals import Resampled
from handwriting.evaluation.robustness import CorruptionCurve
from handwriting.evaluation.selective import ForeignDetection, RiskCoverage
from handwriting.experiments.trust import AccuracyEstimate
from handwriting.figures.phrases import significant

_REFUSED = (0.0, 0.01, 0.02, 0.05)
_SEVERITIES = (3, 5)


def headline_rows(told: Mapping[str, Sequence[AccuracyEstimate]]) -> list[dict[str, str]]:
    """Return rows with each accuracy, its interval, and what the interval resamples."""
    return [
        {
            "Network": _short(title),
            "Case": each.title,
            "Test images": f"{each.images:,}",
            "Accuracy": f"{each.accuracy:.2%}",
            "95% interval": f"{each.interval.low:.2%} to {each.interval.high:.2%}",
            "Independent": each.unit,
            "Design effect": _effect(each.design_effect),
        }
        for title, ways in told.items()
        for each in ways
    ]


def _short(title: str) -> str:
    """A network's title below a head that says that it is one."""
    return title.removesuffix(" network")


def _effect(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.2f}"


def series_rows(
    found: Mapping[str, Mapping[int, Resampled]], data: Dataset
) -> list[dict[str, str]]:
    """Return rows with each network's accuracy on the test images of each series."""
    series = np.asarray(data.test.series)
    return [
        {
            "Series": f"hsf_{number}",
            "Network": _short(title),
            "Test images": f"{int((series == number).sum()):,}",
            "Writers": f"{each.groups:,}",
            "Misread": f"{round((1 - each.share) * int((series == number).sum())):,}",
            "Accuracy": f"{each.share:.2%}",
            "95% interval": f"{each.interval.low:.2%} to {each.interval.high:.2%}",
        }
        for title, by_number in found.items()
        for number, each in by_number.items()
    ]


def calibration_rows(judged: Sequence[EvaluatedNetwork], data: Dataset) -> list[dict[str, str]]:
    """Return rows with how true each network's probabilities are, as they are and tempered."""
    labels = data.test.labels
    return [
        {
            "Network": _short(each.title),
            "Probabilities": name,
            "Temperature": f"{temperature:.2f}",
            "Log loss": significant(calibration.log_loss(scores, labels)),
            "Brier score": significant(calibration.brier_score(scores, labels)),
            "Error, equal width": f"{calibration.calibration_error(scores, labels):.2%}",
            "Error, equal mass": (
                f"{calibration.calibration_error(scores, labels, equal='mass'):.2%}"
            ),
        }
        for each in judged
        for name, temperature, scores in (
            ("as they are", 1.0, each.scores),
            ("tempered", each.temperature, each.tempered),
        )
    ]


def refusal_rows(found: Mapping[str, RiskCoverage]) -> list[dict[str, str]]:
    """Return rows with the accuracy on the rest where the least certain digits are refused."""
    return [
        {
            "Network": _short(title),
            **{
                f"{share:.0%} refused" if share else "None refused": (
                    f"{each.accuracy_after_refusing(share):.2%}"
                )
                for share in _REFUSED
            },
            "Area under the curve": significant(each.area),
        }
        for title, each in found.items()
    ]


def set_rows(
    found: Mapping[str, Mapping[float, PredictionSets]], labels: NDArray[np.integer]
) -> list[dict[str, str]]:
    """Return rows with how large conformal sets are, and how often they hold the truth.

    Args:
        found: by the network's title and by the share that was promised, 0-1.
        labels: (n,) integers, the classes of the test images.
    """
    return [
        {
            "Network": _short(title),
            "Promised": f"{level:.1%}",
            "Held": f"{sets.coverage(labels):.2%}",
            "No class": f"{int((sets.sizes == 0).sum()):,}",
            "One class": f"{int((sets.sizes == 1).sum()):,}",
            "Several": f"{int((sets.sizes > 1).sum()):,}",
            "Mean size": f"{sets.sizes.mean():.3f}",
        }
        for title, by_level in found.items()
        for level, sets in by_level.items()
    ]


def decline_rows(found: Mapping[str, Sequence[CorruptionCurve]]) -> list[dict[str, str]]:
    """Return rows with each kind of damage, and the accuracy at the third and fifth severity."""
    kinds = next(iter(found.values()))
    rows = []
    for position, each in enumerate(kinds):
        row = {"Damage": each.kind.title, "What it does": each.kind.meaning}
        for title, declines in found.items():
            name = _short(title)
            for severity in _SEVERITIES:
                share = declines[position].accuracies[severity]
                row[f"{name[0].upper()}{name[1:]}, at {severity}"] = f"{share:.1%}"
        rows.append(row)
    return rows


def foreign_rows(
    found: Mapping[str, Mapping[str, ForeignDetection]],
) -> list[dict[str, str]]:
    """Return rows with how well each network's confidence tells foreign images from digits."""
    return [
        {
            "Foreign images": name,
            "Network": _short(title),
            "AUROC": f"{each.auroc:.3f}",
            "Digits kept": f"{each.kept:.1%}",
            "Foreign let through": f"{each.let_through:.1%}",
        }
        for title, by_name in found.items()
        for name, each in by_name.items()
    ]
