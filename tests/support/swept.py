"""Outcomes of a sweep that was never run, whose numbers follow from its parameters."""

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from notebook_press.digests import digest
from notebook_press.rendering.page import Figure, Image
from notebook_press.sweeping.figures import Kept
from notebook_press.sweeping.results import Objective, Point, PointOutcome, Sweep

FINISHED = "2026-11-28T12:00:00+00:00"
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="60pt">'
    '<rect width="{}" height="30" style="fill: #0a5a86"/></svg>'
)
CHOSEN_BY = Objective("validation_accuracy")
GRID = {"units": (16, 32, 64), "rate": (0.003, 0.01)}


def swept(
    grid: Mapping[str, Sequence[Any]] = GRID,
    seeds: int = 5,
    objective: Objective | None = CHOSEN_BY,
    noise: float = 0.004,
) -> tuple[Sweep, list[PointOutcome]]:
    """A sweep whose accuracy rises from each value of a parameter to the next, and its outcomes."""
    generator, outcomes = random.Random(7), []
    for values in itertools.product(*grid.values(), range(seeds)):
        given = dict(zip([*grid, "seed"], values, strict=True))
        rank = sum(list(each).index(given[name]) for name, each in grid.items())
        validation = 0.9 + 0.01 * rank + generator.gauss(0, noise)
        results = {
            "test_accuracy": validation - 0.01 + generator.gauss(0, noise),
            "validation_accuracy": validation,
            "classes": 10,
        }
        point = Point(digest(given)[:12], given)
        seconds = 3 + rank + generator.random()
        made = PointOutcome(point, "run", results=results, seconds=seconds, finished=FINISHED)
        outcomes.append(replace(made, key=digest(given)))
    points = tuple(each.point for each in outcomes)
    return Sweep(
        "width", "story", tuple(grid), ("seed",), {"epochs": 3}, points, objective
    ), outcomes


def pictures(outcomes: Sequence[PointOutcome], size: int = 0) -> dict[str, Kept]:
    """Two figures a run: one of its own, of at least `size` letters, and one that all share."""
    found = {}
    for place, each in enumerate(outcomes, start=1):
        noise = random.Random(place).randbytes(size // 2).hex()  # which can't be compressed much
        own = DRAWING.format(place).replace("<rect", f"<desc>{noise}</desc><rect")
        found[each.point.name] = Kept(
            (
                Figure(0, f"Own `{place}`.", f"Bar {place}", Image("image/svg+xml", own.encode())),
                Figure(
                    0, "All alike.", "A bar", Image("image/svg+xml", DRAWING.format(9).encode())
                ),
            )
        )
    return found
