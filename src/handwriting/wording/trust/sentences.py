"""What was found about trust, in sentences."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.evaluation import calibration, metrics
from handwriting.evaluation.conformal import PredictionSets
from handwriting.evaluation.evaluated_network import EvaluatedNetwork
from handwriting.evaluation.intervals import Resampled
from handwriting.evaluation.label_errors import SuspectLabels
from handwriting.evaluation.robustness import CorruptionCurve
from handwriting.evaluation.selective import ForeignDetection, RiskCoverage
from handwriting.experiments import trust
from handwriting.experiments.trust import AccuracyEstimate
from handwriting.figures.phrases import counted, duration, listed, plain, times

NO_WRITERS = (
    "Who wrote these test images is not known here, so nothing can be said about writers. For "
    "MNIST, the files of QMNIST say it: connect to the network, or put them into "
    "`$HANDWRITING_DATA/qmnist`, and make the report again."
)
FIRST_HALF = 4
"""The series that the first half of MNIST's test images is from."""

_MOST_DOUBTS = 15
_MOST_NAMES = 4


def answer(
    told: Mapping[str, Sequence[AccuracyEstimate]], found: Mapping[str, Sequence[CorruptionCurve]]
) -> str:
    """Return the sentence that answers how far the networks can be trusted."""
    title, ways = list(told.items())[-1]
    quoted = trust.cautious(ways)
    worst = min(list(found.values())[-1], key=lambda each: each.accuracies[-1])
    by = f", {quoted.unit} resampled" if quoted.design_effect is not None else ""
    return (
        f"Of digits like those that it learned from, the {title} reads **{quoted.accuracy:.2%}** "
        f"correctly (95% interval {quoted.interval.low:.2%} to {quoted.interval.high:.2%}{by}); of "
        f"damaged ones as few as **{worst.accuracies[-1]:.0%}** ({worst.kind.title})."
    )


def judged(found: Sequence[EvaluatedNetwork], data: Dataset) -> str:
    """Return sentences on which networks are judged, and by what."""
    networks = listed(
        [
            f"the {each.title} (seed {each.trial.seed}, {duration(each.trial.outcome.seconds)} of "
            "training)"
            for each in found
        ]
    )
    return (
        f"T{networks[1:]} are judged by **{counted(len(data.test), 'test image')}** of "
        f"{plain(data.title)}. Temperatures, and how large sets of answers have to be, are "
        f"chosen on {counted(len(found[0].labels), 'validation image')} that neither learned from."
    )


def headlines(told: Mapping[str, Sequence[AccuracyEstimate]]) -> str:
    """Return sentences on how much wider an interval is that respects who wrote the digits."""
    sentences = []
    for title, ways in told.items():
        first, plainly = trust.cautious(ways), ways[0]
        if first.design_effect is None:
            continue
        wider = _width(first) / _width(plainly) - 1
        sentences.append(
            f"For the {title}, drawing whole writers makes the variance of the accuracy "
            f"**{first.design_effect:.2f} times** that of as many independent digits (the *design "
            f"effect*), and the interval {abs(wider):.0%} {'wider' if wider >= 0 else 'narrower'}."
        )
    if sentences:
        return " ".join(sentences)
    read = listed([f"the {title} reads {ways[0].accuracy:.2%}" for title, ways in told.items()])
    return (
        f"Of the test digits, {read} correctly. Who wrote them is not known, so these intervals "
        "take them for independent, and are probably too narrow."
    )


def _width(told: AccuracyEstimate) -> float:
    return told.interval.high - told.interval.low


def concentrated(
    found: Mapping[str, tuple[NDArray[np.integer], NDArray[np.integer]]],
) -> str:
    """Return sentences on how few writers most mistakes come from.

    Args:
        found: by the network's title: how many images each writer wrote, how many are misread.
    """
    return " ".join(_concentrated(title, wrong) for title, (_, wrong) in found.items())


