"""What figures show, in words, for those who cannot see them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.intervals import RepeatedAccuracy
from handwriting.evaluation.metrics import Mistakes, row_shares
from handwriting.figures.disputes import remark
from handwriting.figures.phrases import signed
from handwriting.models import dense_network
from handwriting.models.dense_network import Contrast
from handwriting.wording.sentences import confidence

_LISTED = 12  # classes that are listed one by one


def samples_alt(labels: NDArray[np.integer], class_names: Sequence[str]) -> str:
    """Return what a figure of samples shows: how many images each class has."""
    counts = np.bincount(labels, minlength=len(class_names))
    listed = ", ".join(f"{name}: {n:,}" for name, n in zip(class_names, counts, strict=True))
    return (
        "Handwritten examples of each class, a row for each. "
        f"Training images of each class: {listed}."
    )


def confusion_alt(
    matrix: NDArray[np.int64], class_names: Sequence[str], *, shares: bool = False
) -> str:
    """Return what a figure of a confusion matrix shows: what is right, and the worst mistakes."""
    values = 100 * row_shares(matrix) if shares else matrix
    form = "{:.1f}%" if shares else "{:,}"
    right = ", ".join(
        f"{name}: {form.format(value)}"
        for name, value in list(zip(class_names, values.diagonal(), strict=True))[:_LISTED]
    )
    wrong = np.where(np.eye(len(matrix), dtype=bool), 0, np.nan_to_num(values))
    order = np.argsort(-wrong, axis=None, kind="stable")[:3]
    worst = ", ".join(
        f"{class_names[truth]} as {class_names[taken]}: {form.format(wrong[truth, taken])}"
        for truth, taken in zip(*np.unravel_index(order, wrong.shape), strict=True)
        if wrong[truth, taken]
    )
    unit = "percent of each true class" if shares else "counts"
    return (
        f"Confusion matrix in {unit}. Read correctly: {right.replace('nan%', 'none')}. "
        f"Most frequent mistakes: {worst or 'none'}."
    )


def gallery_alt(
    images: Mistakes,
    class_names: Sequence[str],
    *,
    limit: int = 16,
    percent: bool = True,
    disputes: Sequence[Dispute] = (),
) -> str:
    """Return what a gallery of mistakes shows: truth, prediction and score of each.

    Args:
        images: The mistakes, in the order in which they are shown.
        class_names: What to call each class.
        limit: How many are shown at most.
        percent: Whether the scores are probabilities, to be written in percent.
        disputes: The images whose label people dispute, of which that is said.
    """
    if not len(images):
        return "No mistakes to show."
    form = "{:.1%}" if percent else "{:.3f}"
    remarks = {each.index: f"; {remark(each, class_names)}" for each in disputes}
    rows = zip(images.indices, images.truths, images.predictions, images.confidences, strict=True)
    listed = ", ".join(
        f"{class_names[truth]} read as {class_names[taken]} "
        f"({form.format(score)}{remarks.get(int(index), '')})"
        for index, truth, taken, score in list(rows)[:limit]
    )
    return f"Misread images, the most confident mistake first: {listed}."


def contrast_alt(found: Contrast, labels: NDArray[np.integer], class_names: Sequence[str]) -> str:
    """Return what a figure of one neuron reading two images shows."""
    rows = "; ".join(
        f"{class_names[labels[index]]}: {signed(reading.weighted_sum)} becomes {reading.output:.2f}"
        for index, reading in zip(found.indices, found.readings, strict=True)
    )
    return (
        "For two images: pixels, the neuron's weights, the products of both, and their sum on the "
        f"line of ReLU. {rows}."
    )


def spread_alt(repeated: RepeatedAccuracy, claim: float | None) -> str:
    """Return what a figure of test accuracies shows: each one, the mean, and its interval."""
    interval = repeated.interval
    listed = ", ".join(f"{value:.2%}" for value in repeated.values)
    sentences = [
        f"Test accuracy of each training: {listed}.",
        f"Mean {repeated.mean:.2%}, 95% interval {interval.low:.2%} to {interval.high:.2%}.",
    ]
    if claim is not None:
        sentences.append(f"A line marks the original analysis's {claim:.2%}.")
    return " ".join(sentences)


def outputs_alt(raw_scores: NDArray[np.float64], class_names: Sequence[str]) -> str:
    """Return what a figure of outputs shows: raw score, softmax and sigmoid of the best classes."""
    softmax, sigmoid = (dense_network.activate(raw_scores, name) for name in ("softmax", "sigmoid"))
    listed = "; ".join(
        f"{class_names[k]}: {signed(raw_scores[k], 1)}, {softmax[k]:.3f}, {sigmoid[k]:.3f}"
        for k in np.sort(np.argsort(-raw_scores, kind="stable")[:_LISTED])
    )
    return f"Bars with the raw score, softmax and sigmoid of each class. {listed}."


def loss_alt(score: float) -> str:
    """Return what a figure of the loss shows: how it falls, and the score that is marked."""
    return (
        f"The loss falls from {float(dense_network.loss(0.01)):.2f} at a score of 0.01, by way of "
        f"{float(dense_network.loss(0.5)):.2f} at 0.5, to 0 at 1. The marked image's score, "
        f"{score:.3f}, costs {float(dense_network.loss(score)):.3f}."
    )


def confidence_alt(right: NDArray[np.float64], wrong: NDArray[np.float64], score_name: str) -> str:
    """Return what a figure of confidence shows: medians, and how many are nearly certain."""
    summary = confidence(right, wrong, score_name)
    return f"Histograms of the {score_name} of the class that was read. {summary}"
