"""What a network read in examples whose classes are known, and how it came to learn them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import precision_recall_fscore_support

from handwriting.evaluation import metrics
from handwriting.evaluation.metrics import Mistakes
from handwriting.evaluation.selective import Certainty

_LISTED = 8
"""How many of the commonest mistakes a table has."""


@dataclass(frozen=True)
class NamedConfusion:
    """One class taken for another, by name: how often, and of how many examples of it."""

    truth: str
    prediction: str
    count: int
    examples: int


@dataclass(frozen=True, eq=False)
class Classification:
    """What a network read in examples whose classes are known.

    Attributes:
        truths: (n,) int64, the class that each is.
        scores: (n, classes) float64.
        class_names: What to call each class.
        mistakes: What was misread, the most confident mistake first.
    """

    truths: NDArray[np.int64]
    scores: NDArray[np.float64]
    class_names: Sequence[str]
    mistakes: Mistakes

    @cached_property
    def predictions(self) -> NDArray[np.int64]:
        """(n,) int64, the class with the highest score."""
        return metrics.predictions(self.scores)

    @cached_property
    def confidences(self) -> NDArray[np.float64]:
        """(n,) float64, the highest score."""
        return metrics.confidences(self.scores)

    @property
    def accuracy(self) -> float:
        """The share that was read correctly, 0-1."""
        return metrics.accuracy(self.truths, self.predictions)

    @cached_property
    def matrix(self) -> NDArray[np.int64]:
        """(classes, classes) int64, how often each class (row) was taken for each (column)."""
        found = np.zeros((len(self.class_names),) * 2, np.int64)
        np.add.at(found, (self.truths, self.predictions), 1)
        return found

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """The matrix with each row divided by its sum, 0-1; NaN where a class has no example."""
        totals = self.matrix.sum(axis=1, keepdims=True)
        return self.matrix / np.where(totals > 0, totals, np.nan)

    @cached_property
    def confusions(self) -> tuple[NamedConfusion, ...]:
        """Which class was taken for which other one, the commonest mistake first."""
        wrong = self.matrix - np.diag(self.matrix.diagonal())
        order = np.argsort(-wrong, axis=None, kind="stable")[: np.count_nonzero(wrong)]
        totals, names = self.matrix.sum(axis=1), self.class_names
        return tuple(
            NamedConfusion(names[row], names[column], int(wrong[row, column]), int(totals[row]))
            for row, column in zip(*np.unravel_index(order, wrong.shape), strict=True)
        )

    @property
    def commonest(self) -> pd.DataFrame:
        """The commonest mistakes, a row each: `Truth`, `Read as`, `Images` and `Of its class`."""
        found = [astuple(each) for each in self.confusions[:_LISTED]]
        return pd.DataFrame(found, columns=["Truth", "Read as", "Images", "Of its class"])

    @cached_property
    def classes(self) -> pd.DataFrame:
        """A row for each class: `Class`, `Precision`, `Recall`, `F1`, `Test images`."""
        labels = range(len(self.class_names))
        scores = precision_recall_fscore_support(
            self.truths, self.predictions, labels=labels, zero_division=np.nan
        )
        named = zip(("Precision", "Recall", "F1", "Test images"), scores, strict=True)
        return pd.DataFrame({"Class": self.class_names, **dict(named)})

    @property
    def easiest_and_hardest(self) -> tuple[pd.Series[float], pd.Series[float]]:
        """The rows of the classes with the highest and with the lowest F1, of those with images."""
        rows = self.classes[self.classes["Test images"] > 0]
        return rows.loc[rows["F1"].idxmax()], rows.loc[rows["F1"].idxmin()]

    @property
    def mean_f1(self) -> float:
        """The mean F1 of the classes that occur, each counting alike, 0-1 (*macro-F1*)."""
        return float(self.classes["F1"][self.classes["Test images"] > 0].mean())

    @property
    def top_two(self) -> float:
        """The share of the examples whose class has one of the two highest scores, 0-1."""
        own = np.take_along_axis(self.scores, self.truths[:, np.newaxis], axis=1)
        return float(((self.scores > own).sum(axis=1) < 2).mean())

    @property
    def surest_mistake(self) -> tuple[str, str, float]:
        """Of the most confident mistake: the true class, what it was read as, and the score.

        Raises:
            IndexError: There is no mistake.
        """
        found, names = self.mistakes, self.class_names
        return names[found.truths[0]], names[found.predictions[0]], float(found.confidences[0])

    @property
    def runners_up(self) -> int:
        """In how many mistakes the true class has the second highest score."""
        wrong = self.scores[self.mistakes.indices]
        own = np.take_along_axis(wrong, self.mistakes.truths[:, np.newaxis], axis=1)
        return int(((wrong > own).sum(axis=1) == 1).sum())

    @property
    def certainties(self) -> tuple[Certainty, Certainty]:
        """How sure the network was of what it read correctly, and of what it misread."""
        right = self.predictions == self.truths
        correct, wrong = self.confidences[right], self.confidences[~right]
        return Certainty("read correctly", correct), Certainty("misread", wrong)


def classification(
    truths: ArrayLike, scores: ArrayLike, class_names: Sequence[str]
) -> Classification:
    """Return what a network read in examples whose classes are known.

    Args:
        truths: (n,) integers, 0 to classes - 1.
        scores: (n, classes), any finite numbers.
        class_names: What to call each class.
    """
    labels, table = np.asarray(truths, np.int64), np.asarray(scores, np.float64)
    return Classification(labels, table, class_names, metrics.mistakes(labels, table))


def hardest_classes(
    truths: NDArray[np.integer], answers: NDArray[np.integer], class_names: Sequence[str]
) -> list[str]:
    """Return for each reader the class with the lowest F1, of those with examples.

    Args:
        truths: (n,) integers, 0 to classes - 1.
        answers: (readers, n) integers, what each of them read.
        class_names: What to call each class.
    """
    certain = np.eye(len(class_names))
    found = [classification(truths, certain[each], class_names) for each in answers]
    return [each.easiest_and_hardest[1].Class for each in found]


@dataclass(frozen=True, eq=False)
class LearningCurves:
    """Loss and accuracy by epoch.

    Attributes:
        table: A row an epoch: `epoch`, from 1, `loss`, `accuracy`, and where there were validation
            images, `validation_loss` and `validation_accuracy`.
    """

    table: pd.DataFrame

    @property
    def watched(self) -> bool:
        """Whether there were validation images."""
        return "validation_loss" in self.table

    @property
    def first(self) -> pd.Series[float]:
        """The numbers of the first epoch, by name."""
        return self.table.iloc[0]

    @property
    def last(self) -> pd.Series[float]:
        """The numbers of the last epoch, by name."""
        return self.table.iloc[-1]

    @property
    def best_epoch(self) -> int:
        """After which epoch the validation loss is lowest, from 1."""
        return int(self.table["validation_loss"].argmin()) + 1


def learning_curves(history: Mapping[str, Sequence[float]]) -> LearningCurves:
    """Return a training's loss and accuracy by epoch.

    Args:
        history: One number an epoch by name; names without numbers are left out.
    """
    noted = {name: values for name, values in history.items() if values}
    return LearningCurves(pd.DataFrame({"epoch": np.arange(len(history["loss"])) + 1, **noted}))
