"""Figures: each function answers one question, draws on axes or a figure, and returns it."""

from handwriting.figures.images import flattening, gallery, samples
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

__all__ = [
    "accuracies",
    "accuracy_against_time",
    "confidence",
    "confusion",
    "confusions",
    "deskewing",
    "error_shares",
    "flattening",
    "gallery",
    "learning_curves",
    "loss_curve",
    "neuron",
    "new",
    "outputs",
    "overlaps",
    "repeated_accuracy",
    "samples",
    "ways_to_call",
    "weight_images",
]
