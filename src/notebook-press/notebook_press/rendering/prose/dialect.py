"""Markdown as authors write it for JupyterLab, made such that pandoc reads the same in it."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

_FENCE = re.compile(r"[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)*+(`{3,}+(?=[^`]*$)|~{3,}+)(.*)")
_RULE = re.compile(r"\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?")
_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*")
_BAR = re.compile(r"(?<!\\)\|")
_ATTACHMENT = re.compile(
    r"(!\[[^\]]{0,500}\]\()(attachment:[^()<>\"']{0,200} [^()<>\"'\s]{1,200})(\s+\"[^\"]*\")?\)"
)
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,100})\]:")
_INDENT = re.compile(r"^(?: {1,4}|\t)")
_REFERENCE = re.compile(r"\[\^([^\]\s]{1,100})\](?!:)")


def for_pandoc(markdown: str) -> str:
    """Markdown with tables that follow text, and attachments with blanks, as pandoc wants them."""
    lines = list(_lines(markdown))
    made: list[str] = []
    in_table = False
    for (line, is_code), (below, _) in zip(lines, [*lines[1:], ("", False)], strict=True):
        begins = not (is_code or in_table) and _is_head(line, below)
        if begins and made and _words(made[-1]):
            made.append(_QUOTE.match(line)[0].rstrip())  # type: ignore[index]  # matches anything
        in_table = begins or (in_table and bool(_words(line)))
        made.append(line if is_code else _ATTACHMENT.sub(r"\1<\2>\3)", line))
    return "\n".join(made)


def _lines(markdown: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to a block of code between fences."""
    fence = ""
    for line in markdown.split("\n"):
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
            yield line, True
        else:
            yield line, bool(fence)
            if found and found[1].startswith(fence) and not found[2].strip():
                fence = ""


def _is_head(line: str, below: str) -> bool:
    """Whether a line is a table's first: it has a cell for each column of the rule below it."""
    rule = _words(below)
    return "|" in line and bool(_RULE.fullmatch(rule)) and _columns(_words(line)) == _columns(rule)


def _words(line: str) -> str:
    return _QUOTE.sub("", line, count=1).strip()


def _columns(row: str) -> int:
    return len(_BAR.findall(row.removeprefix("|").removesuffix("|"))) + 1


Apart = tuple[str, Mapping[str, str]]
"""Markdown without the footnotes that something refers to, and these, by their names."""


def notes_apart(pieces: Sequence[str]) -> list[Apart]:
    """Pieces of Markdown and, apart from them, the footnotes that each of them refers to.

    A piece has its own footnotes or, where it has none of a name, those of another. A footnote that
    nothing refers to is text like any other.
    """
    if not any("[^" in piece for piece in pieces):
        return [(piece, {}) for piece in pieces]
    segments = [list(_segments(piece)) for piece in pieces]
    anywhere = {name: lines for found in reversed(segments) for name, lines in found if name}
    made, used = [], set()
    for found in segments:
        own = {name: lines for name, lines in found if name}
        bodies = (line for name, lines in found if not name for line in lines)
        wanted = {name for line in bodies for name in _REFERENCE.findall(line)}
        notes = {name: own.get(name) or anywhere[name] for name in anywhere if name in wanted}
        used |= set(map(id, notes.values()))
        made.append({name: _written(lines) for name, lines in notes.items()})
    return [
        ("\n".join(_as_text(found, used)), notes)
        for found, notes in zip(segments, made, strict=True)
    ]


def _segments(markdown: str) -> Iterator[tuple[str, list[str]]]:
    """The footnotes in a piece, by name, and, without one, what stands between them."""
    name = ""
    lines: list[str] = []
    for line, is_code in _lines(markdown):
        found = None if is_code else _NOTE.match(line)
        is_over = name and not lines[-1].strip() and line.strip() and line[0] not in " \t"
        if found or is_over:
            yield name, lines
            name, lines = found[1] if found else "", []
        lines.append(line)
    yield name, lines


def _written(lines: Sequence[str]) -> str:
    """The Markdown that a footnote holds."""
    first, *others = lines
    return "\n".join([_NOTE.sub("", first).strip(), *(_INDENT.sub("", line) for line in others)])


def _as_text(segments: Sequence[tuple[str, list[str]]], used: Collection[int]) -> Iterator[str]:
    for name, lines in segments:
        if not name:
            yield from lines
        elif id(lines) in used:
            yield ""
        else:
            yield from (lines[0].replace("[^", "\\[^", 1), *lines[1:])
