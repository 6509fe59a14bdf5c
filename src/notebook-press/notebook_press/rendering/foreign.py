"""HTML that libraries and authors wrote, made fit for a page, with an account of what went."""

from collections.abc import Callable
from dataclasses import dataclass

from notebook_press.rendering.bundle import Bundle, Loss, Shown
from notebook_press.rendering.page import Html, Image
from notebook_press.rendering.sanitising import clean_output, clean_prose, plain, printable

FindPicture = Callable[[str], Image | str]
"""Gives the picture of an address in the HTML, or says in words why there is none."""


@dataclass(frozen=True)
class Cleaned:
    """HTML that may stand in a page, and what of it does not stand there as it was written."""

    html: str
    losses: tuple[Loss, ...] = ()


def _no_picture(address: str) -> Image | str:
    return "it is not in the notebook"


def clean(
    html: str, place: str, *, is_prose: bool = False, find_picture: FindPicture = _no_picture
) -> Cleaned:
    """HTML made fit for a page, and an account of what went.

    Args:
        html: What a library or an author wrote, not to be trusted.
        place: What errors call its place.
        is_prose: Whether it was made of Markdown: its headings and anchors are the page's, and
            formulas in MathML stay.
        find_picture: Gives pictures that the HTML does not hold itself.
    """
    made = clean_prose(printable(html)) if is_prose else clean_output(printable(html))
    return Cleaned(made)


def read_html(bundle: Bundle, mime: str) -> Shown:
    """A cell's `text/html`."""
    cleaned = clean(bundle.text(mime), bundle.place)
    fallback = plain(bundle.text("text/plain"))
    return Shown((Html(cleaned.html, fallback),), "HTML", losses=cleaned.losses)
