"""Data sets by name: images, labels, who wrote them, and where they come from."""

from handwriting.data import label_disputes, out_of_distribution
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.data.registry import load, prepare

__all__ = ["Dataset", "Origin", "Split", "label_disputes", "load", "out_of_distribution", "prepare"]
