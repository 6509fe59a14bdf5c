"""Expectations on recorded results: `02_network.test_accuracy>=0.97`."""

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from notebook_press.errors import ExpectationError, UsageError

__all__ = ["Expectation", "check_expectations", "parse_expectation"]

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
FORM = re.compile(
    r"\s*(?:(?P<report>[A-Za-z0-9_.-]+)\.)?(?P<result>[A-Za-z_][A-Za-z0-9_]*)"
    r"\s*(?P<comparison>>=|<=|==|!=|>|<)\s*(?P<bound>\S+)\s*",
    re.ASCII,
)


@dataclass(frozen=True)
class Expectation:
    """A bound on a result, in one report or in whichever records it (`report` is None)."""

    text: str
    report: str | None
    result: str
    comparison: str
    bound: float

    def holds(self, value: float) -> bool:
        """Return whether the value is within the bound."""
        return COMPARISONS[self.comparison](value, self.bound)


def parse_expectation(text: str) -> Expectation:
    """Return the expectation that the text states.

    Raises:
        UsageError: The text is not of the form `[REPORT.]RESULT>=NUMBER`.
    """
    match = FORM.fullmatch(text)
    bound = _number(match["bound"]) if match else None
    if match is None or bound is None:
        raise UsageError(
            f"--expect {text!r}: expected [REPORT.]RESULT, one of {' '.join(COMPARISONS)}, and a "
            "number, as in 'test_accuracy>=0.97'"
        )
    return Expectation(text, match["report"], match["result"], match["comparison"], bound)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and text.isascii() else None


def check_expectations(
    expectations: Iterable[Expectation], manifests: Iterable[Mapping[str, Any]]
) -> None:
    """Check every expectation against what the published reports recorded.

    Raises:
        UsageError: No report recorded the result that an expectation names.
        ExpectationError: A recorded result is out of bounds; all such are named.
    """
    manifests = list(manifests)
    unmet: list[str] = []
    for expectation in expectations:
        values = {
            manifest["report"]: manifest["results"][expectation.result]
            for manifest in manifests
            if expectation.report in (None, manifest["report"])
            and expectation.result in manifest["results"]
        }
        if not values:
            raise UsageError(_unrecorded(expectation, manifests))
        unmet += [
            f"{report}.{expectation.result} is {value:.6g}, expected "
            f"{expectation.comparison} {expectation.bound:.6g}"
            for report, value in values.items()
            if not expectation.holds(value)
        ]
    if unmet:
        raise ExpectationError("; ".join(unmet))


def _unrecorded(expectation: Expectation, manifests: Iterable[Mapping[str, Any]]) -> str:
    recorded = sorted(
        f"{manifest['report']}.{name}" for manifest in manifests for name in manifest["results"]
    )
    return (
        f"--expect {expectation.text!r}: no report recorded it; recorded are "
        f"{', '.join(recorded) or 'no results at all'}"
    )
