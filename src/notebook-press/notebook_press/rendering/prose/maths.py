"""Formulas in what authors and libraries wrote, found as JupyterLab finds them.

JupyterLab takes formulas out of Markdown before it is read, and looks for them in the text of HTML
and LaTeX. Each leaves a mark here that Markdown lets be, and is put in its place by `markdown.lua`.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from notebook_press.rendering.prose.equations import REFERENCE, Equations
from notebook_press.rendering.prose.tex import Macros, TooMuchTeXError
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


def _tokens(delimiter: str) -> re.Pattern[str]:
    return re.compile(
        rf"""
        {delimiter} [()\[\]]
        | \\(?:begin|end)\{{[A-Za-z]*\*?\}}
        | \\(?:eq)?ref\{{[^{{}}\n]{{1,200}}\}}
        | \\.
        | \$\$?
        | [{{}}]
        | \n[ \t>]*\n
        """,
        re.VERBOSE | re.DOTALL,
    )


_IN_MARKDOWN = _tokens(r"\\\\")  # which takes one of the two backslashes for itself
_IN_TEXT = _tokens(r"\\")
_UNBROKEN = ("\\end", "\\)", "\\]")
_CLOSER = {"(": ")", "[": "]"}
# As nh3 writes them: attributes are quoted, and every `<` in text is escaped.
_TAGS = re.compile(r'<(pre|code)\b.*?</\1>|<(?:[^">]|"[^"]*")*>', re.DOTALL)
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
        self._macros = Macros()
        referred = {found[2] for text in texts for found in REFERENCE.finditer(text)}
        self._equations = Equations(prefix, referred)

    @property
    def anchors(self) -> Sequence[str]:
        """The anchors of equations that can be referred to."""
        return self._equations.anchors

    def in_markdown(self, markdown: str) -> tuple[str, list[Formula]]:
        """The Markdown with a mark for each formula, and the formulas."""
        if "$" not in markdown and "\\" not in markdown:
            return _RESERVED.sub("", markdown), []
        return self._marked(_RESERVED.sub("", markdown), _in_markdown)

    def in_html(self, source: str) -> tuple[str, list[Formula]]:
        """Sanitised HTML with a mark for each formula in its text, and the formulas."""
        if "$" not in source and "\\" not in source:
            return source, []
        formulas: list[Formula] = []
        parts, last = [], 0
        source = _RESERVED.sub("", source)
        for tag in [*_TAGS.finditer(source), None]:
            text = source[last : tag.start() if tag else len(source)]
            if "$" in text or "\\" in text:
                words = html.unescape(text)
                marked, found = self._marked(words, find_in_text, len(formulas), html.escape)
                formulas += found
                text = marked if marked != html.escape(words) else text
            parts += [text, tag[0] if tag else ""]
            last = tag.end() if tag else last
        return "".join(parts), formulas

    def resolved(self, formulas: Sequence[Formula]) -> list[Formula]:
        """The formulas with the numbers of the equations of the whole page that they refer to."""
        return [self._resolved(formula) for formula in formulas]

    def _resolved(self, formula: Formula) -> Formula:
        if reference := self._equations.reference(formula.tex):
            return replace(formula, tex="", anchor=reference.anchor, reference=reference.shown)
        tex = self._equations.with_numbers(formula.tex)
        return replace(formula, tex=tex, later=self._macros.expanded_later(tex))

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
            items = self._macros.expanded(printable(_ENTITY.sub(_character, found.tex)))
        except TooMuchTeXError:
            return replace(formula, tex="")
        tex, anchor = self._equations.tagged(items, display=found.display)
        return replace(formula, tex=tex, anchor=anchor) if tex else None


_ENTITY = re.compile("&(?:lt|gt|amp);")


def _character(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])


def _in_markdown(text: str) -> Iterator[Found]:
    def masked(verbatim: re.Match[str]) -> str:
        return re.sub(r"[${}\\]", "\0", verbatim[0])

    return _find(_VERBATIM.sub(masked, text), text, _IN_MARKDOWN)


def find_in_text(text: str) -> Iterator[Found]:
    """The formulas in text that is no Markdown, in their order."""
    return _find(text, text, _IN_TEXT)


def _find(masked: str, text: str, pattern: re.Pattern[str]) -> Iterator[Found]:
    """The formulas of a text, found in the same text without what is verbatim in it."""
    tokens = [*pattern.finditer(masked)]
    hopeless: dict[str, int] = {}  # until which part nothing ends what begins so
    position = 0
    while position < len(tokens):
        opener = tokens[position]
        if REFERENCE.fullmatch(opener[0]):
            yield Found(*opener.span(), opener[0], display=False)
        elif (closer := _closer(opener[0], pattern)) and hopeless.get(closer, -1) < position:
            end, is_balanced = _end(tokens, position, closer)
            if end and (found := _formula(text, opener, tokens[end])):
                yield found
                position = end
                if found.end < tokens[end].end():  # the second of two dollars begins another
                    tokens[end] = next(pattern.finditer(masked, found.end))
                    continue
            elif not end or not is_balanced:
                hopeless[closer] = _paragraph_end(tokens, position)
        position += 1


def _closer(opener: str, pattern: re.Pattern[str]) -> str:
    """What ends the formula that a part begins; nothing where it begins none."""
    if opener in ("$", "$$"):
        return opener
    if opener.startswith("\\begin"):
        return opener.replace("begin", "end")
    if pattern is _IN_MARKDOWN and len(opener) == 2:  # an escaped bracket
        return ""
    bracket = _CLOSER.get(opener[-1], "") if opener[0] == "\\" else ""
    return opener[:-1] + bracket if bracket else ""


def _end(tokens: Sequence[re.Match[str]], start: int, closer: str) -> tuple[int, bool]:
    """Which part ends a formula, or 0; and whether its braces are balanced there.

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
                return position, True
            nested = max(nested - 1, 0)
        elif part == opener:
            nested += 1
        elif part == "{":
            depth += 1
        elif part == "}":
            depth = max(depth - 1, 0)
        elif part[0] == "\n" and not closer.startswith(_UNBROKEN):
            break
    return last, False


def _paragraph_end(tokens: Sequence[re.Match[str]], start: int) -> int:
    ends = (place for place in range(start, len(tokens)) if tokens[place][0][0] == "\n")
    return next(ends, len(tokens))


def _formula(text: str, opener: re.Match[str], closer: re.Match[str]) -> Found | None:
    start, end = opener.start(), closer.end()
    if opener[0].startswith("\\begin"):
        return Found(start, end, text[start:end], display=True)
    content = text[opener.end() : closer.start()]
    if opener[0] == "$":
        end = closer.start() + 1
        if _is_money(text[max(start - 1, 0) : start], content, text[end : end + 2]):
            return None
    if not content.strip() and opener[0] == "$":
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
