"""Validation accuracy and time of the recipes' ingredients: where their settings come from.

MNIST's training images are divided into 50,000 to learn from and 10,000 to choose by; test images
are not read. Each row changes one thing of a recipe; all rows of a recipe use the same seeds. Those
of the dense network were chosen when its report was made, and are compared here once more.

    python benchmarks/recipe_settings.py
    python benchmarks/recipe_settings.py --recipes one_epoch --seeds 5
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import mean, stdev
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from handwriting.data import registry
from handwriting.data.dataset import Split
from handwriting.models import config, networks, training
from handwriting.models.config import Distortion, ModelConfig
from rival_settings import divided


def candidates(recipe: ModelConfig) -> Mapping[str, ModelConfig]:
    """The recipe and others that differ from it in one thing, by what that is."""
    plan = recipe.plan
    plans: dict[str, dict[str, Any]] = {
        "half the learning rate": {"learning_rate": plan.learning_rate / 2},
        "twice the learning rate": {"learning_rate": plan.learning_rate * 2},
        "batches half as large": {"batch_size": plan.batch_size // 2},
        "batches twice as large": {"batch_size": plan.batch_size * 2},
        "no label smoothing": {"label_smoothing": 0.0},
        "label smoothing 0.2": {"label_smoothing": 0.2},
        "no warm-up": {"warm_up": 0.0},
        "warm-up over half the steps": {"warm_up": 0.5},
        "averaged weights": {"averaging": 0.99},
        "early stopping": {"patience": 2, "validation_share": 1 / 12},
        "bfloat16": {"precision": "bfloat16"},
        "compiled by XLA": {"jit_compile": True},
        "no distortion": {"distortion": None},
        "gentle distortion": {"distortion": config.GENTLE},
        "elastic distortion too": {"distortion": replace(config.GENTLE, elastic=0.02)},
        "strong distortion": {"distortion": Distortion()},
    }
    settings: dict[str, Any] = {}
    if filters := recipe.settings.get("filters"):
        settings = {
            "half the filters": {"filters": tuple(count // 2 for count in filters)},
            "twice the filters": {"filters": tuple(count * 2 for count in filters)},
            "one more block": {"filters": (*filters, filters[-1])},
        }
    changed = {
        title: replace(recipe, plan=replace(plan, **change)) for title, change in plans.items()
    }
    changed["one look" if recipe.looks > 1 else "five looks"] = replace(
        recipe, looks=1 if recipe.looks > 1 else 5
    )
    changed |= {title: replace(recipe, settings=change) for title, change in settings.items()}
    every = {"as it is": recipe, **changed}
    return {
        title: each
        for title, each in every.items()
        if title == "as it is" or each.parameters != recipe.parameters
    }


def main() -> None:
    known = {each.name: each for each in config.COMPARED}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipes", nargs="*", default=["one_epoch", "small"], choices=list(known))
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each candidate")
    options = parser.parse_args()
    learning, validation = divided(registry.load("mnist").train)
    for name in options.recipes:
        print(f"\n| {known[name].title} | validation accuracy ± sd | seconds | times as long |")
        print("| --- | ---: | ---: | ---: |")
        usual = 0.0
        for title, recipe in candidates(known[name]).items():
            accuracies, seconds = tried(recipe, learning, validation, range(options.seeds))
            usual = usual or seconds
            print(
                f"| {title} | {mean(accuracies):.2%} ± {stdev(accuracies):.2%} | {seconds:.1f} "
                f"| {seconds / usual:.2f} |",
                flush=True,
            )


def tried(
    recipe: ModelConfig, learning: Split, validation: Split, seeds: Sequence[int]
) -> tuple[list[float], float]:
    """Validation accuracy of each seed, and the shortest time that a training took."""

    def build(seed: int) -> Any:
        return networks.build(recipe.kind, (28, 28), 10, recipe.settings, seed)

    accuracies, seconds = [], []
    # Only early stopping keeps some of the images that it learns from to itself.
    plan = recipe.plan if recipe.plan.patience else replace(recipe.plan, validation_share=0)
    learner = training.Learner(build(0), learning, plan)
    for seed in seeds:
        fitted = learner.fit(build(seed), seed)
        scores = training.predict(fitted.network, validation.images, recipe.looks)
        accuracies.append(float(np.mean(scores.argmax(axis=1) == validation.labels)))
        seconds.append(fitted.seconds)
    return accuracies, min(seconds)


if __name__ == "__main__":
    main()
