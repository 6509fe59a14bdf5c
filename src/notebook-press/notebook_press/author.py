"""What a notebook says to its page.

Each call displays something that JupyterLab can show as it stands, and marks the output (in its
metadata, under `notebook_press`) so that a page puts it where it belongs. All that a page shows is
therefore in the executed notebook.
"""

import base64
import io
import math
import numbers
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from notebook_press.scripts import interactive_fault, wrapped_script

METADATA_KEY = "notebook_press"
RESULTS_TYPE = "application/vnd.notebook-press.results+json"
TABLE_TYPE = "application/vnd.notebook-press.table+json"
INTERACTIVE_TYPE = "application/vnd.notebook-press.interactive+json"
_MARKS = re.compile(r"[\\`*_\[\]<>|$~&]")  # of Markdown, which a table's cells are not in
LARGEST_NUMBER = 1e300  # that a manifest holds, and any program reads
Kind = Literal[
    "answer",
    "say",
    "notice",
    "progress",
    "figure",
    "interactive",
    "caption",
    "table",
    "results",
    "measured",
]


def answer(markdown: str) -> None:
    """Display the sentence that opens the report: the answer to its question, with the number.

    Raises:
        ValueError: The sentence is empty.
    """
    _display_markdown("answer", markdown)


def say(markdown: str, *, slide: str = "") -> None:
    """Display prose, usually with computed numbers in it.

    Args:
        markdown: The prose.
        slide: What a slide on this may be called: the finding in a few words. It is kept in the
            notebook; no page shows it yet.

    Raises:
        ValueError: The prose is empty.
    """
    _display_markdown("say", markdown, **({"slide": slide.strip()} if slide.strip() else {}))


def notice(markdown: str) -> None:
    """Display a warning that belongs to the top of the page.

    Raises:
        ValueError: The notice is empty.
    """
    _display_markdown("notice", markdown)


def progress(text: str) -> None:
    """Tell whoever waits what a long cell is doing; a build shows it, a page does not.

    Raises:
        ValueError: The text is empty.
    """
    _display("progress", {"text/plain": _text("progress()", text)})


@contextmanager
def timing() -> Iterator[None]:
    """Keep other timings on this machine waiting during the body, which takes times.

    Whichever process takes them, one at a time does. At the end a sentence says what else was at
    work meanwhile; other work does not wait.
    """
    from notebook_press.exclusive import alone  # which not every system has

    with alone(progress) as load:
        yield
    waited = f" They waited {load.waited:.0f} s for other timings." if load.waited >= 1 else ""
    others = "nothing else was timed on this machine"
    if not load.alone:
        others = "something else may have been timed on this machine"
    say(
        f"While these times were taken, {others}, and other processes kept "
        f"{load.others:.1f} of its {load.cores} cores busy.{waited}"
    )


@dataclass(frozen=True)
class Estimate:
    """A number with the interval in which another run may well find it.

    Attributes:
        value: The number, finite as are the others.
        low: Where its interval begins.
        high: Where it ends.
        n: How many observations it was estimated from, where that can be said.

    Raises:
        TypeError: One of them is not a number.
        ValueError: One is not finite, the value is outside the interval, or `n` is not positive.
    """

    value: float
    low: float
    high: float
    n: int | None = None

    def __post_init__(self) -> None:
        for name, given in vars(self).copy().items():
            if given is not None or name != "n":
                plain = _plain_number(f"Estimate({name}=…)", given)
                object.__setattr__(self, name, plain)
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"Estimate() expects a value from low to high, found {self.value!r} outside "
                f"{self.low!r} to {self.high!r}"
            )
        if self.n is not None and (not isinstance(self.n, int) or self.n < 1):
            raise ValueError(f"Estimate(n=…) expects a whole number from 1, found {self.n!r}")


def record(**results: float | Estimate) -> None:
    """Record named numbers, which the press puts into the manifest and checks by `--expect`.

    A name is recorded once in a notebook; the first three numbers are a page's headline results.

    Args:
        **results: Finite numbers, or estimates; accuracies are fractions, durations are seconds.

    Raises:
        TypeError: A value is not a number.
        ValueError: A value is not finite, or nothing is recorded.
    """
    if not results:
        raise ValueError("record() expects at least one name=number; none was given")
    plain = {
        name: given if isinstance(given, Estimate) else _plain_number(f"record({name}=…)", given)
        for name, given in results.items()
    }
    for name, given in plain.items():  # one output each: a notebook's file sorts names, not outputs
        if isinstance(given, Estimate):
            value, details = given.value, {"estimate": vars(given)}
            of = f" of {given.n:,}" if given.n else ""
            text = f"{name} = {value:.6g} ({given.low:.6g} to {given.high:.6g}{of})"
        else:
            value, details, text = given, {}, f"{name} = {given:.6g}"
        _display("results", {RESULTS_TYPE: {name: value}, "text/plain": text}, **details)


