"""Every statistic that a report states, each with a name."""

from handwriting.evaluation import dataset_facts, datasheet, similarity

__all__ = ["dataset_facts", "datasheet", "similarity"]
