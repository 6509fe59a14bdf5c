"""Results in words: sentences with numbers, rows of tables, and what figures show."""

from handwriting.wording.alternatives import gallery_alt

__all__ = ["gallery_alt"]
