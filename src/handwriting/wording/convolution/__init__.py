"""What the study of convolutional networks came to: sentences, tables, and what figures show."""

from handwriting.wording.convolution.comparison import (
    answer,
    comparison,
    conditions,
    group_rows,
    growth,
    growth_alt,
    origins,
    reached_alt,
    recipe_rows,
)
from handwriting.wording.convolution.ingredients import (
    agreement,
    agreement_alt,
    effects,
    effects_alt,
    ensemble,
    ensemble_alt,
    sizes,
    sizes_alt,
    unread,
)
from handwriting.wording.convolution.insight import (
    feature_maps,
    feature_maps_alt,
    filters_alt,
    saliencies,
    saliencies_alt,
    saliency_titles,
)

__all__ = [
    "agreement",
    "agreement_alt",
    "answer",
    "comparison",
    "conditions",
    "effects",
    "effects_alt",
    "ensemble",
    "ensemble_alt",
    "feature_maps",
    "feature_maps_alt",
    "filters_alt",
    "group_rows",
    "growth",
    "growth_alt",
    "origins",
    "reached_alt",
    "recipe_rows",
    "saliencies",
    "saliencies_alt",
    "saliency_titles",
    "sizes",
    "sizes_alt",
    "unread",
]
