"""All Markdown of a page made HTML, in one call of pandoc, and made fit for any page."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from notebook_press.rendering.outputs.bundle import Loss
from notebook_press.rendering.outputs.foreign import clean
from notebook_press.rendering.page import (
    SLIDE_STARTS,
    Block,
    Booked,
    Chart,
    Figure,
    Fragment,
    Html,
    Page,
    Prose,
    Table,
    Words,
)
from notebook_press.rendering.prose.beside import Beside, find_picture
from notebook_press.rendering.prose.markdown import PREFIX, Piece, to_html
from notebook_press.rendering.sanitising import sanitised_prose

_NOTHING = Fragment("", "")
UNTYPESET = Words(_NOTHING, _NOTHING, (), (), ())
"""The words of a page whose Markdown is still to be typeset."""

# As nh3 writes them: attributes are quoted, and every `<` in text is escaped.
_TAG = re.compile(r'<\w[^\s>]*(?:\s[^\s="<>]+(?:="[^"]*")?)*\s?/?>')
_ID = re.compile(r' id="([^"]*)"')
# What has a direction of its own: that of its first letters. A list item takes its list's.
_DIRECTED = re.compile(r"(?<!<li>)<p(?=[ >])|<(?:h[2-6]|ul|ol|dl|td|th|blockquote|summary)(?=[ >])")


def with_words(draft: Page, beside: Beside | None) -> Page:
    """The page with its words as sanitised HTML, and an account of what that lost.

    Args:
        draft: The page, whose title stands where no heading opens it.
        beside: Where files with pictures may be read; without it, none is.

    Raises:
        RenderingError: pandoc failed.
    """
    helps = [each.help for each in draft.provenance.parameters] if draft.provenance else []
    pieces = [
        Piece(draft.title, "title"),
        Piece(draft.answer or "", "block"),
        *(Piece(notice, "block") for notice in draft.notices),
        *map(_piece, draft.blocks),
        *(Piece(each, "inline") for each in helps),
    ]
    own = [f"{PREFIX}{name}" for name in _own_anchors(draft)]
    typeset = to_html(pieces, own)
    start, cells = 2 + len(draft.notices), [cell for cell, _ in draft.origins]
    places: list[tuple[Block | None, int]] = [(None, 0)] * len(pieces)
    places[start : start + len(cells)] = zip(draft.blocks, cells, strict=True)
    fragments = [*typeset.pieces[: len(pieces)]]
    if typeset.title:
        fragments[0], places[0] = typeset.title, places[typeset.opening]
    cleaner = _Cleaner(draft.stem, beside, set(own))
    cleaned = tuple(map(cleaner.cleaned, fragments, places))
    words = Words(
        title=cleaned[0],
        answer=cleaned[1],
        notices=cleaned[2:start],
        texts=cleaned[start : start + len(cells)],
        helps=cleaned[start + len(cells) :],
    )
    opened = replace(draft, title=typeset.title_markdown or draft.title, words=words)
    if typeset.title:
        opened = replace(opened, origins=tuple(_opening_slide(draft, typeset.opening - start)))
    return _without_empty_prose(replace(opened, account=(*draft.account, *cleaner.account)))


def _opening_slide(draft: Page, titled: int) -> Iterator[tuple[int, str]]:
    """The blocks' origins; the cell that holds the title begins no slide, but opens the show."""
    opening, _ = draft.origins[titled]
    for cell, part in draft.origins:
        yield cell, "-" if cell == opening and part in SLIDE_STARTS else part


def _piece(block: Block) -> Piece:
    if isinstance(block, Prose):
        return Piece(block.markdown)
    if isinstance(block, Html):
        return Piece(block.source, "html")
    return Piece(block.caption if isinstance(block, Figure | Table) else "", "inline")


def _own_anchors(page: Page) -> Iterator[str]:
    """What a page has besides its authors' words that a link can lead to, by its short name."""
    yield from ("main", "top")
    if provenance := page.provenance:
        yield "provenance"
        parts = {"inputs": provenance.inputs, "parameters": provenance.parameters}
        yield from (name for name, found in {**parts, "results": page.results}.items() if found)
    for block in page.blocks:
        if isinstance(block, Figure | Table | Chart):
            yield f"{'table' if isinstance(block, Table) else 'figure'}-{block.number}"


class _Cleaner:
    """Makes fragments fit for a page, and books what of them is lost."""

    def __init__(self, stem: str, beside: Beside | None, anchors: set[str]) -> None:
        self.stem, self.beside, self.anchors = stem, beside, anchors
        self.account: list[Booked] = []

    def cleaned(self, fragment: Fragment, place: tuple[Block | None, int]) -> Fragment:
        """The prose or the caption of a block in a cell; of HTML that a library wrote, itself."""
        block, cell = place
        self._book(cell, [Loss(what, "lesser", note) for what, note in fragment.lost])
        if isinstance(block, Html):
            return Fragment(fragment.source or block.source, "")
        if not fragment.source:
            return fragment
        where = f"report {self.stem!r}, cell {cell}"
        attached = block.attachments if isinstance(block, Prose) else {}
        picture = partial(find_picture, attachments=attached, beside=self.beside)
        made = clean(fragment.source, where, is_prose=True, find_picture=picture)
        self._book(cell, made.losses)
        headings = tuple(
            replace(heading, source=clean(heading.source, where, is_prose=True).html)
            for heading in fragment.headings
        )
        settled = sanitised_prose(made.html)  # as a page's reader will parse it
        own = _TAG.sub(lambda tag: _ID.sub(self._once, tag[0]), settled)
        directed = _DIRECTED.sub(r'\g<0> dir="auto"', own)
        return replace(fragment, source=directed, headings=headings)

    def _book(self, cell: int, losses: Sequence[Loss]) -> None:
        self.account += [Booked(cell, *loss) for loss in losses]

    def _once(self, found: re.Match[str]) -> str:
        """An anchor, if the page does not have it yet."""
        known = found[1] in self.anchors
        self.anchors.add(found[1])
        return "" if known else found[0]


def _without_empty_prose(page: Page) -> Page:
    """The page without prose of which nothing is left, such as a comment or its title alone."""
    texts = page.words.texts
    kept = [
        place
        for place, block in enumerate(page.blocks)
        if texts[place].source.strip() or not isinstance(block, Prose)
    ]
    return replace(
        page,
        blocks=tuple(page.blocks[place] for place in kept),
        origins=tuple(page.origins[place] for place in kept),
        words=replace(page.words, texts=tuple(texts[place] for place in kept)),
    )
