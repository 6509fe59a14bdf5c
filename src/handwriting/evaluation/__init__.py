"""Every statistic that a report states, each with a name."""

from handwriting.evaluation import (
    accuracy,
    calibration,
    claims,
    comparison,
    comparison_tables,
    conformal,
    corruptions,
    error_overlap,
    label_errors,
    origins,
    robustness,
    selective,
)

__all__ = [
    "accuracy",
    "calibration",
    "claims",
    "comparison",
    "comparison_tables",
    "conformal",
    "corruptions",
    "error_overlap",
    "label_errors",
    "origins",
    "robustness",
    "selective",
]
