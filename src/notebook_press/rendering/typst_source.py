"""Typst source in which nothing that others wrote can be anything but text."""

import functools
import re
from typing import Any

import jinja2
import typst

__all__ = [
    "MISSING_GLYPH",
    "TypstSource",
    "breakable",
    "environment",
    "typst_string",
    "with_known_glyphs",
    "within_margins",
]

MISSING_GLYPH = "□"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_UNBROKEN = re.compile(r"(\S{90})(?=\S)")  # as many letters as a line of a listing has room for
_EIGHT = re.compile(r".{8}(?=.)")
_UNSHOWN = re.compile(r'the text `"([^"`]+)"` could not be displayed')


class TypstSource(str):
    """Typst source that is safe to put into a template as it stands."""

    __slots__ = ()


def typst_string(text: str) -> str:
    """The text as a Typst string literal, which holds it whatever characters it has."""
    return f'"{text.translate(_ESCAPES)}"'


@functools.cache
def environment() -> jinja2.Environment:
    """The templates; every value that they print becomes a Typst literal of its type."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("notebook_press.rendering"),
        autoescape=False,  # noqa: S701  (`finalize` escapes for Typst)
        finalize=_literal,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters["breakable"] = breakable
    templates.filters["within_margins"] = within_margins
    return templates


def breakable(text: str, longest: int = 50) -> str:
    """The text with spaces of no width in longer words, so that none need run off the paper."""
    return re.sub(
        rf"\S{{{longest + 1},}}", lambda found: _EIGHT.sub("\\g<0>\u200b", found[0]), text
    )


def within_margins(text: str) -> str:
    """The text with a new line wherever a word would run off the paper."""
    return _UNBROKEN.sub(r"\1\n", text)


def _literal(value: Any) -> str:
    if isinstance(value, TypstSource):
        return value
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else typst_string(str(value))


def with_known_glyphs(source: str) -> tuple[str, int]:
    """The source with `□` for each character that no embedded font has, and how many kinds.

    PDF/UA-1 forbids a character without a glyph, so Typst would refuse the whole document.
    """
    unusual = sorted({character for character in source if character > "~"})
    if not unusual:
        return source, 0
    # A paragraph each: an emoji's modifier would join what stands before it, even a space.
    probe = "#set document(title: [probe])\n" + "\n\n".join(
        f"#{typst_string(character)};" for character in unusual
    )
    try:
        typst.compile(probe.encode(), ignore_system_fonts=True, pdf_standards=["ua-1"])
    except typst.TypstError as error:
        missing = {_unquoted(found) for found in _UNSHOWN.findall(error.diagnostic)}
        missing &= set(unusual)
        table = str.maketrans(dict.fromkeys(missing, MISSING_GLYPH))
        return source.translate(table), len(missing)
    return source, 0


def _unquoted(character: str) -> str:
    """The character that Typst's message quotes, some of them by number."""
    number = re.fullmatch(r"\\u\{([0-9a-f]+)\}", character)
    return chr(int(number[1], 16)) if number else character
