"""Networks and how they are trained, by name: what the reports and the benchmarks measure.

Settings were chosen on 10,000 of MNIST's training images; `benchmarks/recipe_settings.py` shows
what each of them is worth there. LeNet-5 is the paper's; how it is trained is not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from handwriting.measured import digest
from handwriting.plans import Distortion, Plan

__all__ = [
    "COMPARED",
    "DENSE",
    "GENTLE",
    "LENET_5",
    "ONE_EPOCH",
    "SHORT",
    "SMALL",
    "WIDE",
    "Recipe",
    "variants",
    "with_images",
]


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained, but for its seed.

    Attributes:
        name: what files call it.
        title: what prose calls it.
        kind: which network, see `networks.build`.
        settings: the network's settings, by name.
        plan: how it is trained; its seed is not looked at.
        images: how many training images it may use, drawn at random; 0 for all.
        looks: how often it looks at an image that it reads, see `training.predict`.
    """

    name: str
    title: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)
    images: int = 0
    looks: int = 1

    @property
    def parameters(self) -> str:
        """A digest of all that its result depends on, but for the seed and the data."""
        described = asdict(replace(self, name="", title="", plan=replace(self.plan, seed=0)))
        return digest(described)


DENSE: Final = Recipe("dense", "dense network", "dense", {"hidden_units": 128})
"""The original analysis's layers, as the report on them trains them."""

_CONVOLUTIONAL: Final = Plan(batch_size=256, learning_rate=0.02, label_smoothing=0.1, warm_up=0.25)

GENTLE: Final = Distortion(8, 0.036, 0.08, 0.1, 0.0)
"""For trainings so short that a network cannot get used to more."""

ONE_EPOCH: Final = Recipe(
    "one_epoch",
    "one-epoch network",
    "convolutional",
    {"filters": (12, 24, 48)},
    replace(_CONVOLUTIONAL, epochs=1),
)
SMALL: Final = Recipe(
    "small",
    "small network",
    "convolutional",
    {"filters": (24, 32, 64)},
    replace(_CONVOLUTIONAL, epochs=3, distortion=GENTLE),
)
WIDE: Final = Recipe(
    "wide",
    "wide network",
    "convolutional",
    {"filters": (32, 64, 128)},
    replace(_CONVOLUTIONAL, epochs=20, distortion=Distortion()),
    looks=5,
)
LENET_5: Final = Recipe(
    "lenet_5",
    "LeNet-5",
    "lenet_5",
    {},
    Plan(epochs=10, batch_size=256, learning_rate=0.01),
)

COMPARED: Final = (DENSE, LENET_5, ONE_EPOCH, SMALL, WIDE)
SHORT: Final = (DENSE, ONE_EPOCH, SMALL)
"""Those that a report trains each time; the others take longer."""


def variants() -> tuple[Recipe, ...]:
    """Return the small convolutional network's recipe with one ingredient left out or put in."""
    plan, filters = SMALL.plan, SMALL.settings["filters"]
    plans = {
        "without distorted images": replace(plan, distortion=None),
        "with elastic distortion": replace(plan, distortion=replace(GENTLE, elastic=0.02)),
        "without label smoothing": replace(plan, label_smoothing=0.0),
        "without warm-up": replace(plan, warm_up=0.0),
        "with averaged weights": replace(plan, averaging=0.99),
        "with a tenth of the learning rate": replace(plan, learning_rate=plan.learning_rate / 10),
        "with batches of 1,024": replace(plan, batch_size=1024),
        "in bfloat16": replace(plan, precision="bfloat16"),
        "compiled by XLA": replace(plan, jit_compile=True),
        "with twice the epochs": replace(plan, epochs=2 * plan.epochs),
    }
    sizes = {
        "with half the filters": {"filters": tuple(count // 2 for count in filters)},
        "with twice the filters": {"filters": tuple(count * 2 for count in filters)},
    }
    every = [replace(SMALL, title="with five looks at each digit", looks=5)]
    every += [replace(SMALL, title=title, plan=other) for title, other in plans.items()]
    every += [replace(SMALL, title=title, settings=other) for title, other in sizes.items()]
    return tuple(replace(each, name=f"small_{number}") for number, each in enumerate(every, 1))


def with_images(recipe: Recipe, images: int, available: int) -> Recipe:
    """Return the recipe for fewer training images, in so many epochs that as many are seen.

    Args:
        recipe: for all images.
        images: how many to use.
        available: how many there are.
    """
    epochs = math.ceil(recipe.plan.epochs * available / images)
    plan = replace(recipe.plan, epochs=epochs)
    return replace(recipe, name=f"{recipe.name}_{images}", plan=plan, images=images)