def _concentrated(title: str, wrong: NDArray[np.integer]) -> str:
    mistakes = int(wrong.sum())
    if not mistakes:
        return f"The {title} misreads nothing, whoever wrote it."
    worst_first = np.sort(wrong)[::-1]
    half = int(np.searchsorted(np.cumsum(worst_first), mistakes / 2)) + 1
    of = f"**{counted(half, 'writer')}** of {len(wrong):,}"
    whose = f"At least half of the {title}'s {mistakes:,} mistakes come from {of}"
    if mistakes == 1:
        whose = f"The {title}'s only mistake comes from {of}"
    without = int((wrong == 0).sum())
    others = f"{counted(without, 'writer')} wrote nothing that it misreads"
    return f"{whose}; {others if without else 'each wrote something that it misreads'}."


def series(found: Mapping[str, Mapping[int, Resampled]]) -> str:
    """Return sentences on which series is read better; nothing where there are not two."""
    return " ".join(_series(title, by_number) for title, by_number in found.items()).strip()


def _series(title: str, by_number: Mapping[int, Resampled]) -> str:
    if len(by_number) < 2:
        return ""
    order = sorted(by_number, key=lambda number: by_number[number].share)
    worst, best = order[0], order[-1]
    most, least = 1 - by_number[worst].share, 1 - by_number[best].share
    if most == least:
        return f"The {title} misreads {most:.2%} of each series."
    often = f", {most / least:.1f} times as often" if least else ""
    half = f" The first half, hsf_{worst}, is not the easier one." if worst == FIRST_HALF else ""
    return (
        f"The {title} misreads **{most:.2%}** of hsf_{worst} and {least:.2%} of hsf_{best}{often}."
        f"{half}"
    )


def calibrated(found: Sequence[EvaluatedNetwork], data: Dataset) -> str:
    """Return sentences on whether the networks are too sure, and what a temperature mends."""
    return " ".join(_calibrated(each, data.test.labels) for each in found)


def _calibrated(found: EvaluatedNetwork, labels: NDArray[np.integer]) -> str:
    confidence = float(metrics.confidences(calibration.probabilities(found.scores)).mean())
    accuracy = metrics.accuracy(labels, found.predictions)
    sure = "too sure" if confidence > accuracy else "not sure enough"
    before, after = (
        calibration.calibration_error(scores, labels) for scores in (found.scores, found.tempered)
    )
    mended = (
        f"At the temperature {found.temperature:.2f} its expected calibration error goes from "
        f"{before:.2%} to **{after:.2%}**."
    )
    if found.temperature == 1:
        mended = (
            "The validation images name no better temperature than 1, so its expected calibration "
            f"error stays **{before:.2%}**."
        )
    return (
        f"The {found.title} is **{sure}**: its mean confidence is {confidence:.2%} where "
        f"{accuracy:.2%} are right. {mended}"
    )


def refused(found: Mapping[str, RiskCoverage]) -> str:
    """Return sentences on the accuracy where the least certain digits go to a person."""
    return " ".join(_refused(title, each) for title, each in found.items())


def _refused(title: str, found: RiskCoverage) -> str:
    before, after = (found.accuracy_after_refusing(share) for share in (0.0, 0.02))
    if before == 1:
        return f"The {title} misreads nothing, so it has nothing to gain by refusing."
    return (
        f"If the {title} passes on the 2% that it is least sure of, it reads **{after:.2%}** of "
        f"the others correctly, instead of {before:.2%} of all."
    )


def sets(title: str, level: float, found: PredictionSets, labels: NDArray[np.integer]) -> str:
    """Return a sentence on how often a set holds the truth, and how many hold several digits."""
    if found.members.all():
        return (
            "There are too few validation images for any such promise: each set holds every class."
        )
    several = int((found.sizes > 1).sum())
    verb = "holds" if several == 1 else "hold"
    many = f"{counted(several, 'set')} ({several / len(labels):.1%}) {verb} several digits"
    return (
        f"Sets of the {title} that promise {level:.1%} hold the right digit in "
        f"**{found.coverage(labels):.2%}** of the test images; "
        f"{many if several else 'none holds several digits'}."
    )


