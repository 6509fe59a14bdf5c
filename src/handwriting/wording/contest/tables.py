"""What a contest of classifiers came to, in rows of tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handwriting.baselines.benchmark import Result
from handwriting.baselines.classifiers import CLASSIFIERS
from handwriting.baselines.timing import Durations
from handwriting.evaluation.comparison import (
    READINGS,
    Standing,
    more_accurate,
    network_of,
    quicker,
    verdict_on_accuracy,
    verdict_on_time,
)
from handwriting.figures.phrases import duration, listed, p_value, significant
from handwriting.wording.contest.times import reading_name
from handwriting.wording.provenance import date, machine

_DASH = "\N{EN DASH}"
_MOST_NAMED = 3
_MEBIBYTE = 2**20
_UNFINISHED = ", not converged"
_NETWORK = "weighs pixels into hidden neurons, and these into one score a class"


def entrant_rows(results: Sequence[Result]) -> list[dict[str, str]]:
    """Return a row for each entrant: its settings, where they are from, and how it decides."""
    rivals = {rival.name: rival for rival in CLASSIFIERS}
    rows = []
    for result in results:
        entrant, rival = result.entrant, rivals.get(result.entrant.name)
        rows.append(
            {
                "Classifier": entrant.title,
                "Settings": _settings(entrant.settings) if rival else entrant.settings,
                "Chosen by": rival.choice if rival else "validation",
                "How it decides": rival.idea if rival else _NETWORK,
            }
        )
    return rows


def _settings(pipeline: str) -> str:
    """What stands in the brackets of a pipeline's steps: `k=3` of `PCA() → Neighbours(k=3)`."""
    named = re.findall(r"\w+\(((?:[^()]|\([^()]*\))*)\)", pipeline)
    return ", ".join(filter(None, named)) or _DASH


def standing_rows(found: Sequence[Standing], results: Sequence[Result]) -> list[dict[str, str]]:
    """Return a row for each standing, and below them one for each entrant that failed.

    Args:
        found: the standings.
        results: what they come from, errors included.
    """
    rows = [
        {
            "Classifier": f"{each.title} (kept)" if each.origin == "kept" else each.title,
            "Accuracy": f"{each.accuracy:.2%} ({100 * each.interval.low:.1f}\N{EN DASH}"
            f"{100 * each.interval.high:.1f})",
            "Misread": f"{each.errors:,}",
            "p": p_value(each.p_value).removeprefix("p ").removeprefix("= "),
            "One digit, ms": significant(1e3 * each.seconds("single"), 2),
            "Digits a second": significant(each.batch.images_per_second, 2),
            "Fit, s": significant(each.fit_seconds, 2) + ("" if each.converged else _UNFINISHED),
            "Size, MiB": significant(each.size / _MEBIBYTE, 2),
        }
        for each in found
    ]
    return [*rows, *({**_nothing(rows), "Classifier": r.entrant.title} for r in _failed(results))]


def standing_numbers(
    found: Sequence[Standing], results: Sequence[Result]
) -> dict[str, list[float | None]]:
    """Return the numbers behind the rows of `standing_rows`, by column, for sorting."""
    numbers: dict[str, list[float | None]] = {
        "Accuracy": [each.accuracy for each in found],
        "Misread": [each.errors for each in found],
        "p": [each.p_value for each in found],
        "One digit, ms": [each.seconds("single") for each in found],
        "Digits a second": [each.batch.images_per_second for each in found],
        "Fit, s": [each.fit_seconds for each in found],
        "Size, MiB": [each.size for each in found],
    }
    return _with_failed(numbers, results)


