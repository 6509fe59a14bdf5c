"""Figures to explore: each is HTML with a style and a script, and asks nothing of any server."""

from handwriting.explorer.canvas import drawing
from handwriting.explorer.mistakes import confusion, gallery
from handwriting.explorer.parts import Interactive

__all__ = ["Interactive", "confusion", "drawing", "gallery"]
