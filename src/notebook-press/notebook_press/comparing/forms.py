"""A comparison as a self-contained page without a script, and as Markdown for a comment."""

import functools
import itertools
import operator
import re
from collections.abc import Iterator, Sequence

import jinja2

from notebook_press.comparing import words
from notebook_press.comparing.comparison import Comparison
from notebook_press.errors import rendering_errors
from notebook_press.messages import cut_short, in_one_line
from notebook_press.rendering.checks import check_html
from notebook_press.rendering.composition import environment
from notebook_press.rendering.html import templates

MOST_OF_PICTURES = 30_000_000  # bytes of all pictures of a page
LONGEST = 65_536  # characters that a comment may have
_ROOM_FOR_THE_END = 400
_LONGEST_CODE = 120
_TICKS = re.compile("`+")
_SIGN = re.compile(r"[^\w ]|_")
Line = tuple[str, str, str]
"""A line of a difference: its beginning, what in it is marked, and the rest."""


def render_page(comparison: Comparison) -> str:
    """Return the HTML of a comparison.

    Raises:
        RenderingError: The page can't be made, or would not be fit to be shown.
    """
    with rendering_errors("the page of the comparison"):
        figures = (change for report in comparison.reports for change in report.figures)
        sizes = (sum(len(image.content) for image, _ in f.pictures.values()) for f in figures)
        taken = itertools.accumulate(sizes)
        page = _template("comparison.html.j2").render(
            comparison=comparison,
            words=words,
            lines=lines,
            next_has_room=lambda: next(taken) <= MOST_OF_PICTURES,
        )
        check_html(page)
        return page


def render_markdown(comparison: Comparison) -> str:
    """Return the Markdown of a comparison, which is never too long and says what is left out."""
    written = _template("comparison.md.j2").render(comparison=comparison, words=words)
    # No text of others has an empty line, so these stand between parts that can do without others.
    parts = [part.strip() for part in re.split(r"\n\n+", written)]
    room, kept = LONGEST - _ROOM_FOR_THE_END, []
    for part in parts:
        if len(part) + 2 <= room:
            kept.append(part)
            room -= len(part) + 2
    if missing := len(parts) - len(kept):
        kept.append(f"*{missing:,} parts of this comparison are left out: it is too long here.*")
    return "\n\n".join(kept) + "\n"


@functools.cache
def _template(name: str) -> jinja2.Template:
    """A template of this room; those that it stands in are rendering's."""
    rooms = [jinja2.PackageLoader(f"notebook_press.{room}") for room in ("comparing", "rendering")]
    markdown = environment(autoescape=False, code=code, fence=fence)
    made = templates() if name.endswith(".html.j2") else markdown
    return made.overlay(loader=jinja2.ChoiceLoader(rooms)).get_template(name)


def lines(difference: Sequence[str]) -> Iterator[Line]:
    """Yield the lines of a unified difference; of a line that was changed, what of it was."""
    runs = [[*run] for _, run in itertools.groupby(difference, operator.itemgetter(0))]
    for before, run, after in zip([[], *runs], runs, [*runs[1:], []], strict=False):
        kinds = "".join(each[0][0] if each else " " for each in (before, run, after))
        other = after if kinds[1:] == "-+" else before if kinds[:2] == "-+" else []
        alike = len(other) == len(run)
        yield from map(_marked, run, other) if alike else ((line, "", "") for line in run)


def _marked(line: str, other: str) -> Line:
    """The line with the words marked that the other line does not have in their place."""
    text, compared = (re.findall(" +|[^ ]+", each[1:]) for each in (line, other))
    start = _alike(text, compared)
    end = len(text) - _alike(text[start:][::-1], compared[start:][::-1])
    parts = ("".join(text[part]) for part in (slice(start), slice(start, end), slice(end, None)))
    beginning, marked, rest = parts
    return line[0] + beginning, marked, rest


def _alike(texts: Sequence[str], others: Sequence[str]) -> int:
    """How many of two lists' first members are the same."""
    pairs = zip(texts, others, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def code(text: str) -> str:
    """Return a text as code in one line, which no reader of Markdown takes for anything else.

    Neither names of people, numbers of issues nor addresses become links in code.
    """
    line = cut_short(in_one_line(text), _LONGEST_CODE)
    if line in ("", words.NONE):
        return words.NONE
    if "|" in line or "`" in line:  # no mark of code is safe in each cell of a table
        return f"<code>{_SIGN.sub(lambda found: f'&#{ord(found[0])};', line)}</code>"
    return f"`{line}`"


def fence(lines: Sequence[str]) -> str:
    """Return what begins and ends a block of these lines, which none of them can end."""
    longest = max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
    return "`" * max(3, longest + 1)
