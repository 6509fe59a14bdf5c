"""Which digits classifiers misread, and how far they misread the same ones.

Of results, the network's is always the first, and none is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import recall_score

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
        unread: the images that all of these misread, those first that most of them read alike.
    """

    mistakes: int
    alone: int
    least_alike: str
    least_share: float
    readers: int
    unread: Mistakes


def error_shares(
    results: Sequence[Result], truths: NDArray[np.integer], class_names: Sequence[str]
) -> pd.DataFrame:
    """Return which share of each class each classifier misreads.

    Args:
        results: of all classifiers.
        truths: (n,) integers, 0 to classes - 1.
        class_names: what to call each class.

    Returns:
        A row a classifier and a column a class, 0-1; NaN for a class without test images.
    """
    labels = range(len(class_names))
    recalls = {
        each.entrant.title: recall_score(
            truths, each.predictions[0], labels=labels, average=None, zero_division=np.nan
        )
        for each in results
    }
    return 1 - pd.DataFrame.from_dict(recalls, "index", columns=list(class_names))


def hardest_class(shares: pd.DataFrame, results: Sequence[Result]) -> HardestClass:
    """Return which class is the hardest, for the network and for its rivals.

    Args:
        shares: as `error_shares` returns them.
        results: the same.
    """
    network, rivals = shares.iloc[0], shares[_reading_rivals(results)]
    hardest = rivals[rivals.max(axis=1) > 0].idxmax(axis=1)
    counts = hardest.value_counts().reindex(shares.columns, fill_value=0)
    common = counts.idxmax() if len(hardest) else ""
    return HardestClass(network.idxmax(), network.max(), len(hardest), common, counts.max())


def overlaps(results: Sequence[Result], truths: NDArray[np.integer]) -> pd.DataFrame:
    """Return which share of one classifier's mistakes another one makes on the same digits.

    Args:
        results: of all classifiers.
        truths: (n,) integers.

    Returns:
        A row and a column a classifier, 0-1: of the row's misread digits, those that the column
        misreads, too; NaN in the row of a classifier without mistakes.
    """
    wrong = _misread(results, truths).astype(np.int64)
    return (wrong @ wrong.T).div(wrong.sum(axis=1), axis=0)


def network_overlap(results: Sequence[Result], truths: NDArray[np.integer]) -> Overlap:
    """Return how far the network's mistakes are those of its rivals.

    Args:
        results: of all classifiers.
        truths: (n,) integers, 0 to classes - 1.
    """
    wrong = _misread(results, truths)
    own, rivals = wrong.iloc[0], wrong[_reading_rivals(results)]
    shared = rivals.loc[:, own].mean(axis=1)
    least = shared.idxmin() if len(rivals) and own.any() else ""
    answers = [each.predictions[0] for each in results if not each.constant]
    return Overlap(
        mistakes=int(own.sum()),
        alone=int((own & ~rivals.any()).sum()),
        least_alike=least,
        least_share=shared.get(least, np.nan),
        readers=len(answers),
        # Where nobody can read, the images go for read: nobody has misread any.
        unread=metrics.unread(np.stack(answers or [truths]), truths),
    )


def _misread(results: Sequence[Result], truths: NDArray[np.integer]) -> pd.DataFrame:
    """Whether a classifier (row, by its title) misreads an image (column)."""
    return pd.DataFrame({each.entrant.title: each.predictions[0] != truths for each in results}).T


def _reading_rivals(results: Sequence[Result]) -> list[bool]:
    """Which classifiers are rivals that do not answer every digit alike."""
    return [not (each.entrant.network or each.constant) for each in results]


@dataclass(frozen=True, eq=False)
class Agreement:
    """How many members of an ensemble read each image, and what becomes of it together.

    Attributes:
        images: (members + 1,) int64, how many images are read correctly by so many members.
        together: (members + 1,) int64, how many of these the ensemble reads correctly.
    """

    images: NDArray[np.int64]
    together: NDArray[np.int64]


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


def evaluated(
    ensemble: Ensemble, members: RepeatedRuns, truths: NDArray[np.integer]
) -> EvaluatedEnsemble:
    """Return how well networks read together.

    Args:
        ensemble: what they read.
        members: the same networks, each alone.
        truths: (n,), the class of each test image.
    """
    readers = (members.predictions == truths).sum(axis=0)
    together = readers[ensemble.predictions[-1] == truths]
    counts = (np.bincount(each, minlength=members.size + 1) for each in (readers, together))
    return EvaluatedEnsemble(ensemble, members, ensemble.accuracies(truths), Agreement(*counts))


def ensemble_table(ensembles: Sequence[EvaluatedEnsemble]) -> pd.DataFrame:
    """Return what ensembles read beside their members alone, a row each; shares and seconds."""
    return pd.DataFrame(
        {
            "Networks": each.members.title,
            "Members": each.size,
            "Alone": each.members.accuracy.mean,
            "Lowest": each.members.accuracy.lowest,
            "Highest": each.members.accuracy.highest,
            "Together": each.accuracy,
            "Misread alone": each.members.misread,
            "Misread together": each.misread,
            "Training": each.seconds,
        }
        for each in ensembles
    )


def common_mistakes(
    groups: Sequence[RepeatedRuns], ensemble: EvaluatedEnsemble, truths: NDArray[np.integer]
) -> Mistakes:
    """Return the test images that no network reads, nor the ensemble.

    Args:
        groups: the networks' runs.
        ensemble: what some of them read together.
        truths: (n,), the class of each test image.

    Returns:
        Those first that most networks read alike; with each the commonest answer, and, as its
        confidence, the share of networks that gave it.
    """
    alone = [group.predictions for group in groups]
    answers = np.concatenate([*alone, ensemble.ensemble.predictions[-1:]])
    return metrics.unread(answers, truths)
