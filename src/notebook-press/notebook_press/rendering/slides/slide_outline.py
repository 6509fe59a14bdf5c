"""Which slides a page comes to, and what each of them shows and says."""

from dataclasses import dataclass, field

from notebook_press.rendering.composition import Composition, Placed
from notebook_press.rendering.page import (
    SLIDE_STARTS,
    Code,
    Failure,
    Figure,
    Html,
    Interactive,
    NotShown,
    Prose,
    Table,
    Text,
)
from notebook_press.rendering.slides.slide_stacks import Piece, fit_together, in_prose


@dataclass
class Slide:
    """One slide: its title, what it shows, and what is said; `words` stand where nothing else."""

    title: str
    block: Placed | None = None
    pieces: list[Piece] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_taken(self) -> bool:
        """Whether it shows anything but words."""
        return bool(self.block or self.pieces)

    @property
    def said(self) -> str:
        """What its notes hold, where it shows no words."""
        return "\n\n".join([*self.words, *self.notes])


def is_told(composed: Composition) -> bool:
    """Whether an author says what is to be shown, rather than libraries alone."""
    numbered = (b for b in composed.page.blocks if isinstance(b, Figure | Table) and b.number)
    own = (isinstance(b, Table | Interactive) or b.caption for b in numbered)
    return composed.answer is not None or any(own)


class Outline:
    """The slides of a page in order, the opening one first.

    Args:
        composed: The page as plain text, its tables and pictures blocks of their own.
        room: Width and height of what a slide has room for besides its title, in points.
    """

    def __init__(self, composed: Composition, room: tuple[float, float]) -> None:
        self.told = is_told(composed)
        self.room = room
        self.heading = composed.title.source
        slides = self.slides = [Slide(self.heading)]
        origins = composed.page.origins
        chosen = any(kind in {*SLIDE_STARTS, "fragment", "skip", "notes"} for _, kind in origins)
        started = ran = -1
        for placed, (position, kind) in zip(composed.blocks, origins, strict=True):
            if kind == "skip":
                continue
            headings = [h.source for h in placed.text.headings if h.source.strip()]
            if kind in SLIDE_STARTS and position != started if chosen else headings:
                slides.append(Slide(headings[0] if headings else self.heading))
                started = position
            self.heading = headings[-1] if headings else self.heading
            ran = position if isinstance(placed.block, Code) else ran
            if kind == "notes":
                slides[-1].notes += _words(placed, self.heading)
            else:
                self._show(placed, is_output=ran == position)
        if not chosen:
            self.slides = self._without_empty()

    def _show(self, placed: Placed, *, is_output: bool) -> None:
        last = self.slides[-1]
        if isinstance(placed.block, Figure | Table):
            if last.is_taken or len(self.slides) == 1:
                self.slides.append(last := Slide(self.heading))
            last.block = placed
        elif piece := _piece(placed, is_output=is_output and not self.told):
            together = fit_together([*last.pieces, piece], self.room) or not last.pieces
            if last.block or len(self.slides) == 1 or not together:
                self.slides.append(last := Slide(self.heading))
            last.pieces.append(piece)
        else:
            last.words += _words(placed, last.title)

    def _without_empty(self) -> list[Slide]:
        """The slides with something to show; what the others say is said before them."""
        kept = self.slides[:1]
        for slide in self.slides[1:]:
            if slide.is_taken:
                if not slide.words and not slide.notes and slide.title == kept[-1].title:
                    slide.notes += kept[-1].words  # a section's last figure, after all its prose
                kept.append(slide)
            elif slide.words and self.told:
                kept[-1].notes += [slide.title, *slide.words]
            elif slide.words:
                kept.append(slide)
        return kept


def _piece(placed: Placed, *, is_output: bool) -> Piece | None:
    """What a block comes to besides pictures and tables; None for what is only said."""
    match placed.block:
        case Text(text=text):
            return Piece("Printed", text)
        case Failure(summary=summary, traceback=traceback):
            named = summary in traceback
            return Piece("Error", traceback if named else f"{summary}\n\n{traceback}")
        case NotShown(sentence=sentence):
            return Piece("Not shown", f"{sentence}.")
        case Html():
            words = _words(placed, "")
        case Prose() if is_output:
            words = _words(placed, "")
        case _:
            words = []
    return in_prose(words[0]) if words else None


def _words(placed: Placed, title: str) -> list[str]:
    """Prose as plain text, without the heading that is the slide's title already."""
    if not isinstance(placed.block, Prose | Html):
        return []
    words = placed.text.source.strip()
    if title and words.startswith(f"{title}\n"):
        words = words.removeprefix(title).strip()
    return [words] if words and words != title else []
