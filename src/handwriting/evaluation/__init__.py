"""Every statistic that a report states, each with a name."""

from handwriting.evaluation import (
    accuracy,
    calibration,
    claims,
    comparison,
    comparison_tables,
    conformal,
    corruptions,
    dataset_facts,
    datasheet,
    error_overlap,
    label_errors,
    origins,
    robustness,
    selective,
    similarity,
)

__all__ = [
    "accuracy",
    "calibration",
    "claims",
    "comparison",
    "comparison_tables",
    "conformal",
    "corruptions",
    "dataset_facts",
    "datasheet",
    "error_overlap",
    "label_errors",
    "origins",
    "robustness",
    "selective",
    "similarity",
]
