"""Figures: each function answers one question, draws on axes or a figure, and returns it."""

from handwriting.figures.convolution import distortions, feature_maps, saliencies
from handwriting.figures.images import flattening, gallery, samples
from handwriting.figures.network import loss_curve, neuron, outputs, weight_images
from handwriting.figures.recipes import (
    agreement,
    effects,
    ensemble,
    growth,
    reached,
    training_sizes,
)
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
    in_words,
    overlaps,
    p_number,
    two_digits,
    unread,
    ways_to_call,
    with_interval,
    with_range,
)
from handwriting.figures.style import new

__all__ = [
    "accuracies",
    "accuracy_against_time",
    "agreement",
    "confidence",
    "confusion",
    "confusions",
    "deskewing",
    "distortions",
    "effects",
    "ensemble",
    "error_shares",
    "feature_maps",
    "flattening",
    "gallery",
    "growth",
    "in_words",
    "learning_curves",
    "loss_curve",
    "neuron",
    "new",
    "outputs",
    "overlaps",
    "p_number",
    "reached",
    "repeated_accuracy",
    "saliencies",
    "samples",
    "training_sizes",
    "two_digits",
    "unread",
    "ways_to_call",
    "weight_images",
    "with_interval",
    "with_range",
]
