"""Which digits classifiers misread, and how far they misread the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from handwriting.baselines.benchmark import Result
from handwriting.evaluation import metrics
from handwriting.evaluation.metrics import Mistakes
from handwriting.evaluation.repeated_runs import RepeatedRuns
from handwriting.models.ensemble import Ensemble


@dataclass(frozen=True)
class HardestClass:
    """The class that the network misreads the most, beside the one that its rivals do.

    Attributes:
        name: the class of which the network misreads the largest share.
        share: that share, 0-1.
        rivals: how many rivals can read, and misread something.
        common: the class that is the hardest for the most of them; empty where there is none.
        agreeing: for how many of them it is.
    """

    name: str
    share: float
    rivals: int
    common: str
    agreeing: int


@dataclass(frozen=True, eq=False)
class Overlap:
    """How far the network's mistakes are those of others, who answers every digit alike left out.

    Attributes:
        mistakes: how many test images the network misreads.
        alone: how many of them no rival misreads.
        least_alike: the title of the rival that makes the fewest of them, too; empty where there is
            no rival, or no mistake.
        least_share: the share of them that it makes, 0-1; NaN likewise.
        readers: how many classifiers can read, the network among them.
        unread: the images that all of these misread.
        agreed: how many of these all read in the same way.
    """

    mistakes: int
    alone: int
    least_alike: str
    least_share: float
    readers: int
    unread: Mistakes
    agreed: int


def error_shares(
    results: Sequence[Result], truths: NDArray[np.integer], class_names: Sequence[str]
) -> pd.DataFrame:
    """Return which share of each class each classifier misreads.

    Args:
        results: none of them an error.
        truths: (n,) integers, 0 to classes - 1.
        class_names: what to call each class.

    Returns:
        A row a classifier and a column a class, 0-1; NaN for a class without test images.
    """
    count = len(class_names)
    recalls = [metrics.by_class(truths, result.predictions[0], count).recall for result in results]
    return pd.DataFrame(1 - np.stack(recalls), _titles(results), list(class_names))


def hardest_class(shares: pd.DataFrame, results: Sequence[Result]) -> HardestClass:
    """Return which class is the hardest, for the network and for its rivals.

    Args:
        shares: as `error_shares` returns them.
        results: the same.
    """
    table = shares.to_numpy()
    hardest, network = np.nanargmax(table, axis=1), _network_row(results)
    erring = _reading_rivals(results) & (np.nanmax(table, axis=1) > 0)
    own, rivals = hardest[network], hardest[erring]
    counts = np.bincount(rivals, minlength=shares.shape[1])
    return HardestClass(
        shares.columns[own],
        float(shares.iloc[network, own]),
        len(rivals),
        shares.columns[counts.argmax()] if len(rivals) else "",
        int(counts.max()),
    )


def overlaps(results: Sequence[Result], truths: NDArray[np.integer]) -> pd.DataFrame:
    """Return which share of one classifier's mistakes another one makes on the same digits.

    Args:
        results: none of them an error.
        truths: (n,) integers.

    Returns:
        A row and a column a classifier, 0-1: of the row's misread digits, those that the column
        misreads, too; NaN in the row of a classifier without mistakes.
    """
    wrong = np.stack([result.predictions[0] != truths for result in results]).astype(np.int64)
    together, own = wrong @ wrong.T, wrong.sum(axis=1, keepdims=True)
    shares = np.full(together.shape, np.nan)
    np.divide(together, own, out=shares, where=own > 0)
    return pd.DataFrame(shares, _titles(results), _titles(results))


def network_overlap(
    results: Sequence[Result], truths: NDArray[np.integer], classes: int
) -> Overlap:
    """Return how far the network's mistakes are those of its rivals.

    Args:
        results: none of them an error.
        truths: (n,) integers, 0 to classes - 1.
        classes: how many classes there are.
    """
    wrong = np.stack([result.predictions[0] != truths for result in results])
    own, rivals = wrong[_network_row(results)], _reading_rivals(results)
    shared = {
        result.entrant.title: float(row[own].mean()) if own.any() else np.nan
        for result, row, reads in zip(results, wrong, rivals, strict=True)
        if reads
    }
    least = min(shared, key=lambda title: shared[title]) if shared and own.any() else ""
    nobodys = unread(results, truths, classes)
    return Overlap(
        mistakes=int(own.sum()),
        alone=int((own & ~wrong[rivals].any(axis=0)).sum()),
        least_alike=least,
        least_share=shared.get(least, np.nan),
        readers=sum(not result.constant for result in results),
        unread=nobodys,
        agreed=int((nobodys.confidences >= 1 - 1e-9).sum()),
    )


def unread(results: Sequence[Result], truths: NDArray[np.integer], classes: int) -> Mistakes:
    """Return the test images that every classifier misreads, those first that most agree on.

    Who answers every digit alike has no say.

    Args:
        results: none of them an error.
        truths: (n,) integers, 0 to classes - 1.
        classes: how many classes there are.

    Returns:
        The commonest answer to each, and, as its confidence, the share of classifiers that gave it.
    """
    readers = [result.predictions[0] for result in results if not result.constant]
    answers = np.stack(readers) if readers else np.empty((0, len(truths)), np.int64)
    return metrics.unread(answers, truths, classes)


def _titles(results: Sequence[Result]) -> list[str]:
    return [result.entrant.title for result in results]


def _network_row(results: Sequence[Result]) -> int:
    """Where the network stands among the classifiers."""
    return next(row for row, result in enumerate(results) if result.entrant.network)


def _reading_rivals(results: Sequence[Result]) -> NDArray[np.bool_]:
    """Which classifiers are rivals that do not answer every digit alike."""
    return np.array([not (each.entrant.network or each.constant) for each in results], np.bool_)


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
