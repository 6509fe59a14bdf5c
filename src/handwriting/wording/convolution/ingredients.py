"""What each ingredient buys: settings, training images, more networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from handwriting.evaluation.ablation import Agreement, Effect, Group
from handwriting.evaluation.metrics import Mistakes
from handwriting.experiments.convolution import Study
from handwriting.figures.phrases import counted, duration, listed, signed_points, significant

_UNTRIED = "This was not measured on these data and settings; the profile `full` measures it."


def effects(found: Sequence[Effect]) -> str:
    """Return sentences on which changes surely help or harm, and which may be luck."""
    if not found:
        return _UNTRIED
    sure = [each for each in found if each.sure]
    worse = [_effect(each) for each in sure if each.difference < 0]
    better = [_effect(each) for each in sure if each.difference > 0]
    rest = [each.title for each in found if not each.sure]
    sentences = [f"Each change was tried with {counted(found[0].seeds, 'seed')}."]
    if worse:
        sentences.append(f"Surely worse: {listed(worse)}.")
    if better:
        sentences.append(f"Surely better: {listed(better)}.")
    if rest:
        sentences.append(f"Not told apart from no change by these seeds: {listed(rest)}.")
    return " ".join(sentences)


def _effect(each: Effect) -> str:
    return f"{each.title} ({signed_points(each.difference)} percentage points)"


def effects_alt(found: Sequence[Effect]) -> str:
    """Return what a figure of effects shows."""
    rows = "; ".join(
        f"{each.title} {signed_points(each.difference)}"
        + (
            f" ({signed_points(each.interval.low)} to {signed_points(each.interval.high)})"
            if each.interval
            else ""
        )
        + f", {significant(each.slowdown, 2)} times as long"
        for each in found
    )
    return f"Change of the mean test accuracy in percentage points, with its 95% interval: {rows}."


def sizes(by_title: Mapping[str, Sequence[Group]]) -> str:
    """Return sentences on how many images each network needs."""
    if not by_title:
        return _UNTRIED
    (first, ours), (second, theirs) = by_title.items()
    best = ours[-1].accuracy.mean
    enough = [group for group in theirs if group.accuracy.mean >= best]
    few, many = theirs[0], theirs[-1]
    sentences = [
        f"With {counted(few.trials[0].images, 'image')} the {second} reads "
        f"**{few.accuracy.mean:.2%}** and the {first} {ours[0].accuracy.mean:.2%}; with "
        f"{many.trials[0].images:,} it is {many.accuracy.mean:.2%} and {best:.2%}."
    ]
    if enough:
        sentences.append(
            f"The {second} reads as well as the {first} with all images once it has "
            f"**{counted(enough[0].trials[0].images, 'image')}**."
        )
    return " ".join(sentences)


def sizes_alt(by_title: Mapping[str, Sequence[Group]]) -> str:
    """Return what a figure of accuracy against training images shows."""
    rows = "; ".join(
        f"{title}: "
        + ", ".join(f"{each.accuracy.mean:.2%} with {each.trials[0].images:,}" for each in groups)
        for title, groups in by_title.items()
    )
    return f"Mean test accuracy by how many images were learned from. {rows}."


def ensemble(study: Study) -> str:
    """Return sentences on what reading together buys."""
    values, alone = study.ensemble_accuracies, study.members.accuracy
    if len(values) == 1:
        return "One network was trained, so there is no other to read with."
    digits = len(study.data.test)
    saved = round((values[-1] - alone.mean) * digits)
    change = f"{abs(saved)} {'fewer' if saved > 0 else 'more'} than" if saved else "as many as"
    return (
        f"Together, {counted(len(values), study.members.recipe.title)} misread "
        f"**{(1 - values[-1]) * digits:.0f}** of {counted(digits, 'digit')} "
        f"({values[-1]:.2%}), {change} each of them does alone on average "
        f"({alone.mean:.2%}, from {alone.lowest:.2%} to {alone.highest:.2%}). Their training took "
        f"{duration(study.ensemble_seconds)} in all. {_dense(study)}"
    )


def _dense(study: Study) -> str:
    together = study.dense_ensemble.accuracies(study.data.test.labels)
    alone = study.compared[0].accuracy.mean
    return (
        f"For comparison, {counted(len(together), 'dense network')} together: {together[-1]:.2%}; "
        f"each alone, on average: {alone:.2%}."
    )


def ensemble_alt(study: Study) -> str:
    """Return what a figure of an ensemble's accuracy shows."""
    together = ", ".join(f"{value:.2%}" for value in study.ensemble_accuracies)
    alone = ", ".join(f"{value:.2%}" for value in study.members.accuracy.values)
    return (
        f"Test accuracy of the first network, the first two together and so on: {together}; of "
        f"each network alone: {alone}."
    )


def agreement(found: Agreement) -> str:
    """Return sentences on how often members disagree, and who is right then."""
    members = len(found.digits) - 1
    split = int(found.digits[1:members].sum())
    solved = int(found.together[1:members].sum())
    nobody, everybody = int(found.digits[0]), int(found.digits[-1])
    sentences = [f"**{counted(everybody, 'digit')}** {_is(everybody)} read correctly by all."]
    if split:
        sentences.append(
            f"{counted(split, 'digit')} {_is(split)} read by some and misread by others; together "
            f"they read {solved:,} of these."
        )
    sentences.append(f"{counted(nobody, 'digit')} {_is(nobody)} misread by all.")
    return " ".join(sentences)


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def agreement_alt(found: Agreement) -> str:
    """Return what a figure of agreement shows."""
    rows = "; ".join(
        f"{readers} right: {counted(int(digits), 'digit')}, {int(right):,} read together"
        for readers, (digits, right) in enumerate(zip(found.digits, found.together, strict=True))
    )
    return f"Digits by how many networks read them correctly. {rows}."


def unread(nobody: Mistakes, study: Study) -> str:
    """Return sentences on the digits that no network compared here reads."""
    networks = sum(len(group.trials) for group in study.compared)
    if not len(nobody):
        return f"There is no test digit that all of {counted(networks, 'network')} misread."
    unanimous = int(np.count_nonzero(np.isclose(nobody.confidences, 1)))
    return (
        f"**{counted(len(nobody), 'test digit')}** of {len(study.data.test):,} "
        f"{_is(len(nobody))} misread by each of the {counted(networks, 'network')} compared here, "
        f"and by the ensemble. All of them give the same answer to {unanimous:,} of these."
    )
