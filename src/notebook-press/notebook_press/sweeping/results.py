"""What a sweep asked for and what came of it: as values, as a table and as a document."""

import csv
import io
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from notebook_press.digests import digest
from notebook_press.errors import UsageError
from notebook_press.publishing.files import write_file
from notebook_press.publishing.manifest import Manifest

VERSION = 1
"""The version of the form of `sweep.json`."""

State = Literal["waiting", "up to date", "taken", "run", "failed"]
Best = tuple[float, int, Mapping[str, Any]]
"""The mean of a result over the repeats of a setting, how many there are, and the setting."""


@dataclass(frozen=True)
class Objective:
    """The result that a sweep chooses by."""

    result: str
    largest: bool = True

    @property
    def is_of_test_data(self) -> bool:
        """Whether a word of its name is `test`: what test data made should choose nothing."""
        return "test" in self.result.lower().split("_")


def objective_of(largest: str | None, smallest: str | None) -> Objective | None:
    """Return what is chosen by: the result that is to be large or small; None without one.

    Raises:
        UsageError: There are two.
    """
    if largest and smallest:
        raise UsageError("expected one result to choose by, found two; --maximize or --minimize it")
    result = largest or smallest
    return Objective(result, largest=bool(largest)) if result else None


@dataclass(frozen=True)
class Point:
    """A point of a sweep.

    Attributes:
        name: The name of its run, which its values make.
        values: The value of each parameter that is varied or repeated.
    """

    name: str
    values: Mapping[str, Any] = field(compare=False)

    @property
    def label(self) -> str:
        """The values in words."""
        return " ".join(f"{name}={value}" for name, value in self.values.items())


@dataclass(frozen=True)
class Sweep:
    """What a sweep was asked for.

    Attributes:
        name: Its name, which is a folder's.
        report: The report's name, which is the notebook's.
        varied: The parameters that make a setting.
        repeated: Those that repeat the measurement of a setting, as seeds do.
        fixed: What all points are given besides.
        points: The points, repeats of one setting after each other.
        objective: What it chooses by; None where it does not choose.
    """

    name: str
    report: str
    varied: tuple[str, ...]
    repeated: tuple[str, ...]
    fixed: Mapping[str, Any]
    points: tuple[Point, ...]
    objective: Objective | None = None

    def setting(self, point: Point) -> dict[str, Any]:
        """Return the values of a point without what repeats it."""
        return {name: point.values[name] for name in self.varied}


@dataclass(frozen=True)
class PointOutcome:
    """What came of a point.

    Attributes:
        point: The point.
        state: Whether it is still to be run, was as it should be, was taken from another sweep,
            was run, or failed.
        why: Why it failed, with the cell, or why it has to be run.
        results: What it recorded, by name.
        estimates: The intervals of those results that have one: value, low, high and n.
        seconds: How long it ran.
        finished: When that was (ISO 8601).
        key: The SHA-256 of all that its results depend on.
        machine: The processor that it ran on.
    """

    point: Point
    state: State
    why: str = ""
    results: Mapping[str, float] = field(default_factory=dict)
    estimates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seconds: float | None = None
    finished: str = ""
    key: str = ""
    machine: str = ""


def outcome_of(point: Point, state: State, manifest: Manifest) -> PointOutcome:
    """Return what came of a point that is published."""
    return PointOutcome(
        point,
        state,
        results=manifest.results,
        estimates={name: each.model_dump() for name, each in manifest.estimates.items()},
        seconds=manifest.seconds,
        finished=manifest.finished,
        key=digest(manifest.keys.run),
        machine=str(manifest.machine.get("processor", "")),
    )


def best(sweep: Sweep, outcomes: Iterable[PointOutcome]) -> Best | None:
    """Return the setting whose mean over its repeats is the best; None where nothing is chosen."""
    if sweep.objective is None:
        return None
    found: dict[str, tuple[list[float], dict[str, Any]]] = {}
    for outcome in outcomes:
        if sweep.objective.result in outcome.results:
            setting = sweep.setting(outcome.point)
            values, _ = found.setdefault(digest(setting), ([], setting))
            values.append(outcome.results[sweep.objective.result])
    means = [(statistics.fmean(values), len(values), each) for values, each in found.values()]
    choose = max if sweep.objective.largest else min
    return choose(means, key=lambda each: each[0], default=None)


def table(sweep: Sweep, outcomes: Sequence[PointOutcome]) -> str:
    """Return one row a run as CSV: its point, parameters, results, and how it was measured.

    A result that is called as another column has `result_` before its name.
    """
    results = dict.fromkeys(name for each in outcomes for name in each.results)
    given = [*sweep.varied, *sweep.repeated, *sweep.fixed]
    after = ["seconds", "finished", "key", "machine", "why"]
    taken = {"point", "state", *given, *after}
    columns = [name if name not in taken else f"result_{name}" for name in results]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["point", "state", *given, *columns, *after])
    for each in outcomes:
        values = {**sweep.fixed, **each.point.values}
        writer.writerow(
            [
                each.point.name,
                each.state,
                *(_cell(values[name]) for name in given),
                *(each.results.get(name, "") for name in results),
                *("" if (value := getattr(each, name)) is None else value for name in after),
            ]
        )
    return stream.getvalue()


def parquet(written: str) -> bytes | None:
    """Return a table that was written as CSV as Parquet; None where pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import csv as reader
        from pyarrow import parquet as writer
    except ImportError:
        return None
    stream = io.BytesIO()
    words = dict.fromkeys(("point", "key", "machine", "why"), pyarrow.string())
    found = reader.read_csv(
        io.BytesIO(written.encode()),
        parse_options=reader.ParseOptions(newlines_in_values=True),
        convert_options=reader.ConvertOptions(column_types=words),
    )
    writer.write_table(found, stream)
    return stream.getvalue()


def document(sweep: Sweep, outcomes: Sequence[PointOutcome]) -> str:
    """Return what was asked, and what came of each point, as JSON."""
    asked = {name: value for name, value in asdict(sweep).items() if name != "points"}
    points = [
        {"name": each.point.name, "values": each.point.values, **_without_point(each)}
        for each in outcomes
    ]
    whole = {"version": VERSION, **asked, "points": points}
    return f"{json.dumps(whole, indent=1, default=str)}\n"


def write(folder: Path, sweep: Sweep, outcomes: Sequence[PointOutcome]) -> None:
    """Write `results.csv`, `results.parquet` and `sweep.json`, each whole at every moment.

    Raises:
        PublishingError: Something is in their way.
        OSError: They can't be written.
    """
    written = table(sweep, outcomes)
    write_file(folder, folder / "results.csv", written.encode())
    write_file(folder, folder / "sweep.json", document(sweep, outcomes).encode())
    if content := parquet(written):
        write_file(folder, folder / "results.parquet", content)
    else:
        (folder / "results.parquet").unlink(missing_ok=True)  # which would be of another call


def _without_point(outcome: PointOutcome) -> dict[str, Any]:
    return {name: value for name, value in vars(outcome).items() if name != "point"}


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value