def time_rows(found: Sequence[Standing], results: Sequence[Result]) -> list[dict[str, str]]:
    """Return a row for each standing with its times, and one for each entrant that failed.

    Args:
        found: the standings.
        results: what they come from, errors included.
    """
    by_name = {result.entrant.name: result for result in results}
    rows = [
        {
            "Classifier": each.title,
            "One digit, ms": _spread(each.single, 1e-3),
            "99th percentile, ms": significant(1e3 * each.single.slow, 2),
            "In a batch, µs": _spread(each.batch, 1e-6),
            "Measured": _measured(by_name[each.name]),
        }
        for each in found
    ]
    failed = (
        {**_nothing(rows), "Classifier": r.entrant.title, "Measured": f"failed: {r.error}"}
        for r in _failed(results)
    )
    return [*rows, *failed]


def time_numbers(
    found: Sequence[Standing], results: Sequence[Result]
) -> dict[str, list[float | None]]:
    """Return the numbers behind the rows of `time_rows`, by column, for sorting."""
    numbers: dict[str, list[float | None]] = {
        "One digit, ms": [each.seconds("single") for each in found],
        "99th percentile, ms": [each.single.slow for each in found],
        "In a batch, µs": [each.seconds("batch") for each in found],
    }
    return _with_failed(numbers, results)


def _failed(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.error]


def _nothing(rows: Sequence[dict[str, str]]) -> dict[str, str]:
    return dict.fromkeys(rows[0], _DASH)


def _with_failed(
    numbers: dict[str, list[float | None]], results: Sequence[Result]
) -> dict[str, list[float | None]]:
    """The numbers of columns, with none for each entrant that failed."""
    none: list[float | None] = [None for _ in _failed(results)]
    return {column: [*values, *none] for column, values in numbers.items()}


def claim_rows(found: Sequence[Standing]) -> list[dict[str, str]]:
    """Return a row for each meaning of the claim: whether it holds, and who stands against it."""
    network, above = network_of(found), more_accurate(found)
    value = f"{network[0].accuracy:.2%}"
    rows = [_claim("highest accuracy", value, verdict_on_accuracy(found), _DASH, above)]
    for reading in READINGS:
        for way in network:
            rows.append(
                _claim(
                    f"shortest time {reading_name(reading)}, {way.way}",
                    duration(way.seconds(reading)),
                    verdict_on_time(found, way, reading),
                    verdict_on_time(found, way, reading, as_accurate=True),
                    quicker(found, way, reading),
                )
            )
    return [*rows, _training_row(network[0], found)]


def _training_row(network: Standing, found: Sequence[Standing]) -> dict[str, str]:
    ahead = sorted(
        (
            each
            for each in found
            if not (each.network or each.constant) and each.fit_seconds < network.fit_seconds
        ),
        key=lambda each: each.fit_seconds,
    )
    equals = [each for each in ahead if not (each.significant and each.errors > network.errors)]
    return _claim(
        "shortest training",
        duration(network.fit_seconds),
        "does not hold" if ahead else "holds",
        "does not hold" if equals else "holds",
        ahead,
    )


def _claim(
    what: str, value: str, verdict: str, among_equals: str, ahead: Sequence[Standing]
) -> dict[str, str]:
    return {
        "The network has the": what,
        "Its value": value,
        "Place": f"{len(ahead) + 1}",
        "The claim": verdict,
        "Among equals": among_equals,
        "Ahead of it": _named(ahead),
    }


def _named(rivals: Sequence[Standing]) -> str:
    titles = [each.title for each in rivals]
    if len(titles) <= _MOST_NAMED + 1:
        return listed(titles) if titles else "none"
    return f"{', '.join(titles[:_MOST_NAMED])} and {len(titles) - _MOST_NAMED} others"


def _spread(found: Durations, unit: float) -> str:
    """The median of an image, and between which two nine tenths of the times lie."""
    median, low, high = (
        significant(seconds / found.images / unit, 2)
        for seconds in (found.median, found.low, found.high)
    )
    return f"{median} ({low}\N{EN DASH}{high})"


def _measured(result: Result) -> str:
    if result.origin == "now":
        return "now"
    if result.origin == "cache":
        return f"cache, {date(result.moment)}"
    return f"kept, {date(result.moment)}, {machine(result.environment)}"
