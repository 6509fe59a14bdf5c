"""The tags of equations, and what refers to them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from notebook_press.rendering.prose.tex import Group, TeX, written

REFERENCE = re.compile(r"\\(eq)?ref\{([^{}]*)\}")
"""A reference to an equation, in a formula or in text."""

_A_TAG_A_ROW = ("align", "alignat", "flalign", "gather")
_ENVIRONMENTS = (*_A_TAG_A_ROW, "equation", "multline")


class Equations:
    """The equations of a page: those that something refers to are numbered, if not tagged."""

    def __init__(self, prefix: str, referred: Collection[str]) -> None:
        self.prefix, self.referred = prefix, referred
        self.anchors: list[str] = []
        self._count = 0
        self._labelled: dict[str, tuple[str, str]] = {}

    def tagged(self, items: TeX, *, display: bool) -> tuple[str, str]:
        r"""A formula's TeX, in which `\tag` is text, and its anchor if something refers to it."""
        whole, *others = [part for part in items if written([part]).strip()] or [""]
        name = whole.environment.rstrip("*") if isinstance(whole, Group) and not others else ""
        if not isinstance(whole, Group) or name not in _ENVIRONMENTS:
            whole, name = Group("", items, ""), ""
        head = whole.items[:1] if name == "alignat" else []
        rows = _rows(whole.items[len(head) :]) if name in _A_TAG_A_ROW else [whole.items]
        marked = [_Row(row) for row in rows]
        anchor = ""
        for row in marked:
            if row.label in self.referred and (row.tag or display):
                anchor = anchor or f"{self.prefix}equation-{len(self.anchors) + 1}"
                self._count += not row.tag
                row.tag = row.tag or f"({self._count})"
                self._labelled.setdefault(row.label, (row.tag.strip("()"), anchor))
            if name in ("", "equation"):
                row.items = _on_lines(row.items)
        self.anchors += [anchor] if anchor else []
        shown = _tagged_rows(marked, in_columns=name in _A_TAG_A_ROW and name != "gather")
        return f"{whole.opening}{written(head)}{shown}{whole.closing}", anchor

    def anchor_of(self, reference: re.Match[str]) -> str:
        """Where a reference leads; nothing where no equation of the page has its label."""
        return self._labelled.get(reference[2], ("", ""))[1]

    def shown(self, reference: re.Match[str]) -> str:
        """What a reference shows to an equation of the page."""
        number, _ = self._labelled[reference[2]]
        return f"({number})" if reference[1] else number

    def in_text(self, reference: re.Match[str]) -> str:
        """The TeX for a reference within a formula."""
        return f"\\text{{{self.shown(reference)}}}" if self.anchor_of(reference) else reference[0]


class _Row:
    """A row without its tag and label, and these."""

    def __init__(self, items: TeX) -> None:
        self.tag = self.label = ""
        self.items = self._without_marks(items)

    def _without_marks(self, items: TeX) -> TeX:
        kept: TeX = []
        rest = items[::-1]
        while rest:
            part = rest.pop()
            if isinstance(part, Group):
                kept.append(replace(part, items=self._without_marks(part.items)))
            elif part in ("\\tag", "\\label"):
                star = bool(rest) and rest[-1] == "*" and rest.pop() == "*"
                words = written([rest.pop()])[1:-1] if rest and isinstance(rest[-1], Group) else ""
                if part == "\\label":
                    self.label = words
                else:
                    self.tag = words if star else f"({words})"
            elif part not in ("\\nonumber", "\\notag"):
                kept.append(part)
        return kept


def _rows(items: TeX) -> list[TeX]:
    rows: list[TeX] = [[]]
    for part in items:
        if part == "\\\\":
            rows.append([])
        else:
            rows[-1].append(part)
    return [row for row in rows if written(row).strip()]


def _tagged_rows(rows: Sequence[_Row], *, in_columns: bool) -> str:
    columns = max((row.items.count("&") + 1 for row in rows), default=0)
    columns += columns % 2  # they come in pairs, aligned at their middle
    made = []
    for row in rows:
        apart = "&" * (columns - row.items.count("&")) if in_columns else ""
        shown = written(row.items).strip()
        made.append(f"{shown} {apart}\\qquad\\text{{{row.tag}}}" if row.tag else shown)
    return " \\\\ ".join(made)


def _on_lines(items: TeX) -> TeX:
    """Lines and columns outside any environment, in one: pandoc reads them only there."""
    if "&" not in items and "\\\\" not in items:
        return items
    name = "aligned" if "&" in items else "gathered"
    return [Group(f"\\begin{{{name}}}", items, f"\\end{{{name}}}")]
