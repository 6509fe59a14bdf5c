"""HTML that libraries and authors wrote, made fit for a page, with an account of what went."""

from notebook_press.rendering.bundle import Bundle, Shown
from notebook_press.rendering.page import Html
from notebook_press.rendering.sanitising import plain, printable


def read_html(bundle: Bundle, mime: str) -> Shown:
    """A cell's `text/html`."""
    fallback = plain(bundle.text("text/plain")) or "(shown in the HTML report)"
    return Shown((Html(printable(bundle.text(mime)), fallback),), "HTML")
