"""Formulas in what authors and libraries wrote, found as JupyterLab finds them.

JupyterLab takes formulas out of Markdown before it is read, and looks for them in the text of HTML
and LaTeX. Each leaves a mark here that Markdown lets be, and is put in its place by `markdown.lua`.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from notebook_press.rendering.prose.equations import REFERENCE, Equations
from notebook_press.rendering.prose.tex import (
    TooMuchTeXError,
    expanded,
    expanded_later,
    known_macros,
)
from notebook_press.rendering.sanitising import printable

_OPENS, _CLOSES = "\ufdd0", "\ufdd1"  # no characters: Unicode keeps them for programs' own use
_RESERVED = re.compile(
    "[\ufdd0-\ufdef]|&#(?:x0*fd[de][0-9a-f]|0*6(?:49[789][0-9]|500[0-9]));?", re.IGNORECASE
)
# What JupyterLab has no formulas in.
_VERBATIM = re.compile(
    r"""
    ^[ \t>]* (?:(?:[-*+]|\d{1,9}[.)])[ \t]+)* (?P<fence>`{3,}(?=[^`\n]*$)|~{3,}) .*?
        (?:\n[ \t>]*(?P=fence)|\Z)
    | (?<![`\\]) (?P<ticks>`+)(?!`) (?:(?!\n[ \t]*\n).){1,5000}? (?<!`)(?P=ticks)(?!`)
    | <!-- .*? (?:-->|\Z)
    | <(?P<tag>pre|script|style|textarea)\b .*? (?:</(?P=tag)>|\Z)
    | <code\b (?:(?!\n[ \t]*\n).){1,5000}? </code>
    | </?[A-Za-z][\w-]*+
        (?:\s++[A-Za-z_:][\w.:-]*+ (?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?)*+ \s*+/?>
    | \]\([^\s()]*+
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True)
class _Writing:
    """How formulas are written: what matters in a text of them, and which pairs they stand in."""

    tokens: re.Pattern[str]
    pairs: Mapping[str, str]

    @classmethod
    def escaped_by(cls, slashes: str) -> Self:
        """Dollars, environments, and brackets behind so many backslashes."""
        tokens = re.compile(
            rf"""
            {re.escape(slashes)} [()\[\]]
            | \\(?:begin|end)\{{[A-Za-z]*\*?\}}
            | \\(?:eq)?ref\{{[^{{}}\n]{{1,200}}\}}
            | \\.
            | \$\$?
            | [{{}}]
            | \n[ \t>]*\n
            """,
            re.VERBOSE | re.DOTALL,
        )
        brackets = {f"{slashes}{opens}": f"{slashes}{ends}" for opens, ends in ("()", "[]")}
        return cls(tokens, {"$": "$", "$$": "$$", **brackets})

    def closer(self, opener: str) -> str:
        """What ends the formula that a part begins; nothing where it begins none."""
        is_environment = opener.startswith("\\begin")
        return opener.replace("begin", "end") if is_environment else self.pairs.get(opener, "")


_IN_MARKDOWN = _Writing.escaped_by(r"\\")  # which takes one of the two for itself
_IN_TEXT = _Writing.escaped_by("\\")
_UNBROKEN = ("\\end", "\\)", "\\]")
# As nh3 writes them: attributes are quoted, and every `<` in text is escaped.
_TAG_OR_TEXT = re.compile(r'(?P<tag><(pre|code)\b.*?</\2>|<(?:[^">]|"[^"]*")*>)|[^<]+', re.DOTALL)
_WORDS = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,}(?![A-Za-z(])")


@dataclass(frozen=True)
class Formula:
    """A formula, or a reference to an equation.

    Attributes:
        source: How it was written, with what stands around it.
        written: The same without that; what is shown where the formula can't be.
        tex: What pandoc is to read; nothing where it can't be read.
        display: Whether it stands on lines of its own.
        anchor: Where links to it lead; of a reference, where it leads.
        reference: What a reference shows, or nothing.
        later: The TeX with what is defined only after it; what pandoc reads if it can't read `tex`.
    """

    source: str
    written: str
    tex: str
    display: bool = False
    anchor: str = ""
    reference: str = ""
    later: str = ""


@dataclass(frozen=True)
class Found:
    """Where a formula stands in a text, and its TeX without what stands around it."""

    start: int
    end: int
    tex: str
    display: bool


class Formulas:
    """The formulas of a page in reading order: they share their macros and their numbers."""

    def __init__(self, prefix: str, texts: Iterable[str] = ()) -> None:
        """Begin a page of these texts whose own anchors have this prefix."""
        self._macros = {**known_macros()}
        referred = {found[2] for text in texts for found in REFERENCE.finditer(text)}
        self.equations = Equations(prefix, referred)

    def in_markdown(self, markdown: str) -> tuple[str, list[Formula]]:
        """The Markdown with a mark for each formula, and the formulas."""
        return self._marked(_RESERVED.sub("", markdown), _in_markdown)

    def in_html(self, source: str) -> tuple[str, list[Formula]]:
        """Sanitised HTML with a mark for each formula in its text, and the formulas."""
        formulas: list[Formula] = []

        def marked(part: re.Match[str]) -> str:
            words = html.unescape(part[0])
            if part["tag"] or not _MAY_HOLD_ONE.search(words):
                return part[0]
            text, found = self._marked(words, find_in_text, len(formulas), html.escape)
            formulas.extend(found)
            return text if text != html.escape(words) else part[0]

        return _TAG_OR_TEXT.sub(marked, _RESERVED.sub("", source)), formulas

    def resolved(self, formulas: Sequence[Formula]) -> Iterator[Formula]:
        """The formulas with what only the whole page knows: numbers referred to, later macros."""
        for formula in formulas:
            alone = REFERENCE.fullmatch(formula.tex)
            anchor = self.equations.anchor_of(alone) if alone else ""
            if alone and anchor:
                shown = self.equations.shown(alone)
                yield replace(formula, tex="", anchor=anchor, reference=shown)
            else:
                tex = REFERENCE.sub(self.equations.in_text, formula.tex)
                yield replace(formula, tex=tex, later=expanded_later(tex, self._macros))

    def _marked(
        self,
        text: str,
        find: Callable[[str], Iterator[Found]],
        count: int = 0,
        escape: Callable[[str], str] = str,
    ) -> tuple[str, list[Formula]]:
        formulas: list[Formula] = []
        parts, last = [], 0
        for found in find(text):
            parts.append(escape(text[last : found.start]))
            last = found.end
            if formula := self._read(text[found.start : found.end], found):
                formulas.append(formula)
                parts.append(f"@{_OPENS}{count + len(formulas)}{_CLOSES}@")
        return "".join([*parts, escape(text[last:])]), formulas

    def _read(self, source: str, found: Found) -> Formula | None:
        """The formula; nothing where it only defines something."""
        formula = Formula(source, found.tex.strip(), found.tex, found.display)
        if REFERENCE.fullmatch(found.tex):
            return formula
        try:
            items = expanded(printable(_ENTITY.sub(_character, found.tex)), self._macros)
        except TooMuchTeXError:
            return replace(formula, tex="")
        tex, anchor = self.equations.tagged(items, display=found.display)
        return replace(formula, tex=tex, anchor=anchor) if tex else None


_ENTITY = re.compile("&(?:lt|gt|amp);")
_MAY_HOLD_ONE = re.compile(r"[$\\]")


def _character(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])


def _in_markdown(text: str) -> Iterator[Found]:
    def masked(verbatim: re.Match[str]) -> str:
        return re.sub(r"[${}\\]", "\0", verbatim[0])

    return _find(_VERBATIM.sub(masked, text), text, _IN_MARKDOWN)


def find_in_text(text: str) -> Iterator[Found]:
    """The formulas in text that is no Markdown, in their order."""
    return _find(text, text, _IN_TEXT)


def _find(masked: str, text: str, writing: _Writing) -> Iterator[Found]:
    """The formulas of a text, found in the same text without what is verbatim in it."""
    tokens = [*writing.tokens.finditer(masked)]
    hopeless: dict[str, int] = {}  # until which part nothing ends what begins so
    position = 0
    while position < len(tokens):
        opener = tokens[position]
        closer = writing.closer(opener[0])
        if REFERENCE.fullmatch(opener[0]):
            yield Found(*opener.span(), opener[0], display=False)
        elif closer and hopeless.get(closer, -1) < position:
            end, searched = _end(tokens, position, closer)
            if end and (found := _formula(text, opener, tokens[end])):
                yield found
                position = end
                if found.end < tokens[end].end():  # the second of two dollars begins another
                    tokens[end] = next(writing.tokens.finditer(masked, found.end))
                    continue
            else:
                hopeless[closer] = searched
        position += 1


def _end(tokens: Sequence[re.Match[str]], start: int, closer: str) -> tuple[int, int]:
    """Which part ends a formula, or 0; and until which it was sought where braces hid any end.

    In Markdown no formula goes past an empty line, except for environments, whose ends leave no
    doubt.
    """
    depth, nested, last = 0, 0, 0
    opener = tokens[start][0]
    for position in range(start + 1, len(tokens)):
        part = tokens[position][0]
        if part == closer or (closer == "$" and part == "$$"):
            last = position
            if depth == 0 and nested == 0:
                return position, 0
            nested = max(nested - 1, 0)
        elif part == opener:
            nested += 1
        elif part in "{}":
            depth = max(depth + (1 if part == "{" else -1), 0)
        elif part[0] == "\n" and not closer.startswith(_UNBROKEN):
            return last, position
    return last, len(tokens)


def _formula(text: str, opener: re.Match[str], closer: re.Match[str]) -> Found | None:
    start, end = opener.start(), closer.end()
    is_whole = opener[0].startswith("\\begin")
    content = text[start:end] if is_whole else text[opener.end() : closer.start()]
    if text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith(">"):
        content = re.sub(r"\n[ \t]*>[ \t>]*", "\n", content)
    if is_whole:
        return Found(start, end, content, display=True)
    if opener[0] == "$":
        end = closer.start() + 1
        if not content.strip() or _is_money(
            text[max(start - 1, 0) : start], content, text[end : end + 2]
        ):
            return None
    return Found(start, end, content, display=opener[0][-1] in "[$" and opener[0] != "$")


def _is_money(before: str, content: str, after: str) -> bool:
    """Whether dollars around a text are more likely an amount's than a formula's.

    Where JupyterLab shows `$5 and $6` as a formula, nobody meant one.
    """
    if re.search(r"\\[A-Za-z]|\^", content):
        return False
    ends_apart, begins_apart = content[-1:].isspace(), content[:1].isspace()
    words = _WORDS.findall(content)
    return (
        after[:1].isdigit()
        or re.match(r"\\[A-Za-z]", after) is not None
        or (ends_apart and (after[:1].isalnum() or after[:1] == "$"))
        or (begins_apart and before.isalnum())
        or content.lstrip().startswith(")")
        or ("=" not in content and bool(words) and (content[:1].isdigit() or before.isdigit()))
        or (begins_apart and ends_apart and len(words) > 1)
    )
