"""Sentences that say what was found, with its numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.intervals import RepeatedAccuracy
from handwriting.evaluation.metrics import ClassScores, Mistakes, most_confused
from handwriting.figures.phrases import counted, share, signed, times
from handwriting.models import dense_network
from handwriting.models.dense_network import Contrast

ORIGINAL_ACCURACY = 0.9727
"""The share of MNIST's test images that the original analysis reports to have read correctly."""


def original_accuracy(data_name: str) -> float | None:
    """Return the accuracy that the original analysis reports, or None on other data than MNIST."""
    return ORIGINAL_ACCURACY if data_name == "mnist" else None


def answer(repeated: RepeatedAccuracy, data_name: str) -> str:
    """Return the sentence that answers how well the network reads, for the top of a report."""
    interval, several = repeated.interval, len(repeated.values) > 1
    number = counted(repeated.trials, "digit")
    details = f"95% interval {interval.low:.2%} to {interval.high:.2%}"
    if several:
        details = f"the mean of {len(repeated.values)} trainings; {details}"
    sentence = (
        f"The network correctly reads **{repeated.mean:.2%}** of {number} that it never saw "
        f"({details})"
    )
    claim = original_accuracy(data_name)
    if claim is None:
        return f"{sentence}."
    return f"{sentence}, {_side(repeated.mean, claim)} the {claim:.2%} of the original analysis."


def spread(repeated: RepeatedAccuracy, data_name: str) -> str:
    """Return sentences on how far trainings differ and whether the original's claim is met."""
    count, lowest, highest = (
        len(repeated.values),
        f"{repeated.lowest:.2%}",
        f"{repeated.highest:.2%}",
    )
    if count == 1:
        sentences = (
            f"The network reads **{repeated.mean:.2%}** of the test images correctly. One training "
            "says nothing about how far trainings differ: `repeats` sets how many there are."
        )
    elif lowest == highest:
        sentences = f"The {count} networks each read **{lowest}** of the test images correctly."
    else:
        sentences = (
            f"The {count} networks read {lowest} to {highest} of the test images correctly, "
            f"**{repeated.mean:.2%}** on average."
        )
    claim = original_accuracy(data_name)
    return sentences if claim is None else f"{sentences} {_verdict(repeated, claim)}"


def spread_caption(repeated: RepeatedAccuracy) -> str:
    """Return what a figure of test accuracies has in it."""
    if len(repeated.values) == 1:
        return "The network's test accuracy, with its 95% Wilson interval."
    return (
        "Test accuracy of each training, and their mean with its 95% Wilson interval. The diamond "
        "is the network that the other figures show."
    )


def _verdict(repeated: RepeatedAccuracy, claim: float) -> str:
    """Return a sentence that says whether the claim is met, and how clearly."""
    met = "is met" if repeated.mean >= claim else "is not met"
    gap = f"{100 * abs(repeated.mean - claim):.2f} percentage points"
    side = _side(repeated.mean, claim)
    distance = side if side == "exactly" else f"{gap} {side}"
    interval = repeated.interval
    includes = "includes" if claim in interval else "excludes"
    return (
        "The original analysis, the student's project that this report grew from, reports "
        f"{claim:.2%}. That claim **{met}**: {repeated.mean:.2%} is {distance} it, and the 95% "
        f"interval, {interval.low:.2%} to {interval.high:.2%}, {includes} it."
    )


def _side(share: float, claim: float) -> str:
    if share == claim:
        return "exactly"
    return "above" if share > claim else "below"


def contrast(found: Contrast, labels: NDArray[np.integer], class_names: Sequence[str]) -> str:
    """Return sentences on one neuron and the two images that it reads.

    Args:
        found: The neuron and what it computes.
        labels: (n,), the classes of the images that were searched.
        class_names: What to call each class.
    """
    first, opposite = found.readings
    names = [class_names[labels[index]] for index in found.indices]
    return (
        f"Of all hidden neurons, this {names[0]} excites number {found.neuron + 1} most: products "
        f"and bias add up to **{signed(first.weighted_sum)}**, and ReLU makes that "
        f"**{signed(first.output)}**. For the {names[1]} below it, the same neuron gets "
        f"**{signed(opposite.weighted_sum)}**, and ReLU makes that **{signed(opposite.output)}**."
    )


