"""What pages, PDFs and slides make of everything that a notebook can show, as a document."""

from collections.abc import Iterable, Sequence

from notebook_press.rendering.outputs.readers import READERS

_SAME = "the same"
_MARKDOWN = (
    ("headings, lists, tables, code, quotes, links", "as JupyterLab shows them", _SAME, "as text"),
    ("HTML that JupyterLab allows, Markdown inside of it", "shown", _SAME, "as text"),
    ("`<details>`", "folded", "open", "open"),
    ("scripts, styles, comments, hidden elements", "nothing", "nothing", "nothing"),
    ("formulas, bare environments, macros of all cells", "MathML", "typeset", "as text"),
    ("`\\tag`; equations that something refers to", "the tag, or a number", _SAME, "as text"),
    ("a formula that can't be typeset", "its source in a box", _SAME, "its source"),
    ("footnotes", "below their piece", "at the foot of the page", "as text"),
    ("alerts and boxes", "a box", "a box", "as text"),
    ("attachments, `data:` pictures", "a picture", _SAME, _SAME),
    ("a picture in a file of the project, 10 MB at most", "a picture", _SAME, _SAME),
    ("a picture from elsewhere", "its address, named as not shown", _SAME, _SAME),
    ("films, sounds, frames", "their address, named as not shown", _SAME, _SAME),
    ("a link to a heading, spelt as in JupyterLab or GitHub", "a link", "a link", "its words"),
    ("a link to nowhere", "its words; counted as a lesser form", _SAME, _SAME),
    ("right-to-left scripts", "from right to left", _SAME, _SAME),
    ("letters that no font has", "the reader's fonts", "□, owned up to", "the reader's fonts"),
    ("raw cells of Markdown and HTML", "as Markdown", _SAME, _SAME),
    ("front matter, raw cells for other formats", "nothing; counted as hidden", _SAME, _SAME),
)
_HEAD = """# What is shown

What a page, a PDF and slides make of each kind of output and of Markdown, printed from the code.
*Named* means: a line in its place says what is not shown and what would help, the build tells it
with its cell, the manifest counts it, and `--strict` is red. Where a picture is stored beside what
can't be shown, the picture is. An extra is installed with the press, as in `notebook-press[vega]`.
"""


def as_document() -> str:
    """Return `docs/what-is-shown.md`."""
    outputs = [(k.types, k.page, k.paper, k.slides, k.extra) for k in READERS]
    parts = [
        _HEAD,
        "## Outputs, in the order in which JupyterLab prefers them\n",
        _table(("output", "page", "PDF", "slides", "extra"), outputs),
        "## Markdown\n",
        _table(("what", "page", "PDF", "slides"), _MARKDOWN),
    ]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
