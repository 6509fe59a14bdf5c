"""The model card: what a user of the networks has to know."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.data import splitting
from handwriting.data.dataset import Dataset, Split
from handwriting.evaluation.evaluated_network import EvaluatedNetwork
from handwriting.evaluation.robustness import CorruptionCurve
from handwriting.experiments.trust import AccuracyEstimate
from handwriting.figures.phrases import counted, listed

_MUCH = 0.1  # accuracy lost


def model_card(
    data: Dataset,
    told: Mapping[str, Sequence[AccuracyEstimate]],
    found: Mapping[str, Sequence[CorruptionCurve]],
    judged: EvaluatedNetwork,
) -> list[dict[str, str]]:
    """Return rows of a card that says what the networks are good for and what they are not.

    After M. Mitchell and others (2019), Model cards for model reporting, FAT*.

    Args:
        data: what they learned from and read.
        told: their accuracies.
        found: how damage hurts them.
        judged: one of the networks, which all learned from the same images.
    """
    train = data.train.drawn(judged.trial.images)
    learned, watched = splitting.divided(train, judged.trial.recipe.plan.validation_share)
    is_digits = data.class_names == tuple("0123456789")
    height, width = data.image_shape
    size = f"in an image of {height} by {width} pixels"
    answers = {
        "What for?": "To teach and to compare methods. They were made for nothing else.",
        "What goes in?": (
            f"{'One digit' if is_digits else f'One of {data.classes} classes'} {size}, ink 255 on "
            f"paper 0, alone, upright, scaled and centred as those of {data.title}."
        ),
        "What did they learn from?": (
            f"{counted(len(learned), 'image')} of {data.title}, and {len(watched):,} more for "
            f"validation; {_hands(train, learned, data.test)}."
        ),
        "How often are they right?": f"On test images: {_accuracies(told)}.",
        "What breaks them?": _fragile(found),
        "What not for?": (
            "Whatever costs a person money, marks or rights; "
            + ("other scripts, letters, several digits at once" if is_digits else "other signs")
            + ", photographs. They never say that an image belongs to no class."
        ),
    }
    return [{"Question": question, "Answer": text} for question, text in answers.items()]


def _hands(train: Split, learned: NDArray[np.int64], test: Split) -> str:
    """Who wrote the images: those that were learned from, and those of the test."""
    if train.writers is None or test.writers is None:
        return "nobody knows who wrote them"
    writers, judging = len(np.unique(train.writers[learned])), len(np.unique(test.writers))
    return (
        f"{_people(writers)} wrote what they learned from, {judging:,} others what they are judged "
        "by: employees of the American Census Bureau and high-school students"
    )


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def _accuracies(told: Mapping[str, Sequence[AccuracyEstimate]]) -> str:
    return listed([f"{ways[0].accuracy:.2%} ({title})" for title, ways in told.items()])


def _fragile(found: Mapping[str, Sequence[CorruptionCurve]]) -> str:
    """The damage that, in the middle of its severities, costs one of the networks much."""
    costly = {
        each.kind.title: None  # a set that keeps its order
        for declines in found.values()
        for each in declines
        if each.accuracies[0] - each.accuracies[3] > _MUCH
    }
    if not costly:
        costly = {"no kind of damage": None}
    return (
        f"At the third of five severities, {listed(list(costly))} "
        f"{'costs' if len(costly) == 1 else 'cost'} at least one of them more than "
        f"{100 * _MUCH:.0f} percentage points."
    )
