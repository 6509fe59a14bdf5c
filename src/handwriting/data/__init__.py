"""Data sets by name: images, labels, who wrote them, and where they come from."""

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.data.registry import load, prepare

__all__ = ["Dataset", "Origin", "Split", "load", "prepare"]
