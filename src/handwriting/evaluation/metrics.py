"""How well predictions agree with the truth: accuracy, confusion, scores by class, mistakes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn import metrics as sklearn_metrics

from handwriting.data.label_disputes import Dispute
from handwriting.errors import SettingError


@dataclass(frozen=True, eq=False)
class ClassScores:
    """Precision, recall and F1 of each class.

    Attributes:
        precision: (classes,) float64, 0-1; NaN for a class that was never predicted.
        recall: (classes,) float64, 0-1; NaN for a class without examples.
        f1: (classes,) float64, 0-1; NaN for a class without examples and predictions.
        support: (classes,) int64, the examples of each class.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]


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

    def disputed(self, disputes: Iterable[Dispute]) -> "DisputedMistakes":
        """Return how many have a label that people dispute.

        Args:
            disputes: The examples whose label people dispute.
        """
        taken = dict(zip(self.indices.tolist(), self.predictions.tolist(), strict=True))
        among = [each for each in disputes if each.index in taken]
        agreed = sum(each.preferred == (taken[each.index],) for each in among)
        return DisputedMistakes(len(among), agreed)


@dataclass(frozen=True)
class DisputedMistakes:
    """Mistakes whose label people dispute.

    Attributes:
        count: How many there are.
        agreed: In how many of them people read what the network reads, and nothing else.
    """

    count: int
    agreed: int


@dataclass(frozen=True)
class Confusion:
    """One class taken for another, and how often."""

    truth: int
    prediction: int
    count: int


def predictions(scores: ArrayLike) -> NDArray[np.int64]:
    """Return the class with the highest score of each example, (n,) int64.

    Args:
        scores: (n, classes), any finite numbers.

    Raises:
        SettingError: The scores are not a table with at least one class, or not finite.
    """
    highest: NDArray[np.int64] = _score_table(scores).argmax(axis=1)
    return highest


def confidences(scores: ArrayLike) -> NDArray[np.float64]:
    """Return the score of the predicted class of each example, (n,) float64.

    Args:
        scores: (n, classes), any finite numbers.

    Raises:
        SettingError: The scores are not a table with at least one class, or not finite.
    """
    highest: NDArray[np.float64] = _score_table(scores).max(axis=1)
    return highest


def accuracy(truths: ArrayLike, predicted: ArrayLike) -> float:
    """Return the share of examples whose predicted class is the true one, 0-1.

    Args:
        truths: (n,) integers.
        predicted: (n,) integers.

    Raises:
        SettingError: The two differ in length, or there is no example.
    """
    truths, predicted = _pair(truths, predicted)
    return float(np.mean(truths == predicted))


def confusion_matrix(truths: ArrayLike, predicted: ArrayLike, classes: int) -> NDArray[np.int64]:
    """Return how often each class (row) was taken for each class (column).

    Args:
        truths: (n,) integers, 0 to classes - 1.
        predicted: (n,) integers, 0 to classes - 1.
        classes: The number of classes, whether or not each one occurs.

    Returns:
        (classes, classes) int64.

    Raises:
        SettingError: The two differ in length, are empty, or name a class out of range.
    """
    truths, predicted = _pair(truths, predicted, classes)
    matrix = sklearn_metrics.confusion_matrix(truths, predicted, labels=np.arange(classes))
    return np.asarray(matrix, dtype=np.int64)


def by_class(truths: ArrayLike, predicted: ArrayLike, classes: int) -> ClassScores:
    """Return precision, recall, F1 and the number of examples of each class.

    Args:
        truths: (n,) integers, 0 to classes - 1.
        predicted: (n,) integers, 0 to classes - 1.
        classes: The number of classes, whether or not each one occurs.

    Raises:
        SettingError: The two differ in length, are empty, or name a class out of range.
    """
    truths, predicted = _pair(truths, predicted, classes)
    precision, recall, f1, support = sklearn_metrics.precision_recall_fscore_support(
        truths, predicted, labels=np.arange(classes), zero_division=np.nan
    )
    return ClassScores(precision, recall, f1, support.astype(np.int64))


def mistakes(truths: ArrayLike, scores: ArrayLike) -> Mistakes:
    """Return the examples whose highest score is not the true class, most confident first.

    Args:
        truths: (n,) integers, 0 to classes - 1.
        scores: (n, classes), any finite numbers.

    Raises:
        SettingError: Truths and scores differ in length, are empty or out of range.
    """
    table = _score_table(scores)
    truths, predicted = _pair(truths, predictions(table), table.shape[1])
    sureness = confidences(table)
    wrong = np.flatnonzero(truths != predicted)
    order = wrong[np.argsort(-sureness[wrong], kind="stable")]
    return Mistakes(order, truths[order], predicted[order], sureness[order])


def unread(answers: NDArray[np.integer], truths: NDArray[np.integer], classes: int) -> Mistakes:
    """Return the examples that every reader misreads, those first that most agree on.

    Args:
        answers: (readers, n) integers, the class that each reader reads in each example.
        truths: (n,) integers, 0 to classes - 1.
        classes: how many classes there are.

    Returns:
        The commonest answer to each, and, as its confidence, the share of readers that gave it.
    """
    indices = np.flatnonzero((answers != truths).all(axis=0)) if len(answers) else np.arange(0)
    votes = np.zeros((len(indices), classes))
    for answer in answers:
        votes[np.arange(len(indices)), answer[indices]] += 1 / len(answers)
    order = np.argsort(-votes.max(axis=1, initial=0), kind="stable")
    return Mistakes(
        indices[order],
        np.asarray(truths, np.int64)[indices][order],
        votes.argmax(axis=1)[order],
        votes.max(axis=1, initial=0)[order],
    )


def _score_table(scores: ArrayLike) -> NDArray[np.float64]:
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] == 0:
        raise SettingError(
            f"scores: expected a table of shape (examples, classes), found shape {table.shape}; "
            "give one row of scores for each example"
        )
    if not np.isfinite(table).all():
        raise SettingError(
            "scores: expected finite numbers, found NaN or infinity; "
            "the network may have diverged: lower the learning rate"
        )
    return table


def _pair(
    truths: ArrayLike, predicted: ArrayLike, classes: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pair = _labels("truths", truths, classes), _labels("predictions", predicted, classes)
    if len(pair[0]) != len(pair[1]):
        raise SettingError(
            f"expected as many predictions as truths, found {len(pair[1])} predictions "
            f"and {len(pair[0])} truths; give both for the same examples"
        )
    return pair


def _labels(what: str, labels: ArrayLike, classes: int | None) -> NDArray[np.int64]:
    found = np.asarray(labels)
    if found.ndim != 1 or found.size == 0 or not np.issubdtype(found.dtype, np.integer):
        raise SettingError(
            f"{what}: expected a row of whole numbers, one for each example, "
            f"found {found.dtype} of shape {found.shape}"
        )
    if classes is not None and (found.min() < 0 or found.max() >= classes):
        raise SettingError(
            f"{what}: expected classes 0 to {classes - 1}, found {found.min()} to {found.max()}; "
            "give the number of classes of the data set"
        )
    return found.astype(np.int64)
