"""Each guard taken out in turn: does the test that names it fail without it?

What the project promises stands in `tests/guards/*.toml`: a sentence, the test that proves it, and
the lines of code that keep it. In a copy of the tree each guard is replaced by what there would be
without it, and its test is run, which then has to fail: one that passes three times proves nothing.

    python benchmarks/guards.py                         every guard, a few seconds each
    python benchmarks/guards.py --only kernel --jobs 2  some of them
    python benchmarks/guards.py --table                 RELIABILITY.md's table, made anew
"""

import argparse
import ast
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from processes import end, new_mark, with_mark

ROOT = Path(__file__).parent.parent
TRIES = 3  # a test of a kill or a signal can miss its moment on a busy machine, and pass for once
TIME_LIMIT = 180  # seconds for one test, which hangs perhaps without its guard
LEFT_OUT = (".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info", "build")
BEGIN, END = "<!-- made by benchmarks/guards.py --table -->", "<!-- end of what was made -->"
FAILED = 1  # pytest's exit code for tests that ran and failed; others say that they could not run
BAR = r"\|"  # within a table
PROVEN = ("yes", "yes, it hangs")


@dataclass(frozen=True)
class Guard:
    """A promise, the test that proves it, and the lines that keep it."""

    part: str
    promise: str
    test: str
    file: str
    guard: str
    without: str


def read_guards(root: Path) -> list[Guard]:
    """Return the guards of all files of `tests/guards`, in their order."""
    return [
        Guard(path.stem, **entry)
        for path in sorted((root / "tests" / "guards").glob("*.toml"))
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["guard"]
    ]


def fault(guard: Guard, root: Path) -> str | None:
    """Return what is wrong with an entry: its lines or its test are not where it says."""
    path = root / guard.file
    found = path.read_text(encoding="utf-8").count(guard.guard) if path.is_file() else 0
    if found != 1:
        return f"{guard.file}: its lines stand there {found} times, expected once"
    file, *names = guard.test.split("[")[0].split("::")
    body = ast.parse((root / file).read_text("utf-8")).body if (root / file).is_file() else []
    for name in names:
        body = next((n.body for n in body if getattr(n, "name", None) == name), [])
    return None if names and body else f"{guard.test}: there is no such test"


def copy_tree(root: Path, copy: Path) -> Path:
    """Return a copy of the project without its history, environment, caches and reports."""
    always = shutil.ignore_patterns(*LEFT_OUT)

    def left_out(folder: str, names: list[str]) -> set[str]:
        made = (
            {name for name in names if name != "README.md"} if folder == f"{root}/reports" else {}
        )
        return {*always(folder, names), *made}

    shutil.copytree(root, copy, ignore=left_out)
    return copy


def run_tests(tests: list[str], tree: Path, limit: float) -> int | None:
    """Return the exit code of pytest for some tests of a tree; None if they took longer.

    What it started is ended with it, kernels in process groups of their own, too.
    """
    mark = new_mark()
    source = {"PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=tree, stdout=log, stderr=log, env=with_mark(mark, {**os.environ, **source})
        )
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            end(mark)
            process.wait()


def passing(tests: list[str], tree: Path, limit: float) -> set[str]:
    """Return which tests pass while every guard is in its place."""
    if run_tests(tests, tree, limit * len(tests)) == 0:
        return set(tests)
    return {test for test in tests if run_tests([test], tree, limit) == 0}


def without(guard: Guard, tree: Path, limit: float) -> str:
    """Return whether a guard's test fails in a tree without it, which is mended afterwards."""
    path = tree / guard.file
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace(guard.guard, guard.without), encoding="utf-8")
    try:
        if path.suffix == ".py":
            ast.parse(path.read_text(encoding="utf-8"))
        for _ in range(TRIES):
            if (code := run_tests([guard.test], tree, limit)) != 0:
                break
    except SyntaxError:
        return "no: what takes its place is not Python"
    finally:
        path.write_text(before, encoding="utf-8")
    if code is None:
        return "yes, it hangs"
    return {0: "NO: it passes", FAILED: "yes"}.get(code, f"no: pytest ended with {code}")


def prove(guards: list[Guard], root: Path, jobs: int, limit: float) -> Iterator[str]:
    """Yield, for each guard, whether its test passes with it and fails without it.

    Each job has a tree of its own.
    """
    with tempfile.TemporaryDirectory(prefix="guards-") as name, ThreadPoolExecutor(jobs) as pool:
        trees: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(jobs):
            trees.put(copy_tree(root, Path(name) / str(number)))
        sound = [guard.test for guard in guards if not fault(guard, root)]
        good = passing(list(dict.fromkeys(sound)), Path(name) / "0", limit) if sound else set()

        def one(guard: Guard) -> str:
            tree = trees.get()
            try:
                if guard.test not in good:
                    return f"no: {fault(guard, tree) or 'it fails with the guard, too'}"
                return without(guard, tree, limit)
            finally:
                trees.put(tree)

        yield from pool.map(one, guards)


def table(guards: list[Guard]) -> str:
    """Return the promises as RELIABILITY.md shows them: a table for each part."""
    lines = []
    for part, entries in groupby(guards, key=lambda guard: guard.part):
        lines += [f"### {part.replace('_', ' ').capitalize()}", ""]
        lines += ["| promise | proved by |", "| --- | --- |"]
        for promise, same in groupby(entries, key=lambda guard: guard.promise):
            tests = ", ".join(dict.fromkeys(map(link, same)))
            lines.append(f"| {promise.replace('|', BAR)} | {tests} |")
        lines.append("")
    return "\n".join(lines)


def link(guard: Guard) -> str:
    """Return the test's name as a link to its file."""
    file, *names = guard.test.split("[")[0].split("::")
    return f"[`{names[-1]}`]({file})"


def with_table(text: str, guards: list[Guard]) -> str:
    """Return the text of RELIABILITY.md with the table that the guards make."""
    made = f"{BEGIN}\n\n{table(guards)}\n{END}"
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: made, text, flags=re.DOTALL)


def main() -> None:
    """Take each guard out in turn and print whether its test fails without it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="PATTERN", help="a regular expression")
    parser.add_argument("--jobs", type=int, default=1, help="tests at once")
    parser.add_argument("--limit", type=float, default=TIME_LIMIT, help="seconds for one test")
    parser.add_argument("--table", action="store_true", help="write RELIABILITY.md's table, only")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    guards = read_guards(root)
    if arguments.table:
        page = root / "RELIABILITY.md"
        page.write_text(with_table(page.read_text("utf-8"), guards), encoding="utf-8")
        return
    chosen = [
        guard
        for guard in guards
        if re.search(arguments.only, f"{guard.part} {guard.promise} {guard.test} {guard.file}")
    ]
    start, outcomes = time.monotonic(), []
    print("| promise | test | fails without its guard |\n| --- | --- | --- |")
    proofs = prove(chosen, root, arguments.jobs, arguments.limit)
    for guard, outcome in zip(chosen, proofs, strict=True):
        print(f"| {guard.promise} | {guard.test.split('::')[-1]} | {outcome} |", flush=True)
        outcomes.append(outcome)
    proven = sum(outcome in PROVEN for outcome in outcomes)
    seconds = time.monotonic() - start
    print(f"\n{len(chosen)} guards, {proven} proven, in {seconds:.0f} s")
    sys.exit(0 if chosen and proven == len(chosen) else 1)


if __name__ == "__main__":
    main()
