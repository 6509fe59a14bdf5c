"""Which digits classifiers misread, and how far they misread the same ones.

Of results, the network's is always the first, and none is an error. Whether two err alike is asked
of the first training of each, and which mistakes the network makes alone of all of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import recall_score

from handwriting.baselines.benchmark import Result
from handwriting.data.dataset import Split
from handwriting.evaluation import method_comparison, metrics
from handwriting.evaluation.method_comparison import Difference
from handwriting.evaluation.metrics import Mistakes
from handwriting.evaluation.repeated_runs import RepeatedRuns
from handwriting.models.ensemble import Ensemble


@dataclass(frozen=True)
class HardestClass:
    """The class that the network misreads the most, beside the one that its rivals do.

    Attributes:
        name: the class of which the network misreads the largest share.
        share: that share, 0-1, the mean of its trainings.
        second: the class of which it misreads the next; empty where there is one class.
        second_share: that share, 0-1.
        agreeing_trainings: in how many of them it is that class, too.
        rivals: how many rivals can read, and misread something.
        common: the class that is the hardest for the most of them; empty where there is none.
        agreeing: for how many of them it is.
    """

    name: str
    share: float
    second: str
    second_share: float
    agreeing_trainings: int
    rivals: int
    common: str
    agreeing: int


@dataclass(frozen=True, eq=False)
class Overlap:
    """How far the network's mistakes are those of others, who answers every digit alike left out.

    Attributes:
        mistakes: how many test images each of the network's trainings misreads.
        alone: how many of them no rival misreads.
        most_alike: the title of the rival whose mistakes are the most like those of the network's
            first training, by Cohen's kappa; empty where there is no rival, or no mistake.
        most_kappa: that kappa; NaN likewise.
        helper: the title of the rival that reads the most of these mistakes; empty likewise.
        helped: the share of them that it reads, 0-1; NaN likewise.
        readers: how many classifiers can read, the network among them.
        unread: the images that all of these misread, those first that most of them read alike.
    """

    mistakes: tuple[int, ...]
    alone: tuple[int, ...]
    most_alike: str
    most_kappa: float
    helper: str
    helped: float
    readers: int
    unread: Mistakes


def error_shares(
    results: Sequence[Result], truths: NDArray[np.integer], class_names: Sequence[str]
) -> pd.DataFrame:
    """Return which share of each class each classifier misreads, the mean of its trainings.

    Args:
        results: of all classifiers.
        truths: (n,) integers, 0 to classes - 1.
        class_names: what to call each class.

    Returns:
        A row a classifier and a column a class, 0-1; NaN for a class without test images.
    """
    shares = {
        each.entrant.title: _misread_shares(each, truths, len(class_names)).mean(axis=0)
        for each in results
    }
    return pd.DataFrame.from_dict(shares, "index", columns=list(class_names))


def _misread_shares(
    result: Result, truths: NDArray[np.integer], classes: int
) -> NDArray[np.float64]:
    """The share of each class that each training misreads, (trainings, classes)."""
    options = {"labels": range(classes), "average": None, "zero_division": np.nan}
    return 1 - np.stack([recall_score(truths, each, **options) for each in result.predictions])


def hardest_class(
    shares: pd.DataFrame, results: Sequence[Result], truths: NDArray[np.integer]
) -> HardestClass:
    """Return which class is the hardest, for the network and for its rivals.

    Args:
        shares: as `error_shares` returns them.
        results: the same.
        truths: the same.
    """
    network, rivals = shares.iloc[0], shares[_reading_rivals(results)]
    hardest = rivals[rivals.max(axis=1) > 0].idxmax(axis=1)
    counts = hardest.value_counts().reindex(shares.columns, fill_value=0)
    common = counts.idxmax() if len(hardest) else ""
    by_training = np.nan_to_num(_misread_shares(results[0], truths, shares.shape[1]))
    agreeing = int((by_training.argmax(axis=1) == int(network.argmax())).sum())
    first, second = [*network.nlargest(2).items(), ("", 0.0)][:2]
    return HardestClass(*first, *second, agreeing, len(hardest), common, counts.max())


def kappas(results: Sequence[Result], truths: NDArray[np.integer]) -> pd.DataFrame:
    """Return how far classifiers misread the same digits, beside chance: Cohen's kappa.

    It is 1 where two misread the same digits, 0 where they share as many as two would that err
    independently of each other, and less where they share fewer. A share of common mistakes would
    rise with the other's number of mistakes.

    Source: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
    Measurement 20 (1960), 37-46.

    Args:
        results: of all classifiers.
        truths: (n,) integers.

    Returns:
        A row and a column a classifier, at most 1; NaN between two that misread nothing, or all.
    """
    wrong = _misread(results, truths).astype(np.float64)
    rate, both = wrong.mean(axis=1).to_numpy(), (wrong @ wrong.T) / len(truths)
    one, other = np.meshgrid(rate, rate, indexing="ij")
    expected = one * other + (1 - one) * (1 - other)
    agreeing = 1 - one - other + 2 * both
    return (agreeing - expected).div(1 - expected).where(expected < 1)


def network_overlap(results: Sequence[Result], truths: NDArray[np.integer]) -> Overlap:
    """Return how far the network's mistakes are those of its rivals.

    Args:
        results: of all classifiers.
        truths: (n,) integers, 0 to classes - 1.
    """
    own, rivals = results[0].predictions != truths, _misread(results, truths)
    rivals = rivals[_reading_rivals(results)]
    alike = kappas(results, truths).iloc[0][_reading_rivals(results)].dropna()
    helped = (own[0] & ~rivals).sum(axis=1) / max(1, own[0].sum())
    known = len(alike) > 0 and own[0].any()
    answers = [each.predictions[0] for each in results if not each.constant]
    return Overlap(
        mistakes=tuple(own.sum(axis=1).tolist()),
        alone=tuple((own & ~rivals.any().to_numpy()).sum(axis=1).tolist()),
        most_alike=alike.idxmax() if known else "",
        most_kappa=alike.max() if known else np.nan,
        helper=helped.idxmax() if known else "",
        helped=helped.max() if known else np.nan,
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

    @property
    def shared(self) -> float:
        """Of a member's mistakes, the share that another member makes, too, on average; or NaN."""
        wrong = np.arange(len(self.images))[::-1]
        pairs = (len(self.images) - 2) * (self.images @ wrong)
        return float(self.images @ (wrong * (wrong - 1)) / pairs) if pairs else float("nan")


