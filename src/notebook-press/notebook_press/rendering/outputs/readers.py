"""What one output comes to on a page: the richest form that the page can show of it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from notebook_press.messages import in_one_line
from notebook_press.rendering.images import IMAGE_TYPES
from notebook_press.rendering.outputs import charts, foreign, pictures, widgets
from notebook_press.rendering.outputs.bundle import Bundle, Shown, is_bare_object, named
from notebook_press.rendering.page import Figure, Html, Prose, Text
from notebook_press.rendering.prose.latex import from_latex
from notebook_press.rendering.sanitising import plain, printable, without_addresses

LONGEST_JSON = 100_000  # characters: thirty pages of paper
# What accompanies an output for one program alone, and says nothing besides.
_ASIDES = re.compile(
    r"application/vnd\.(google\.colaboratory|dataresource)\b.*|text/vnd\..*\+html", re.DOTALL
)


def read_output(bundle: Bundle) -> Shown:
    """What a page shows of an output that any library made, and how that is booked.

    Of what can't be shown a picture that is stored with it takes the place.
    """
    own = {mime: data for mime, data in bundle.data.items() if not _ASIDES.fullmatch(mime)}
    bundle = replace(bundle, data=own or bundle.data)
    missed: Shown | None = None
    for kind in READERS:
        for mime in filter(kind.pattern.fullmatch, bundle.data):
            shown = kind.reader(bundle, mime)
            if shown is None:
                continue
            if missed is None and shown.fate != "not shown":
                return shown
            if missed and shown.blocks and isinstance(shown.blocks[0], Figure):
                note = "as the picture that is stored with it"
                linked = [block for block in missed.blocks if isinstance(block, Html)]
                return Shown((*shown.blocks, *linked), missed.what, "lesser", note)
            missed = missed or shown
    return missed or Shown((), "Output without content")


def _read_markdown(bundle: Bundle, mime: str) -> Shown | None:
    markdown = printable(bundle.text(mime)).strip("\n")
    return Shown((Prose(markdown),), "Markdown") if markdown.strip() else None


def _read_latex(bundle: Bundle, mime: str) -> Shown:
    markdown = from_latex(printable(bundle.text(mime)).strip())
    return Shown((Prose(markdown),) if markdown else (), "LaTeX")


def _read_javascript(bundle: Bundle, mime: str) -> Shown | None:
    return None if _says_something(bundle) else Shown((), "JavaScript", "not run")


def _read_json(bundle: Bundle, mime: str) -> Shown:
    try:
        text = json.dumps(bundle.data[mime], ensure_ascii=False, indent=2)
    except RecursionError:
        return named("JSON nested very deeply", "print the part that is to be read")
    if len(text) > LONGEST_JSON:
        what = f"JSON of {len(text):,} characters"
        return named(what, "print the part that is to be read")
    return Shown((Text(printable(text)),), "JSON", "lesser", "as text")


def _read_plain(bundle: Bundle, mime: str) -> Shown | None:
    text = plain(bundle.text(mime))
    richer = [each for each in bundle.data if each != mime]
    if richer and not _says_something(bundle):
        return None
    blocks = (Text(text),) if text.strip() else ()
    if richer:
        return Shown(blocks, f"Output of the type {in_one_line(richer[0])}", "lesser", "as text")
    if without_addresses(bundle.text(mime)) != bundle.text(mime):
        return Shown(blocks, "Object", "lesser", "without its address")
    return Shown(blocks, "Text")


def _says_something(bundle: Bundle) -> bool:
    """Whether an output's plain text is more than an object's name."""
    text = bundle.text("text/plain").strip()
    return bool(text) and not is_bare_object(text)


def _read_other_text(bundle: Bundle, mime: str) -> Shown:
    what = f"Output of the type {in_one_line(mime)}"
    return Shown((Text(plain(bundle.text(mime))),), what, "lesser", "as text")


def _read_recording(bundle: Bundle, mime: str) -> Shown:
    kind, _, _ = mime.partition("/")
    size = len(bundle.text(mime)) * 3 // 4
    return named(f"{kind.capitalize()} ({in_one_line(mime)}, {size:,} bytes)", "link to it")


def _read_unknown(bundle: Bundle, mime: str) -> Shown:
    return named(f"Output of the type {in_one_line(mime)}", "")


Reader = Callable[[Bundle, str], Shown | None]


class Kind(NamedTuple):
    """The MIME types that a reader takes, and in words what comes of them on each target."""

    pattern: re.Pattern[str]
    reader: Reader
    types: str
    page: str
    paper: str
    slides: str
    extra: str = ""


def _kind(pattern: str, reader: Reader, types: str, *words: str) -> Kind:
    return Kind(re.compile(pattern, re.DOTALL), reader, types, *words)


_SAME = "the same"
_NAMED = "named"
_PICTURES = "|".join(map(re.escape, IMAGE_TYPES))

READERS: tuple[Kind, ...] = (
    _kind(
        r"application/vnd\.jupyter\.widget-view\+json",
        widgets.read_widget,
        "Jupyter's widgets",
        "what was printed in it, its label and its value; others are named",
        *(_SAME, _SAME),
    ),
    _kind(
        r"application/vnd\.plotly\.v1\+json",
        charts.read_plotly,
        "Plotly's figures",
        "live; maps, which fetch, are named",
        "the stored picture, or one that kaleido draws, else named",
        _SAME,
        "`plotly`, `plotly-pictures`",
    ),
    _kind(
        r"application/vnd\.vega(lite)?\.v\d+[+.]json",
        charts.read_vega,
        "Altair's and other Vega charts",
        "a drawing; what would fetch its data is named",
        *(_SAME, _SAME, "`vega`"),
    ),
    _kind(
        r"application/(vnd\.(bokehjs|holoviews)_(load|exec)\b.*|(vnd\.)?geo\+json)",
        charts.read_other_chart,
        "Bokeh's and HoloViews' plots, GeoJSON",
        "the stored picture, else named",
        *(_SAME, _SAME),
    ),
    _kind(
        r"text/html",
        foreign.read_html,
        "`text/html`",
        "what JupyterLab allows of it, with its colours; what would run or fetch is named",
        "the same, colours in tables only; what is folded is open",
        "tables, pictures and words",
    ),
    _kind(r"text/markdown", _read_markdown, "`text/markdown`", "as below", _SAME, _SAME),
    _kind(
        r"text/latex",
        _read_latex,
        "`text/latex`",
        "formulas as MathML, others as their source",
        "formulas, others as their source",
        "formulas as text",
    ),
    _kind(
        _PICTURES,
        pictures.read_picture,
        "SVG, PNG, JPEG, GIF, WebP, BMP",
        *("a picture, of its width where it has one", _SAME, "a picture"),
    ),
    _kind(r"application/pdf", pictures.read_pdf, "PDF", "its first page", _SAME, _SAME),
    _kind(
        r"(application|text)/javascript",
        _read_javascript,
        "JavaScript",
        *("nothing; counted as not run", _SAME, _SAME),
    ),
    _kind(
        r"application/(?!vnd\.)([\w.-]+\+)?json",
        _read_json,
        "JSON",
        *("text", _SAME, "text, cut short"),
    ),
    _kind(r"text/plain", _read_plain, "`text/plain`", "text", _SAME, "text, cut short"),
    _kind(
        r"text/(?!plain|vnd\..*\+html).*",
        _read_other_text,
        "other text, such as Mermaid's",
        "text",
        _SAME,
        "text, cut short",
    ),
    _kind(r"(video|audio)/.*", _read_recording, "video, audio", _NAMED, _NAMED, _NAMED),
    _kind(
        r".*",
        _read_unknown,
        "any other type",
        "its plain text or stored picture, else named",
        *(_SAME, _SAME),
    ),
)
"""In the order in which JupyterLab prefers them: the first that gives anything is shown."""
