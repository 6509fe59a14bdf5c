"""Figures: each function answers one question, draws on axes or a figure, and returns it."""

from handwriting.figures.ablation import (
    agreement,
    effects,
    ensemble,
    growth,
    reached,
    training_sizes,
)
from handwriting.figures.images import flattening, gallery, samples
from handwriting.figures.interpretability import distortions, feature_maps, saliencies
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
    "accuracies",
    "accuracy_against_time",
    "accuracy_estimates",
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
    "effects",
    "ensemble",
    "error_shares",
    "feature_maps",
    "flattening",
    "gallery",
    "growth",
    "learning_curves",
    "loss_curve",
    "mistakes_by_writer",
    "neuron",
    "new",
    "outputs",
    "overlaps",
    "reached",
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
