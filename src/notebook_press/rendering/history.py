"""A report's runs side by side, and how its results moved from one to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notebook_press.rendering import composition

__all__ = ["Cell", "Column", "History", "Line", "Spark", "history"]

_SPARKS = 3
_WIDTH, _HEIGHT, _EDGE = 120, 32, 4  # of a curve, in its own units


@dataclass(frozen=True)
class Column:
    """One run: its name, the address of its page or '', and when it finished."""

    run: str
    address: str
    date: str


@dataclass(frozen=True)
class Cell:
    """A value in words; `note` is how it differs, and `''` where it does not."""

    text: str
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One parameter or result in every run, newest first."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Spark:
    """How one result moved: the points of a curve, oldest run first, and the same in words."""

    name: str
    points: tuple[tuple[float, float], ...]
    words: str


@dataclass(frozen=True)
class History:
    """The runs of one report, newest first."""

    columns: tuple[Column, ...]
    parameters: tuple[Line, ...]
    results: tuple[Line, ...]
    sparks: tuple[Spark, ...]


def history(
    runs: Sequence[Mapping[str, Any]], links: Sequence[Sequence[tuple[str, str]]]
) -> History:
    """The runs of one report side by side.

    Args:
        runs: Their manifests, newest first.
        links: For each, the address and the name of the page to open, or nothing.
    """
    columns = tuple(
        Column(
            str(run["run"]),
            page[0][0] if page else "",
            composition.date_in_words(composition.when(str(run["finished"]))),
        )
        for run, page in zip(runs, links, strict=True)
    )
    return History(columns, _parameters(runs), _results(runs), _sparks(runs))


def _parameters(runs: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    given = [{p["name"]: p for p in run.get("parameters") or ()} for run in runs]
    names = dict.fromkeys(name for parameters in given for name in parameters)
    return tuple(
        Line(str(name), tuple(_parameter(parameters.get(name)) for parameters in given))
        for name in names
    )


def _parameter(parameter: Mapping[str, Any] | None) -> Cell:
    if parameter is None:
        return Cell("\N{EN DASH}")
    value, default = parameter.get("value"), parameter.get("default")
    changed = value != default or isinstance(value, bool) != isinstance(default, bool)
    return Cell(repr(value), "changed" if changed else "")


def _results(runs: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    names = dict.fromkeys(name for run in runs for name in run.get("results") or {})
    return tuple(Line(name.replace("_", " "), tuple(_moves(name, runs))) for name in names)


def _moves(name: str, runs: Sequence[Mapping[str, Any]]) -> list[Cell]:
    """Each run's value, and how far it is from that of the run before on the same data."""
    cells = []
    for position, run in enumerate(runs):
        value = (run.get("results") or {}).get(name)
        if value is None:
            cells.append(Cell("\N{EN DASH}"))
            continue
        before = next((each for each in runs[position + 1 :] if _comparable(each, run)), {})
        known = (before.get("results") or {}).get(name)
        note = "" if known is None else _difference(name, value - known)
        cells.append(Cell(composition.headline(name, value), note))
    return cells


def _comparable(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one.get("inputs") == other.get("inputs"))


def _difference(name: str, difference: float) -> str:
    if abs(difference) < 1e-12:
        return "±0"
    size = composition.headline(name, abs(difference)).replace("%", " points")
    return f"+{size}" if difference > 0 else f"\N{MINUS SIGN}{size}"


def _sparks(runs: Sequence[Mapping[str, Any]]) -> tuple[Spark, ...]:
    sparks = []
    for name in list(runs[0].get("results") or {})[:_SPARKS]:
        known = [
            (str(run["run"]), run["results"][name])
            for run in reversed(runs)
            if name in (run.get("results") or {}) and _comparable(run, runs[0])
        ]
        if len(known) > 2:  # two are told by their difference
            told = ", ".join(f"{run} {composition.headline(name, value)}" for run, value in known)
            label = name.replace("_", " ")
            words = f"{label} by run, the oldest first: {told}"
            sparks.append(Spark(label, _curve([value for _, value in known]), words))
    return tuple(sparks)


def _curve(values: Sequence[float]) -> tuple[tuple[float, float], ...]:
    low, high = min(values), max(values)
    across, up = _WIDTH - 2 * _EDGE, _HEIGHT - 2 * _EDGE
    return tuple(
        (
            round(_EDGE + across * position / (len(values) - 1), 1),
            round(_EDGE + up * ((high - value) / (high - low) if high > low else 0.5), 1),
        )
        for position, value in enumerate(values)
    )
