"""Every statistic that a report states, each with a name."""

from handwriting.evaluation import (
    ablation,
    accuracy,
    calibration,
    comparison,
    comparison_tables,
    corruptions,
    dataset_facts,
    error_overlap,
    interpretability,
    label_errors,
    origins,
    repeated_runs,
    robustness,
    same_writer,
    selective,
    similarity,
)

__all__ = [
    "ablation",
    "accuracy",
    "calibration",
    "comparison",
    "comparison_tables",
    "corruptions",
    "dataset_facts",
    "error_overlap",
    "interpretability",
    "label_errors",
    "origins",
    "repeated_runs",
    "robustness",
    "same_writer",
    "selective",
    "similarity",
]
