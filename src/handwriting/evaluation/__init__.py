"""Every statistic that a report states, each with a name."""

from handwriting.evaluation import (
    ablation,
    accuracy,
    calibration,
    conformal,
    corruptions,
    ensembles,
    interpretability,
    label_errors,
    origins,
    repeated_runs,
    robustness,
    selective,
)

__all__ = [
    "ablation",
    "accuracy",
    "calibration",
    "conformal",
    "corruptions",
    "ensembles",
    "interpretability",
    "label_errors",
    "origins",
    "repeated_runs",
    "robustness",
    "selective",
]
