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

    python benchmarks/time_to_accuracy.py --rounds 3 --json benchmarks/results/time_to_accuracy.json
    python benchmarks/time_to_accuracy.py --table    # of what was measured, for README.md
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.baselines import classifiers, pipelines
from handwriting.data import registry
from handwriting.data.dataset import Dataset
from handwriting.models import config, networks, training
from handwriting.models.config import ModelConfig, TrainingConfig
from handwriting.results import source, store
from notebook_press import provenance

RESULTS = Path(__file__).parent / "results" / "time_to_accuracy.json"
TARGETS = (0.9727, 0.98, 0.99, 0.994, 0.996)
SEEDS_A_PROCESS = 2
MEBIBYTE = 2**20
OURS: Mapping[str, ModelConfig] = {
    "dense, 3 epochs": replace(config.DENSE, plan=TrainingConfig(epochs=3)),
    "dense": config.DENSE,
    "one epoch": config.ONE_EPOCH,
    "small": config.SMALL,
    "wide": config.WIDE,
}
BACKENDS = {"jax": "JAX", "torch": "PyTorch"}
ON_OTHER_BACKENDS = ("one epoch", "small")
TOGETHER, MEMBERS = "wide", 5
KERAS_DENSE, CONVNET, MLP = "Keras, dense", "Keras, mnist_convnet", "scikit-learn, MLP"


@dataclass(frozen=True)
class Training:
    """One training of a contender.

    Attributes:
        contender: who trained.
        seed: what its random numbers were drawn from.
        startup: seconds from the process's start, imports and data included, until the training
            began, where it was the first in it; None otherwise.
        seconds: of training, after each epoch at which it was read, the last one last.
        accuracies: test accuracy at these times, 0-1.
        memory: the process's greatest resident set so far, in MiB.
    """

    contender: str
    seed: int
    startup: float | None
    seconds: tuple[float, ...]
    accuracies: tuple[float, ...]
    memory: float


@dataclass(frozen=True)
class Together:
    """Networks that read together: the mean of their probabilities decides.

    Attributes:
        contender: who trained them.
        members: how many of the first seeds.
        seconds: of all their trainings.
        accuracy: test accuracy, 0-1.
    """

    contender: str
    members: int
    seconds: float
    accuracy: float


@dataclass(frozen=True)
class Measurement:
    """All that was measured in one run."""

    moment: str
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    trainings: tuple[Training, ...]
    together: Together | None = None


def main() -> None:
    options = parse()
    if options.train:
        for one in trained(options.train, options.seeds, options.since, options.scores):
            print(json.dumps(asdict(one)), flush=True)
        return
    if options.table:
        print(tables(kept()))
        return
    installed = [name for name in BACKENDS if importlib.util.find_spec(name)]
    found = Measurement(
        store.now(),
        provenance.machine(),
        source.versions(("keras", "numpy", "scikit-learn", "tensorflow", *installed)),
        (),
    )
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            new = one_round(number, options.contenders, Path(folder))
            found = replace(found, trainings=(*found.trainings, *new))
            if options.json:
                write(options.json, found)
        found = replace(found, together=together(found.trainings, Path(folder)))
    if options.json:
        write(options.json, found)
    print(tables(found))


def write(path: Path, found: Measurement) -> None:
    """Replace the file in one step, so that it always holds whole rounds."""
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(".part")
    new.write_text(json.dumps(asdict(found), indent=1) + "\n")
    new.replace(path)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="processes of each contender")
    parser.add_argument("--contenders", nargs="*", default=contenders(), help="only these")
    parser.add_argument("--json", type=Path, help=f"a file for it all, such as {RESULTS.name}")
    parser.add_argument("--table", action="store_true", help="measure nothing, print the tables")
    parser.add_argument("--train", help=argparse.SUPPRESS)
    parser.add_argument("--scores", type=Path, help=argparse.SUPPRESS)
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


def one_round(number: int, names: Sequence[str], folder: Path) -> Iterator[Training]:
    """Each contender in turn, in a process of its own; who fails is left out."""
    seeds = range(SEEDS_A_PROCESS * number, SEEDS_A_PROCESS * (number + 1))
    for name in names:
        try:
            found = in_own_process(name, seeds, folder)
        except subprocess.CalledProcessError as error:
            print(f"{name} is left out: {error}", file=sys.stderr, flush=True)
            continue
        for one in found:
            shown = f"{one.seconds[-1]:.2f} s, {one.accuracies[-1]:.2%}"
            print(f"{one.contender}, seed {one.seed}: {shown}", file=sys.stderr, flush=True)
        yield from found


def in_own_process(name: str, seeds: Sequence[int], folder: Path) -> list[Training]:
    backend = next((key for key, title in BACKENDS.items() if name.endswith(title)), "tensorflow")
    asked = ["--train", name, "--scores", str(folder), "--since", str(time.time())]
    asked += ["--seeds", *map(str, seeds)]
    done = subprocess.run(
        [sys.executable, __file__, *asked],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "KERAS_BACKEND": backend},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return [pydantic.TypeAdapter(Training).validate_json(line) for line in lines]


def trained(name: str, seeds: Sequence[int], since: float, folder: Path) -> Iterator[Training]:
    """The trainings of a contender in this process, one for each seed.

    Test scores of the networks that shall read together go into the folder.
    """
    data = registry.load("mnist")
    plain = name.removesuffix(", JAX").removesuffix(", PyTorch")
    one_by_one = {KERAS_DENSE: keras_dense, CONVNET: convnet, MLP: mlp}.get(plain)
    scores = folder if name == TOGETHER else None
    found = one_by_one(data, seeds) if one_by_one else recipe(data, OURS[plain], seeds, scores)
    startup = time.time() - since
    for seed, (seconds, accuracies) in zip(seeds, found, strict=True):
        yield Training(name, seed, startup, tuple(seconds), tuple(accuracies), peak())
        startup = None


