"""What differs between two sides, report by report, as values: what pages and programs are told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter

from notebook_press.comparing.cells import cell_changes
from notebook_press.comparing.figures import FigureChange
from notebook_press.comparing.matching import How, how
from notebook_press.comparing.sides import Report, paired
from notebook_press.comparing.texts import TextChange, text_change, within_bounds
from notebook_press.keys import changes
from notebook_press.rendering.sanitising import printable, printable_throughout

VERSION = 1
_JSON = TypeAdapter(Any, config=ConfigDict(ser_json_inf_nan="strings"))
_TOLD_BESIDES = frozenset(
    {"code", "data", "name", "notice", "packages", "parameters", "prose", "python", "rendering"}
)
"""Parts of a report's keys whose differences are told in other words."""


@dataclass(frozen=True)
class Difference:
    """Something with a name that is another one, or that only one side has (None in the other)."""

    name: str
    how: How
    before: Any
    after: Any


@dataclass(frozen=True)
class Result(Difference):
    """A recorded number before and after, which may be the same.

    Attributes:
        change: What was added to it; None where one side has none.
        low: Where the interval begins that was recorded before, or else after; None without one.
        high: Where that interval ends.
        interval: Whether the other number is `within` that interval or `beyond` it.
    """

    change: float | None = None
    low: float | None = None
    high: float | None = None
    interval: Literal["within", "beyond"] | None = None


@dataclass(frozen=True)
class ReportChanges:
    """What of a report differs.

    Attributes:
        name: What tells it from the others: its own name, or `run/report` of two reports folders.
        report: The report's own name.
        before: How it was made before: `run`, `commit`, `finished`, `seconds`.
        after: How it was made after.
        parameters: Parameters whose values differ.
        results: Every result, those that are the same too.
        texts: Answer, code, prose and what cells said.
        figures: The figures that differ.
        moved_cells: How many cells stand elsewhere among the others, which is no difference.
        data: Input files by name, with their SHA-256.
        versions: Python and packages.
        machine: Processor, cores, memory, system.
        depends: What else it depends on that differs, such as `sources`, by name.
        notes: What could not be compared, in words.
    """

    name: str
    report: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    parameters: tuple[Difference, ...]
    results: tuple[Result, ...]
    texts: tuple[TextChange, ...]
    figures: tuple[FigureChange, ...]
    moved_cells: int
    data: tuple[Difference, ...]
    versions: tuple[Difference, ...]
    machine: tuple[Difference, ...]
    depends: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def moved_results(self) -> tuple[Result, ...]:
        """The results that moved, came or went."""
        return tuple(each for each in self.results if each.how != "same")

    @property
    def counts(self) -> dict[str, int]:
        """How many differences of each kind there are in what the report shows."""
        parts = [change.part for change in self.texts]
        return {
            "results": len(self.moved_results),
            "parameters": len(self.parameters),
            "code": parts.count("code"),
            "prose": parts.count("prose") + parts.count("answer") + parts.count("notice"),
            "outputs": parts.count("output"),
            "figures": len(self.figures),
            "data": len(self.data),
        }

    @property
    def differs(self) -> bool:
        """Whether anything that it shows differs; how it was made is not among that."""
        return any(self.counts.values())

    @property
    def was_made_otherwise(self) -> bool:
        """Whether it was made with other versions, sources or on another machine."""
        return bool(self.versions or self.machine or self.depends)


@dataclass(frozen=True)
class Comparison:
    """What differs between two sides, which are told by their paths."""

    before: str
    after: str
    reports: tuple[ReportChanges, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]

    @property
    def differing(self) -> int:
        """How many of the reports that both sides have differ."""
        return sum(each.differs for each in self.reports)

    def document(self, failed: Sequence[str] = ()) -> bytes:
        """Return the comparison as JSON, as docs/compare.md tells it; without pictures.

        Args:
            failed: What moved further than it may.
        """
        found = asdict(self, dict_factory=lambda items: {k: v for k, v in items if k != "pictures"})
        told = {"compare": VERSION, **found, "failed": failed}
        return _JSON.dump_json(told, indent=1) + b"\n"


def compare(before: Path, after: Path) -> Comparison:
    """Return what differs between two runs' folders, two reports folders or two reports.

    Raises:
        UsageError: A path leads to no reports, the two are not of a kind, or a file is damaged.
        PublishingError: A folder can't be read.
    """
    pairs, only_before, only_after = paired(before, after)
    return Comparison(
        before=printable(str(before)),
        after=printable(str(after)),
        reports=tuple(_report_changes(*pair) for pair in pairs),
        only_before=tuple(only_before),
        only_after=tuple(only_after),
    )


def _report_changes(name: str, before: Report, after: Report) -> ReportChanges:
    old, new = (printable_throughout(_facts(each)) for each in (before, after))
    texts = [text_change(part, old[part], new[part], (None, None)) for part in ("answer", "notice")]
    was, notes = before.kept("before")
    now, other_notes = after.kept("after")
    cells, figures, moved = cell_changes(was, now) if was and now else ([], [], 0)
    return ReportChanges(
        name=printable(name),
        report=after.manifest.report,
        before=old["made"],
        after=new["made"],
        parameters=differences(old["parameters"], new["parameters"]),
        results=tuple(results(old, new)),
        texts=within_bounds([*filter(None, texts), *cells]),
        figures=tuple(figures),
        moved_cells=moved,
        data=differences(old["inputs"], new["inputs"]),
        versions=differences(old["versions"], new["versions"]),
        machine=differences(old["machine"], new["machine"]),
        depends=tuple(
            part for part in changes(old["keys"], new["keys"]) if part not in _TOLD_BESIDES
        ),
        notes=(*notes, *other_notes),
    )


def _facts(report: Report) -> dict[str, Any]:
    """What a manifest tells of a report that is compared."""
    found = report.manifest
    of_interest = {"answer", "notice", "results", "estimates", "inputs", "versions", "machine"}
    return {
        **found.model_dump(include=of_interest),
        "parameters": {each.name: each.value for each in found.parameters},
        "made": found.model_dump(include={"run", "commit", "finished", "seconds"}),
        "keys": {**found.keys.run, **found.keys.render},
    }


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return what two mappings don't share, by name; `1`, `1.0` and `true` are not the same."""
    names = dict.fromkeys([*before, *after])
    sides = {n: [repr(side[n]) if n in side else None for side in (before, after)] for n in names}
    return tuple(
        Difference(name, how(*written), before.get(name), after.get(name))
        for name, written in sides.items()
        if written[0] != written[1]
    )


def results(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Result]:
    """Yield every result that one of two manifests records, in the order of the later one."""
    for name in dict.fromkeys([*after["results"], *before["results"]]):
        old, new = (side["results"].get(name) for side in (before, after))
        if old is None or new is None:
            yield Result(name, how(old, new), old, new)
        else:
            change, interval = difference(old, new), _interval(name, before, after)
            yield Result(name, "changed" if change else "same", old, new, change, *interval)


def difference(before: float, after: float) -> float:
    """Return what was added to a number, as who wrote both in decimals would say it."""
    # 0.98 - 0.982 is -0.0020000000000000018 in binary, and beyond a bound of -0.002.
    return float(Decimal(repr(after)) - Decimal(repr(before)))


def _interval(
    name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[float, float, Literal["within", "beyond"]] | tuple[()]:
    """The interval that a result has, that of before first, and whether the other is in it."""
    for side, other in ((before, after), (after, before)):
        if estimate := side["estimates"].get(name):
            low, high = estimate["low"], estimate["high"]
            return low, high, "within" if low <= other["results"][name] <= high else "beyond"
    return ()
