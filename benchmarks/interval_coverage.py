"""Does the bootstrap by writer cover the truth as often as it says?

Simulated readings: a true accuracy, and writers that differ around it, each of them by a beta
distribution, whose digits are then read correctly or not. There are as many writers, with as many
digits each, as in MNIST's test set or in one of its halves. Beside it stands Wilson's interval,
which takes digits for independent.

    python benchmarks/interval_coverage.py
"""

import argparse

import numpy as np

from handwriting.data import registry
from handwriting.evaluation import intervals

ACCURACIES = (0.95, 0.98, 0.995)
CORRELATIONS = (0.0, 0.015, 0.05)
"""Of two digits by one writer; 0.015 makes a design effect of about 1.5 in MNIST's test set."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=500, help="of each case")
    options = parser.parse_args()
    writers = registry.load("mnist").test.writers
    if writers is None:
        raise SystemExit("expected QMNIST's files, which say who wrote each digit; found none")
    print("| accuracy | correlation | design effect | by writer covers | Wilson covers |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for accuracy in ACCURACIES:
        for correlation in CORRELATIONS:
            by_writer, wilson, effect = covered(writers, accuracy, correlation, options.simulations)
            print(
                f"| {accuracy:.1%} | {correlation:g} | {effect:.2f} | {by_writer:.1%} "
                f"| {wilson:.1%} |",
                flush=True,
            )


def covered(
    writers: np.ndarray, accuracy: float, correlation: float, simulations: int
) -> tuple[float, float, float]:
    """The share of simulations whose interval holds the truth, of both, and the design effect."""
    random = np.random.default_rng(0)
    _, members = np.unique(writers, return_inverse=True)
    held = np.zeros((simulations, 2), bool)
    effects = []
    for number in range(simulations):
        each = np.full(members.max() + 1, accuracy)
        if correlation:
            strength = 1 / correlation - 1
            each = random.beta(accuracy * strength, (1 - accuracy) * strength, len(each))
        right = random.random(len(members)) < each[members]
        interval, effect = intervals.bootstrap(right, members)
        held[number, 0] = accuracy in interval
        held[number, 1] = accuracy in intervals.wilson(int(right.sum()), len(right))
        effects.append(effect)
    by_writer, wilson = held.mean(axis=0).tolist()
    return by_writer, wilson, float(np.mean(effects))


if __name__ == "__main__":
    main()
