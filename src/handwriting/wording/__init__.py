"""Results in words: sentences with numbers, rows of tables, and what figures show."""

from handwriting.figures.phrases import counted, plain, score_name
from handwriting.wording.alternatives import (
    confidence_alt,
    confusion_alt,
    contrast_alt,
    gallery_alt,
    loss_alt,
    outputs_alt,
    samples_alt,
    spread_alt,
)
from handwriting.wording.sentences import (
    ORIGINAL_ACCURACY,
    answer,
    confidence,
    confusion,
    contrast,
    extremes,
    learning,
    loss,
    mistakes,
    original_accuracy,
    outputs,
    spread,
    spread_caption,
)
from handwriting.wording.tables import class_rows, compiled_rows

__all__ = [
    "ORIGINAL_ACCURACY",
    "answer",
    "class_rows",
    "compiled_rows",
    "confidence",
    "confidence_alt",
    "confusion",
    "confusion_alt",
    "contrast",
    "contrast_alt",
    "counted",
    "extremes",
    "gallery_alt",
    "learning",
    "loss",
    "loss_alt",
    "mistakes",
    "original_accuracy",
    "outputs",
    "outputs_alt",
    "plain",
    "samples_alt",
    "score_name",
    "spread",
    "spread_alt",
    "spread_caption",
]
