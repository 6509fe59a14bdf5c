"""How long it takes to damage MNIST's 10,000 test images, for each kind of corruption.

Each severity is timed in turn; the table shows the slowest one. The target is 2 s on one core.

    python benchmarks/corruption_times.py
"""

import argparse
import time

import numpy as np
from numpy.typing import NDArray

from handwriting.data import registry
from handwriting.evaluation.corruptions import KINDS, SEVERITIES, Corruption


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="the quickest of them counts")
    rounds = parser.parse_args().rounds
    images = registry.load("mnist").test.images
    print(f"| kind | seconds for {len(images):,} images | its severities |")
    print("| --- | ---: | --- |")
    for kind in KINDS:
        print(f"| {kind.title} | {slowest(images, kind, rounds):.2f} | {kind.meaning} |")


def slowest(images: NDArray[np.uint8], kind: Corruption, rounds: int) -> float:
    """The seconds that the slowest severity takes."""
    return max(
        min(seconds(images, kind, severity) for _ in range(rounds)) for severity in SEVERITIES
    )


def seconds(images: NDArray[np.uint8], kind: Corruption, severity: int) -> float:
    start = time.perf_counter()
    kind.damaged(images, severity)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
