"""Seconds to a mean test accuracy on MNIST: this project's recipes beside what others do.

Contenders take turns, each time in a process of its own, which trains two seeds one after the
other: the first from a cold start, the second in a process that has everything imported and traced.
All learn from 60,000 images, and test accuracy is read outside the time:

- this project's recipes follow their plan to its end, without validation;
- `Keras, dense`: the original analysis's layers under Keras's defaults (Adam, batches of 32), read
  after each epoch and so stopped at its best;
- `Keras, mnist_convnet`: the layers and settings of Keras's own example
  (https://keras.io/examples/vision/mnist_convnet/), with a tenth of the images kept for validation
  as it has it, read likewise;
- `scikit-learn, MLP`: the multi-layer perceptron of the report on rivals.

The recipes run on Keras's other backends, too, where these are installed.

    python benchmarks/time_to_accuracy.py --rounds 3
    python benchmarks/time_to_accuracy.py --table    # of what was measured, for README.md
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pydantic

from handwriting import classical, datasets, measured, networks, recipes, training
from handwriting.datasets import Dataset
from handwriting.plans import Plan
from handwriting.recipes import Recipe
from notebook_press import provenance

RESULTS = Path(__file__).parent / "results" / "time_to_accuracy.json"
TARGETS = (0.9727, 0.98, 0.99, 0.994, 0.996)
SEEDS_A_PROCESS = 2
MEBIBYTE = 2**20
OURS: Mapping[str, Recipe] = {
    "dense, 3 epochs": replace(recipes.DENSE, plan=Plan(epochs=3)),
    "dense": recipes.DENSE,
    "one epoch": recipes.ONE_EPOCH,
    "small": recipes.SMALL,
    "wide": recipes.WIDE,
}
BACKENDS = {"jax": "JAX", "torch": "PyTorch"}
ON_OTHER_BACKENDS = ("one epoch", "small")
KERAS_DENSE, CONVNET, MLP = "Keras, dense", "Keras, mnist_convnet", "scikit-learn, MLP"


@dataclass(frozen=True)
class Training:
    """One training of a contender.

    Attributes:
        contender: who trained.
        seed: what its random numbers were drawn from.
        cold: seconds since the process started, where it was the first in it; None otherwise.
        seconds: of training, after each epoch at which it was read, the last one last.
        accuracies: test accuracy at these times, 0-1.
        memory: the process's greatest resident set so far, in MiB.
    """

    contender: str
    seed: int
    cold: float | None
    seconds: tuple[float, ...]
    accuracies: tuple[float, ...]
    memory: float


@dataclass(frozen=True)
class Measurement:
    """All that was measured in one run."""

    moment: str
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    trainings: tuple[Training, ...]


def main() -> None:
    options = parse()
    if options.train:
        for one in trained(options.train, options.seeds, options.since):
            print(json.dumps(asdict(one)), flush=True)
        return
    if not options.table:
        found = Measurement(
            measured.now(),
            provenance.machine(),
            measured.versions(("keras", "numpy", "scikit-learn", "tensorflow")),
            tuple(take_turns(options.rounds, options.contenders or contenders())),
        )
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(asdict(found), indent=1) + "\n")
    print(tables(kept()))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="processes of each contender")
    parser.add_argument("--contenders", nargs="*", help="only these, by name")
    parser.add_argument("--table", action="store_true", help="measure nothing, print the tables")
    parser.add_argument("--train", help=argparse.SUPPRESS)
    parser.add_argument("--seeds", type=int, nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--since", type=float, default=time.time(), help=argparse.SUPPRESS)
    return parser.parse_args()


def kept() -> Measurement:
    """What was measured last."""
    return pydantic.TypeAdapter(Measurement).validate_json(RESULTS.read_bytes())


def contenders() -> list[str]:
    """Everybody's name; who needs a backend that is not installed is left out."""
    others = [name for name in BACKENDS if importlib.util.find_spec(name)]
    elsewhere = [f"{ours}, {BACKENDS[name]}" for name in others for ours in ON_OTHER_BACKENDS]
    return [*OURS, *elsewhere, KERAS_DENSE, CONVNET, MLP]


