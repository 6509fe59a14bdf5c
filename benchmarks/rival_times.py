"""Whether times can be trusted: the rivals and the network, measured twice one after the other.

Two contests on MNIST, with nothing from any cache and with another seed each, in one process. For
each way of calling each entrant it prints both medians, the ratio of the two, and whether the
ranges of nine tenths of all calls overlap, which a report prints beside the medians. How often
they do not is why a report compares times of the same rounds alone. The accuracies show how much
the seed matters to those that draw random numbers.

    python benchmarks/rival_times.py --effort default
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from handwriting.baselines import benchmark, classifiers, timing
from handwriting.baselines.benchmark import Result
from handwriting.data import registry
from handwriting.data.dataset import Dataset
from handwriting.evaluation import comparison
from handwriting.evaluation.standings import READINGS, Reading, Standing
from notebook_press import provenance


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--effort", choices=classifiers.EFFORTS, default="default")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="a file for all that was measured")
    options = parser.parse_args()
    data = registry.load("mnist")
    conditions = timing.Conditions(provenance.machine(), threads=options.threads)
    runs = [measure(data, options.effort, replace(conditions, seed=seed)) for seed in (0, 1)]
    pairs = paired(*(comparison.compare(run, data.test.labels).standings for run in runs))
    print(table(pairs))
    if options.json:
        found = [row(*pair) for pair in pairs]
        options.json.write_text(
            json.dumps({"machine": conditions.machine, "rows": found}, indent=1) + "\n"
        )


def measure(
    data: Dataset, effort: classifiers.Effort, conditions: timing.Conditions
) -> tuple[Result, ...]:
    part, _ = benchmark.entered(effort, data, conditions, trainings=1)
    results = benchmark.run(
        data,
        part,
        conditions,
        fresh=True,
        progress=lambda line: print(f"seed {conditions.seed}: {line}", file=sys.stderr, flush=True),
    )
    benchmark.require_all(results)
    return results


def paired(
    first: Sequence[Standing], second: Sequence[Standing]
) -> list[tuple[Standing, Standing]]:
    """The standings of both runs side by side, in the order of the first."""
    others = {(each.title, each.way): each for each in second}
    return [(each, others[each.title, each.way]) for each in first]


def row(one: Standing, other: Standing) -> dict[str, object]:
    return {
        "title": one.title,
        "way": one.way,
        "accuracies": [one.accuracy, other.accuracy],
        "fit_seconds": [one.fit_seconds, other.fit_seconds],
        **{
            reading: {
                "seconds": [one.seconds(reading), other.seconds(reading)],
                "agree": agree(one, other, reading),
            }
            for reading in READINGS
        },
    }


def agree(one: Standing, other: Standing, reading: Reading) -> bool:
    """Whether the ranges of nine tenths of all calls overlap."""
    first, second = one.durations(reading), other.durations(reading)
    return first.low <= second.high and second.low <= first.high


def table(pairs: Sequence[tuple[Standing, Standing]]) -> str:
    lines = [
        "| entrant | accuracy | one digit, ms | ratio | agree | in a batch, µs | ratio | agree "
        "| fit, s | ratio |",
        "| --- | ---: | ---: | ---: | --- | ---: | ---: | --- | ---: | ---: |",
    ]
    for one, other in pairs:
        cells = [f"{one.title}, {one.way}", f"{one.accuracy:.2%}, {other.accuracy:.2%}"]
        for reading, unit in (("single", 1e3), ("batch", 1e6)):
            seconds = one.seconds(reading), other.seconds(reading)
            cells += [
                f"{seconds[0] * unit:.3g}, {seconds[1] * unit:.3g}",
                f"{seconds[1] / seconds[0]:.2f}",
                "yes" if agree(one, other, reading) else "no",
            ]
        cells += [
            f"{one.fit_seconds:.3g}, {other.fit_seconds:.3g}",
            f"{other.fit_seconds / one.fit_seconds:.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    agreeing = sum(agree(*pair, reading) for pair in pairs for reading in READINGS)
    lines += ["", f"{agreeing} of {len(pairs) * len(READINGS)} times agree."]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
