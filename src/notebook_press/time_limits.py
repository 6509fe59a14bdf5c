"""How long a cell and a whole run may take, and who ends what takes longer."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from notebook_press.errors import UsageError

__all__ = ["TimeLimits", "Watchdog"]

LONGEST_NAP = 3600.0  # seconds; the system's clocks do not take any number
PAUSE = 0.1  # seconds between two attempts to kill


@dataclass(frozen=True)
class TimeLimits:
    """The seconds that each cell, and a notebook's run as a whole, may take; None for no limit."""

    cell: float | None = None
    run: float | None = None

    def __post_init__(self) -> None:
        """Check the limits.

        Raises:
            UsageError: A limit is no number above 0.
        """
        for option, limit in (("--timeout", self.cell), ("--run-timeout", self.run)):
            if limit is not None and not 0 < limit < math.inf:
                raise UsageError(
                    f"{option}: expected a number of seconds above 0, found {limit:g}; "
                    "leave it out for no limit"
                )


class Watchdog:
    """Kills a kernel that outlasts a limit, whether or not it answers.

    Use as a context manager around a run; call `cell_started` with each cell, and `rest` when the
    last one is done.

    Attributes:
        expired: Which limit was reached, in words; None while there was none.
    """

    def __init__(self, limits: TimeLimits, kill: Callable[[], None]) -> None:
        """Prepare to watch a run.

        Args:
            limits: The limits of the run.
            kill: Kills the kernel; called from another thread.
        """
        self.expired: str | None = None
        self._limits = limits
        self._kill = kill
        self._change = threading.Condition()
        self._cell_since: float | None = None
        self._resting = False
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Start the clock of the run."""
        self._run_since = time.monotonic()
        if self._limits != TimeLimits():
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop watching."""
        self.rest()

    def cell_started(self) -> None:
        """Start the clock of the next cell."""
        with self._change:
            self._cell_since = time.monotonic()
            self._change.notify()

    def rest(self) -> None:
        """Stop both clocks: nothing can expire any more."""
        with self._change:
            self._resting = True
            self._change.notify()

    def _watch(self) -> None:
        with self._change:
            while not self._resting:
                end, words = min(self._ends(), default=(math.inf, ""))
                left = end - time.monotonic()
                if left <= 0:
                    self.expired = self.expired or words
                    self._kill()  # and again, until the run is over: a kernel may just be starting
                    left = PAUSE
                self._change.wait(min(left, LONGEST_NAP))

    def _ends(self) -> list[tuple[float, str]]:
        """Return when each clock runs out, and what is then said of the cell in progress."""
        ends = []
        if self._limits.cell is not None and self._cell_since is not None:
            words = f"took longer than the {self._limits.cell:g} s that --timeout allows a cell"
            ends.append((self._cell_since + self._limits.cell, words))
        if self._limits.run is not None:
            words = (
                f"was still at work when the {self._limits.run:g} s were over that --run-timeout "
                "allows a notebook"
            )
            ends.append((self._run_since + self._limits.run, words))
        return ends
