"""How well the recipes' networks read, how long they train, and where that was measured."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import stdev
from typing import Literal

import numpy as np

from handwriting.data.splitting import knows_writers
from handwriting.evaluation.ablation import Curve, Group
from handwriting.evaluation.intervals import holm, mcnemar
from handwriting.experiments.convolution import Study
from handwriting.figures.phrases import counted, duration, listed, p_value, plain
from handwriting.models import config
from handwriting.models.config import ModelConfig
from handwriting.models.training_runs import Run
from handwriting.wording import provenance
from handwriting.wording.provenance import machine


def answer(study: Study) -> str:
    """Return the sentences that say how well and how fast a network reads, for the top."""
    dense, small = study.group(config.DENSE), study.group(config.SMALL)
    digits = counted(small.accuracy.trials, "digit")
    sentences = [
        f"The {small.recipe.title} reads **{small.accuracy.mean:.2%}** of {digits} that it never "
        f"saw, after **{duration(small.seconds)}** of training{_cores(small)}; the original "
        f"analysis's layers read {dense.accuracy.mean:.2%} after {duration(dense.seconds)}."
    ]
    for group in study.compared:
        if group.recipe.name == config.WIDE.name:
            sentences.append(
                f"With more filters and more epochs it is **{group.accuracy.mean:.2%}** after "
                f"{duration(group.seconds)}."
            )
    count = len(study.ensemble_accuracies)
    if count > 1:
        sentences.append(f"An ensemble of {count} reads **{study.ensemble_accuracies[-1]:.2%}**.")
    return " ".join(sentences)


def _cores(group: Group) -> str:
    cores = group.trials[0].environment.get("machine: cores")
    return f" on {counted(int(cores), 'core')}" if cores else ""


def conditions(study: Study) -> str:
    """Return sentences on what the networks learn from and read, and on which machine."""
    trial = study.compared[0].trials[0]
    share = study.compared[0].recipe.plan.validation_share
    whole = ", all images of some writers" if knows_writers(study.data.train) else ""
    return (
        f"Each network learns from **{counted(trial.images, 'image')}** of "
        f"{plain(study.data.title)}, of which it keeps {share:.1%} for validation{whole}, and "
        f"reads the same **{counted(len(study.data.test), 'test image')}**. Machine: "
        f"{plain(machine(trial.environment))}."
    )


def recipe_rows(study: Study) -> list[dict[str, str]]:
    """Return rows with what each recipe is."""
    return [
        {
            "Recipe": group.recipe.title,
            "Network": _network(group.recipe),
            "Weights": f"{group.trials[0].outcome.weights:,}",
            "Epochs": f"{group.recipe.plan.epochs}",
            "Images in a step": f"{group.recipe.plan.images_per_step(group.learned_from)}",
            "Distorted": _distortion(group.recipe),
            "Looks": f"{group.recipe.looks}",
        }
        for group in study.compared
    ]


def _network(recipe: ModelConfig) -> str:
    if recipe.kind == "dense":
        return f"one hidden layer of {recipe.settings['hidden_units']} neurons"
    if recipe.kind == "lenet_5":
        return "as published in 1998, its last layer softmax"
    filters = listed([str(count) for count in recipe.settings["filters"]])
    return f"blocks of {filters} filters"


def _distortion(recipe: ModelConfig) -> str:
    if not recipe.plan.distortion:
        return "no"
    return "yes, elastically too" if recipe.plan.distortion.elastic else "yes"


def group_rows(study: Study) -> list[dict[str, str]]:
    """Return rows with how well and how fast each recipe's networks read."""
    return [
        {
            "Recipe": group.recipe.title,
            "Networks": f"{len(group.trials)}",
            "Test accuracy": f"{group.accuracy.mean:.2%}",
            "Spread": _spread(group),
            "95% interval": f"{group.accuracy.interval.low:.2%} to "
            f"{group.accuracy.interval.high:.2%}",
            "Misread": f"{(1 - group.accuracy.mean) * group.accuracy.trials:.0f}",
            "Training": duration(group.seconds),
        }
        for group in study.compared
    ]


def _spread(group: Group) -> str:
    values = group.accuracy.values
    return f"± {stdev(values):.2%}" if len(values) > 1 else "\N{EN DASH}"


def reached_alt(study: Study) -> str:
    """Return what a figure of accuracy against training time shows."""
    rows = "; ".join(
        f"{group.recipe.title} {group.accuracy.mean:.2%} after {duration(group.seconds)}"
        for group in study.compared
    )
    return f"Mean test accuracy and median training time of each recipe: {rows}."


def comparison(study: Study) -> str:
    """Return sentences on what convolution buys, by McNemar's test on the first trainings."""
    dense, small, others = study.compared[0], study.group(config.SMALL), study.compared[1:]
    first = dense.trials[0].predictions
    found = [mcnemar(study.data.test.labels, first, each.trials[0].predictions) for each in others]
    corrected = holm([each.p_value for each in found])
    parts = [
        f"the {group.recipe.title} reads {counted(each.first_only, 'digit')} that the dense "
        f"network misreads, and misreads {each.second_only:,} that it reads ({p_value(value)})"
        for group, each, value in zip(others, found, corrected, strict=True)
    ]
    ratio = (1 - dense.accuracy.mean) / max(1 - small.accuracy.mean, 1 / small.accuracy.trials)
    return (
        f"Of the first networks of each recipe, {listed(parts)}; the p-values are McNemar's, "
        f"corrected for how many there are. On average over the seeds, the dense network misreads "
        f"**{ratio:.1f} times** as many digits as the {small.recipe.title}, with "
        f"{dense.trials[0].outcome.weights:,} weights and biases against "
        f"{small.trials[0].outcome.weights:,}."
    )


def growth(curves: Sequence[Curve], against: Literal["images", "seconds"]) -> str:
    """Return a sentence on how soon each network reads as well as the dense one ever does."""
    dense, *others = curves
    target = float(dense.accuracy.max())
    parts = []
    for each in others:
        reached = np.flatnonzero(each.accuracy >= target)
        if len(reached):
            place = getattr(each, against)[reached[0]]
            cost = duration(place) if against == "seconds" else counted(int(place), "image")
            parts.append(f"the {each.recipe.title} after {cost}")
    if not parts:
        return f"None of the others reaches the dense network's best, {target:.2%}."
    when = dense.seconds[-1] if against == "seconds" else dense.images[-1]
    whole = duration(when) if against == "seconds" else counted(int(when), "image")
    return (
        f"The dense network's best mean on validation images is {target:.2%}; its whole training "
        f"takes {whole}. Looked at after each epoch, {listed(parts)} "
        f"{'has' if len(parts) == 1 else 'have'} reached that."
    )


def growth_alt(curves: Sequence[Curve], against: Literal["images", "seconds"]) -> str:
    """Return what a figure of learning curves shows."""
    rows = "; ".join(
        f"{each.recipe.title} from {each.accuracy[0]:.2%} to {each.accuracy[-1]:.2%} in "
        + (
            duration(float(each.seconds[-1]))
            if against == "seconds"
            else counted(int(each.images[-1]), "image")
        )
        for each in curves
    )
    return f"Mean validation accuracy against {against}, by epoch: {rows}."


def origins(trials: Sequence[Run], missing: Sequence[str] = ()) -> str:
    """Return sentences on which networks were trained now, at another time, and not at all.

    Args:
        trials: all that the report shows.
        missing: the titles of recipes that it does not.
    """
    return provenance.origins(trials, "network", "trained", missing)
