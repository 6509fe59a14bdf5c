"""How many test digits are found on photographs, and read rightly, as photographs get worse.

1,000 of MNIST's test images are put on ten photographs that `handwriting.data.photographs.made`
makes; nothing that reads photographs has a part in that. Conditions are moderate (digits 30 to 60
pixels high, ruled paper turned by up to 5 degrees, 5% of perspective, light 2 : 1, a blur of one
pixel), and then worse in one respect after another. The small network with seed 0 reads, and
refuses nothing.

    python benchmarks/photographs.py --keep

Worse conditions are tried with 300 of the images, on three photographs. `--keep` writes
notebooks/measured/photographs.json, from which 06 draws its curves.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from handwriting.data import load
from handwriting.evaluation.readings import Recovery
from handwriting.experiments import photograph_conditions, yours
from handwriting.experiments.photograph_conditions import Curves
from handwriting.models import training_runs
from handwriting.results import store
from notebook_press import provenance

FOUND, LOST = 0.98, 0.015
"""What is to be found at moderate settings, and how much accuracy may be lost."""

KEPT = Path(__file__).parent.parent / "notebooks" / "measured"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="keep the curves for the notebook")
    parser.add_argument("--dataset", default="mnist", help="whose test images are photographed")
    options = parser.parse_args()
    data, machine = load(options.dataset), provenance.machine()
    experiment = yours.Experiment(data, 0, machine, progress=tell)

    def read(chosen: list[int], conditions: object, seed: int) -> Recovery:
        return experiment.made(chosen, conditions, seed).recovery

    curves = photograph_conditions.measure(data, read, tell)
    print("\n".join(table(curves)))
    if options.keep:
        environment = training_runs.environment(machine, experiment.__module__)
        kept = photograph_conditions.entry(curves, data, environment)
        store.write(KEPT / f"{photograph_conditions.KEPT}.json", [kept])
    if curves.moderate.found_share < FOUND or curves.moderate.lost > LOST:
        sys.exit(f"missed at moderate settings: {FOUND:.0%} found, {LOST:.1%} lost at most")


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def table(curves: Curves) -> Iterator[str]:
    """Markdown: a row for each condition."""
    yield "| conditions | found | found and read | the originals | lost, points | extra boxes |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    yield row("moderate", curves.moderate)
    yield row("moderate, on squared paper", curves.squared)
    for series in curves.series:
        for amount, recovery in zip(series.amounts, series.recoveries, strict=True):
            yield row(f"{series.title}: {amount:g}", recovery)


def row(name: str, found: Recovery) -> str:
    return (
        f"| {name} | {found.found_share:.1%} | {found.accuracy:.1%} | "
        f"{found.original_accuracy:.1%} | {100 * found.lost:.1f} | {found.extra:,} |"
    )


if __name__ == "__main__":
    main()
