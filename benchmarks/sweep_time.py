"""What a sweep takes: beside bare papermill, in memory, on its page, and as a plan for more.

40 notebooks that do nothing are swept by two at once, and run by two processes of papermill with 20
each, in turn; by Dask's `LocalCluster` too, where `distributed` is installed. A point of 02 is
timed, and what it imports in a process of its own. Outcomes that are made up show the submitter's
own part: the seconds of a point that is published without being run, and the memory of thousands.
Last come a page of 1,000 runs, and its slider in headless Chromium, where there is one. From all
that a table for planning is computed.

    python benchmarks/sweep_time.py --rounds 3 --made-up 10000
"""

import argparse
import importlib.util
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).parent.parent
PRESS = Path(sys.executable).parent / "notebook-press"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
POINTS = 40
WORKERS = (2, 8, 32, 128)
RUNNING = 20  # seconds
PAPERMILL = """
import sys, papermill
for number in range(int(sys.argv[3])):
    path = f"{sys.argv[2]}/{number}.ipynb"
    papermill.execute_notebook(sys.argv[1], path, {"x": number}, progress_bar=False)
"""
IMPORTS = """
from handwriting import data, explorer, figures
from handwriting.experiments import network
from notebook_press import author, provenance
from handwriting.models import training
import keras
"""
FACTS: dict[str, Any] = {}
TURNS = """async () => {
  const slider = document.querySelector(".turn input");
  const figures = document.querySelector(".turn-figures");
  const times = [];
  for (let turn = 0; turn < 40; turn += 1) {
    const start = performance.now();
    slider.value = turn % (Number(slider.max) + 1);
    slider.dispatchEvent(new Event("input"));
    while (figures.hasAttribute("aria-busy")) await new Promise(requestAnimationFrame);
    document.body.getBoundingClientRect();
    times.push(performance.now() - start);
  }
  return times;
}"""


def trivial(folder: Path) -> Path:
    """Return a notebook that records one number, written into a folder."""
    parameters = nbformat.v4.new_code_cell("x: int = 1", metadata={"tags": ["parameters"]})
    cell = nbformat.v4.new_code_cell("from notebook_press import author\nauthor.record(value=x)")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[parameters, cell], metadata={"kernelspec": kernel})
    path = folder / "trivial.ipynb"
    nbformat.write(notebook, path)
    return path


