"""Expectations: bounds on results, and whether what was recorded keeps within them."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from notebook_press.errors import ExpectationError, UsageError
from notebook_press.messages import listed, shown
from notebook_press.parameters.types import parse_scalar
from notebook_press.publishing.manifest import Manifest

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
FORM = re.compile(
    r"\s*+(?:(?P<report>[^<>=!]+)\.)?(?P<result>[A-Za-z_][A-Za-z0-9_]*)"
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


def parse_expectation(text: str, option: str = "--expect") -> Expectation:
    """Return the expectation that the text of an option states.

    Raises:
        UsageError: The text is not of the form `[REPORT.]RESULT>=NUMBER`.
    """
    if match := FORM.fullmatch(text):
        with suppress(ValueError):
            bound = float(parse_scalar(float, match["bound"]))
            return Expectation(text, match["report"], match["result"], match["comparison"], bound)
    raise UsageError(
        f"{option} {shown(text, in_ascii=True)}: expected [REPORT.]RESULT, one of "
        f"{' '.join(COMPARISONS)}, and a number, as in 'test_accuracy>=0.97'"
    )


def check_expectations(expectations: Iterable[Expectation], manifests: Iterable[Manifest]) -> None:
    """Check every expectation against what the published reports recorded.

    Raises:
        UsageError: No report recorded the result that an expectation names.
        ExpectationError: A recorded result is out of bounds; all such are named.
    """
    manifests = list(manifests)
    unmet: list[str] = []
    for expectation in expectations:
        values = {
            manifest.report: manifest.results[expectation.result]
            for manifest in manifests
            if expectation.report in (None, manifest.report)
            and expectation.result in manifest.results
        }
        if not values:
            raise UsageError(_unrecorded(expectation, manifests))
        unmet += [
            f"{report}.{expectation.result} is {_shown(value)}, expected "
            f"{expectation.comparison} {expectation.bound:.6g}"
            for report, value in values.items()
            if not expectation.holds(value)
        ]
    if unmet:
        raise ExpectationError("; ".join(unmet))


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else shown(value)


def _unrecorded(expectation: Expectation, manifests: Iterable[Manifest]) -> str:
    recorded = sorted(
        f"{manifest.report}.{name}" for manifest in manifests for name in manifest.results
    )
    return (
        f"--expect {shown(expectation.text, in_ascii=True)}: no report recorded it; recorded are "
        f"{listed(recorded) or 'no results at all'}"
    )
