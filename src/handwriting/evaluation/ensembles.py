"""Networks that read together, beside what each of them reads alone, and what nobody reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handwriting.evaluation import metrics
from handwriting.evaluation.metrics import Mistakes
from handwriting.evaluation.repeated_runs import RepeatedRuns
from handwriting.models.ensemble import Ensemble


@dataclass(frozen=True, eq=False)
class Agreement:
    """How many members of an ensemble read each image, and what becomes of it together.

    Attributes:
        images: (members + 1,) int64, how many images are read correctly by so many members.
        together: (members + 1,) int64, how many of these the ensemble reads correctly.
    """

    images: NDArray[np.int64]
    together: NDArray[np.int64]

    @property
    def read_by_all(self) -> int:
        """How many images all members read correctly."""
        return int(self.images[-1])

    @property
    def read_by_none(self) -> int:
        """How many images no member reads correctly."""
        return int(self.images[0])

    @property
    def split(self) -> int:
        """How many images some members read correctly, and others misread."""
        return int(self.images[1:-1].sum())

    @property
    def split_read_together(self) -> int:
        """How many of these they read correctly together."""
        return int(self.together[1:-1].sum())


@dataclass(frozen=True, eq=False)
class EvaluatedEnsemble:
    """What networks of one recipe read together.

    Attributes:
        ensemble: what they read in the test images.
        members: the same networks, each alone.
        accuracies: of the first member, of the first two together, and so on, each 0-1.
        agreement: how many of them read each image.
    """

    ensemble: Ensemble
    members: RepeatedRuns
    accuracies: tuple[float, ...]
    agreement: Agreement

    @property
    def size(self) -> int:
        """How many networks read together."""
        return len(self.accuracies)

    @property
    def accuracy(self) -> float:
        """The share of the test images that all of them together read correctly, 0-1."""
        return self.accuracies[-1]

    @property
    def misread(self) -> int:
        """How many test images they misread together."""
        return round((1 - self.accuracy) * self.members.accuracy.trials)

    @property
    def seconds(self) -> float:
        """Seconds that the training of all of them took."""
        return sum(run.outcome.seconds for run in self.members.runs)


@dataclass(frozen=True, eq=False)
class CommonMistakes:
    """The test images that every one of some networks misreads.

    Attributes:
        mistakes: the images, those first that most networks read alike; with each the commonest
            answer, and, as its confidence, the share of networks that gave it.
        networks: how many networks were asked.
        unanimous: in how many of the images all of them read the same.
    """

    mistakes: Mistakes
    networks: int
    unanimous: int


def evaluated(
    ensemble: Ensemble, members: RepeatedRuns, truths: NDArray[np.integer]
) -> EvaluatedEnsemble:
    """Return how well networks read together.

    Args:
        ensemble: what they read.
        members: the same networks, each alone.
        truths: (n,), the class of each test image.
    """
    together = agreement(members.predictions, ensemble.predictions[-1], truths)
    return EvaluatedEnsemble(ensemble, members, ensemble.accuracies(truths), together)


def agreement(
    members: NDArray[np.integer], together: NDArray[np.integer], truths: NDArray[np.integer]
) -> Agreement:
    """Return how many members read each image, and whether they do so together.

    Args:
        members: (members, n), the class that each member reads in each image.
        together: (n,), the class that all of them read together.
        truths: (n,), the class of each image.
    """
    readers = (members == truths).sum(axis=0)
    counts = np.arange(len(members) + 1)[:, np.newaxis] == readers
    return Agreement(counts.sum(axis=1), (counts & (together == truths)).sum(axis=1))


def common_mistakes(
    groups: Sequence[RepeatedRuns],
    ensemble: EvaluatedEnsemble,
    truths: NDArray[np.integer],
    classes: int,
) -> CommonMistakes:
    """Return the test images that no network reads, nor the ensemble.

    Args:
        groups: the networks' runs.
        ensemble: what some of them read together.
        truths: (n,), the class of each test image.
        classes: how many classes there are.
    """
    alone = np.concatenate([group.predictions for group in groups])
    answers = np.concatenate([alone, ensemble.ensemble.predictions[-1:]])
    mistakes = metrics.unread(answers, truths, classes)
    unanimous = int(np.count_nonzero(np.isclose(mistakes.confidences, 1)))
    return CommonMistakes(mistakes, len(alone), unanimous)
