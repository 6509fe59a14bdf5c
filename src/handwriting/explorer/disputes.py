"""What explorers say of images whose label people dispute, and what that means."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from handwriting.data.label_disputes import Dispute
from handwriting.figures.disputes import MEANING, remark

STYLE = "disputed.css"
"""The file that an explorer needs besides, where it shows such an image."""


def remarks(disputes: Iterable[Dispute], class_names: Sequence[str]) -> Mapping[int, str]:
    """Return what to say of each such image, by its index: HTML, `label disputed: people read 9`.

    Args:
        disputes: The images.
        class_names: What to call each class; it may contain markup, which is shown as it is.
    """
    return {each.index: escape(remark(each, class_names)) for each in disputes}


def legend(mark: str) -> str:
    """Return a line that says what is meant by the mark."""
    return f'<p class="legend">{escape(mark)}: {escape(MEANING)}</p>'