def take_turns(rounds: int, names: Sequence[str]) -> Iterator[Training]:
    """Each contender in turn, in a process of its own, round by round."""
    for number in range(rounds):
        seeds = range(SEEDS_A_PROCESS * number, SEEDS_A_PROCESS * (number + 1))
        for name in names:
            for one in in_own_process(name, seeds):
                print(
                    f"{one.contender}, seed {one.seed}: {one.seconds[-1]:.2f} s, "
                    f"{one.accuracies[-1]:.2%}",
                    file=sys.stderr,
                    flush=True,
                )
                yield one


def in_own_process(name: str, seeds: Sequence[int]) -> list[Training]:
    backend = next((key for key, title in BACKENDS.items() if name.endswith(title)), "tensorflow")
    asked = ["--train", name, "--since", str(time.time()), "--seeds", *map(str, seeds)]
    done = subprocess.run(
        [sys.executable, __file__, *asked],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "KERAS_BACKEND": backend},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return [pydantic.TypeAdapter(Training).validate_json(line) for line in lines]


def trained(name: str, seeds: Sequence[int], since: float) -> Iterator[Training]:
    """The trainings of a contender in this process, one for each seed."""
    data = datasets.load("mnist")
    plain = name.removesuffix(", JAX").removesuffix(", PyTorch")
    one_by_one = {KERAS_DENSE: keras_dense, CONVNET: convnet, MLP: mlp}.get(plain)
    found = one_by_one(data, seeds) if one_by_one else recipe(data, OURS[plain], seeds)
    cold: float | None = None
    for number, (seed, (seconds, accuracies, scoring)) in enumerate(zip(seeds, found, strict=True)):
        if not number:
            cold = time.time() - since - scoring
        yield Training(
            *(name, seed, None if number else cold), tuple(seconds), tuple(accuracies), peak()
        )


Found = Iterator[tuple[Sequence[float], Sequence[float], float]]
"""Seconds and accuracies of each training, and how many seconds were spent on scoring."""


def recipe(data: Dataset, ours: Recipe, seeds: Sequence[int]) -> Found:
    def build(seed: int) -> Any:
        return networks.build(ours.kind, data.image_shape, data.classes, ours.settings, seed)

    plan = replace(ours.plan, validation_share=0)
    for fitted in training.repeat(build, data.train, plan, seeds):
        started = time.perf_counter()
        scores = training.predict(fitted.network, data.test.images)
        accuracy = float(np.mean(scores.argmax(axis=1) == data.test.labels))
        yield (fitted.seconds,), (accuracy,), time.perf_counter() - started


def keras_dense(data: Dataset, seeds: Sequence[int]) -> Found:
    import keras

    for seed in seeds:
        started = time.perf_counter()
        network = networks.dense(data.image_shape, data.classes, seed=seed)
        keras.utils.set_random_seed(seed)
        network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        yield followed(network, data, data.train.images, started, epochs=6)


def convnet(data: Dataset, seeds: Sequence[int]) -> Found:
    import keras

    layers = keras.layers
    images = data.train.images[..., np.newaxis].astype("float32") / 255
    for seed in seeds:
        started = time.perf_counter()
        keras.utils.set_random_seed(seed)
        network = keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
                layers.MaxPooling2D(pool_size=(2, 2)),
                layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
                layers.MaxPooling2D(pool_size=(2, 2)),
                layers.Flatten(),
                layers.Dropout(0.5),
                layers.Dense(10, activation="softmax"),
            ]
        )
        network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        settings = {"batch_size": 128, "validation_split": 0.1}
        yield followed(network, data, images, started, epochs=15, **settings)