@dataclass(frozen=True, eq=False)
class EvaluatedEnsemble:
    """What networks of one recipe read together.

    Attributes:
        ensemble: what they read in the test images.
        members: the same networks, each alone.
        accuracies: of the first member, of the first two together, and so on, each 0-1.
        agreement: how many of them read each image.
        gain: by how much all together read better than one of them on average.
    """

    ensemble: Ensemble
    members: RepeatedRuns
    accuracies: tuple[float, ...]
    agreement: Agreement
    gain: Difference

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
        """Seconds that the training of all of them took, validation left out."""
        return sum(self.members.times)


def evaluated(ensemble: Ensemble, members: RepeatedRuns, test: Split) -> EvaluatedEnsemble:
    """Return how well networks read together.

    Args:
        ensemble: what they read.
        members: the same networks, each alone.
        test: the test images.
    """
    right = members.predictions == test.labels
    readers, together = right.sum(axis=0), ensemble.predictions[-1] == test.labels
    counts = (
        np.bincount(each, minlength=members.size + 1) for each in (readers, readers[together])
    )
    return EvaluatedEnsemble(
        ensemble,
        members,
        ensemble.accuracies(test.labels),
        Agreement(*counts),
        method_comparison.paired(right.mean(axis=0), together, test.writers),
    )


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
            "95% from": each.gain.interval.low,
            "95% to": each.gain.interval.high,
            "Misread alone": each.members.misread,
            "Misread together": each.misread,
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
