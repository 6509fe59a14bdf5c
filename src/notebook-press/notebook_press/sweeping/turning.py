"""The sliders of a sweep's page: a reader turns the parameters, and sees that run."""

import base64
import functools
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from notebook_press.rendering.html import templates
from notebook_press.rendering.page import Image, Interactive
from notebook_press.rendering.themes import themed
from notebook_press.sweeping.drawing import Scale
from notebook_press.sweeping.figures import Kept
from notebook_press.sweeping.findings import Findings, in_words, written
from notebook_press.sweeping.results import PointOutcome

TEMPLATES = Path(__file__).parent / "templates"
NOTHING = Image(
    "image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>'
)


@dataclass(frozen=True)
class Slider:
    """A slider: what it is called, and what each of its positions means, in words."""

    name: str
    values: tuple[str, ...]


def number(value: float) -> str:
    """Return a result as the numbers of a run show it."""
    return f"{value:.6g}"


def sliders(findings: Findings) -> tuple[list[Slider], dict[str, list[int]]]:
    """Return the sliders of a sweep, and the position of each for every run, by its point's name.

    A slider stands for a parameter; where not all of their combinations were measured, as those
    that are drawn, one stands for all settings, the best first.
    """
    sweep, settings = findings.sweep, findings.settings
    names = [*sweep.varied, *sweep.repeated]
    values = {
        name: [*Scale([o.point.values[name] for o in findings.outcomes]).values] for name in names
    }
    if math.prod(len(values[name]) for name in sweep.varied) == len(settings):
        found = [Slider(name, tuple(values[name])) for name in names]
        positions = {
            each.point.name: [
                values[name].index(written(each.point.values[name])) for name in names
            ]
            for each in findings.outcomes
        }
        return found, positions
    first = [in_words(each.values) for each in findings.ranked]
    ordered = list(dict.fromkeys([*first, *(in_words(each.values) for each in settings)]))
    found = [Slider("setting", tuple(ordered))]
    found += [Slider(name, tuple(values[name])) for name in sweep.repeated]
    positions = {
        each.point.name: [
            ordered.index(in_words(sweep.setting(each.point))),
            *(values[name].index(written(each.point.values[name])) for name in sweep.repeated),
        ]
        for each in findings.outcomes
    }
    return found, positions


def turning(
    findings: Findings, kept: Mapping[str, Kept], number_of: int, chosen: PointOutcome
) -> Interactive:
    """Return the sliders with the numbers and the figures of each run.

    Args:
        findings: What was found.
        kept: The figures of runs, by their points' names; runs may be missing.
        number_of: The figure's number.
        chosen: The run that is seen first, and without scripts.
    """
    found, positions = sliders(findings)
    pictures: dict[Image, int] = {}
    for each in kept.values():
        for picture in each.pictures:
            pictures.setdefault(picture.image, len(pictures))
    results = findings.results
    data = {
        "runs": [
            {
                "at": positions[each.point.name],
                "words": _words(place, each),
                "results": [_shown(each, name) for name in results],
                "figures": _figures(kept.get(each.point.name), pictures),
            }
            for place, each in enumerate(findings.outcomes, start=1)
        ],
        "pictures": [packed(image) for image in pictures],
        "left": "The figures of this run are left out, so that the page stays small.",
    }
    place = [each.point.name for each in findings.outcomes].index(chosen.point.name)
    html = _template().render(
        sliders=found,
        at=positions[chosen.point.name],
        words=_words(place + 1, chosen),
        results=[(name, _shown(chosen, name)) for name in results],
        pictures=kept.get(chosen.point.name, Kept()).pictures,
    )
    script = (TEMPLATES / "turn.js").read_text("utf-8")
    embedded = json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", r"\u003c")
    return Interactive(
        number_of,
        "Turn the parameters: the numbers and the figures are those of that very run.",
        "The numbers and the figures of one run",
        NOTHING,
        html=html,
        script=f"const data = {embedded};\n{script}",
        style=(TEMPLATES / "turn.css").read_text("utf-8"),
    )


def _words(place: int, outcome: PointOutcome) -> str:
    """What is said of a run besides its results."""
    values = in_words(outcome.point.values)
    if outcome.state == "failed":
        return f"Run {place} ({values}) failed: {outcome.why}"
    if not outcome.finished:
        return f"Run {place} ({values}) is still to be made"
    return f"Run {place} ({values}): {outcome.seconds or 0:.3g} s"


def _shown(outcome: PointOutcome, result: str) -> str:
    return number(outcome.results[result]) if result in outcome.results else "\N{EN DASH}"


def _figures(kept: Kept | None, pictures: Mapping[Image, int]) -> Sequence[Any] | None:
    """A run's figures: which picture, its caption and its alternative text; None where left out."""
    if kept is None:
        return None
    return [[pictures[each.image], _plain(each.caption), each.alt] for each in kept.pictures]


def _plain(caption: str) -> str:
    """A caption without the marks of Markdown that captions have most."""
    return caption.replace("`", "").replace("*", "")


@functools.cache
def _template() -> jinja2.Template:
    rooms = [jinja2.PackageLoader("notebook_press.sweeping")]
    made = templates().overlay(loader=jinja2.ChoiceLoader(rooms))
    made.filters["plain_caption"] = _plain
    return made.get_template("turn.html.j2")


@functools.lru_cache(4096)
def packed(image: Image) -> str:
    """Return a picture as the page's script unpacks it: a drawing compressed, others as they are.

    What follows the comma is base64 of zlib's format; compressed, a drawing is a fifth as large.
    """
    if image.mime != "image/svg+xml":
        return image.address
    drawing = zlib.compress(themed(image.content.decode("utf-8")).encode(), 9)
    return f"zlib,{base64.b64encode(drawing).decode('ascii')}"
