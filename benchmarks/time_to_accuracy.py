"""Seconds and test accuracy of the dense network, beside the same network under Keras's defaults.

Three trainings of the same layers on MNIST take turns, seed by seed, in one process:

- `defaults`: `training.fit` with the defaults of `plans.Plan`;
- `short`: the same with three epochs, a number chosen beforehand on validation images, and, like
  `keras`, with all 60,000 training images and no validation;
- `keras`: Adam, batch 32, a constant learning rate.

Test accuracy of the first two is taken once, after the last epoch; that of `keras` after each
epoch, outside the time, so that it is stopped at its best: the first epoch whose mean reaches the
target. Each time starts with an untrained network and includes what Keras prepares.

    python benchmarks/time_to_accuracy.py --seeds 10 --keras-seeds 3
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from handwriting import datasets, networks, training
from handwriting.datasets import Dataset, Split
from handwriting.plans import Plan

TARGET = 0.9727  # the original analysis's test accuracy
SHORT_EPOCHS = 3
KERAS_EPOCHS = 6
MEBIBYTE = 2**20


@dataclass(frozen=True)
class Training:
    """One training: seconds and test accuracy after each epoch looked at, the last one last."""

    recipe: str
    seed: int
    seconds: tuple[float, ...]
    accuracies: tuple[float, ...]


@dataclass(frozen=True)
class Summary:
    """What the seeds of one recipe came to; `reached` is in seconds, None where it was not."""

    recipe: str
    seeds: int
    epochs: int
    seconds: float
    slowest: float
    accuracy: float
    deviation: float
    reached: float | None


class Scorer(keras.callbacks.Callback):
    """Notes seconds and test accuracy after each epoch; scoring is left out of the seconds."""

    def __init__(self, test: Split) -> None:
        super().__init__()
        self.test = test
        self.resumed = time.perf_counter()
        self.seconds: list[float] = []
        self.accuracies: list[float] = []

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Stop the clock, score, and start it again."""
        spent = time.perf_counter() - self.resumed
        self.seconds.append(spent + (self.seconds[-1] if self.seconds else 0))
        self.accuracies.append(accuracy(self.model, self.test))
        self.resumed = time.perf_counter()


def main() -> None:
    options = parse()
    data = datasets.load("mnist")
    warm_up(data)
    trainings, memory = measure(data, options.seeds, options.keras_seeds)
    summaries = [summarise(trainings, recipe) for recipe in ("defaults", "short", "keras")]
    print(table(summaries, sooner(trainings), memory))
    if options.json:
        found = {
            "target": TARGET,
            "times_sooner": sooner(trainings),
            "memory_mebibytes": memory,
            "summaries": [asdict(summary) for summary in summaries],
            "trainings": [asdict(one) for one in trainings],
        }
        options.json.write_text(json.dumps(found, indent=2) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="how many seeds of ours")
    parser.add_argument("--keras-seeds", type=int, default=3, help="how many of Keras's defaults")
    parser.add_argument("--json", type=Path, help="a file for all that was measured")
    return parser.parse_args()


def warm_up(data: Dataset) -> None:
    """Let TensorFlow start its threads, which whoever trains first would pay for."""
    few = Split(data.train.images[:1000], data.train.labels[:1000])
    training.fit(build(data, 0), few, Plan(epochs=1))


def measure(data: Dataset, seeds: int, keras_seeds: int) -> tuple[list[Training], float]:
    """Every training, taking turns, and the process's peak in MiB once ours has trained."""
    found, memory = [], 0.0
    for seed in range(max(seeds, keras_seeds)):
        if seed < seeds:
            found.append(ours(data, "defaults", Plan(seed=seed)))
            memory = memory or peak_memory()
            found.append(ours(data, "short", short(seed)))
        if seed < keras_seeds:
            found.append(kerass(data, seed))
        for one in found[-3:]:
            if one.seed == seed:
                print(
                    f"seed {seed} {one.recipe:8} {one.seconds[-1]:6.2f} s {one.accuracies[-1]:.4f}",
                    file=sys.stderr,
                    flush=True,
                )
    return found, memory


def short(seed: int) -> Plan:
    return Plan(seed=seed, epochs=SHORT_EPOCHS, validation_share=0)


def build(data: Dataset, seed: int) -> keras.Model:
    return networks.dense(data.image_shape, data.classes, seed=seed)


def ours(data: Dataset, recipe: str, plan: Plan) -> Training:
    fitted = training.fit(build(data, plan.seed), data.train, plan)
    return Training(recipe, plan.seed, (fitted.seconds,), (accuracy(fitted.network, data.test),))


def kerass(data: Dataset, seed: int) -> Training:
    network = build(data, seed)
    keras.utils.set_random_seed(seed)
    scorer = Scorer(data.test)
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(
        data.train.images, data.train.labels, epochs=KERAS_EPOCHS, verbose=0, callbacks=[scorer]
    )
    return Training("keras", seed, tuple(scorer.seconds), tuple(scorer.accuracies))


def accuracy(network: keras.Model, test: Split) -> float:
    return float(np.mean(training.predict(network, test.images).argmax(axis=1) == test.labels))


def peak_memory() -> float:
    """The process's greatest resident set so far, in MiB."""
    kibibytes = 1024 if sys.platform != "darwin" else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kibibytes / MEBIBYTE


def summarise(trainings: Sequence[Training], recipe: str) -> Summary:
    chosen = [one for one in trainings if one.recipe == recipe]
    seconds = np.array([one.seconds for one in chosen])
    accuracies = np.array([one.accuracies for one in chosen])
    reached = np.flatnonzero(accuracies.mean(axis=0) >= TARGET)
    last = accuracies[:, -1].tolist()
    return Summary(
        recipe=recipe,
        seeds=len(chosen),
        epochs={"defaults": Plan().epochs, "short": SHORT_EPOCHS}.get(recipe, KERAS_EPOCHS),
        seconds=float(seconds[:, -1].mean()),
        slowest=float(seconds[:, -1].max()),
        accuracy=statistics.mean(last),
        deviation=statistics.stdev(last) if len(last) > 1 else 0.0,
        reached=float(seconds.mean(axis=0)[reached[0]]) if len(reached) else None,
    )


def sooner(trainings: Sequence[Training]) -> float | None:
    """How many times sooner `short` reaches the target than `keras`, over the seeds of both."""
    shared = {one.seed for one in trainings if one.recipe == "keras"}
    shared &= {one.seed for one in trainings if one.recipe == "short"}
    both = [one for one in trainings if one.seed in shared]
    ours, theirs = (summarise(both, recipe).reached for recipe in ("short", "keras"))
    return theirs / ours if ours and theirs else None


def table(summaries: Sequence[Summary], ratio: float | None, memory: float) -> str:
    """A Markdown table, and below it how much sooner the target is reached."""
    lines = [
        "| recipe | seeds | epochs | seconds (slowest) | test accuracy ± sd "
        f"| {TARGET:.2%} after |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in summaries:
        reached = f"{each.reached:.2f} s" if each.reached else "not reached"
        lines.append(
            f"| {each.recipe} | {each.seeds} | {each.epochs} | {each.seconds:.2f} "
            f"({each.slowest:.2f}) | {each.accuracy:.2%} ± {each.deviation:.2%} | {reached} |"
        )
    if ratio:
        lines += ["", f"{TARGET:.2%} is reached {ratio:.1f} times sooner, over the same seeds."]
    lines += ["", f"Peak memory of the process after a training: {memory:,.0f} MiB."]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
