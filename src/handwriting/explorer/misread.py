"""The digit gallery: every misread image, and what the network made of it."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.classification import Classification
from handwriting.explorer.parts import (
    DISPUTED,
    Interactive,
    assembled,
    bars,
    image,
    legend,
    remarks,
)
from handwriting.figures.phrases import counted, score

_MOST_IMAGES = 200  # beyond it, a network so bad that nobody would look at each
_MOST_BARS = 10
_ORDERS = (
    ("confidence", "Confidence", "true"),
    ("truth", "Truth", "false"),
    ("prediction", "Read as", "false"),
)
_DISPUTED_FIRST = ("agreed", "Disputed", "false")


def gallery(
    images: NDArray[np.uint8],
    found: Classification,
    *,
    score_name: str = "probability",
    disputes: Sequence[Dispute] = (),
) -> Interactive:
    """Return all misread images, the surest mistake first; each opens with its scores as bars.

    Its script sorts them and adds arrow keys; without it they stand in this order. Of very many,
    the surest 200 are there.

    Args:
        images: (n, height, width) uint8, 0-255.
        found: What was read in them; scores are 0-1, and names of classes may contain markup, which
            is shown as it is.
        score_name: What the scores are called: `probability` or `score`.
        disputes: The images whose label people dispute; those that are shown are marked and say
            what people read, and can be sorted to the front.
    """
    mistakes, names = found.mistakes, found.class_names
    shown = min(len(mistakes), _MOST_IMAGES)
    indices = [int(index) for index in mistakes.indices[:shown]]
    said = remarks((each for each in disputes if each.index in indices), names)
    digits = "".join(
        _digit(images[index], index, int(truth), found.scores[index], names, score_name, said)
        for index, truth in zip(indices, mistakes.truths, strict=False)
    )
    page = _page(digits, len(mistakes), shown, disputed=bool(said))
    return assembled(page, "", "misread.css", "misread.js", *([DISPUTED] if said else []))


def _page(digits: str, count: int, shown: int, *, disputed: bool) -> str:
    """The whole, from its images."""
    few = f"; the {shown} surest are shown" if shown < count else ""
    choices = "".join(
        f'<button type="button" data-by="{key}" aria-pressed="{pressed}">{name}</button>'
        for key, name, pressed in (*_ORDERS, *([_DISPUTED_FIRST] if disputed else []))
    )
    return (
        '<div class="explorer misread" data-lm-suppress-shortcuts="true">'
        f'<p class="summary">{counted(count, "misread test image")}{few}.</p>'
        f'<div class="choice scripted" role="group" aria-label="Sort by">Sort by {choices}</div>'
        '<div class="stage" role="group" aria-label="Misread test images" tabindex="0">'
        f'<ul class="digits">{digits}</ul></div>'
        f"{legend('Disputed') if disputed else ''}"
        '<p class="panel hint">Choose an image to see what the network made of it.</p></div>'
    )


def _digit(
    pixels: NDArray[np.uint8],
    index: int,
    truth: int,
    scores: NDArray[np.floating],
    class_names: Sequence[str],
    score_name: str,
    said: Mapping[int, str],
) -> str:
    """An image that opens: large, with the scores of the classes that it could be."""
    taken = int(scores.argmax())
    best = np.sort(np.argsort(-scores, kind="stable")[:_MOST_BARS])
    place = int(np.flatnonzero(best == taken)[0])
    rows = [(class_names[k], float(scores[k]), score(float(scores[k]), score_name)) for k in best]
    names = escape(class_names[truth]), escape(class_names[taken])
    sureness = escape(score(float(scores[taken]), score_name))
    kind, mark, remark = "", "", ""
    if index in said:
        kind, mark = ' class="disputed"', " <small>disputed</small>"
        remark = f" {said[index][0].upper()}{said[index][1:]}."
    agreed = f' data-agreed="{int(index not in said)}"' if said else ""
    return (
        f'<li{kind} data-truth="{truth}" data-prediction="{taken}" '
        f'data-confidence="{scores[taken]:.6f}"{agreed}>'
        f'<details name="misread-digit"><summary>'
        f"{image(pixels, 'Test image')}<span>{names[0]} as {names[1]}</span>{mark}</summary>"
        f'<div class="panel" role="group" aria-label="Test image {index}" tabindex="0">'
        f"<p><b>{names[0]} read as {names[1]}</b>, {escape(score_name)} {sureness}. "
        f"Test image {index}.{remark}</p>{bars(rows, place)}</div></details></li>"
    )
