"""What figures show, in words, for those who cannot see them."""

from collections.abc import Sequence

from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.metrics import Mistakes
from handwriting.figures.disputes import remark


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
