"""Figures: each function answers one question, draws on axes or a figure, and returns it."""

from handwriting.figures import disputes, phrases
from handwriting.figures.convolution import distortions, feature_maps, saliencies
from handwriting.figures.data import (
    by_several_writers,
    class_balance,
    closest_pairs,
    disputed_images,
    easiest,
    hardest,
    image_map,
    images_by_writer,
    portraits,
)
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
    overlaps,
    ways_to_call,
)
from handwriting.figures.style import new

__all__ = [
    "accuracies",
    "accuracy_against_time",
    "agreement",
    "by_several_writers",
    "class_balance",
    "closest_pairs",
    "confidence",
    "confusion",
    "confusions",
    "deskewing",
    "disputed_images",
    "disputes",
    "distortions",
    "easiest",
    "effects",
    "ensemble",
    "error_shares",
    "feature_maps",
    "flattening",
    "gallery",
    "growth",
    "hardest",
    "image_map",
    "images_by_writer",
    "learning_curves",
    "loss_curve",
    "neuron",
    "new",
    "outputs",
    "overlaps",
    "phrases",
    "portraits",
    "reached",
    "repeated_accuracy",
    "saliencies",
    "samples",
    "training_sizes",
    "ways_to_call",
    "weight_images",
]
