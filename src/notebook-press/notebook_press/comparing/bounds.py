"""Bounds on how far a result may move: a gate relative to a baseline."""

from collections.abc import Sequence

from notebook_press.comparing.comparison import Comparison
from notebook_press.errors import UsageError
from notebook_press.messages import listed, shown
from notebook_press.plan import Expectation


def beyond_bounds(bounds: Sequence[Expectation], comparison: Comparison) -> tuple[str, ...]:
    """Return which results moved as a bound refuses, in words.

    Args:
        bounds: Bounds on what was added to a result; one that holds is refused.
        comparison: What moved.

    Raises:
        UsageError: A bound is on a result that not both sides recorded.
    """
    refused: list[str] = []
    for bound in bounds:
        found = {
            report.name: result
            for report in comparison.reports
            for result in report.results
            if result.name == bound.result and bound.report in (None, report.report)
        }
        if not found or any(result.change is None for result in found.values()):
            raise UsageError(_unrecorded(bound, comparison))
        refused += [
            f"{name}.{result.name} moved by {result.change:+.6g}, from {result.before:.6g} to "
            f"{result.after:.6g}, which --fail-on {shown(bound.text)} refuses"
            for name, result in found.items()
            if result.change is not None and bound.holds(result.change)
        ]
    return tuple(refused)


def _unrecorded(bound: Expectation, comparison: Comparison) -> str:
    recorded = sorted(
        f"{report.report}.{result.name}"
        for report in comparison.reports
        for result in report.results
        if result.change is not None
    )
    return (
        f"--fail-on {shown(bound.text, in_ascii=True)}: expected a result that both sides "
        f"recorded; both recorded {listed(dict.fromkeys(recorded)) or 'no results at all'}"
    )