def outputs(
    raw_scores: NDArray[np.float64], class_names: Sequence[str], output_activation: str
) -> str:
    """Return sentences on what softmax and sigmoid make of the raw scores of one image.

    Args:
        raw_scores: (classes,), the outputs before softmax or sigmoid.
        class_names: What to call each class.
        output_activation: Which of the two the network was trained with.
    """
    best = int(raw_scores.argmax())
    softmax, sigmoid = (dense_network.activate(raw_scores, name) for name in ("softmax", "sigmoid"))
    return (
        f"The highest raw score, {signed(raw_scores[best], 1)}, is that of {class_names[best]}. "
        f"Softmax makes it {softmax[best]:.3f}, and all its outputs add up to {softmax.sum():.3f}; "
        f"sigmoid makes it {sigmoid[best]:.3f}, and all its outputs add up to {sigmoid.sum():.3f}. "
        f"This network was trained with {output_activation}."
    )


def loss(score: float, label_smoothing: float, output_activation: str, classes: int) -> str:
    """Return sentences on what scores of the right class cost, and on smoothed labels.

    Args:
        score: The score that the pictured image's class gets.
        label_smoothing: Share of certainty that is taken from the true class and spread evenly.
        output_activation: `softmax` or `sigmoid`.
        classes: How many classes there are.
    """
    costs = [
        f"{value:g} costs {float(dense_network.loss(value)):.2f}" for value in (0.5, 0.1, 0.01)
    ]
    sentences = (
        f"Here the right class gets {score:.3f}, which costs "
        f"**{float(dense_network.loss(score)):.3f}**. A score of {', one of '.join(costs)}: "
        "the surer a mistake, the dearer it is."
    )
    softmax = output_activation == "softmax"
    if not softmax:
        sentences += (
            " Every other class is charged for its score, too: the further that is from 0, the "
            "more it costs. The loss of an image is the mean over all classes."
        )
    if not label_smoothing:
        return sentences
    others = label_smoothing * (1 / classes if softmax else 0.5)
    target = 1 - label_smoothing + others
    parts = (target, *(others,) * (classes - 1 if softmax else 1))
    least = sum(part * float(dense_network.loss(part)) for part in parts)
    return (
        f"{sentences} Training asks the right class for {target:.3f} rather than for 1, and each "
        f"other class for {others:.3f} rather than for 0 (*label smoothing* of "
        f"{label_smoothing:g}), which keeps the network from growing too sure. The loss can "
        f"therefore not fall to 0: the least that it can be is {least:.3f}."
    )


def learning(history: Mapping[str, Sequence[float]]) -> str:
    """Return sentences on loss and accuracy, from the first epoch to the last."""
    epochs = len(history["loss"])
    sentences = []
    for prefix, name in (("", "training"), ("validation_", "validation")):
        loss, accuracy = history.get(f"{prefix}loss"), history.get(f"{prefix}accuracy")
        if loss and accuracy:
            sentences.append(
                f"the {name} loss goes from {loss[0]:.3f} to {loss[-1]:.3f} and the {name} "
                f"accuracy from {accuracy[0]:.2%} to {accuracy[-1]:.2%}"
                if epochs > 1
                else f"the {name} loss is {loss[0]:.3f} and the {name} accuracy {accuracy[0]:.2%}"
            )
    found = f"In {counted(epochs, 'epoch')}, {'; '.join(sentences)}."
    watched = history.get("validation_loss", ())
    if len(watched) < 2:
        return found
    best = int(np.argmin(watched)) + 1
    last = ", the last" if best == epochs else f" of {epochs}"
    return f"{found} The validation loss is lowest after epoch {best}{last}."