def measured_on(*names: str) -> None:
    """Name what the results were measured on, such as the networks that were trained for them.

    The page of a sweep takes repeats for independent only where they have no name in common.

    Args:
        *names: What tells each of them from others of the same parameters, such as its seed.
    """
    _display("measured", {"text/plain": ", ".join(names)}, measured=list(names))


def figure(
    drawing: Any,
    *,
    caption: str,
    alt: str = "",
    data: Any = None,
    format: Literal["svg", "png"] = "svg",
    sweep: bool = False,
) -> None:
    """Display a figure with its caption and its alternative text.

    Args:
        drawing: A `matplotlib.figure.Figure`, or a value that has one as `figure` and what it shows
            as `alt`. The figure is drawn here and need not stay open.
        caption: One line of Markdown; the page adds the number.
        alt: What the figure shows, with its numbers, for those who can't see it, where the drawing
            does not say it itself.
        data: The numbers behind it, as rows or a DataFrame, to be kept in the notebook.
        format: `svg` for drawings; `png` where a drawing would hold thousands of marks.
        sweep: Whether the page of a sweep shows it, too, of the run that a reader turns to.

    Raises:
        ValueError: The caption or the alternative text is empty, or the data are no table.
    """
    fig, alt = _drawn(drawing, alt)
    caption, alt = _text("a figure's caption", caption), _text("a figure's alt", alt)
    shown = {"image/svg+xml": _svg(fig)} if format == "svg" else {"image/png": _png(fig)}
    details: dict[str, object] = {} if data is None else {"data": _plain_data(data)}
    details |= {"sweep": True} if sweep else {}
    _display_figure("figure", shown, caption, alt, **details)


def interactive(
    html: Any,
    *,
    script: str = "",
    style: str = "",
    fallback: Any,
    caption: str,
    alt: str = "",
    sweep: bool = False,
) -> None:
    """Display a figure to explore, and the still figure for paper, slides and print.

    Args:
        html: What is shown. A page keeps tables, `details`, buttons, sliders, a `canvas` and the
            like; it takes out event handlers, outside addresses and `style` elements. A value that
            has `html`, `script` and `style` stands for the three of them.
        script: The body of a function of `root`, the element that holds the HTML. The page allows
            this text and no other, so what the HTML and the script request is refused.
        style: Rules of CSS, each under a class of the HTML's own; they may not load anything.
        fallback: The figure that shows what the page shows before it is touched; see `figure`.
        caption: One line of Markdown; the page adds the number.
        alt: What the still figure shows; see `figure`.
        sweep: Whether the page of a sweep shows the still figure; see `figure`.

    Raises:
        ValueError: The HTML, the caption or the alternative text is empty, or the script or the
            style holds what would end its element.
    """
    if hasattr(html, "html"):
        html, script, style = html.html, html.script, html.style
    fallback, alt = _drawn(fallback, alt)
    html, caption = _text("an interactive figure's html", html), _text("its caption", caption)
    alt = _text("an interactive figure's alt", alt)
    if fault := interactive_fault(script, style):
        raise ValueError(f"interactive() {fault}")
    live = f"<div class='notebook-press-interactive'>{html}</div>"
    if script.strip():
        live += f"<script>{wrapped_script(script)}</script>"
    if style.strip():
        live = f"<style>{style}</style>{live}"
    content = {"html": html, "script": script, "style": style}
    data = {INTERACTIVE_TYPE: content, "text/html": live, "image/svg+xml": _svg(fallback)}
    details = {"sweep": True} if sweep else {}
    _display_figure("interactive", data, caption, alt, **details)


def table(
    rows: Any,
    *,
    caption: str,
    left: Sequence[str] = (),
    formats: Mapping[str, str | Callable[[Any], str]] | None = None,
    sort: bool = False,
) -> None:
    """Display a table with its caption.

    Args:
        rows: A DataFrame, or one mapping a row, from column name to value. All rows have the same
            columns. None and NaN are shown as a dash.
        caption: One line of Markdown; the page adds the number.
        left: Columns to align left besides the first; the others hold numbers and align right.
        formats: By column, how its values are written: a template such as `{:.2%}`, or a function
            that returns a value's text. Other values are shown as they stand.
        sort: Whether a reader of the web page can sort by the columns of numbers. Whatever `float`
            takes is a number, but for text; rows without one come last. A value with a
            `__float__` of its own may stand for a number that is shown with its interval.

    Raises:
        ValueError: There is no row, the rows differ in their columns, a format is for no column,
            or the caption is empty.
    """
    caption = _text("a table's caption", caption)
    names, values = _columns_and_rows("table()", rows)
    formats = formats or {}
    if unknown := [name for name in (*formats, *left) if name not in names]:
        raise ValueError(f"table() expects formats for columns of {names}; found {unknown}")
    columns: list[dict[str, Any]] = [
        {"name": str(name), "align": "left" if name in left or not position else "right"}
        for position, name in enumerate(names)
    ]
    for column, found in zip(columns, zip(*values, strict=True), strict=True):
        if sort and _are_numbers(found):
            column["numbers"] = [_sortable(number) for number in found]
    cells = [
        [_shown(value, formats.get(name)) for name, value in zip(names, row, strict=True)]
        for row in values
    ]
    content = {"columns": columns, "rows": cells, "caption": caption}
    markdown = f"{_pipe_table(columns, cells)}\n\n*{caption}*"
    _display("table", {TABLE_TYPE: content, "text/markdown": markdown, "text/plain": caption})


