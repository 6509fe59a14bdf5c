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
from handwriting.figures.style import new

__all__ = [
    "confidence",
    "confusion",
    "confusions",
    "flattening",
    "gallery",
    "learning_curves",
    "loss_curve",
    "neuron",
    "new",
    "outputs",
    "repeated_accuracy",
    "samples",
    "weight_images",
]
