"""The numbers of equations, as LaTeX counts them, and what refers to them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from notebook_press.rendering.prose.tex import Tokens, joined

REFERENCE = re.compile(r"\\(eq)?ref\{([^{}]*)\}")
"""A reference to an equation, in a formula or in text."""

_ONE_NUMBER = ("equation", "multline")
_A_NUMBER_A_ROW = ("align", "alignat", "flalign", "gather")


@dataclass(frozen=True)
class Reference:
    """What a reference to an equation shows, and the anchor that it leads to."""

    shown: str
    anchor: str


class Equations:
    """Counts the equations of a page."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.anchors: list[str] = []
        self._count = 0
        self._labelled: dict[str, tuple[str, str]] = {}

    def numbered(self, tokens: Tokens, *, display: bool) -> tuple[str, str]:
        r"""A formula's TeX, in which numbers are text, and its anchor if it has a label.

        `\tag` and `\label` are MathJax's; what has no environment gets a number if it is
        displayed and has a label.
        """
        name, opening, body, closing = _environment(_with_gaps(tokens))
        bare = name.rstrip("*")
        rows = _rows(body) if bare in _A_NUMBER_A_ROW else [body]
        shown, labels = [], []
        for row in rows:
            kept, tag, label, is_counted = _without_marks(row)
            if label or (is_counted and bare in (*_ONE_NUMBER, *_A_NUMBER_A_ROW) and name == bare):
                tag = tag or (self._next_tag() if display else "")
            shown.append((kept, tag))
            labels += [(label, tag.strip("()"))] if label and tag else []
        if bare in ("", "equation"):
            shown = [(_on_lines(kept), tag) for kept, tag in shown]
        anchor = self._anchor(labels)
        made = _tagged_rows(shown, in_columns=bare in _A_NUMBER_A_ROW and bare != "gather")
        return f"{opening}{made}{closing}", anchor

    def reference(self, tex: str) -> Reference | None:
        """What a text shows that only refers to an equation of the page."""
        found = REFERENCE.fullmatch(tex)
        if found is None or found[2] not in self._labelled:
            return None
        number, anchor = self._labelled[found[2]]
        return Reference(f"({number})" if found[1] else number, anchor)

    def with_numbers(self, tex: str) -> str:
        """The TeX with numbers in place of references."""

        def number(found: re.Match[str]) -> str:
            reference = self.reference(found[0])
            return f"\\text{{{reference.shown}}}" if reference else found[0]

        return REFERENCE.sub(number, tex)

    def _next_tag(self) -> str:
        self._count += 1
        return f"({self._count})"

    def _anchor(self, labels: Sequence[tuple[str, str]]) -> str:
        if not labels:
            return ""
        anchor = f"{self.prefix}equation-{len(self.anchors) + 1}"
        self.anchors.append(anchor)
        for label, number in labels:
            self._labelled.setdefault(label, (number, anchor))
        return anchor


def _environment(tokens: Tokens) -> tuple[str, str, Tokens, str]:
    """The environment that a formula is, if it is one: its name, beginning, content and end."""
    inner = [*tokens]
    while inner and inner[-1].isspace():
        inner.pop()
    while inner and inner[0].isspace():
        del inner[0]
    found = re.fullmatch(r"\\begin\s*\{(.*)\}", inner[0]) if inner else None
    if not found or found[1].rstrip("*") not in (*_ONE_NUMBER, *_A_NUMBER_A_ROW):
        return "", "", inner, ""
    if inner[-1] != f"\\end{{{found[1]}}}":
        return "", "", inner, ""
    first = 1
    if found[1].startswith("alignat") and inner[1:2] == ["{"] and "}" in inner:
        first = inner.index("}") + 1
    return found[1], joined(inner[:first]), inner[first:-1], inner[-1]


def _depths(tokens: Tokens) -> list[int]:
    """How many groups and environments each part stands in."""
    depths, depth = [], 0
    for part in tokens:
        depth -= part == "}" or part.startswith("\\end")
        depths.append(depth)
        depth += part == "{" or part.startswith("\\begin")
    return depths


def _rows(tokens: Tokens) -> list[Tokens]:
    rows: list[Tokens] = [[]]
    for part, depth in zip(tokens, _depths(tokens), strict=True):
        if part == "\\\\" and depth == 0:
            rows.append([])
        else:
            rows[-1].append(part)
    return [row for row in rows if joined(row).strip()]


def _with_gaps(tokens: Tokens) -> Tokens:
    """The tokens with room between pairs of aligned columns, which Typst leaves none.

    `eqnarray`, which has three columns for what `align` has two, becomes that.
    """
    made: Tokens = []
    stack = [("", 0)]  # the environments and groups around a part; the columns of its row so far
    for part in tokens:
        name, columns = stack[-1]
        if part == "{" or part.startswith("\\begin"):
            stack.append((part[7:-1], 0))
        elif (part == "}" or part.startswith("\\end")) and len(stack) > 1:
            stack.pop()
        elif part == "\\\\":
            stack[-1] = (name, 0)
        elif part == "&":
            stack[-1] = (name, columns + 1)
            if columns == 1 and name.startswith("eqnarray"):
                continue
        made.append(part.replace("{eqnarray", "{align") if part[0] == "\\" else part)
        if part == "&" and columns % 2 and name.rstrip("*") in ("align", "aligned", "flalign"):
            made.append("\\quad ")
    return made


def _without_marks(row: Tokens) -> tuple[Tokens, str, str, bool]:
    """A row without its tag and label; these; and whether it is counted."""
    kept: Tokens = []
    tag, label, is_counted = "", "", True
    tokens = iter(row)
    for part in tokens:
        if part not in ("\\tag", "\\label", "\\nonumber", "\\notag"):
            kept.append(part)
            continue
        if part in ("\\nonumber", "\\notag"):
            is_counted = False
            continue
        words, has_star = _braced(tokens)
        if part == "\\tag":
            tag = words if has_star else f"({words})"
        else:
            label = words
    return kept, tag, label, is_counted


def _braced(tokens: Iterator[str]) -> tuple[str, bool]:
    """The text in the next braces, and whether a star stands before them."""
    found: Tokens = []
    depth, has_star = 0, False
    for part in tokens:
        depth -= part == "}"
        if depth > 0:
            found.append(part)
        elif part == "*":
            has_star = True
        elif part != "{" and not part.isspace():
            break
        depth += part == "{"
    return joined(found), has_star


def _tagged_rows(rows: Sequence[tuple[Tokens, str]], *, in_columns: bool) -> str:
    columns = max((_columns(row) for row, _ in rows), default=0)
    columns += columns % 2  # they come in pairs, aligned at their middle
    made = []
    for row, tag in rows:
        apart = "&" * (columns - _columns(row) + 1) if in_columns else ""
        shown = joined(row).strip()
        made.append(f"{shown} {apart}\\qquad\\text{{{tag}}}" if tag else shown)
    return " \\\\ ".join(made)


def _columns(row: Tokens) -> int:
    return 1 + sum(
        part == "&" and depth == 0 for part, depth in zip(row, _depths(row), strict=True)
    )


def _on_lines(tokens: Tokens) -> Tokens:
    """Lines and columns outside any environment, in one: pandoc reads them only there."""
    outside = {t for t, depth in zip(tokens, _depths(tokens), strict=True) if depth == 0}
    if not outside & {"&", "\\\\"}:
        return tokens
    name = "aligned" if "&" in outside else "gathered"
    return [f"\\begin{{{name}}}", *tokens, f"\\end{{{name}}}"]
