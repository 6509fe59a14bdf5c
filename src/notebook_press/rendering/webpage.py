"""A page as one self-contained HTML file that runs nothing and requests nothing."""

import base64
import functools
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import jinja2
from markupsafe import Markup
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from notebook_press.rendering import composition
from notebook_press.rendering.composition import Placed, compose
from notebook_press.rendering.markdown import Fragment
from notebook_press.rendering.page import Code, Image
from notebook_press.rendering.reading import read_page
from notebook_press.rendering.sanitising import clean_output, clean_prose

__all__ = ["environment", "render_webpage", "sanitised"]


def render_webpage(notebook: Mapping[str, Any], stem: str) -> str:
    """The HTML page of an executed notebook.

    Args:
        notebook: The notebook (nbformat 4), as nbformat or `json` read it.
        stem: The report's file name without its ending.

    Raises:
        RenderingError: The notebook can't be made a page.
    """
    page = read_page(notebook, stem)
    composed = compose(page, "html", _data_address)
    composed = replace(
        composed,
        title=sanitised(composed.title),
        answer=sanitised(composed.answer) if composed.answer else None,
        notices=tuple(map(sanitised, composed.notices)),
        blocks=tuple(replace(placed, text=sanitised(placed.text)) for placed in composed.blocks),
        parameters=tuple((p, sanitised(text)) for p, text in composed.parameters),
    )
    return (
        environment()
        .get_template("report.html.j2")
        .render(report=composed, page=page, groups=list(_grouped(composed.blocks)))
    )


def sanitised(fragment: Fragment) -> Fragment:
    """The fragment with its HTML, and that of its headings, safe to put into a page."""
    headings = tuple(
        replace(heading, source=Markup(clean_prose(heading.source)))  # noqa: S704
        for heading in fragment.headings
    )
    source = Markup(clean_prose(fragment.source))  # noqa: S704  (this is what makes it safe)
    return replace(fragment, source=source, headings=headings)


@functools.cache
def environment() -> jinja2.Environment:
    """The templates, which escape whatever is not marked as safe."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("notebook_press.rendering"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {
        "data_address": _data_address,
        "highlighted": _highlighted,
        "clean_output": lambda html: Markup(clean_output(html)),  # noqa: S704
        "number": composition.number,
        "in_words": composition.in_words,
        "machine_in_words": composition.machine_in_words,
    }
    return made


def _grouped(blocks: tuple[Placed, ...]) -> Iterator[tuple[str, list[Placed]]]:
    """Blocks by kind, so that folds of code that follow each other can share a line."""
    for kind, group in itertools.groupby(blocks, key=lambda placed: placed.kind):
        yield kind, list(group)


def _data_address(image: Image) -> str:
    return f"data:{image.mime};base64,{base64.b64encode(image.content).decode('ascii')}"


def _highlighted(code: Code) -> Markup:
    try:
        lexer = get_lexer_by_name(code.language, stripnl=False)
    except ClassNotFound:
        lexer = TextLexer()
    formatter = HtmlFormatter(nowrap=True, classprefix="t-")
    return Markup(highlight(code.source, lexer, formatter))  # noqa: S704  (pygments escapes)
