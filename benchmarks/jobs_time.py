"""What running notebooks side by side saves: a build with `-j 1` and with `-j 2`, in turn.

Two pairs are timed: two notebooks that sleep ten seconds each, which cost no core, and the
project's own reports with what results are kept. Each build has a reports folder of its own.

    python benchmarks/jobs_time.py --rounds 3
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent
PRESS = Path(sys.executable).parent / "notebook-press"
NAP = 10  # seconds that each of the two notebooks sleeps
JOBS = (1, 2)


def sleepers(folder: Path) -> list[Path]:
    """Return two notebooks that sleep, written into a folder."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    paths = [folder / f"{name}.ipynb" for name in ("first", "second")]
    for path in paths:
        cells = [nbformat.v4.new_code_cell(f"import time\ntime.sleep({NAP})")]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, path)
    return paths


def seconds(notebooks: Sequence[Path], jobs: int) -> float:
    """Return the seconds that a build of notebooks takes, with HTML and PDF."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [PRESS, "build", *notebooks, "--to", "html,pdf", "-j", str(jobs)]
        start = time.perf_counter()
        with (folder / "log.txt").open("wb") as log:
            command += ["--reports", folder / "reports"]
            done = subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False)
        if done.returncode:
            sys.exit(f"a build ended with {done.returncode}: {(folder / 'log.txt').read_text()}")
        return time.perf_counter() - start


def compare(what: str, notebooks: Sequence[Path], rounds: int) -> None:
    """Time builds of notebooks in turn and print the medians beside each other."""
    taken = [[seconds(notebooks, jobs) for jobs in JOBS] for _ in range(rounds)]
    one, two = (statistics.median(column) for column in zip(*taken, strict=True))
    ratio = statistics.median(pair[1] / pair[0] for pair in taken)
    print(f"{what:<34}{one:>8.1f} s{two:>8.1f} s{ratio:>8.2f}")


def main() -> None:
    """Time both pairs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print(f"medians of {rounds} rounds on {os.cpu_count()} cores")
    print(f"{'':<34}{'-j 1':>10}{'-j 2':>10}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as name:
        compare(f"two notebooks that sleep {NAP} s", sleepers(Path(name)), rounds)
    reports = sorted((ROOT / "notebooks").glob("*.ipynb"))
    compare("the reports, results kept", reports, rounds)


if __name__ == "__main__":
    main()
