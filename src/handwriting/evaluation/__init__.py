"""Every statistic that a report states, each with a name."""

from handwriting.evaluation import claims, comparison, comparison_tables, error_overlap, origins

__all__ = ["claims", "comparison", "comparison_tables", "error_overlap", "origins"]
