"""The programs that make pages: how they are run, so that none outlives a press that is killed."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notebook_press.errors import RenderingError, one_line

_PLACE: ContextVar[tuple[Path | None, Mapping[str, str]]] = ContextVar("_PLACE", default=(None, {}))


@contextmanager
def working_below(folder: Path, mark: str) -> Iterator[None]:
    """Let programs work in folders below this one, cleared by whoever follows a killed press.

    Otherwise, as when nbconvert is used alone, they work where temporary files belong.

    Args:
        folder: The folder.
        mark: The variable by which whoever follows finds the programs themselves.
    """
    before = _PLACE.set((folder, {mark: "1"}))
    try:
        yield
    finally:
        _PLACE.reset(before)


@contextmanager
def own_workplace(program: str) -> Iterator[Path]:
    """Make a folder for one run of a program, and remove it with all that the program left."""
    with tempfile.TemporaryDirectory(prefix=f"{program}-", dir=_PLACE.get()[0]) as name:
        yield Path(name)


def surroundings(workplace: Path) -> Mapping[str, str]:
    """Return the environment of a program: its temporary files are in its workplace."""
    return {**os.environ, **_PLACE.get()[1], "TMPDIR": str(workplace)}


@dataclass(frozen=True)
class Program:
    """A program that answers one request and ends; `remedy` says where to look if it does not."""

    name: str
    command: tuple[str, ...]
    seconds: float
    remedy: str

    def made(self, request: Mapping[str, Any], what: str) -> tuple[list[bytes], str]:
        """Return what the program made, in order, before it ended or failed, and its answer.

        It is told in `folder` where to leave it, as `made-1`, `made-2`, …, and in
        `processor_seconds` how long it may compute.
        """
        answer, made = "", list[bytes]()
        with own_workplace(self.name) as folder:
            limits = {"folder": str(folder), "processor_seconds": self.seconds}
            with suppress(RenderingError):  # what there is counts
                answer = self.answer(json.dumps({**request, **limits}), folder, what)
            while (path := folder / f"made-{len(made) + 1}").is_file():
                made.append(path.read_bytes())
        return made, answer

    def answer(self, request: str, workplace: Path, what: str) -> str:
        """Return what the program writes to stdout when it reads the request from stdin.

        Args:
            request: The request.
            workplace: The folder for its temporary files.
            what: What is being made, as errors call it.

        Raises:
            RenderingError: It is not there, did not end in time, or did not end well.
        """
        try:
            done = subprocess.run(  # noqa: S603  (our own programs; the text goes to stdin)
                self.command,
                input=request.encode(),
                capture_output=True,
                timeout=self.seconds,
                check=False,
                env=surroundings(workplace),
            )
        except subprocess.TimeoutExpired:
            raise RenderingError(
                f"{what}: expected {self.name} to end within {self.seconds:.0f} s, "
                f"found it still at work; {self.remedy}"
            ) from None
        except FileNotFoundError as error:
            raise RenderingError(
                f"{what}: expected {self.name} at {self.command[0]}, found: {error}; "
                "install notebook-press again"
            ) from error
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip() or "nothing on stderr"
            raise RenderingError(
                f"{what}: expected {self.name} to end well, found exit {done.returncode} "
                f"({one_line(said)[-300:]}); {self.remedy}"
            )
        return done.stdout.decode()
