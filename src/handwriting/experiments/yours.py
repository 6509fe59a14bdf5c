"""What notebook 06 runs, in the order in which it tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.data.photographs import made, opening, truth
from handwriting.data.photographs.finding import Page, digits
from handwriting.data.photographs.made import Conditions
from handwriting.data.photographs.opening import Photograph
from handwriting.errors import DatasetError
from handwriting.evaluation import calibration, metrics, readings
from handwriting.evaluation.readings import NO_DIGIT, UNSURE, Counts, Reading, Recovery
from handwriting.evaluation.selective import Certainty
from handwriting.experiments import evaluated_network, photograph_conditions, photograph_reader
from handwriting.experiments.photograph_conditions import Curves
from handwriting.experiments.photograph_reader import Reader
from handwriting.models import config, dense_network, training_runs
from handwriting.models.config import ModelConfig
from handwriting.models.dense_network import Layers
from handwriting.models.training_runs import Run
from handwriting.results import store
from handwriting.results.store import Remembered

_WRITTEN, _COLUMNS = 60, 10
"""Test images on a photograph that is made, and how many stand in a line."""

_SHOWN = 24
"""Photographs that are drawn, at most."""

_UNKNOWN = "?"
"""What stands in a truth for what nobody can read."""


@dataclass(frozen=True, eq=False)
class ReadPhotograph:
    """A photograph, and what was read in it.

    Attributes:
        number: from 1; a page never says its file's name, which may tell too much.
        photograph: as it was read: turned, where that is much surer.
        page: where its digits are.
        turns: the quarter turns, anticlockwise, by which it was turned from what its file says.
        readings: what its digits are taken for, in the same order.
        stated: what is written on it, line by line; empty where nobody says.
    """

    number: int
    photograph: Photograph
    page: Page
    turns: int
    readings: tuple[Reading, ...]
    stated: tuple[str, ...] = ()

    @property
    def degrees(self) -> int:
        """By how much it was turned, anticlockwise."""
        return 90 * self.turns

    @property
    def found(self) -> int:
        """How many digits were found in it."""
        return len(self.readings)

    @property
    def written(self) -> int:
        """How many digits are said to be written on it."""
        return len("".join(self.stated))

    @property
    def fits(self) -> bool:
        """Whether as many digits were found as are said to be written on it."""
        return self.written == self.found

    @property
    def lines(self) -> tuple[tuple[Reading, ...], ...]:
        """Its readings, line by line."""
        numbers = dict.fromkeys(each.cut.line for each in self.readings)
        return tuple(
            tuple(each for each in self.readings if each.cut.line == line) for line in numbers
        )


@dataclass(frozen=True, eq=False)
class Photographs:
    """All photographs of a report, and what was read in them.

    Attributes:
        read: one after another.
        recovery: what came back of the test images; None where nobody put any on photographs.
    """

    read: tuple[ReadPhotograph, ...]
    recovery: Recovery | None = None

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """Every digit that was found, photograph by photograph."""
        return tuple(each for photograph in self.read for each in photograph.readings)

    @property
    def refused(self) -> tuple[Reading, ...]:
        """Those that are refused."""
        return tuple(each for each in self.readings if each.refusal)

    @property
    def unsure(self) -> tuple[Reading, ...]:
        """Those that are refused since the network is unsure of them."""
        return tuple(each for each in self.readings if each.refusal == UNSURE)

    @property
    def unlike(self) -> tuple[Reading, ...]:
        """Those that are refused as unlike anything that the network learned from."""
        return tuple(each for each in self.readings if each.refusal == NO_DIGIT)

    @property
    def apart(self) -> float:
        """The median distance from the training image most like each; of some digits."""
        return float(np.median([each.apart for each in self.readings]))

    @property
    def confidence(self) -> float:
        """The mean confidence in those whose truth is known, 0-1; of some digits."""
        known = [each.confidence for each in self.readings if each.truth is not None]
        return float(np.mean(known))

    @property
    def shown(self) -> tuple[ReadPhotograph, ...]:
        """The photographs that a page shows, lest it be too large: the first of many."""
        return self.read[:_SHOWN]

    @property
    def turned(self) -> tuple[ReadPhotograph, ...]:
        """The photographs that are much better read another way up than their files say."""
        return tuple(each for each in self.read if each.turns)

    @property
    def unfit(self) -> tuple[ReadPhotograph, ...]:
        """Those in which another number of digits was found than is said to be written there."""
        return tuple(each for each in self.read if each.stated and not each.fits)

    @cached_property
    def counts(self) -> Counts | None:
        """How many are read rightly, wrongly and not at all; None where no truth is known."""
        return readings.count(self.readings)


@dataclass(frozen=True, eq=False)
class Experiment:
    """What takes long to find out of photographs.

    Attributes:
        examples: what the network learns from.
        seed: what the random numbers are drawn from.
        machine: processor, cores and the like, each by name.
        training_images: how many to learn from at most; 0 for all.
        fresh: train anew, whatever the cache holds.
        progress: called with a line on what is being done.
    """

    examples: Dataset
    seed: int
    machine: Mapping[str, object]
    training_images: int = 0
    fresh: bool = False
    progress: Callable[[str], None] = lambda _: None

    @cached_property
    def reader(self) -> Reader:
        """The small convolutional network, trained, with what it refuses.

        Raises:
            DatasetError: there are too few images.
            TrainingError: a loss is no longer a finite number.
        """
        run = self._trained(config.SMALL)
        return photograph_reader.reader(
            evaluated_network.evaluate(run, self.examples, self._images)
        )

    @cached_property
    def layers(self) -> Layers:
        """The weights of the original analysis's network, trained, which fit into a page."""
        return dense_network.layers(self._trained(config.DENSE).network.get_weights())

    @property
    def _images(self) -> int:
        every = len(self.examples.train)
        return min(self.training_images or every, every)

    def _trained(self, recipe: ModelConfig) -> Run:
        images = 0 if self._images == len(self.examples.train) else self._images
        (run,) = training_runs.run(
            self.examples,
            [replace(recipe, images=images)],
            [self.seed],
            self.machine,
            fresh=self.fresh,
            progress=self.progress,
        )
        return run

    def certainties(self, found: Photographs) -> tuple[Certainty, ...]:
        """Return how sure the network is of the test images, and of what was photographed.

        Both are of tempered probabilities.

        Args:
            found: what was photographed; some digit was found.
        """
        network = self.reader.network
        tempered = calibration.tempered(network.scores, network.temperature)
        sure = np.array([each.confidence for each in found.readings])
        return (
            Certainty("test images", metrics.confidences(tempered)),
            Certainty("photographed", sure),
        )

    def curves(self) -> Remembered[Curves] | None:
        """Return what is read of test images under worse and worse conditions, as it is kept.

        Returns:
            None where it was not measured with these data.

        Raises:
            MeasurementError: what was kept is damaged.
        """
        return photograph_conditions.load(self.examples, store.kept(photograph_conditions.KEPT))

    def photographs(self, images: str | None, stated: str | None) -> Photographs:
        """Return what is read in somebody's photographs, or in one that is made of test images.

        Args:
            images: the path of a photograph or of a folder of them; None to make one.
            stated: what is written on them, as `truth.stated` takes it; None where nobody says.

        Raises:
            DatasetError: there is no photograph, one cannot be opened, or the truth is none.
        """
        if images is None:
            random = np.random.default_rng(self.seed)
            count = min(_WRITTEN, len(self.examples.test))
            chosen = random.choice(len(self.examples.test), count, replace=False)
            return self.made(np.sort(chosen), made.MODERATE, self.seed)
        paths = opening.paths(Path(images))
        known = truth.stated(stated, paths) if stated else {}
        seen = []
        for number, path in enumerate(paths, 1):
            self.progress(f"photograph {number} of {len(paths)}")
            seen.append(self._upright(opening.opened(path)))
        read = self.reader.read([each[:2] for each in seen])
        return Photographs(
            tuple(
                self._with_truth(ReadPhotograph(number, *one, found), known.get(path, ()))
                for number, (path, one, found) in enumerate(zip(paths, seen, read, strict=True), 1)
            )
        )

    def _upright(self, photograph: Photograph) -> tuple[Photograph, Page, int]:
        """A photograph, turned where that is much surer, what is found in it, and the turns."""
        page = digits(photograph)
        turns = self.reader.turns(photograph, page)
        if turns:
            photograph = opening.turned(photograph, turns)
            page = digits(photograph)
        return photograph, page, turns

    def _with_truth(self, read: ReadPhotograph, stated: tuple[str, ...]) -> ReadPhotograph:
        """With what is written, and with each digit's truth where there are as many of both."""
        labels = {name: label for label, name in enumerate(self.examples.class_names)}
        written = "".join(stated)
        if others := sorted({*written} - {*labels, _UNKNOWN}):
            raise DatasetError.at(
                f"truth of {read.photograph.name}",
                expected=f"{', '.join(labels)}, or {_UNKNOWN} for what nobody can read",
                found=", ".join(others),
                remedy="Correct it, or read with a data set that has these classes.",
            )
        read = replace(read, stated=stated)
        if not stated or not read.fits:
            return read
        told = zip(read.readings, written, strict=True)
        return replace(
            read, readings=tuple(replace(each, truth=labels.get(name)) for each, name in told)
        )

    def made(self, chosen: NDArray[np.integer], conditions: Conditions, seed: int) -> Photographs:
        """Return what is read in a photograph that is made of test images.

        Args:
            chosen: (n,) integers, which of them, at least one.
            conditions: how they are written and photographed.
            seed: what is left to chance is drawn from it.
        """
        test = self.examples.test.taken(chosen)
        photograph = made.photograph(test.images, _COLUMNS, conditions, seed)
        page = digits(photograph.photograph)
        read = list(self.reader.read([(photograph.photograph, page)])[0])
        matches = readings.matched(photograph.boxes, page.digits)
        for label, cut in zip(test.labels, matches, strict=True):
            if cut >= 0:
                read[cut] = replace(read[cut], truth=int(label))
        known = [each for each in read if each.truth is not None]
        originals = metrics.predictions(self.reader.network.scores[chosen]) == test.labels
        recovery = Recovery(
            written=len(test),
            found=len(known),
            read=sum(each.right for each in known),
            originals=int(originals.sum()),
            extra=len(read) - len(known),
        )
        one = ReadPhotograph(1, photograph.photograph, page, 0, tuple(read))
        return Photographs((one,), recovery)
