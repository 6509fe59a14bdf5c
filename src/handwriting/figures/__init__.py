"""Figures: each function answers one question, draws on axes or a figure, and returns it."""

from handwriting.figures.ablation import (
    ablation_effects,
    accuracy_against_training_time,
    accuracy_while_learning,
    agreement,
    ensemble,
    training_sizes,
)
from handwriting.figures.images import flattening, gallery, samples
from handwriting.figures.interpretability import (
    distortions,
    feature_maps,
    filters,
    misread_by_all,
    saliencies,
)
from handwriting.figures.network import loss_curve, neuron, outputs, weight_images
from handwriting.figures.results import (
    confidence,
    confusion,
    confusions,
    learning_curves,
    repeated_accuracy,
)
from handwriting.figures.rivals import (
    accuracies,
    accuracy_against_time,
    deskewing,
    error_shares,
    overlaps,
    ways_to_call,
)
from handwriting.figures.style import new
from handwriting.figures.trust import (
    accuracy_estimates,
    ambiguous,
    certainty,
    corruption_curves,
    damage,
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
    "certainty",
    "confidence",
    "confusion",
    "confusions",
    "corruption_curves",
    "damage",
    "deskewing",
    "distortions",
    "ensemble",
    "error_shares",
    "feature_maps",
    "filters",
    "flattening",
    "gallery",
    "learning_curves",
    "loss_curve",
    "misread_by_all",
    "mistakes_by_writer",
    "neuron",
    "new",
    "outputs",
    "overlaps",
    "refusals",
    "reliability",
    "repeated_accuracy",
    "saliencies",
    "samples",
    "suspects",
    "training_sizes",
    "ways_to_call",
    "weight_images",
]
