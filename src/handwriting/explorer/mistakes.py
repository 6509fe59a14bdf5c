"""What was misread, to look through: a matrix that opens on its images, and a gallery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from handwriting.data.label_disputes import MEANING, Dispute
from handwriting.evaluation.classification import Classification
from handwriting.explorer.parts import Interactive, assembled, bars, image
from handwriting.figures.images import remarks
from handwriting.figures.phrases import counted, percent, score, short

_LEAST_CERTAIN = 24  # images shown of those that were read correctly, of each class
_MOST_MISREAD = 400  # images of all pairs together, about as much as a page can hold
_SHADES = 8
_MOST_ZEROS = 12  # classes; of more, what is empty says that nothing was read so
_MOST_IMAGES = 200  # beyond it, a network so bad that nobody would look at each
_MOST_BARS = 10
_ORDERS = (
    ("confidence", "Confidence", "true"),
    ("truth", "Truth", "false"),
    ("prediction", "Read as", "false"),
)
_DISPUTED_FIRST = ("agreed", "Disputed", "false")
_LEGEND = f'<p class="legend">{{}}: {escape(MEANING)}</p>'
_DISPUTED = "disputed.css"  # where an image whose label is disputed is shown


@dataclass(frozen=True, eq=False)
class _Pair:
    """Test images of one class that were read as one class."""

    truth: int
    prediction: int
    indices: NDArray[np.int64]  # (n,), the surest mistake first; what is right, the least sure
    row: int  # images of the true class

    @property
    def right(self) -> bool:
        return self.truth == self.prediction


def confusion(
    images: NDArray[np.uint8],
    found: Classification,
    *,
    score_name: str = "probability",
    disputes: Sequence[Dispute] = (),
) -> Interactive:
    """Return a confusion matrix as a table; choosing a number shows its images.

    Every misread image is there (where there are very many, the surest of each pair), and of those
    read correctly the 24 least certain of each class. It works without its script, which adds arrow
    keys and addresses such as `#pair-4-9`; so a page may hold one such table.

    Args:
        images: (n, height, width) uint8, 0-255.
        found: What was read in them; scores are 0-1, and names of classes may contain markup, which
            is shown as it is.
        score_name: What the scores are called: `probability` or `score`.
        disputes: The images whose label people dispute; those that are shown say what people read,
            and the numbers that they are behind have an asterisk.
    """
    class_names, pairs = found.class_names, _pairs(found)
    wrong = [pair for row in pairs for pair in row if not pair.right and len(pair.indices)]
    most = _limit([len(pair.indices) for pair in wrong])
    highest = max((len(pair.indices) / pair.row for pair in wrong), default=1.0)
    opened = max(wrong, key=lambda pair: len(pair.indices), default=None)
    said = remarks(disputes, class_names)

    def shown(pair: _Pair) -> list[int]:
        return [int(index) for index in pair.indices[: _LEAST_CERTAIN if pair.right else most]]

    def cell(pair: _Pair) -> str:
        indices = shown(pair)
        if not indices:
            return f'<td class="none">{0 if len(class_names) <= _MOST_ZEROS else ""}</td>'
        items = "".join(
            _item(images[k], k, score(float(found.confidences[k]), score_name), said.get(k))
            for k in indices
        )
        panel = f"<p>{_heading(pair, class_names, len(indices), score_name)}</p><ul>{items}</ul>"
        disputed = sum(index in said for index in indices)
        return _cell(pair, class_names, panel, highest, pair is opened, disputed)

    disputed = any(index in said for row in pairs for pair in row for index in shown(pair))
    page = _table(class_names, [[cell(pair) for pair in row] for row in pairs], disputed)
    files = "confusion.css", "confusion.js"
    return assembled(page, "", *files, *([_DISPUTED] if disputed else []))


def _limit(counts: Sequence[int]) -> int:
    """How many images of one pair are shown: all, where that is not too much together."""
    limit = max(counts, default=1)
    while limit > 1 and sum(min(count, limit) for count in counts) > _MOST_MISREAD:
        limit -= 1
    return limit


def _pairs(found: Classification) -> list[list[_Pair]]:
    """What was read as what, a list for each true class."""
    totals, classes = found.matrix.sum(axis=1), range(len(found.class_names))
    rising = np.argsort(found.confidences, kind="stable")
    falling = np.argsort(-found.confidences, kind="stable")

    def pair(truth: int, prediction: int) -> _Pair:
        order = rising if truth == prediction else falling
        here = (found.truths[order] == truth) & (found.predictions[order] == prediction)
        return _Pair(truth, prediction, order[here], int(totals[truth]))

    return [[pair(truth, taken) for taken in classes] for truth in classes]


def _heading(pair: _Pair, class_names: Sequence[str], limit: int, score_name: str) -> str:
    """What the images of a cell are, and what the two numbers below each are."""
    count = counted(len(pair.indices), "test image")
    truth, taken = (escape(class_names[k]) for k in (pair.truth, pair.prediction))
    kinds = ("read correctly", "least certain") if pair.right else (f"read as {taken}", "surest")
    shown = f". The {limit:,} {kinds[1]}" if len(pair.indices) > limit else ""
    each = "each with its index" if limit > 1 and len(pair.indices) > 1 else "with its index"
    name = escape(score_name)
    return f"<b>{truth} {kinds[0]}: {count}</b>{shown}, {each} and the {name} of {taken}."


def _item(pixels: NDArray[np.uint8], index: int, sureness: str, remark: str | None) -> str:
    """An image with its index and its score, and what people say of its label, if anything."""
    kind, said = (' class="disputed"', f" <small>{escape(remark)}</small>") if remark else ("", "")
    return f"<li{kind}>{image(pixels, 'Test image')}<b>{index}</b>{escape(sureness)}{said}</li>"


def _cell(
    pair: _Pair,
    class_names: Sequence[str],
    panel: str,
    highest: float,
    opened: bool,
    disputed: int,
) -> str:
    """A cell that opens; its shade says how large it is beside the others of its kind."""
    share = len(pair.indices) / pair.row
    shade = max(1, round(_SHADES * share / (1 if pair.right else highest)))
    count = len(pair.indices)
    names = [escape(class_names[k]) for k in (pair.truth, pair.prediction)]
    kind = "correctly" if pair.right else f"as {names[1]}"
    label = f"{names[0]} read {kind}"
    also, star = (
        (f"; {counted(disputed, 'disputed label')}", "<sup>*</sup>") if disputed else ("", "")
    )
    return (
        f'<td class="{"right" if pair.right else "wrong"} shade-{shade}">'
        f'<details name="confusion-pair" id="pair-{pair.truth}-{pair.prediction}"'
        f"{' open' * opened}>"
        f'<summary aria-label="{label}: {count}, {percent(share)}{also}">'
        f'<span class="images">{count}</span> '
        f'<span class="shares">{_short(100 * share)}</span>{star}</summary>'
        f'<div class="panel" role="group" aria-label="{label}" tabindex="0">{panel}</div>'
        "</details></td>"
    )


def _short(share: float) -> str:
    """Percent in four characters at most: a column on a phone is as wide."""
    return "100" if share == 100 else f"{min(share, 99.9):.1f}"


def _table(class_names: Sequence[str], cells: Sequence[Sequence[str]], disputed: bool) -> str:
    """The whole, from the cells of each row, and what an asterisk means, where there is one."""
    names = [escape(name) for name in class_names]
    columns = "".join(f'<th scope="col">{escape(short(name, 9))}</th>' for name in class_names)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(row)}</tr>'
        for name, row in zip(names, cells, strict=True)
    )
    return (
        '<div class="explorer confusion" data-lm-suppress-shortcuts="true">'
        '<fieldset class="choice"><legend>Show</legend>'
        '<label><input type="radio" name="confusion-unit" value="counts" checked>Images</label>'
        '<label><input type="radio" name="confusion-unit" value="shares">Percent of row</label>'
        "</fieldset>"
        '<div class="stage"><table>'
        "<caption>Choose a number to see the images behind it.</caption>"
        f'<colgroup><col><col span="{len(names)}" style="width:{90 / len(names):.1f}%"></colgroup>'
        f'<thead><tr><td></td><th scope="colgroup" colspan="{len(names)}">Read as</th></tr>'
        f'<tr><th scope="col">Truth</th>{columns}</tr></thead><tbody>{body}</tbody></table></div>'
        f"{_LEGEND.format('* Disputed') if disputed else ''}"
        '<p class="panel hint">No number is chosen.</p></div>'
    )


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
    said = remarks([each for each in disputes if each.index in indices], names)
    digits = "".join(
        _digit(images[index], index, int(truth), found.scores[index], names, score_name, said)
        for index, truth in zip(indices, mistakes.truths, strict=False)
    )
    page = _wall(digits, len(mistakes), shown, disputed=bool(said))
    return assembled(page, "", "misread.css", "misread.js", *([_DISPUTED] if said else []))


def _wall(digits: str, count: int, shown: int, *, disputed: bool) -> str:
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
        f"{_LEGEND.format('Disputed') if disputed else ''}"
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
        remark = escape(f" {said[index][0].upper()}{said[index][1:]}.")
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
