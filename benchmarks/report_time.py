"""Wall time and memory of a report, beside the plain pipeline's, measured in one run.

The plain pipeline is what one would write without a press: a notebook that trains the same layers
under Keras's defaults (Adam, batch 32, five epochs) and draws a seaborn heat map and 25 digits, run
by `papermill` and turned into HTML by `jupyter nbconvert`. Ours is `notebook-press build` with
`repeats` 1, HTML and PDF. Memory is the resident set summed over the process tree, at its peak.
How long publishing takes is counted from the end of the last cell to the manifest's last write.

    python benchmarks/report_time.py --rounds 3
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import psutil

ROOT = Path(__file__).parent.parent
SCRIPTS = Path(sys.executable).parent
SAMPLE_EVERY = 0.05  # seconds
GIBIBYTE = 2**30

PLAIN_CELLS = [
    """import keras
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from handwriting.data import registry
data = registry.load("mnist")
x_train, y_train = data.train.images / 255.0, data.train.labels
x_test, y_test = data.test.images / 255.0, data.test.labels""",
    """model = keras.Sequential([
    keras.layers.Input((28, 28)),
    keras.layers.Flatten(),
    keras.layers.Dense(128, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=5)""",
    """model.evaluate(x_test, y_test)
predictions = model.predict(x_test).argmax(axis=1)
confusion = np.zeros((10, 10), dtype=int)
np.add.at(confusion, (y_test, predictions), 1)
sns.heatmap(confusion, annot=True, fmt="d")""",
    """fig, axes = plt.subplots(5, 5, figsize=(8, 8))
for ax, index in zip(axes.flat, np.flatnonzero(predictions != y_test)):
    ax.imshow(data.test.images[index], cmap="gray")
    ax.set_title(f"{y_test[index]} read as {predictions[index]}")
    ax.axis("off")""",
]


@dataclass(frozen=True)
class Cost:
    """What a command took: wall time in seconds, peak resident memory of its tree in bytes."""

    seconds: float
    peak_bytes: int


def measure(commands: list[list[str]], folder: Path, ending: int = 0) -> Cost:
    """Run commands one after the other in a folder and return what they took together.

    Each has to end with the exit status `ending`.
    """
    start, peak = time.perf_counter(), 0
    for command in commands:
        with (folder / "log.txt").open("ab") as log:
            process = psutil.Popen(command, cwd=folder, stdout=log, stderr=log)
            while process.poll() is None:
                peak = max(peak, resident_bytes(process))
                time.sleep(SAMPLE_EVERY)
        if process.returncode != ending:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}; see {folder}/log.txt")
    return Cost(time.perf_counter() - start, peak)


def resident_bytes(process: psutil.Process) -> int:
    """Return the resident memory of a process and all below it, in bytes."""
    total = 0
    try:
        for member in [process, *process.children(recursive=True)]:
            total += member.memory_info().rss
    except psutil.NoSuchProcess:
        pass  # it ended while it was being read: the next sample is 50 ms away
    return total


def plain_pipeline(folder: Path) -> Cost:
    """Return what papermill, then nbconvert to HTML, take on the plain notebook."""
    cells = [nbformat.v4.new_code_cell(source) for source in PLAIN_CELLS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "plain.ipynb")
    papermill = [str(SCRIPTS / "papermill"), "plain.ipynb", "executed.ipynb"]
    nbconvert = [str(SCRIPTS / "jupyter"), "nbconvert", "--to", "html", "executed.ipynb"]
    return measure([papermill, nbconvert], folder)


def publishing_seconds(folder: Path) -> float:
    """Return the seconds from the end of a report's last cell until its manifest was in place."""
    published = folder / "reports" / "default" / "02_network.json"
    notebook = nbformat.read(published.with_suffix(".ipynb"), as_version=4)
    ends = [
        datetime.fromisoformat(cell.metadata.papermill.end_time)
        for cell in notebook.cells
        if cell.metadata.get("papermill", {}).get("end_time")
    ]
    return published.stat().st_mtime - max(ends).replace(tzinfo=UTC).timestamp()


def build_command(folder: Path) -> list[str]:
    """Return the command that builds our report, HTML and PDF, in a folder of its own."""
    notebook = str(ROOT / "notebooks" / "02_network.ipynb")
    parameters = ["-p", "dataset", "mnist", "-p", "repeats", "1"]
    reports = ["--reports", str(folder / "reports")]
    return [str(SCRIPTS / "notebook-press"), "build", notebook, *parameters, *reports]


def line(name: str, costs: list[Cost]) -> str:
    """Return a line of the table: medians over the rounds."""
    seconds = statistics.median(cost.seconds for cost in costs)
    peak = statistics.median(cost.peak_bytes for cost in costs) / GIBIBYTE
    return f"{name:<46}{seconds:>8.1f} s{peak:>8.2f} GiB"


def main() -> None:
    """Measure both pipelines in turn and print them side by side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    plain, ours, again, refused, publishing = [], [], [], [], []
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            plain.append(plain_pipeline(folder))
            ours.append(measure([[*build_command(folder), "--fresh"]], folder))  # it trains, too
            publishing.append(publishing_seconds(folder))
            again.append(measure([build_command(folder)], folder))
            wrong = [*build_command(folder), "-p", "epoch", "3"]  # it is called `epochs`
            refused.append(measure([wrong], folder, ending=2))
    print(f"medians of {arguments.rounds} rounds, the pipelines in turn")
    print(line("plain pipeline (papermill, nbconvert, HTML)", plain))
    print(line("notebook-press (HTML and PDF), repeats 1", ours))
    print(line("notebook-press with nothing changed", again))
    print(line("notebook-press refusing a wrong parameter", refused))
    ratios = [mine.seconds / theirs.seconds for mine, theirs in zip(ours, plain, strict=True)]
    print(f"time of ours / plain: {statistics.median(ratios):.2f} (target: at most 0.45)")
    seconds = statistics.median(publishing)
    print(f"from the end of the last cell to publication: {seconds:.2f} s (target: at most 1.2 s)")
    if arguments.json:
        content: dict[str, object] = {"publishing": publishing}
        figures = {"plain": plain, "press": ours, "unchanged": again, "refused": refused}
        content |= {name: [asdict(cost) for cost in costs] for name, costs in figures.items()}
        arguments.json.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
