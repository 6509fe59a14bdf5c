"""Markdown as authors write it for JupyterLab, made such that pandoc reads the same in it."""

import re
from collections.abc import Collection, Iterator, Sequence

_FENCE = re.compile(r"[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)*+(`{3,}+(?=[^`]*$)|~{3,}+)(.*)")
_RULE = re.compile(r"\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?")
_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*")
_BAR = re.compile(r"(?<!\\)\|")
_ATTACHMENT = re.compile(r"(!\[[^\]]{0,500}\]\()(attachment:[^()<>\"']{0,200} [^()<>\"']{0,200})\)")
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,100})\]:")
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
        made.append(line if is_code else _ATTACHMENT.sub(r"\1<\2>)", line))
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


def with_notes(pieces: Sequence[str]) -> list[str]:
    """Pieces of Markdown, each with the footnotes that it refers to and another piece holds.

    A footnote that nothing refers to is text like any other.
    """
    if not any("[^" in piece for piece in pieces):
        return list(pieces)
    held = [dict(_notes(piece)) for piece in pieces]
    wanted = [set(_REFERENCE.findall("\n".join(_prose(piece)))) for piece in pieces]
    notes = {name: written for own in reversed(held) for name, written in own.items()}
    unwanted = set(notes).difference(*wanted)
    made = []
    for piece, own, names in zip(pieces, held, wanted, strict=True):
        others = (notes[name] for name in notes if name in names and name not in own)
        made.append("\n\n".join([_with_text_for(unwanted.intersection(own), piece), *others]))
    return made


def _prose(markdown: str) -> Iterator[str]:
    return (line for line, is_code in _lines(markdown) if not is_code)


def _notes(markdown: str) -> Iterator[tuple[str, str]]:
    """Each footnote of a piece: its name, and how it is written."""
    name = ""
    written: list[str] = []
    for line, is_code in _lines(markdown):
        found = None if is_code else _NOTE.match(line)
        ends = bool(written) and not written[-1].strip() and line.strip() and line[:1] not in " \t"
        if name and (found or ends):
            yield name, "\n".join(written).rstrip()
            name = ""
        if found:
            name, written = found[1], []
        if name:
            written.append(line)
    if name:
        yield name, "\n".join(written).rstrip()


def _with_text_for(names: Collection[str], markdown: str) -> str:
    """The Markdown, in which the footnotes of these names are text."""

    def as_text(line: str) -> str:
        found = _NOTE.match(line)
        return line.replace("[^", "\\[^", 1) if found and found[1] in names else line

    if not names:
        return markdown
    lines = _lines(markdown)
    return "\n".join(line if is_code else as_text(line) for line, is_code in lines)
