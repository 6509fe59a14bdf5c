"""What is said of an image whose label people dispute."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from handwriting.data.label_disputes import Dispute
from handwriting.figures.phrases import listed, times

MEANING: Final = (
    "five people looked at the image and did not settle on its label (Northcutt et al., 2021)."
)
"""What it means that a label is disputed, to come after a colon."""


def opinion(found: Dispute, class_names: Sequence[str]) -> str:
    """Return what people read, in a word or two: `9`, `4 or 9`, `not 6`."""
    read = [class_names[label] for label in found.preferred]
    return " or ".join(read) if read else f"not {class_names[found.given]}"


def reading(found: Dispute, class_names: Sequence[str]) -> str:
    """Return what people read, as a sentence: `people read 9`, `people do not read 6`."""
    if not found.preferred:
        return f"people do not read {class_names[found.given]}"
    return f"people read {opinion(found, class_names)}"


def remark(found: Dispute, class_names: Sequence[str]) -> str:
    """Return what to say beside the image: `label disputed: people read 9`."""
    return f"label disputed: {reading(found, class_names)}"


def preferences(disputes: Sequence[Dispute], class_names: Sequence[str]) -> str:
    """Return which digits most people prefer to labels: `8 as 9, 0 as 6 twice and 2 as 0`.

    Those images are left out of which people prefer no digit, or two alike.

    Args:
        disputes: the images whose labels people dispute.
        class_names: what to call each class.
    """
    pairs = Counter(
        f"{class_names[each.given]} as {class_names[each.preferred[0]]}"
        for each in disputes
        if len(each.preferred) == 1
    )
    return listed([pair if n == 1 else f"{pair} {times(n)}" for pair, n in pairs.items()])
