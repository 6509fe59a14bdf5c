"""How well predictions agree with the truth: accuracy, and what was read wrongly."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from handwriting.data.label_disputes import Dispute


@dataclass(frozen=True, eq=False)
class Mistakes:
    """The examples that were read wrongly, the most confident mistake first.

    Attributes:
        indices: (mistakes,) int64, where each stands among all examples.
        truths: (mistakes,) int64, the class that it is.
        predictions: (mistakes,) int64, the class that it was taken for.
        confidences: (mistakes,) float64, the score of the predicted class.
    """

    indices: NDArray[np.int64]
    truths: NDArray[np.int64]
    predictions: NDArray[np.int64]
    confidences: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def unanimous(self) -> int:
        """How many have a confidence of 1; where many read, those that all read in the same way."""
        return int((self.confidences == 1).sum())

    def disputed(self, disputes: Iterable[Dispute]) -> tuple[int, int]:
        """Return how many have a label that people dispute, and where the network has a point.

        Args:
            disputes: The examples whose label people dispute.

        Returns:
            How many there are, and in how many of them people read what the network reads, and
            nothing else.
        """
        taken = dict(zip(self.indices.tolist(), self.predictions.tolist(), strict=True))
        among = [each for each in disputes if each.index in taken]
        return len(among), sum(each.preferred == (taken[each.index],) for each in among)


def predictions(scores: ArrayLike) -> NDArray[np.int64]:
    """Return the class with the highest score of each example, (n,) int64.

    Args:
        scores: (n, classes), any finite numbers.
    """
    return np.asarray(np.argmax(scores, axis=1), np.int64)


def confidences(scores: ArrayLike) -> NDArray[np.float64]:
    """Return the score of the predicted class of each example, (n,) float64.

    Args:
        scores: (n, classes), any finite numbers.
    """
    return np.asarray(np.max(scores, axis=1), np.float64)


def accuracy(truths: ArrayLike, predicted: ArrayLike) -> float:
    """Return the share of examples whose predicted class is the true one, 0-1.

    Args:
        truths: (n,) integers.
        predicted: (n,) integers.
    """
    return float(np.mean(np.equal(truths, predicted)))


def mistakes(truths: ArrayLike, scores: ArrayLike) -> Mistakes:
    """Return the examples whose highest score is not the true class, most confident first.

    Args:
        truths: (n,) integers, 0 to classes - 1.
        scores: (n, classes), any finite numbers.
    """
    labels, read, sureness = np.asarray(truths, np.int64), predictions(scores), confidences(scores)
    wrong = np.flatnonzero(labels != read)
    order = wrong[np.argsort(-sureness[wrong], kind="stable")]
    return Mistakes(order, labels[order], read[order], sureness[order])


def unread(answers: NDArray[np.integer], truths: NDArray[np.integer]) -> Mistakes:
    """Return the examples that every reader misreads, those first that most agree on.

    Args:
        answers: (readers, n) integers, the class that each reader reads in each example; at least
            one reader.
        truths: (n,) integers, the class of each.

    Returns:
        The commonest answer to each, and, as its confidence, the share of readers that gave it.
    """
    indices = np.flatnonzero((answers != truths).all(axis=0))
    commonest, votes = stats.mode(answers[:, indices])
    order = np.argsort(-votes, kind="stable")
    labels, read = (np.asarray(each, np.int64)[order] for each in (truths[indices], commonest))
    return Mistakes(indices[order], labels, read, votes[order] / len(answers))
