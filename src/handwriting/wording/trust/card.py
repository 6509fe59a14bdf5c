"""The model card: what a user of the networks has to know."""

from collections.abc import Mapping, Sequence

import numpy as np

from handwriting.datasets import Dataset
from handwriting.robustness import Decline
from handwriting.trust import Headline
from handwriting.wording.numbers import counted, listed

__all__ = ["model_card"]

_MUCH = 0.1  # accuracy lost


def model_card(
    data: Dataset,
    told: Mapping[str, Sequence[Headline]],
    found: Mapping[str, Sequence[Decline]],
    trained_on: int,
) -> list[dict[str, str]]:
    """Return rows of a card that says what the networks are good for and what they are not.

    After M. Mitchell and others (2019), Model cards for model reporting, FAT*.

    Args:
        data: what they learned from and read.
        told: their accuracies.
        found: how damage hurts them.
        trained_on: how many images they learned from.
    """
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
            f"{counted(trained_on, 'image')} of {data.title}, those for validation included; "
            f"{_hands(data, trained_on)}."
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


def _hands(data: Dataset, trained_on: int) -> str:
    """Who wrote the images: those that were learned from, and those of the test."""
    if data.train.writers is None or data.test.writers is None:
        return "nobody knows who wrote them"
    writers = np.asarray(data.train.drawn(trained_on).writers)
    learned, judging = len(np.unique(writers)), len(np.unique(data.test.writers))
    return (
        f"{_people(learned)} wrote what they learned from, {judging:,} others what they are "
        "judged by: employees of the American Census Bureau and high-school students"
    )


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def _accuracies(told: Mapping[str, Sequence[Headline]]) -> str:
    return listed([f"{ways[0].accuracy:.2%} ({title})" for title, ways in told.items()])


def _fragile(found: Mapping[str, Sequence[Decline]]) -> str:
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