def _columns_and_rows(what: str, table: Any) -> tuple[list[str], list[list[Any]]]:
    """The names of a table's columns, and its values by row; a DataFrame's index is left out."""
    if hasattr(table, "itertuples"):
        rows = [list(row) for row in table.itertuples(index=False, name=None)]
        names = list(table.columns)
    else:
        names = list(table[0]) if table else []
        for position, row in enumerate(table):
            if list(row) != names:
                raise ValueError(
                    f"{what} expects the columns {names} in row {position}: {list(row)}"
                )
        rows = [list(row.values()) for row in table]
    if not rows:
        raise ValueError(f"{what} expects at least one row; none was given")
    return names, rows


def _is_missing(value: object) -> bool:
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas' NA is neither
        return True


def _are_numbers(values: Sequence[object]) -> bool:
    there = [value for value in values if not _is_missing(value)]
    return bool(there) and all(hasattr(value, "__float__") for value in there)


def _sortable(number: Any) -> float | None:
    if _is_missing(number) or not math.isfinite(number):
        return None
    return float(number)


def _shown(value: Any, format: str | Callable[[Any], str] | None) -> str:
    if _is_missing(value):
        return "\N{EN DASH}"
    if callable(format):
        return format(value)
    return format.format(value) if format else str(value)


def _plain_data(table: Any) -> dict[str, list[Any]]:
    """A table as JSON holds it: numbers, text, and null for what is missing."""
    names, rows = _columns_and_rows("figure(data=…)", table)
    plain = [
        [
            None
            if _is_missing(value)
            else value
            if isinstance(value, str)
            else _plain_number("figure(data=…)", value)
            for value in row
        ]
        for row in rows
    ]
    return {"columns": [str(name) for name in names], "rows": plain}


def _drawn(drawing: Any, alt: str) -> tuple[Any, str]:
    """A figure and what it shows: said by the drawing, or beside it."""
    return (drawing.figure, alt or drawing.alt) if hasattr(drawing, "alt") else (drawing, alt)


def _display(kind: Kind, shown: Mapping[str, object], **details: object) -> None:
    from IPython.display import display

    metadata = {METADATA_KEY: {"kind": kind, **details}}
    display(dict(shown), raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


def _display_figure(
    kind: Kind, shown: Mapping[str, object], caption: str, alt: str, **details: object
) -> None:
    _display(kind, {**shown, "text/plain": alt}, caption=caption, alt=alt, **details)
    _display("caption", {"text/markdown": f"*{caption}*", "text/plain": caption})


def _display_markdown(kind: Kind, markdown: str, **details: object) -> None:
    markdown = _text(f"{kind}()", markdown)
    _display(kind, {"text/markdown": markdown, "text/plain": markdown}, **details)


def _text(what: str, text: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{what} expects text that is not empty, found {text!r}")
    return text.strip()


def _plain_number(what: str, value: object) -> int | float:
    if hasattr(value, "item"):  # a NumPy scalar
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{what} expects a number, found {value!r}")
    plain = int(value) if isinstance(value, numbers.Integral) else float(value)
    if not abs(plain) <= LARGEST_NUMBER:  # false for what is not a number, too
        raise ValueError(f"{what} expects a finite number of 1e300 at most, found {value!r}")
    return plain


def _svg(fig: Any) -> str:
    import matplotlib

    drawing = io.StringIO()
    # A fixed salt and no date: the same figure is the same text, whenever it is drawn. Letters are
    # outlines: a page, or a PDF, need not have the fonts of the machine that drew it.
    with matplotlib.rc_context({"svg.hashsalt": "notebook-press", "svg.fonttype": "path"}):
        fig.savefig(drawing, format="svg", metadata={"Date": None, "Creator": None})
    return drawing.getvalue()


def _png(fig: Any) -> str:
    drawing = io.BytesIO()
    fig.savefig(drawing, format="png", dpi=200, metadata={"Software": None})
    return base64.b64encode(drawing.getvalue()).decode("ascii")


def _pipe_table(columns: Sequence[Mapping[str, str]], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        escaped = (" ".join(_MARKS.sub(r"\\\g<0>", cell).split()) for cell in cells)
        return f"| {' | '.join(escaped)} |"

    rule = ["---:" if column["align"] == "right" else ":---" for column in columns]
    return "\n".join([line([c["name"] for c in columns]), line(rule), *map(line, rows)])
