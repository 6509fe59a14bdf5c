"""What is said of an image whose label people dispute."""

from collections.abc import Sequence
from typing import Final

from handwriting.data.label_disputes import Dispute

MEANING: Final = (
    "five people looked at the image and did not settle on its label (Northcutt et al., 2021)."
)
"""What it means that a label is disputed, to come after a colon."""


def opinion(found: Dispute, class_names: Sequence[str]) -> str:
    """Return what people read, in a word or two: `9`, `4 or 9`, `not 6`."""
    read = [class_names[label] for label in found.preferred]
    return " or ".join(read) if read else f"not {class_names[found.given]}"


def remark(found: Dispute, class_names: Sequence[str]) -> str:
    """Return what to say beside the image: `label disputed: people read 9`."""
    said = "read " + opinion(found, class_names)
    if not found.preferred:
        said = f"do not read {class_names[found.given]}"
    return f"label disputed: people {said}"
