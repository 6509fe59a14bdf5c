"""Every statistic that a report states, each with a name."""

from handwriting.evaluation import (
    accuracy,
    calibration,
    conformal,
    corruptions,
    label_errors,
    robustness,
    selective,
)

__all__ = [
    "accuracy",
    "calibration",
    "conformal",
    "corruptions",
    "label_errors",
    "robustness",
    "selective",
]
