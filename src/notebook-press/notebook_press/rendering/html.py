"""A page as one self-contained HTML file that requests nothing and runs only what it names."""

import base64
import functools
import hashlib
import itertools
import operator
import re
import string
from dataclasses import replace
from pathlib import Path

import jinja2
from markupsafe import Markup
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from notebook_press.rendering.composition import Composition, Placed, compose, environment
from notebook_press.rendering.outputs import live_charts
from notebook_press.rendering.page import Code, Fragment, Image, Interactive, Page
from notebook_press.rendering.sanitising import (
    clean_heading,
    clean_interactive,
    clean_output,
    clean_prose,
)
from notebook_press.rendering.themes import themed
from notebook_press.scripts import wrapped_script

_PLAIN_IN_ADDRESSES = f"{string.ascii_letters}{string.digits} !$()*+,-./:;=?@[]^_`{{|}}~"
# `urllib.parse.quote` does the same, a letter at a time: too slow for a drawing.
_QUOTED = {byte: f"%{byte:02X}" for byte in range(256) if chr(byte) not in _PLAIN_IN_ADDRESSES}

_WIDTH = re.compile(rb'<svg\b[^>]*\bwidth="([0-9.]+)pt"')
_WIDE = 250.0  # points: a wider drawing is hardly shrunk to a phone, but scrolls

# The page's own script is the same on every page.
_OWN_SCRIPT = Markup((Path(__file__).parent / "templates" / "page.js").read_text("utf-8"))  # noqa: S704
_HEADING = re.compile(r'<h[23]\b[^<>]*? id="([^"]*)"[^<>]*>')


def render_html(page: Page) -> str:
    """The HTML file of a page.

    Raises:
        RenderingError: pandoc failed.
    """
    composed = _numbered(compose(page, "html", finish=as_markup))
    live = [block for block in page.blocks if isinstance(block, Interactive)]
    # By kind, so that folds of code that follow each other can share a line.
    groups = [
        (kind, [*group])
        for kind, group in itertools.groupby(composed.blocks, operator.attrgetter("kind"))
    ]
    for_charts = live_charts.scripts(page.blocks)
    explorers = (_script(block) for block in live if block.script.strip())
    scripts = [_OWN_SCRIPT, *explorers, *for_charts]
    return (
        templates()
        .get_template("report.html.j2")
        .render(
            report=composed,
            page=page,
            groups=groups,
            styles=[Markup(style) for style in dict.fromkeys(b.style for b in live)],  # noqa: S704
            policy=Markup(" ").join(dict.fromkeys(map(_allowance, scripts))),
            own_scripts=[_OWN_SCRIPT, *for_charts],
        )
    )


def _numbered(composed: Composition) -> Composition:
    """The composition with each section's number before its heading."""
    numbers = composed.section_numbers

    def number(heading: re.Match[str]) -> str:
        found = numbers.get(heading[1])
        return f'{heading[0]}<span class="section">{found}</span> ' if found else heading[0]

    def with_numbers(placed: Placed) -> Placed:
        source = Markup(_HEADING.sub(number, placed.text.source))  # noqa: S704  (only digits added)
        return replace(placed, text=replace(placed.text, source=source))

    return replace(composed, blocks=tuple(map(with_numbers, composed.blocks)))


def as_markup(fragment: Fragment) -> Fragment:
    """The fragment with its HTML, and that of its headings, as a page has it."""
    headings = tuple(
        replace(heading, source=Markup(clean_heading(heading.source)))  # noqa: S704
        for heading in fragment.headings
    )
    source = Markup(clean_prose(fragment.source))  # noqa: S704  (this is what makes it safe)
    return replace(fragment, source=source, headings=headings)


@functools.cache
def templates() -> jinja2.Environment:
    """The templates, which escape whatever is not marked as safe."""
    return environment(
        autoescape=True,
        picture_address=picture_address,
        highlighted=_highlighted,
        wide=_wide,
        clean_interactive=lambda html: Markup(clean_interactive(html)),  # noqa: S704
        clean_output=lambda html: Markup(clean_output(html)),  # noqa: S704
        data_block=lambda text: Markup(text),  # noqa: S704  (JSON without any "<")
        script=_script,
    )


def _script(block: Interactive) -> Markup:
    """What stands in an interactive figure's `script` element, which reading has checked."""
    return Markup(wrapped_script(block.script))  # noqa: S704


def _allowance(script: str) -> Markup:
    """What a Content-Security-Policy says of a script that may run."""
    digest = hashlib.sha256(script.encode()).digest()
    name = base64.b64encode(digest).decode("ascii")
    return Markup(f"'sha256-{name}'")  # noqa: S704  (letters, digits, +, / and =)


def picture_address(image: Image, follows_theme: bool = False) -> str:
    """A drawing's text as it stands, where base64 would make it a third larger."""
    if image.mime != "image/svg+xml":
        return image.address
    drawing = image.content.decode("utf-8")
    text = " ".join((themed(drawing) if follows_theme else drawing).splitlines())
    quoted = text.encode().decode("latin-1").translate(_QUOTED)
    return f"data:{image.mime},{quoted}"


def _wide(image: Image) -> float | None:
    """The width of a drawing, in CSS pixels, whose words could not be read on a phone."""
    found = _WIDTH.search(image.content) if image.mime == "image/svg+xml" else None
    return float(found[1]) * 4 / 3 if found and float(found[1]) > _WIDE else None


def _highlighted(code: Code) -> Markup:
    try:
        lexer = get_lexer_by_name(code.language, stripnl=False)
    except ClassNotFound:
        lexer = TextLexer()
    formatter = HtmlFormatter(nowrap=True, classprefix="t-")
    return Markup(highlight(code.source, lexer, formatter))  # noqa: S704  (pygments escapes)
