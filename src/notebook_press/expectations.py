"""Expectations on recorded results: `02_network.test_accuracy>=0.97`."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from notebook_press.errors import ExpectationError, UsageError
from notebook_press.parameters.scalars import listed, parse_scalar, shown

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
            f"--expect {shown(text, in_ascii=True)}: expected [REPORT.]RESULT, one of "
            f"{' '.join(COMPARISONS)}, and a number, as in 'test_accuracy>=0.97'"
        )
    return Expectation(text, match["report"], match["result"], match["comparison"], bound)


def _number(text: str) -> float | None:
    try:
        return float(parse_scalar(float, text))
    except ValueError:
        return None


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
            f"{report}.{expectation.result} is {_shown(value)}, expected "
            f"{expectation.comparison} {expectation.bound:.6g}"
            for report, value in values.items()
            if not (_is_number(value) and expectation.holds(value))
        ]
    if unmet:
        raise ExpectationError("; ".join(unmet))


def _is_number(value: object) -> bool:
    """Whether a manifest holds a number: what NaN or text is compared with is never met."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else shown(value)


def _unrecorded(expectation: Expectation, manifests: Iterable[Mapping[str, Any]]) -> str:
    recorded = sorted(
        f"{manifest['report']}.{name}" for manifest in manifests for name in manifest["results"]
    )
    return (
        f"--expect {shown(expectation.text, in_ascii=True)}: no report recorded it; recorded are "
        f"{listed(recorded) or 'no results at all'}"
    )