Found = Iterator[tuple[Sequence[float], Sequence[float]]]
"""Seconds and accuracies of each training."""


def recipe(data: Dataset, ours: ModelConfig, seeds: Sequence[int], folder: Path | None) -> Found:
    def build(seed: int) -> Any:
        return networks.build(ours.kind, data.image_shape, data.classes, ours.settings, seed)

    plan = replace(ours.plan, validation_share=0)
    learner = training.Learner(build(0), data.train, plan)
    for seed in seeds:
        fitted = learner.fit(build(seed), seed)
        scores = training.predict(fitted.network, data.test.images, ours.looks)
        if folder:
            np.save(folder / f"{seed}.npy", scores)
        yield (fitted.seconds,), (right(scores, data),)


def right(scores: NDArray[Any], data: Dataset) -> float:
    """The share of test images whose highest score is that of their class."""
    return float(np.mean(scores.argmax(axis=1) == data.test.labels))


def together(trainings: Sequence[Training], folder: Path) -> Together | None:
    """What the first networks of a recipe read together; None where there are too few."""
    first = [one for one in trainings if one.contender == TOGETHER and one.seed < MEMBERS]
    if len(first) < MEMBERS:
        return None
    scores = np.mean([np.load(folder / f"{one.seed}.npy") for one in first], axis=0)
    seconds = sum(one.seconds[-1] for one in first)
    return Together(TOGETHER, MEMBERS, seconds, right(scores, registry.load("mnist")))


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
) -> tuple[list[float], list[float]]:
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
            self.accuracies.append(right(network.predict(read, 1000, verbose=0), data))
            self.scoring += time.perf_counter() - now

    scorer = Scorer()
    network.fit(images, data.train.labels, verbose=0, callbacks=[scorer], **settings)
    return scorer.seconds, scorer.accuracies


def mlp(data: Dataset, seeds: Sequence[int]) -> Found:
    (rival,) = (each for each in classifiers.CLASSIFIERS if each.name == "mlp")
    height, width = data.image_shape
    for seed in seeds:
        started = time.perf_counter()
        pipeline = pipelines.make(rival, len(data.train), height * width, seed)
        pipeline.fit(data.train.images, data.train.labels)
        seconds = time.perf_counter() - started
        read = pipeline.predict(data.test.images)
        yield (seconds,), (float(np.mean(read == data.test.labels)),)


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
            "Seconds of training: *cold* from the start of Python, imports and data included; then "
            "of the *first* and the *second* training in a process.",
            summary_table(each),
            target_table(each),
            *ratio(each),
            *ensemble(found.together),
        ]
    )


def summary_table(each: Mapping[str, Sequence[Training]]) -> str:
    lines = [
        "| contender | seeds | seconds: cold | first | second | test accuracy ± sd | peak MiB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, trainings in each.items():
        times = (f"{when:.2f}" for when in seconds(trainings, -1))
        last = [one.accuracies[-1] for one in trainings]
        lines.append(
            f"| {name} | {len(trainings)} | {' | '.join(times)} | {mean(last):.2%} ± "
            f"{stdev(last):.2%} | {max(one.memory for one in trainings):,.0f} |"
        )
    return "\n".join(lines)


def target_table(each: Mapping[str, Sequence[Training]]) -> str:
    heads = " | ".join(f"{100 * target:g}%" for target in TARGETS)
    lines = [f"| seconds to a mean of | {heads} |", "| --- |" + " ---: |" * len(TARGETS)]
    for name, trainings in each.items():
        found = [reached(trainings, target) for target in TARGETS]
        cells = (" / ".join(f"{when:.1f}" for when in times) for times in found)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def reached(trainings: Sequence[Training], target: float) -> tuple[float, ...]:
    """Mean seconds, cold, first and second, to the first epoch whose mean accuracy is as high.

    Nothing where the target is not reached.
    """
    accuracies = np.mean([one.accuracies for one in trainings], axis=0)
    epochs = np.flatnonzero(accuracies >= target)
    return seconds(trainings, int(epochs[0])) if len(epochs) else ()


def seconds(trainings: Sequence[Training], epoch: int) -> tuple[float, float, float]:
    """Mean seconds to an epoch's end: since the process's start, in its first training, second."""
    first = [one for one in trainings if one.startup is not None]
    second = [one for one in trainings if one.startup is None]
    return (
        mean(one.seconds[epoch] + (one.startup or 0) for one in first),
        mean(one.seconds[epoch] for one in first),
        mean(one.seconds[epoch] for one in second),
    )


def ratio(each: Mapping[str, Sequence[Training]]) -> list[str]:
    """How many times sooner than Keras's example 99% is reached, where both were measured."""
    if not {"one epoch", CONVNET} <= each.keys():
        return []
    pairs = zip(reached(each[CONVNET], 0.99), reached(each["one epoch"], 0.99), strict=False)
    times = " / ".join(f"{theirs / ours:.1f}" for theirs, ours in pairs)
    return [f"A mean of 99% is reached {times} times sooner than by mnist_convnet."]


def ensemble(found: Together | None) -> list[str]:
    """What networks read that read together, where enough were trained."""
    if not found:
        return []
    return [
        f"The first {found.members} networks of {found.contender} read {found.accuracy:.2%} "
        f"together, after {found.seconds / 60:.0f} minutes of training."
    ]


if __name__ == "__main__":
    main()
