"""What one output comes to on a page: the richest form that the page can show of it."""

import re
from collections.abc import Callable

from notebook_press.rendering import charts, foreign, widgets
from notebook_press.rendering.bundle import Bundle, Shown, is_bare_object
from notebook_press.rendering.images import IMAGE_TYPES, read_image
from notebook_press.rendering.page import Figure, NotShown, Prose, Text
from notebook_press.rendering.sanitising import plain, printable

UNDESCRIBED = "A picture that the notebook does not describe in words"


def read_output(bundle: Bundle) -> Shown:
    """What a page shows of an output that any library made, and how that is booked."""
    for pattern, reader in READERS:
        for mime in filter(pattern.fullmatch, bundle.data):
            if shown := reader(bundle, mime):
                return shown
    return Shown()


def _read_image(bundle: Bundle, mime: str) -> Shown:
    image = read_image(mime, bundle.data[mime], bundle.place)
    return Shown((Figure(0, "", UNDESCRIBED, image),), "Picture")


def _read_markdown(bundle: Bundle, mime: str) -> Shown | None:
    markdown = printable(bundle.text(mime)).strip("\n")
    return Shown((Prose(markdown),), "Markdown") if markdown.strip() else None


def _read_latex(bundle: Bundle, mime: str) -> Shown:
    latex = printable(bundle.text(mime)).strip()
    return Shown((Prose(latex if latex.startswith("$") else f"$${latex}$$"),), "LaTeX")


def _read_javascript(bundle: Bundle, mime: str) -> Shown:
    return Shown((), "JavaScript", "not run")


def _read_plain(bundle: Bundle, mime: str) -> Shown | None:
    text = plain(bundle.text(mime))
    if is_bare_object(text) and len(bundle.data) > 1:
        return None
    return Shown((Text(text),) if text.strip() else (), "Text")


def _read_unknown(bundle: Bundle, mime: str) -> Shown:
    what = f"Output of the type {mime}"
    return Shown((NotShown(what),), what, "not shown")


Reader = Callable[[Bundle, str], Shown | None]

READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (r"application/vnd\.jupyter\.widget-view\+json", widgets.read_widget),
        (r"application/vnd\.plotly\.v1\+json", charts.read_plotly),
        (r"application/vnd\.vega(lite)?\.v\d+\+json", charts.read_vega),
        (charts.OTHER_TYPES, charts.read_other_chart),
        (r"text/vnd\.mermaid", charts.read_mermaid),
        (r"application/vnd\.code\.notebook\.(stdout|stderr|error)", charts.read_code_output),
        (r"text/html", foreign.read_html),
        (r"text/markdown", _read_markdown),
        (r"text/latex", _read_latex),
        *((re.escape(mime), _read_image) for mime in IMAGE_TYPES),
        (r"(application|text)/javascript", _read_javascript),
        (r"text/plain", _read_plain),
        (r".*", _read_unknown),
    )
)
"""In the order in which JupyterLab prefers them: the first that gives anything is shown."""
