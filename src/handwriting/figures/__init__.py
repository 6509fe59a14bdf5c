"""Figures: each function answers one question, draws on axes or a figure, and returns it."""

from handwriting.figures import phrases
from handwriting.figures.ablation import (
    ablation_effects,
    accuracy_against_training_time,
    accuracy_while_learning,
    agreement,
    ensemble,
    training_sizes,
)
from handwriting.figures.data import class_balance, image_map, images_by_writer
from handwriting.figures.galleries import (
    deskewing,
    disputed_images,
    distortions,
    flattening,
    gallery,
    samples,
)
from handwriting.figures.mistakes import error_shares, kappas, unread
from handwriting.figures.network import (
    feature_maps,
    filters,
    loss_curve,
    neuron,
    outputs,
    saliencies,
    weight_images,
)
from handwriting.figures.photograph_results import doubts, photograph_curves
from handwriting.figures.photographs import (
    found_digits,
    lookalikes,
    refused_digits,
    sheets,
)
from handwriting.figures.phrases import (
    p_number,
    points_with_interval,
    ratio_with_range,
    two_digits,
    with_interval,
    with_range,
)
from handwriting.figures.results import (
    confidence,
    confusions,
    learning_curves,
    mistakes_by_difficulty,
    repeated_accuracy,
)
from handwriting.figures.rivals import (
    accuracies,
    accuracy_against_time,
    frontier,
    ways_to_call,
)
from handwriting.figures.robustness import corruption_curves, damage, small_changes
from handwriting.figures.specimens import (
    by_several_writers,
    closest_pairs,
    easiest,
    hardest,
    portraits,
    preferences,
)
from handwriting.figures.style import new
from handwriting.figures.trust import (
    accuracy_estimates,
    ambiguous,
    by_group,
    certainty,
    mistakes_by_writer,
    refusals,
    reliability,
    suspects,
)

__all__ = [
    "ablation_effects",
    "accuracies",
    "accuracy_against_time",
    "accuracy_against_training_time",
    "accuracy_estimates",
    "accuracy_while_learning",
    "agreement",
    "ambiguous",
    "by_group",
    "by_several_writers",
    "certainty",
    "class_balance",
    "closest_pairs",
    "confidence",
    "confusions",
    "corruption_curves",
    "damage",
    "deskewing",
    "disputed_images",
    "distortions",
    "doubts",
    "easiest",
    "ensemble",
    "error_shares",
    "feature_maps",
    "filters",
    "flattening",
    "found_digits",
    "frontier",
    "gallery",
    "hardest",
    "image_map",
    "images_by_writer",
    "kappas",
    "learning_curves",
    "lookalikes",
    "loss_curve",
    "mistakes_by_difficulty",
    "mistakes_by_writer",
    "neuron",
    "new",
    "outputs",
    "p_number",
    "photograph_curves",
    "phrases",
    "points_with_interval",
    "portraits",
    "preferences",
    "ratio_with_range",
    "refusals",
    "refused_digits",
    "reliability",
    "repeated_accuracy",
    "saliencies",
    "samples",
    "sheets",
    "small_changes",
    "suspects",
    "training_sizes",
    "two_digits",
    "unread",
    "ways_to_call",
    "weight_images",
    "with_interval",
    "with_range",
]