def followed(
    network: Any, data: Dataset, images: Any, started: float, **settings: Any
) -> tuple[list[float], list[float], float]:
    """Seconds and test accuracy after each epoch; scoring is left out of the seconds."""
    import keras

    read = data.test.images
    if images.ndim == 4:
        read = read[..., np.newaxis].astype("float32") / 255

    class Scorer(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.seconds: list[float] = []
            self.accuracies: list[float] = []
            self.scoring = 0.0

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            now = time.perf_counter()
            self.seconds.append(now - started - self.scoring)
            scores = training.predict(network, read)
            self.accuracies.append(float(np.mean(scores.argmax(axis=1) == data.test.labels)))
            self.scoring += time.perf_counter() - now

    scorer = Scorer()
    network.fit(images, data.train.labels, verbose=0, callbacks=[scorer], **settings)
    return scorer.seconds, scorer.accuracies, scorer.scoring


def mlp(data: Dataset, seeds: Sequence[int]) -> Found:
    (rival,) = (each for each in classical.RIVALS if each.name == "mlp")
    height, width = data.image_shape
    for seed in seeds:
        started = time.perf_counter()
        pipeline = classical.make(rival, len(data.train), height * width, seed)
        pipeline.fit(data.train.images, data.train.labels)
        seconds = time.perf_counter() - started
        accuracy = float(np.mean(pipeline.predict(data.test.images) == data.test.labels))
        yield (seconds,), (accuracy,), time.perf_counter() - started - seconds


def peak() -> float:
    """The process's greatest resident set so far, in MiB."""
    kibibytes = 1024 if sys.platform != "darwin" else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kibibytes / MEBIBYTE


def tables(found: Measurement) -> str:
    """Markdown: what each contender came to, and how soon each accuracy is reached."""
    names = list(dict.fromkeys(one.contender for one in found.trainings))
    each = {name: [one for one in found.trainings if one.contender == name] for name in names}
    machine = found.machine
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB"
    versions = ", ".join(f"{name} {number}" for name, number in found.versions.items())
    return "\n\n".join(
        [
            f"Measured {found.moment[:10]} on {where}; {versions}.",
            summary_table(each),
            target_table(each),
            *ratio(each),
        ]
    )


def summary_table(each: Mapping[str, Sequence[Training]]) -> str:
    lines = [
        "| contender | seeds | seconds, first in its process | seconds, second | cold start, s "
        "| test accuracy ± sd | peak MiB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, trainings in each.items():
        first = [one.seconds[-1] for one in trainings if one.cold is not None]
        second = [one.seconds[-1] for one in trainings if one.cold is None]
        last = [one.accuracies[-1] for one in trainings]
        cold = [one.cold for one in trainings if one.cold is not None]
        lines.append(
            f"| {name} | {len(trainings)} | {median(first):.2f} | {median(second):.2f} "
            f"| {median(cold):.1f} | {mean(last):.2%} ± {stdev(last):.2%} "
            f"| {max(one.memory for one in trainings):,.0f} |"
        )
    return "\n".join(lines)


def target_table(each: Mapping[str, Sequence[Training]]) -> str:
    lines = [
        "| mean test accuracy of at least | "
        + " | ".join(f"{target:.2%}".replace("0%", "%") for target in TARGETS)
        + " |",
        "| --- |" + " ---: |" * len(TARGETS),
    ]
    for name, trainings in each.items():
        times = [reached(trainings, target) for target in TARGETS]
        cells = ("" if when is None else f"{when:.1f} s" for when in times)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def reached(trainings: Sequence[Training], target: float) -> float | None:
    """Mean seconds of training at the first epoch whose mean test accuracy reaches the target."""
    accuracies = np.mean([one.accuracies for one in trainings], axis=0)
    seconds = np.mean([one.seconds for one in trainings], axis=0)
    epochs = np.flatnonzero(accuracies >= target)
    return float(seconds[epochs[0]]) if len(epochs) else None


def ratio(each: Mapping[str, Sequence[Training]]) -> list[str]:
    """How many times sooner than Keras's example 99% is reached, where both were measured."""
    theirs = reached(each.get(CONVNET, ()) or (), 0.99) if CONVNET in each else None
    ours = reached(each["one epoch"], 0.99) if "one epoch" in each else None
    if not (ours and theirs):
        return []
    return [f"A mean of 99% is reached {theirs / ours:.1f} times sooner than by mnist_convnet."]


if __name__ == "__main__":
    main()
