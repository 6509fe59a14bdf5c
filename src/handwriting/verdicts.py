"""What is said in words that take many branches: what a user of the networks has to know."""

from __future__ import annotations

from collections.abc import Sequence

from handwriting.evaluation.evaluated_network import EvaluatedNetwork
from handwriting.evaluation.robustness import Robustness
from handwriting.figures.phrases import counted, listed

_SEVERITY, _MUCH = 3, 0.1
"""Of damage: which severity counts, and how much accuracy it may cost."""


def model_card(
    networks: Sequence[EvaluatedNetwork], robustness: Sequence[Robustness]
) -> list[dict[str, str]]:
    """Return rows of a card that says what networks are good for and what they are not.

    After M. Mitchell and others (2019), Model cards for model reporting, FAT*.

    Args:
        networks: at least one, which all learned from the same images.
        robustness: what damage does to each.
    """
    data, first = networks[0].data, networks[0]
    is_digits = data.class_names == tuple("0123456789")
    height, width = data.image_shape
    sign = "One digit" if is_digits else f"One of {data.classes} classes"
    beyond = "other scripts, letters, several digits at once" if is_digits else "other signs"
    read = listed([f"{each.accuracy:.2%} ({each.title})" for each in networks])
    answers = {
        "What for?": "To teach and to compare methods. They were made for nothing else.",
        "What goes in?": (
            f"{sign} in an image of {height} by {width} pixels, ink 255 on paper 0, alone, "
            f"upright, scaled and centred as those of {data.title}."
        ),
        "What did they learn from?": (
            f"{counted(len(first.learned), 'image')} of {data.title}, and "
            f"{first.validation_images:,} more for validation; {_hands(first)}."
        ),
        "How often are they right?": f"On test images: {read}.",
        "What breaks them?": _fragile(robustness),
        "What not for?": (
            f"Whatever costs a person money, marks or rights; {beyond}, photographs. They never "
            "say that an image belongs to no class."
        ),
    }
    return [{"Question": question, "Answer": text} for question, text in answers.items()]


def _hands(network: EvaluatedNetwork) -> str:
    """Who wrote the images: those that were learned from, and those of the test."""
    writers, judging = network.learned_writers, network.writers
    if writers is None or judging is None:
        return "nobody knows who wrote them"
    people = "1 person" if writers == 1 else f"{writers:,} people"
    return (
        f"{people} wrote what they learned from, {judging.writers:,} others what they are judged by: "
        "employees of the American Census Bureau and high-school students"
    )


def _fragile(robustness: Sequence[Robustness]) -> str:
    """The damage that, in the middle of its severities, costs one of the networks much."""
    found = [kind for each in robustness for kind in each.costly(_SEVERITY, _MUCH)]
    costly = list(dict.fromkeys(found)) or ["no kind of damage"]
    return (
        f"At the third of five severities, {listed(costly)} "
        f"{'costs' if len(costly) == 1 else 'cost'} at least one of them more than "
        f"{100 * _MUCH:.0f} percentage points."
    )