def timed(*commands: Sequence[object]) -> tuple[float, float]:
    """Return the seconds that commands take which run at the same time, and the processor's."""
    before, start = os.times(), time.perf_counter()
    started = [
        subprocess.Popen(
            [str(part) for part in each], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for each in commands
    ]
    for each in started:
        _, said = each.communicate()
        if each.returncode:
            sys.exit(f"a command ended with {each.returncode}: {said.decode()}")
    after, seconds = os.times(), time.perf_counter() - start
    return seconds, sum(after[2:4]) - sum(before[2:4])


def processor() -> float:
    """Return the processor's seconds of this process and of those that it has waited for."""
    return sum(os.times()[:4])


def bare(notebook: Path, folder: Path) -> tuple[float, float]:
    """Return the seconds of two processes of papermill, each of which runs half of the points."""
    halves = [folder / "bare" / half for half in ("one", "other")]
    for half in halves:
        half.mkdir(parents=True, exist_ok=True)
    count = POINTS // 2
    return timed(*([sys.executable, "-c", PAPERMILL, notebook, half, count] for half in halves))


def swept(notebook: Path, folder: Path, *options: str) -> tuple[float, float]:
    """Return the seconds of a sweep of all points."""
    reports = folder / "reports"
    shutil.rmtree(reports, ignore_errors=True)
    grid = f"x=0..{POINTS - 1}"
    command = [PRESS, "sweep", notebook, "--grid", grid, "--jobs", "2", "--reports", reports]
    return timed([*command, "--threads", "1", *options])


def compare(folder: Path, rounds: int) -> float:
    """Print what points take that do nothing; return the processor's seconds of the press's."""
    notebook = trivial(folder)
    ways = {"papermill, two processes": lambda: bare(notebook, folder)}
    ways["notebook-press sweep --jobs 2"] = lambda: swept(notebook, folder)
    if importlib.util.find_spec("distributed"):
        ways["--backend dask"] = lambda: swept(notebook, folder, "--backend", "dask")
    taken = [[way() for way in ways.values()] for _ in range(rounds)]
    print(f"{POINTS} notebooks that do nothing, medians of {rounds} rounds, {os.cpu_count()} cores")
    print(f"  {'':<32}{'seconds':>9}{'ratio':>7}{'processor':>11}{'ratio':>7}")
    medians = []
    for place, name in enumerate(ways):
        told = ""
        for kind, width in enumerate((9, 11)):
            ratio = statistics.median(turn[place][kind] / turn[0][kind] for turn in taken)
            seconds = statistics.median(turn[place][kind] for turn in taken)
            medians.append(seconds)
            told += f"{seconds:>{width}.1f}{ratio:>7.2f}"
        print(f"  {name:<32}{told}")
    return medians[3] / POINTS


def point_of_02(folder: Path) -> None:
    """Print what a point of 02 takes, trained anew, and how much of it are imports."""
    os.environ["HANDWRITING_CACHE"] = str(folder / "cache")
    reports = folder / "point"
    command = [PRESS, "sweep", ROOT / "notebooks/02_network.ipynb", "--grid", "seed=0..3"]
    command += ["-p", "repeats", "1", "--jobs", "1", "--threads", "1", "--reports", reports]
    point = timed(command)[1] / 4
    imports = statistics.median(timed([sys.executable, "-c", IMPORTS])[1] for _ in range(3))
    print(f"a point of 02: {point:.1f} s of the processor, imports {imports:.1f} s", end=" ")
    print(f"({imports / point:.0%})")


@contextmanager
def made_up(task: Any, observer: Any) -> Iterator[Any]:
    """Give an outcome of a task that was not run."""
    from notebook_press import provenance
    from notebook_press.author import METADATA_KEY, RESULTS_TYPE
    from notebook_press.running.tasks import RunOutcome

    observer.ready()
    executed = nbformat.from_dict(task.notebook)
    for number, cell in enumerate(executed.cells, start=1):
        cell.execution_count = number
    value = float(task.parameters["x"]) % 97
    results = {f"result_{number}": value + number for number in range(12)}
    data = {RESULTS_TYPE: results, "text/plain": "results"}
    noted = {METADATA_KEY: {"kind": "results"}}
    output = nbformat.v4.new_output("display_data", data=data, metadata=noted)
    executed.cells[-1].outputs = [output]
    facts = FACTS or provenance.made_now(task.project, 1.0, task.threads)
    FACTS.update(facts)  # which a worker finds, not the submitter
    yield RunOutcome(executed, seconds=1.0, facts=facts, key=task.expected)


class NoWorkers:
    """Takes the place of the pool of workers."""

    def __init__(self, *_: object) -> None:
        """Start nothing."""

    def __enter__(self) -> "NoWorkers":
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End nothing."""

    def stop(self) -> None:
        """Stop nothing."""

    def run(self, task: Any, observer: Any, turn: Any) -> Any:
        """Give an outcome that is made up."""
        return made_up(task, observer)


def sweep_made_up(points: int, folder: Path) -> float:
    """Return the processor's seconds a point of planning and publishing, where nothing is run."""
    import notebook_press
    from notebook_press.sweeping import run

    run.Workers = NoWorkers  # type: ignore[misc, assignment]
    start = processor()
    found = notebook_press.sweep(trivial(folder), grid={"x": range(points)}, reports=folder / "one")
    found.checked()
    return (processor() - start) / points


def settle_made_up(points: int, folder: Path) -> tuple[float, float]:
    """Return the seconds and the MB of a submitter whose points are settled and never published.

    All is planned, told, written as a table and shown on a page as it is of a real sweep.
    """
    import notebook_press
    from notebook_press.sweeping import run
    from notebook_press.sweeping.results import PointOutcome

    def settle(sweeping: Any, point: Any, _: object) -> None:
        value = float(point.values["x"] % 97)
        results = {f"result_{number}": value + number for number in range(12)}
        key, machine, finished = point.name * 5, "a processor", "2026-11-28T12:00:00+00:00"
        outcome = PointOutcome(point, "run", "", results, {}, 1.0, finished, key, machine)
        sweeping._settle(outcome)

    run.Workers = NoWorkers  # type: ignore[misc, assignment]
    run.Sweeping._make = settle  # type: ignore[method-assign]
    start = time.perf_counter()
    given = {"grid": {"x": range(points)}, "maximize": "result_3"}
    notebook_press.sweep(trivial(folder), **given, reports=folder / "many").checked()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.perf_counter() - start, peak


def page_of_1000(folder: Path) -> None:
    """Print how long the page of 1,000 runs takes to be made, and then to follow its slider."""
    sys.path.append(str(ROOT / "tests/support"))
    from playwright.sync_api import sync_playwright
    from swept import pictures, swept

    from notebook_press.sweeping.findings import Findings
    from notebook_press.sweeping.pages import render

    sweep, outcomes = swept({"units": range(20), "rate": range(5), "last": ("a", "b")})
    kept = pictures(outcomes, size=8_000)
    start, before = time.perf_counter(), processor()
    page = render(Findings(sweep, outcomes), kept)["index.html"]
    seconds, busy = time.perf_counter() - start, processor() - before
    print(
        f"a page of {len(outcomes):,} runs: {seconds:.1f} s, of which {busy:.1f} of the processor"
    )
    path = folder / "index.html"
    path.write_bytes(page)
    if not (browser := next(filter(None, map(shutil.which, BROWSERS)), None)):
        return
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = playwright.chromium.launch(executable_path=browser, args=options)
        opened = chromium.new_page()
        opened.goto(path.as_uri())
        times = opened.evaluate(TURNS)
        chromium.close()
    middle, most = statistics.median(times), max(times)
    print(f"  its slider answers in {middle:.0f} ms, {most:.0f} at most, target 100 ms")


def plan(overhead: float, submitter: float) -> None:
    """Print the hours of many points, computed from what one takes beside its own running.

    Args:
        overhead: The processor's seconds a point that does nothing.
        submitter: Those of its seconds that are of the one process that all points go through.
    """
    print(
        f"hours of points of {RUNNING} s, computed: {overhead:.2f} s more on a worker each, and at"
    )
    print(f"least {submitter:.3f} s each in the one process that publishes them")
    print(f"  {'points':>8}" + "".join(f"{workers:>8} workers" for workers in WORKERS))
    for points in (100, 1_000, 10_000, 100_000):
        hours = (max((RUNNING + overhead) / each, submitter) * points / 3600 for each in WORKERS)
        print(f"  {points:>8,}" + "".join(f"{each:>16.2f}" for each in hours))


def alone(what: str, points: int) -> list[float]:
    """Return what a function of this file says of so many points in a process of its own."""
    command = [sys.executable, __file__, "--alone", what, str(points)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return [float(each) for each in done.stdout.split()]


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--made-up", type=int, default=10_000)
    parser.add_argument("--alone", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.alone:
            what, points = options.alone
            found = globals()[what](int(points), folder)
            print(*(found if isinstance(found, tuple) else [found]))
            return
        overhead = compare(folder, options.rounds)
        point_of_02(folder)
        (submitter,) = alone("sweep_made_up", 200)
        seconds, megabytes = alone("settle_made_up", options.made_up)
        print(
            f"{options.made_up:,} made-up outcomes: {megabytes:.0f} MB in the submitter, target "
            f"500 MB; {seconds:.0f} s"
        )
        page_of_1000(folder)
        plan(overhead, submitter)


if __name__ == "__main__":
    main()
