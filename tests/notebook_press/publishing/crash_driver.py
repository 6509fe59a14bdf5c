"""Runs the press again and again, struck down at each point in turn; says what was wrong after it.

    python crash_driver.py FOLDER CASE EVERY

A process of its own, of one thread, that imports everything once and forks. Cells run in that
process and pages are made at once; everything else is the press as it is. The last line is JSON:
the number of points, their kinds, and each thing that was wrong.
"""

import json
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import chdir, suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest

sys.path.extend(
    str(path) for path in (Path(__file__).parent, Path(__file__).parents[2] / "support")
)

from disk_points import Points, kill, no_space
from from_memory import KERNEL, RENDERING
from snapshots import published, snapshot

from notebook_press import provenance
from notebook_press.cli import main

LATE = ("pending", "check", "index")  # they begin within a publication, or make only the index
STRIKES = {"kill": kill, "full": no_space}
FACTOR = "factor: int = 2  # what 21 is multiplied by"
ONE_LINE = re.compile(
    r"notebook-press: exit 7 \(publishing failed\): (?P<file>\S+): No space left on device; "
    r"make room or mend the permissions, then run the same command again \(every .*"
)


def write_story(project: Path) -> Path:
    cells = [
        nbformat.v4.new_markdown_cell("# What is the answer?", id="title"),
        nbformat.v4.new_code_cell(FACTOR, id="p", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("assert factor\nprint(f'It is {factor * 21}.')", id="answer"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    (project / "notebooks").mkdir(parents=True)
    (project / "pyproject.toml").write_text("[tool.notebook-press]\n")
    path = project / "notebooks" / "story.ipynb"
    nbformat.write(notebook, path)
    return path


def start(project: Path, act: Callable[[], None], before: Callable[[], object]) -> int:
    """Do something in a project's folder in a forked child, and return its number."""
    child = os.fork()
    if child == 0:
        output = os.open(project.parent / f"said-{os.getpid()}", os.O_WRONLY | os.O_CREAT)
        os.dup2(output, 1), os.dup2(output, 2)
        os.chdir(project)
        code, points = 70, None
        try:
            points = before()
            act()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            if isinstance(points, Points):
                with points._open(project.parent / "points", "w") as file:
                    json.dump(points.seen, file)
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(code)
    return child


def end(project: Path, child: int) -> tuple[int, str]:
    """Return how a child ended (minus a signal's number), and the last line that it wrote."""
    _, status = os.waitpid(child, 0)
    said = project.parent / f"said-{child}"
    lines = said.read_text(errors="replace").splitlines()
    said.unlink()
    return os.waitstatus_to_exitcode(status), lines[-1] if lines else ""


def in_child(
    project: Path, act: Callable[[], None], before: Callable[[], object]
) -> tuple[int, str]:
    return end(project, start(project, act, before))


def press(*arguments: str) -> Callable[[], None]:
    def act() -> None:
        sys.argv = ["notebook-press", *arguments]
        main()

    return act


def make(factor: int, formats: str = "html") -> Callable[[], None]:
    return press("build", "notebooks/story.ipynb", "--to", formats, "-p", "factor", str(factor))


def nothing() -> None:
    return None


class Case:
    """A folder as it is before, what is done to it, and what is to come out."""

    def __init__(self, scratch: Path, name: str) -> None:
        self.name, self.project, self.before = name, scratch / "project", scratch / "before"
        write_story(self.project)
        fails, first, second = make(0), make(2, "html,pdf"), make(3)
        self.act = self.repair = {"failed": fails, "index": first}.get(name, second)
        self.ends = 4 if name == "failed" else 0
        self.run(fails, 4)
        self.empty_index = published(self.project)["index.html"]
        if name == "first":
            shutil.rmtree(self.project / "reports")
        else:
            self.run(first, 0)
            self.run(fails, 4)
        if name == "index":
            (self.project / "reports" / "index.html").write_text("edited")
        shutil.copytree(self.project, self.before, symlinks=True)
        if name in ("pending", "check"):
            self.cut_short()
        if name == "check":
            self.act = press("check", "reports")
        self.old = published(self.project)
        self.run(self.act, self.ends)
        self.run(self.repair, self.ends)
        self.new = published(self.project)

    def run(
        self, act: Callable[[], None], ends: int, before: Callable[[], object] = nothing
    ) -> None:
        code, line = in_child(self.project, act, before)
        assert code == ends, line

    def cut_short(self) -> None:
        """Begin with a build killed when one file, and not yet the manifest, is in its place."""
        points, _ = self.strike("kill", 0)
        second_move = [at for at, kind in enumerate(points, start=1) if kind == "os.rename"][1]
        self.restore(self.before)
        root = str(self.project / "reports")
        self.run(self.act, -9, lambda: Points(root, kill, second_move))
        shutil.rmtree(self.before)
        shutil.copytree(self.project, self.before, symlinks=True)

    def restore(self, source: Path) -> None:
        shutil.rmtree(self.project)
        shutil.copytree(source, self.project, symlinks=True)

    def strike(
        self, strike: str, at: int, *, half: bool = False, lasting: bool = False
    ) -> tuple[list[str], list[str]]:
        """Return the points seen, and what was wrong, after a strike at one point."""
        self.restore(self.before)
        root = str(self.project / "reports")

        def arm() -> Points:
            return Points(root, STRIKES[strike], at, half=half, lasting=lasting)

        (self.project.parent / "points").write_text("[]")
        code, line = in_child(self.project, self.act, arm)
        seen = json.loads((self.project.parent / "points").read_text())
        wrong = [] if strike == "kill" else self.wrong_end(code, line, at)
        if code == (-9 if strike == "kill" else 7):
            wrong += self.wrong_after(killed=strike == "kill")
        where = f"{self.name}, {strike} at {at}{' half' * half}{' lasting' * lasting}: "
        return seen, [where + each for each in wrong]

    def wrong_end(self, code: int, line: str, at: int) -> list[str]:
        if code == self.ends:
            return []
        said = ONE_LINE.fullmatch(line)
        reports = self.project / "reports"
        named = said and reports in (self.project / said["file"]).parents
        made = said and at == 1 and said["file"] == str(reports)  # the folder itself is made first
        return [] if code == 7 and (named or made) else [f"ended with {code} and {line!r}"]

    def wrong_after(self, *, killed: bool) -> list[str]:
        """What is wrong then, and after what comes next: `check` and a build, or just a build."""
        wrong = []
        found = published(self.project)
        staged = self.project / "reports/.press/staging/default/story/story.json"
        begun = staged.exists() or self.name in LATE or found == self.new
        for name in {*found, *self.old}:
            whole = {self.old.get(name)} | ({self.new.get(name)} if begun else set())
            whole |= {self.empty_index} if name == "index.html" and not self.old else set()
            if found.get(name) not in whole:
                wrong.append(f"{name} is neither old nor new")
        reports = self.project / "reports"
        for kept in reports.glob("failed/*/*.ipynb"):
            json.loads(kept.read_bytes())
        crashed = self.project.parent / "crashed"
        shutil.copytree(self.project, crashed, symlinks=True)
        if self.name != "index" and reports.exists():
            code, line = in_child(self.project, press("check", "reports"), nothing)
            wrong += [f"check then ended with {code}: {line}"] if code else []
            wrong += self.left_behind()
        wrong += self.wrong_repair("after check")
        self.restore(crashed)
        shutil.rmtree(crashed)
        return wrong + (self.wrong_repair("after nothing else") if killed else [])

    def wrong_repair(self, when: str) -> list[str]:
        code, line = in_child(self.project, self.repair, nothing)
        wrong = [] if code == self.ends else [f"a build {when} ended with {code}: {line}"]
        if published(self.project) != self.new:
            wrong.append(f"a build {when} did not repair everything")
        code, line = in_child(self.project, press("check", "reports"), nothing)
        wrong += [f"check after a build {when} ended with {code}: {line}"] if code else []
        return wrong + self.left_behind()

    def left_behind(self) -> list[str]:
        left = set(snapshot(self.project / "reports" / ".press")) - {"lock", "temporary"}
        left = {name for name in left if name.partition("/")[0] != "locks"}
        left |= set(self.project.glob("reports/.press/locks/**/owner.json"))
        return [f"left behind: {left}"] if left else []


def enumerate_points(case: Case, every: int) -> dict[str, Any]:
    """Kill, and fill the disk, at each point (or each so many-th) of a run that nothing befalls."""
    points, wrong = case.strike("kill", 0)
    struck = range(1, len(points) + 1, every)
    for at in struck:
        wrong += case.strike("kill", at)[1]
        if points[at - 1] == "write":
            wrong += case.strike("kill", at, half=True)[1]
        wrong += case.strike("full", at, lasting=at % 2 == 0)[1]  # for a moment, or from then on
    return {"points": len(points), "struck": len(struck), "kinds": Counter(points), "wrong": wrong}


def prepare(scratch: Path) -> None:
    """Put what stands in for kernels and pages in its place, and import what a build does."""
    for place, instead in (KERNEL | RENDERING).items():
        pytest.MonkeyPatch().setattr(place, instead)
    provenance.made_now = lambda *_: {"finished": "2026-11-22T18:00:00+00:00", "seconds": 1.5}
    os.environ["COLUMNS"] = "1000"
    warm = scratch / "warm" / "project"
    write_story(warm)
    with chdir(warm), suppress(SystemExit):
        make(2)()


if __name__ == "__main__":
    scratch, name, every = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    prepare(scratch)
    print(json.dumps(enumerate_points(Case(scratch, name), every)))
