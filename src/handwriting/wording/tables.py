"""Rows of tables, each a mapping from column to text."""

from collections.abc import Sequence

from handwriting.evaluation.metrics import ClassScores
from handwriting.figures.phrases import share

_LOSSES = {
    "softmax": "sparse categorical cross-entropy",
    "sigmoid": "binary cross-entropy on one-hot labels (1 for the right class, 0 for the others)",
}


def class_rows(scores: ClassScores, class_names: Sequence[str]) -> list[dict[str, str]]:
    """Return rows with precision, recall, F1 and images of each class; a dash where undefined."""
    columns = zip(scores.precision, scores.recall, scores.f1, scores.support, strict=True)
    return [
        {
            "Digit": name,
            "Precision": share(precision),
            "Recall": share(recall),
            "F1": share(f1),
            "Test images": f"{support:,}",
        }
        for name, (precision, recall, f1, support) in zip(class_names, columns, strict=True)
    ]


def compiled_rows(output_activation: str, learning_rate: float) -> list[dict[str, str]]:
    """Return rows with what a network is compiled with, and what each choice is for.

    Args:
        output_activation: `softmax` or `sigmoid`.
        learning_rate: The highest that the optimizer's step size becomes.
    """
    rows = (
        (
            "Loss",
            _LOSSES[output_activation],
            "says how wrong the outputs are, as one number that training makes smaller",
        ),
        (
            "Optimizer",
            f"Adam, with a learning rate of at most {learning_rate:g}",
            "changes the weights after each batch so that the loss falls",
        ),
        (
            "Metric",
            "accuracy",
            "tells people what share of the images is read correctly; training makes no use of it",
        ),
    )
    return [
        {"Part": part, "Choice": choice, "What it is for": purpose}
        for part, choice, purpose in rows
    ]
