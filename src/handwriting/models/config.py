"""How networks are trained: settings alone, which cost no import of Keras."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import numpy as np

from handwriting.errors import SettingError
from handwriting.results.store import digest

_FEWEST_STEPS = 20
"""How many steps an epoch has at least, where there are as many images."""


@dataclass(frozen=True)
class Distortion:
    """By how much images are distorted at random, so that a network sees new ones in each epoch.

    Attributes:
        rotation: degrees, at most, either way.
        shift: at most, either way, as a share of the image's side.
        zoom: at most, larger or smaller, in each direction on its own: 0.1 is a factor of e^0.1.
        shear: at most, either way: 0.1 moves a row sideways by a tenth of its distance from the
            middle, as handwriting slants.
        elastic: how far a pixel is moved besides, as a share of the image's side: one standard
            deviation in each direction. Neighbours move alike.
    """

    rotation: float = 10.0
    shift: float = 0.05
    zoom: float = 0.1
    shear: float = 0.15
    elastic: float = 0.02


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    Attributes:
        epochs: passes over the training images.
        batch_size: images in a step, at most: see `images_per_step`.
        learning_rate: the highest that Adam's step size becomes.
        seed: what the order of the images, and their distortion, are drawn from.
        label_smoothing: share of certainty that is taken from the true class and spread evenly.
        validation_share: share of the images that are kept from training, to watch it by.
        warm_up: share of all steps over which the learning rate rises.
        distortion: how training images are distorted; None leaves them as they are.
        averaging: how much of the weights' running average a step keeps, such as 0.999; the average
            is what training ends with (batch normalisation's statistics have averages of their
            own). 0 ends with the last weights.
        patience: after how many epochs without a lower validation loss training ends early, with
            the weights of the best epoch; 0 follows the plan to its end.
        precision: in what the network computes while it learns: `float32` or `bfloat16`.
        jit_compile: whether the backend's compiler (XLA) fuses a step's operations.

    Raises:
        SettingError: where a setting that a notebook's parameters give is out of its range.
    """

    epochs: int = 10
    batch_size: int = 512
    learning_rate: float = 0.01
    seed: int = 0
    label_smoothing: float = 0.05
    validation_share: float = 1 / 12
    warm_up: float = 0.1
    distortion: Distortion | None = None
    averaging: float = 0.0
    patience: int = 0
    precision: str = "float32"
    jit_compile: bool = False

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0), ("patience", 0)):
            value = getattr(self, name)
            whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not (whole and least <= value < 2**31):
                _refuse(name, f"a whole number of at least {least}, below 2^31", value)
        if not 0 < self.learning_rate < math.inf:
            _refuse("learning_rate", "a finite number above 0", self.learning_rate)

    def images_per_step(self, images: int) -> int:
        """How many of so many training images make a step: the batch size, or a twentieth.

        A small data set gives 20 steps an epoch even where the batch size suits a large one.
        """
        return min(self.batch_size, math.ceil(images / _FEWEST_STEPS))


@dataclass(frozen=True)
class PlainTraining(TrainingConfig):
    """How Keras trains where nobody says otherwise, but for the epochs, of which that would be one.

    Nothing is smoothed, and no image is held back.

    Attributes:
        schedule: how the learning rate goes on, and Adam's momentum with it: as Keras has them.
    """

    epochs: int = 5
    batch_size: int = 32
    learning_rate: float = 0.001
    label_smoothing: float = 0.0
    validation_share: float = 0.0
    schedule: str = "constant"


def _refuse(name: str, expected: str, found: object) -> None:
    raise SettingError(f"{name}: expected {expected}; found {found!r}. Change it.")


@dataclass(frozen=True)
class ModelConfig:
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
    plan: TrainingConfig = field(default_factory=TrainingConfig)
    images: int = 0
    looks: int = 1

    @property
    def parameters(self) -> str:
        """A digest of all that its result depends on, but for the seed and the data."""
        described = asdict(replace(self, name="", title="", plan=replace(self.plan, seed=0)))
        return digest(described)


DENSE: Final = ModelConfig("dense", "dense network", "dense", {"hidden_units": 128})
"""The original analysis's layers, as the report on them trains them.

The parameters of `notebooks/02_network.ipynb` have these settings as their defaults, so that all
reports share a training: whoever changes one of them changes both; a test compares them.
"""

PLAIN: Final = replace(DENSE, name="plain", title="plain dense network", plan=PlainTraining())
"""The same layers, trained as Keras does by default."""

_CONVOLUTIONAL: Final = TrainingConfig(
    batch_size=256, learning_rate=0.02, label_smoothing=0.1, warm_up=0.25
)

GENTLE: Final = Distortion(8, 0.036, 0.08, 0.1, 0.0)
"""For trainings so short that a network cannot get used to more."""

ONE_EPOCH: Final = ModelConfig(
    "one_epoch",
    "one-epoch network",
    "convolutional",
    {"filters": (12, 24, 48)},
    replace(_CONVOLUTIONAL, epochs=1),
)
SMALL: Final = ModelConfig(
    "small",
    "small network",
    "convolutional",
    {"filters": (24, 32, 64)},
    replace(_CONVOLUTIONAL, epochs=3, distortion=GENTLE),
)
WIDE: Final = ModelConfig(
    "wide",
    "wide network",
    "convolutional",
    {"filters": (32, 64, 128)},
    replace(_CONVOLUTIONAL, epochs=20, distortion=Distortion()),
    looks=5,
)
LENET_5: Final = ModelConfig(
    "lenet_5",
    "LeNet-5",
    "lenet_5",
    {},
    TrainingConfig(epochs=10, batch_size=256, learning_rate=0.01),
)

COMPARED: Final = (DENSE, LENET_5, ONE_EPOCH, SMALL, WIDE)
SHORT: Final = (DENSE, ONE_EPOCH, SMALL)
"""Those that a report trains each time; the others take longer."""


def variants() -> tuple[ModelConfig, ...]:
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
    every = [replace(SMALL, title="with five looks at each image", looks=5)]
    every += [replace(SMALL, title=title, plan=other) for title, other in plans.items()]
    every += [replace(SMALL, title=title, settings=other) for title, other in sizes.items()]
    return tuple(replace(each, name=f"small_{number}") for number, each in enumerate(every, 1))


def with_images(recipe: ModelConfig, images: int, available: int) -> ModelConfig:
    """Return the recipe for fewer training images, in so many epochs that as many are seen.

    Args:
        recipe: for all images.
        images: how many to use.
        available: how many there are.
    """
    epochs = math.ceil(recipe.plan.epochs * available / images)
    plan = replace(recipe.plan, epochs=epochs)
    return replace(recipe, name=f"{recipe.name}_{images}", plan=plan, images=images)
