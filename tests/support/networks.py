"""A network that was never trained, and reads what a test wants it to read."""

from dataclasses import dataclass

import numpy as np

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.experiments.evaluated_network import EvaluatedNetwork
from handwriting.models import config
from handwriting.models.training_runs import Outcome, Run

DIGITS = tuple("0123456789")


@dataclass(frozen=True, eq=False)
class Reader(EvaluatedNetwork):
    """Takes each image for the class of its first pixel, as sure as its second pixel is light."""

    def read(self, images):
        scores = np.zeros((len(images), self.data.classes), np.float32)
        scores[np.arange(len(images)), images[:, 0, 0] % self.data.classes] = images[:, 0, 1] / 255
        return scores


def data_set(images=12, names=DIGITS, writers=None, series=None, shape=(28, 28), name="t"):
    """Images of each class in turn, blank but for a first pixel that tells the class."""
    labels = (np.arange(images) % len(names)).astype(np.uint8)
    pixels = np.zeros((images, *shape), np.uint8)
    pixels[:, 0, 0], pixels[:, 0, 1] = labels, 255
    split = Split(pixels, labels, writers, series)
    noun = "digit" if set(names) <= set(DIGITS) else "image"
    return Dataset(name, "Tiny *set*", split, split, names, Origin((), {}, "", ""), noun=noun)


def reader(data, predicted=None, *, sure=0.8, recipe=config.SMALL, validation=4, temperature=0.5):
    """A network that reads so much in the test images; the first images are for validation."""
    predicted = data.test.labels if predicted is None else predicted
    scores = np.full(
        (len(predicted), data.classes), (1 - sure) / max(data.classes - 1, 1), np.float32
    )
    scores[np.arange(len(predicted)), predicted] = sure
    outcome = Outcome(predicted, {}, (1.0,), 2.0, 3)
    moment = "2026-11-25T04:05:06+00:00"
    run = Run(recipe, 7, len(data.train), "now", moment, {}, outcome)
    learned, watched = np.arange(validation, len(data.train)), slice(validation)
    return Reader(
        run, data, learned, data.train.labels[watched], scores[watched], scores, temperature
    )