def ambiguous(
    shown: NDArray[np.integer], found: PredictionSets, data: Dataset
) -> tuple[list[str], list[str]]:
    """Return the lines above and below images whose sets hold several classes.

    Args:
        shown: which test images.
        found: the sets of all.
        data: the names of its classes, and the labels.
    """
    titles = [f"label {data.class_names[data.test.labels[index]]}" for index in shown]
    notes = [
        _enough([data.class_names[label] for label in np.flatnonzero(found.members[index])])
        for index in shown
    ]
    return titles, notes


def _enough(names: Sequence[str]) -> str:
    """Names as a short list; the last ones are left out where there are many."""
    more = ", \N{HORIZONTAL ELLIPSIS}" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def doubts(found: SuspectLabels, class_names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the lines above and below the most suspicious images."""
    pairs = list(zip(found.labels.tolist(), found.proposed.tolist(), strict=True))[:_MOST_DOUBTS]
    return (
        [f"label {class_names[label]}" for label, _ in pairs],
        [f"looks like {class_names[proposed]}" for _, proposed in pairs],
    )


def damaged(found: Mapping[str, Sequence[CorruptionCurve]]) -> str:
    """Return sentences on the damage that hurts each network most and least."""
    sentences = []
    for title, declines in found.items():
        order = sorted(declines, key=lambda each: each.accuracies[-1])
        worst, best = order[0], order[-1]
        sentences.append(
            f"The {title} suffers most from {worst.kind.title} (**{worst.accuracies[-1]:.1%}** at "
            f"severity 5) and least from {best.kind.title} ({best.accuracies[-1]:.1%})."
        )
    return " ".join(sentences)


def elsewhere(accuracies: Mapping[str, tuple[float, float]]) -> str:
    """Return a sentence on how well scikit-learn's digits, enlarged, are read.

    Args:
        accuracies: by the network's title, on its own test images and on the others, 0-1.
    """
    each = listed(
        [
            f"the {title} reads **{there:.1%}** (of its own test images {here:.1%})"
            for title, (here, there) in accuracies.items()
        ]
    )
    return f"Of scikit-learn's digits, enlarged, {each}."


def foreign(found: Mapping[str, Mapping[str, ForeignDetection]]) -> str:
    """Return sentences on whether confidence tells foreign images from digits."""
    kept = min(each.kept for by_name in found.values() for each in by_name.values())
    taken = [
        f"with the {title} "
        + listed([f"**{each.let_through:.1%}** ({name})" for name, each in by_name.items()])
        for title, by_name in found.items()
    ]
    return (
        f"At thresholds that keep {kept:.0%} of these test digits, so many of the foreign images "
        f"are kept with them: {'; '.join(taken)}."
    )


def suspected(found: SuspectLabels, images: int, class_names: Sequence[str]) -> str:
    """Return sentences on how many labels look wrong, and what they are most often.

    Args:
        found: the suspects.
        images: of how many images.
        class_names: what to call each class.
    """
    if not len(found):
        return f"None of {counted(images, 'training label')} looks wrong."
    pairs, counts = np.unique(np.stack([found.labels, found.proposed]), axis=1, return_counts=True)
    label, proposed = (class_names[each] for each in pairs[:, counts.argmax()])
    look, most = "look wrong", f", most often ({times(int(counts.max()))}) "
    if counts.max() == 1:
        most = ", such as "
    if len(found) == 1:
        look, most = "looks wrong", ": "
    return (
        f"**{len(found):,}** of {counted(images, 'training label')} ({len(found) / images:.2%}) "
        f"{look}{most}{label} on an image that looks like {proposed}. A label that looks wrong "
        "need not be: some are of images that only their writer could read."
    )
