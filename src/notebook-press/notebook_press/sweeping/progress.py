"""How far a sweep is, as who follows it is told: a line a minute in words, all of it in facts."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from notebook_press.events import Event, Teller
from notebook_press.messages import how_many
from notebook_press.sweeping.results import Best, Point, PointOutcome, Sweep, best


class PointTeller:
    """Tells what happens to one point: to programs all of it, in words what went wrong."""

    def __init__(self, teller: Teller, report: str, point: Point) -> None:
        self._teller, self._report, self._point = teller, report, point

    def tell(self, event: Event) -> None:
        """Tell it under the point's values, which differ where the report's name does not."""
        if event.kind == "said":
            return
        label = self._point.label
        facts = {**event.facts, "report": self._report, "point": self._point.name}
        words = f"{label}: {event.words}" if event.kind == "failed" else ""
        self._teller.tell(Event(event.kind, label, words, facts))


class Progress:
    """How many points are done, at work, failed and left, for how long, and the best so far.

    Attributes:
        jobs: How many points are run at once.
    """

    def __init__(self, teller: Teller, sweep: Sweep, jobs: int) -> None:
        """Begin with nothing done.

        Args:
            teller: Who is told.
            sweep: What was asked for.
            jobs: How many points are run at once.
        """
        self._teller, self._sweep, self.jobs = teller, sweep, jobs
        self._done: dict[str, PointOutcome] = {}
        self._at_work: set[str] = set()
        self._seconds: float | None = None
        self._ran = self._failed = 0
        self._start = time.monotonic()
        self._one = threading.Lock()

    def begin(self, outcomes: Iterable[PointOutcome], seconds: float | None) -> None:
        """Take note of what is done already, and of how long a point may take."""
        self._done = {each.point.name: each for each in outcomes if each.state == "up to date"}
        self._seconds, self._start = seconds, time.monotonic()

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Tell that the sweep has ended, whatever came of it."""
        self._teller.tell(Event("ended", self._sweep.name))

    @contextmanager
    def at_work(self, point: Point) -> Iterator[None]:
        """Count a point as at work during the body."""
        with self._one:
            self._at_work.add(point.name)
        try:
            yield
        finally:
            with self._one:
                self._at_work.discard(point.name)

    def done(self, outcome: PointOutcome) -> None:
        """Take note of a point, and tell programs how far the sweep is."""
        with self._one:
            self._done[outcome.point.name] = outcome
            self._ran += outcome.state in ("run", "failed")
            self._failed += outcome.state == "failed"
        self._tell("", None)

    def tell_words(self) -> None:
        """Tell everybody how far it is."""
        chosen = self._best()
        self._tell(self._words(chosen), chosen)

    def tell_end(self, folder: Path) -> None:
        """Tell everybody what came of it, and where that is."""
        chosen = self._best()
        self._tell(f"{self._words(chosen)}; in {folder / 'index.html'}", chosen)

    def seconds_left(self) -> float | None:
        """Return for how long it will go on; None where no point has told it yet."""
        left = len(self._sweep.points) - len(self._done)
        if self._ran:
            return left * (time.monotonic() - self._start) / self._ran
        return None if self._seconds is None else left * self._seconds / self.jobs

    def _words(self, chosen: Best | None) -> str:
        done, at_work, points = len(self._done), len(self._at_work), len(self._sweep.points)
        seconds = self.seconds_left() if done < points else None
        parts = [f"{self._sweep.name}: {done} of {how_many(points, 'point')} done"]
        parts += [f"{self._failed} failed"] if self._failed else []
        parts += [f"{min(at_work, self.jobs)} running"] if at_work else []
        parts += [f"{duration(seconds)} left"] if seconds is not None else []
        if chosen and self._sweep.objective:
            value, number, setting = chosen
            where = " ".join(f"{name}={each}" for name, each in setting.items())
            mean = f", the mean of {number}," if number > 1 else ""
            parts.append(f"best {self._sweep.objective.result} {value:.6g}{mean} at {where}")
        return ", ".join(parts)

    def _best(self) -> Best | None:
        with self._one:
            done = list(self._done.values())
        return best(self._sweep, done)

    def _tell(self, words: str, chosen: Best | None) -> None:
        with self._one:
            facts = {
                "sweep": self._sweep.name,
                "points": len(self._sweep.points),
                "done": len(self._done),
                "running": min(len(self._at_work), self.jobs),
                "failed": self._failed,
                "seconds_left": self.seconds_left(),
                "best": chosen and {"value": chosen[0], "points": chosen[1], "at": chosen[2]},
            }
        self._teller.tell(Event("progress", self._sweep.report, words, facts))


def duration(seconds: float) -> str:
    """Return a time in words, as in `about 3 min`."""
    if seconds < 100:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 6000 else f"about {seconds / 3600:.1f} h"
