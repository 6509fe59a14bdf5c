"""What filters, feature maps and saliency maps show, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.evaluation.interpretability import FeatureMaps, Saliency
from handwriting.figures.phrases import counted, listed, signed


def filters_alt(filters: NDArray[np.floating]) -> str:
    """Return what a figure of filters shows.

    Args:
        filters: (filters, height, width).
    """
    count, height, width = filters.shape
    return (
        f"{counted(count, 'filter')} of {height} by {width} weights as images, from "
        f"{signed(float(filters.min()))} (red) to {signed(float(filters.max()))} (blue)."
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
    """Return what to write above each image: who reads it as what, and how surely."""
    return [
        f"{each.reader}:\n{class_names[each.truth]} read as {class_names[each.answer]} "
        f"({each.score:.0%})"
        for each in found
    ]


def saliencies(found: Sequence[Saliency], class_names: Sequence[str]) -> str:
    """Return a sentence for each answer on how far it can be brought to fall."""
    return "\n".join(
        f"- The {each.reader} reads {class_names[each.truth]} as {class_names[each.answer]} with a "
        f"probability of {each.score:.1%}. Rubbing out one patch can take "
        f"**{_points(-each.without_ink.min())}** from that, putting ink in "
        f"**{_points(-each.with_ink.min())}**."
        for each in found
    )


def _points(change: float) -> str:
    return f"{max(100 * change, 0):.1f} percentage points"


def saliencies_alt(found: Sequence[Saliency], class_names: Sequence[str]) -> str:
    """Return what a figure of saliency maps shows."""
    parts = [
        f"{each.reader}, {class_names[each.truth]} read as {class_names[each.answer]}: rubbing out "
        f"changes its probability by {signed(float(each.without_ink.min()))} to "
        f"{signed(float(each.without_ink.max()))}, putting ink in by "
        f"{signed(float(each.with_ink.min()))} to {signed(float(each.with_ink.max()))}"
        for each in found
    ]
    return f"Where a patch of ink or blank paper matters to the answer. {'; '.join(parts)}."
