"""What filters, feature maps and saliency maps show, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.inspection import FeatureMaps, Saliency
from handwriting.wording.numbers import counted, listed, signed

__all__ = [
    "feature_maps",
    "feature_maps_alt",
    "filters_alt",
    "saliencies",
    "saliencies_alt",
    "saliency_titles",
]


def filters_alt(filters: NDArray[np.floating]) -> str:
    """Return what a figure of filters shows.

    Args:
        filters: (filters, height, width).
    """
    count, height, width = filters.shape
    return (
        f"{counted(count, 'filter')} of {height} by {width} weights as images, from "
        f"{signed(float(filters.min()))} (red) to {signed(float(filters.max()))} (blue): edges, "
        "bars and corners in many directions."
    )


def feature_maps(found: Sequence[FeatureMaps]) -> str:
    """Return a sentence on how maps shrink and how many of their places respond."""
    sizes = [f"{each.maps.shape[1]} by {each.maps.shape[2]}" for each in found]
    active = [f"{np.mean(each.maps > 0):.0%}" for each in found]
    return (
        f"From block to block the maps shrink: {listed(sizes)} places. In this digit "
        f"{listed(active)} of all places respond at all; the rest are zero."
    )


def feature_maps_alt(found: Sequence[FeatureMaps], digit: str) -> str:
    """Return what a figure of feature maps shows."""
    blocks = listed(
        [
            f"{len(each.maps)} maps of {each.maps.shape[1]} by {each.maps.shape[2]} in block "
            f"{each.block}"
            for each in found
        ]
    )
    return f"An image of {digit}, and how strongly filters respond to it, place by place: {blocks}."


def saliency_titles(found: Sequence[Saliency], class_names: Sequence[str]) -> list[str]:
    """Return what to write above each image: its class, what it is read as, and how surely."""
    return [
        f"{class_names[each.truth]} read as {class_names[each.answer]} ({each.score:.0%})"
        for each in found
    ]


def saliencies(found: Sequence[Saliency], class_names: Sequence[str]) -> str:
    """Return sentences on what the greatest changes are."""
    return " ".join(
        f"{_opening(number)}, rubbing out a patch lowers the probability of "
        f"{class_names[each.answer]}, {each.score:.1%}, by up to "
        f"**{_points(-each.without_ink.min())}**, and putting ink in lowers it by up to "
        f"**{_points(-each.with_ink.min())}**."
        for number, each in enumerate(found)
    )


def _opening(number: int) -> str:
    return ("In the first image", "In the second")[min(number, 1)]


def _points(change: float) -> str:
    return f"{max(100 * change, 0):.1f} percentage points"


def saliencies_alt(found: Sequence[Saliency], class_names: Sequence[str]) -> str:
    """Return what a figure of saliency maps shows."""
    titles = saliency_titles(found, class_names)
    parts = [
        f"{title}: rubbing out changes it by {signed(float(each.without_ink.min()))} to "
        f"{signed(float(each.without_ink.max()))}, putting ink in by "
        f"{signed(float(each.with_ink.min()))} to {signed(float(each.with_ink.max()))}"
        for each, title in zip(found, titles, strict=True)
    ]
    return f"Where a patch of ink or blank paper matters to the answer. {'; '.join(parts)}."
