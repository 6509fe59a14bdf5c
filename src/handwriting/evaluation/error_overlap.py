"""Which digits entrants of a contest misread, and how far they misread the same ones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.baselines.benchmark import Result
from handwriting.evaluation import metrics
from handwriting.evaluation.metrics import Mistakes


def error_shares(
    results: Sequence[Result], truths: NDArray[np.integer], classes: int
) -> NDArray[np.float64]:
    """Return which share of each class each entrant misreads.

    Args:
        results: none of them an error.
        truths: (n,) integers, 0 to classes - 1.
        classes: how many classes there are.

    Returns:
        (entrants, classes) float64, 0-1; NaN for a class without test images.
    """
    recalls = [
        metrics.by_class(truths, result.predictions[0], classes).recall for result in results
    ]
    return 1 - np.stack(recalls)


def overlaps(results: Sequence[Result], truths: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return which share of one entrant's mistakes another one makes on the same digits.

    Args:
        results: none of them an error.
        truths: (n,) integers.

    Returns:
        (entrants, entrants) float64, 0-1: of the row's misread digits, those that the column
        misreads, too; NaN in the row of an entrant without mistakes.
    """
    wrong = np.stack([result.predictions[0] != truths for result in results]).astype(np.int64)
    together, own = wrong @ wrong.T, wrong.sum(axis=1, keepdims=True)
    shares = np.full(together.shape, np.nan)
    np.divide(together, own, out=shares, where=own > 0)
    return shares


def unread(results: Sequence[Result], truths: NDArray[np.integer], classes: int) -> Mistakes:
    """Return the test images that every entrant misreads, those first that most agree on.

    Who answers every digit alike has no say.

    Args:
        results: none of them an error.
        truths: (n,) integers, 0 to classes - 1.
        classes: how many classes there are.

    Returns:
        The commonest answer to each, and, as its confidence, the share of entrants that gave it.
    """
    readers = [result.predictions[0] for result in results if not result.constant]
    answers = np.stack(readers) if readers else np.empty((0, len(truths)), np.int64)
    return metrics.unread(answers, truths, classes)