def confusion(matrix: NDArray[np.int64], class_names: Sequence[str]) -> str:
    """Return a sentence on the commonest mistake of a confusion matrix, rows true classes."""
    total, wrong = int(matrix.sum()), int(matrix.sum() - matrix.trace())
    worst = most_confused(matrix)
    if worst is None:
        return f"It reads all {counted(total, 'test image')} correctly."
    truth, taken = class_names[worst.truth], class_names[worst.prediction]
    of_class = counted(int(matrix[worst.truth].sum()), "image")
    mistakes = matrix - np.diag(matrix.diagonal())
    alone = np.count_nonzero(mistakes == worst.count) == 1
    return (
        f"It misreads {wrong:,} of {counted(total, 'test image')}. "
        f"{'Its commonest mistake' if alone else 'One of its commonest mistakes'} is to "
        f"read {truth} as {taken}: {times(worst.count)} among {of_class} of {truth}."
    )


def extremes(scores: ClassScores, class_names: Sequence[str]) -> str:
    """Return a sentence on the classes with the highest and the lowest F1."""
    f1 = np.where(scores.support > 0, scores.f1, np.nan)
    highest, lowest = int(np.nanargmax(f1)), int(np.nanargmin(f1))
    if f1[highest] == f1[lowest]:
        return f"F1 is {share(f1[highest])} for every digit that occurs."
    if np.isnan(scores.precision[lowest]):
        return (
            f"F1 is highest for {class_names[highest]} ({share(f1[highest])}) and lowest for "
            f"{class_names[lowest]} ({share(f1[lowest])}), which no image was read as."
        )
    return (
        f"F1 is highest for {class_names[highest]} ({share(f1[highest])}) and lowest for "
        f"{class_names[lowest]} ({share(f1[lowest])}), with a precision of "
        f"{share(scores.precision[lowest])} and a recall of {share(scores.recall[lowest])}."
    )


def mistakes(
    found: Mistakes,
    scores: NDArray[np.floating],
    class_names: Sequence[str],
    *,
    percent: bool = True,
    disputes: Sequence[Dispute] = (),
) -> str:
    """Return sentences on the surest mistake, how often the truth came second, and disputes.

    Args:
        found: The mistakes, the most confident first.
        scores: (n, classes), the scores of all images, which `found` points into.
        class_names: What to call each class.
        percent: Whether the scores are probabilities, to be written in percent.
        disputes: The images whose label people dispute; of those misread it is said how many.
    """
    if not len(found):
        return "It made no mistake."
    truth, taken = (class_names[labels[0]] for labels in (found.truths, found.predictions))
    surest = f"{found.confidences[0]:.1%}" if percent else f"{found.confidences[0]:.3f}"
    wrong = scores[found.indices]
    own = np.take_along_axis(wrong, found.truths[:, np.newaxis], axis=1)
    second = int(((wrong > own).sum(axis=1) == 1).sum())
    return (
        f"The surest mistake takes {truth} for {taken}, at {surest}. The right class came second "
        f"in **{second:,}** of {counted(len(found), 'mistake')} ({second / len(found):.1%})."
        f"{_disputed(found, disputes)}"
    )


def _disputed(found: Mistakes, disputes: Sequence[Dispute]) -> str:
    """A sentence on how many mistakes have a label that people dispute; none where none has."""
    taken = dict(zip(found.indices.tolist(), found.predictions.tolist(), strict=True))
    among = [each for each in disputes if each.index in taken]
    if not among:
        return ""
    agreed = sum(each.preferred == (taken[each.index],) for each in among)
    labels = "label" if len(among) == 1 else "labels"
    return (
        f" People dispute the {labels} of **{len(among)}** of them; in {agreed or 'none'} they "
        "prefer what the network reads."
    )


def confidence(right: NDArray[np.float64], wrong: NDArray[np.float64], score_name: str) -> str:
    """Return sentences on how sure the network was of what it read correctly and of its mistakes.

    Args:
        right: (n,), the score of the predicted class where that was the true one, 0-1.
        wrong: (m,), the same where it was not.
        score_name: What the scores are called.
    """
    return " ".join(
        _sureness(name, scores, score_name)
        for name, scores in (("read correctly", right), ("misread", wrong))
    )


def _sureness(name: str, scores: NDArray[np.float64], score_name: str) -> str:
    if not len(scores):
        return f"No image was {name}."
    sure = float(np.mean(scores >= 0.9))
    return (
        f"Of {counted(len(scores), 'image')} {name}, {sure:.1%} were read with a {score_name} of "
        f"at least 0.9; the median is {np.median(scores):.3f}."
    )
