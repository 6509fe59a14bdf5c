"""A page with its Markdown typeset and its numbers put into words: what both templates print."""

import base64
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jinja2

from notebook_press.rendering.page import (
    Block,
    Chart,
    Figure,
    Fragment,
    Heading,
    Image,
    Interactive,
    Page,
    Parameter,
    Provenance,
    Table,
)
from notebook_press.rendering.prose.markdown import Form, Piece, Target, from_html

_SHARES = frozenset({"accuracy", "coverage", "f1", "precision", "rate", "recall", "share"})
# `2.1 Data`, `IV. Data`, `A) Data`, `Step 3: Data`, but not `3D` or `I am`.
_NUMBERED = re.compile(r"(?:\w+ )?(?:\d+(?:\.\d+)*|[A-Z]|[IVX]+)[.):]|\d+(?:\.\d+)*\s")
# As nh3 writes it: in text, every `<` is escaped.
_PICTURE = re.compile(r'(<img\b[^<>]*? src=")data:(image/[a-z+]+);base64,([^"]*)"([^<>]*>)')


@dataclass(frozen=True)
class Placed:
    """A block in its place: its kind in lower case, and its prose or caption typeset."""

    kind: str
    block: Block
    text: Fragment


@dataclass(frozen=True)
class Composition:
    """A page, typeset for one target."""

    page: Page
    title: Fragment
    answer: Fragment | None
    notices: tuple[Fragment, ...]
    blocks: tuple[Placed, ...]
    parameters: tuple[tuple[Parameter, Fragment], ...]

    @property
    def headings(self) -> list[Heading]:
        """The headings that a table of contents lists, in order."""
        return [h for placed in self.blocks for h in placed.text.headings if h.level <= 3]

    @property
    def section_numbers(self) -> dict[str, str]:
        """The number of each of these headings, such as `2` or `2.1`, by its anchor.

        There are none where the author has numbered any.
        """
        numbers, chapter, section = {}, 0, 0
        if any(_NUMBERED.match(heading.plain) for heading in self.headings):
            return {}
        for heading in self.headings:
            if heading.level == 2:
                chapter, section = chapter + 1, 0
            else:
                section += 1
            numbers[heading.identifier] = f"{chapter}.{section}" if section else f"{chapter}"
        return numbers


def compose(
    page: Page,
    target: Target,
    image_source: Callable[[Image], str] = lambda _: "",
    finish: Callable[[Fragment], Fragment] = lambda fragment: fragment,
) -> Composition:
    """The page with all its words typeset, in one call of pandoc at most.

    Args:
        page: The page, whose words are HTML.
        target: What it is typeset for.
        image_source: Gives the address under which the target finds an image.
        finish: Makes each fragment fit for the target's template.

    Raises:
        RenderingError: pandoc failed.
    """
    words = page.words
    fragments = [words.title, words.answer, *words.notices, *words.texts, *words.helps]
    if target != "html":
        forms: list[Form] = ["title", "block"]
        forms += ["block" for _ in words.notices]
        forms += ["inline" if isinstance(b, Figure | Table) else "prose" for b in page.blocks]
        forms += ["inline" for _ in words.helps]
        sources = [_with_pictures(fragment.source, image_source) for fragment in fragments]
        fragments = from_html([*map(Piece, sources, forms)], target)
    made = map(finish, fragments)
    title, answer = next(made), next(made)
    parameters = page.provenance.parameters if page.provenance else ()
    blocks = [_elsewhere(block) if target != "html" else block for block in page.blocks]
    return Composition(
        page=page,
        title=title,
        answer=answer if page.answer else None,
        notices=tuple(next(made) for _ in page.notices),
        blocks=tuple(Placed(_kind(block, target), block, next(made)) for block in blocks),
        parameters=tuple((parameter, next(made)) for parameter in parameters),
    )


def _elsewhere(block: Block) -> Block:
    """What stands for a block where nothing is live."""
    return block.still if isinstance(block, Chart) else block


def _kind(block: Block, target: Target) -> str:
    if isinstance(block, Interactive) and target == "typst":
        return "figure"  # paper shows its picture
    return type(block).__name__.lower()


def _with_pictures(html: str, image_source: Callable[[Image], str]) -> str:
    """Sanitised HTML, in which each picture has the address that the target finds it under."""

    def address(found: re.Match[str]) -> str:
        before, mime, content, after = found.groups()
        image = Image(mime, base64.b64decode(content))
        is_sized = re.search("width|height", before + after)
        width = "" if is_sized else _natural_width(image)
        return f'{before}{image_source(image)}"{width}{after}'

    return _PICTURE.sub(address, html)


def _natural_width(image: Image) -> str:
    """The attribute that gives a picture on paper the width that it has on a screen."""
    import PIL.Image  # slow to import, and wanted only where there is such a picture

    if image.mime == "image/svg+xml":
        return ""
    with PIL.Image.open(io.BytesIO(image.content)) as opened:
        return f' width="{opened.size[0]}"'


def environment(
    *, autoescape: bool, finalize: Callable[[Any], Any] | None = None, **filters: Callable[..., Any]
) -> jinja2.Environment:
    """The templates of a target, with its filters and those that put numbers into words."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("notebook_press.rendering"),
        autoescape=autoescape,  # noqa: S701  (Typst escapes by `finalize`)
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {**filters}
    made.globals |= {f.__name__: f for f in (headline, number, in_words, machine_in_words)}
    return made


def when(finished: str) -> datetime:
    """The moment that an ISO 8601 text names, in UTC."""
    moment = datetime.fromisoformat(finished)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def date_in_words(moment: datetime) -> str:
    """A moment in UTC as day, month, year and time."""
    return f"{moment.day} {moment:%B %Y}, {moment:%H:%M} UTC"


def number(value: float) -> str:
    """A result as a reader takes it in: four digits that count, thousands apart."""
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def headline(name: str, value: float) -> str:
    """A result as a card shows it: a share in percent, where its name says that it is one.

    A word of the name tells: `test_accuracy` is a fraction for machines and percent for people,
    while `trainings` is a number like any other.
    """
    fraction = _SHARES & set(name.lower().split("_")) and 0 <= value <= 1
    return f"{value:.2%}" if fraction else number(value)


def in_words(provenance: Provenance) -> list[tuple[str, str, str]]:
    """The facts under a report's title: name, text and the anchor that says more, or ''."""
    facts = [
        ("Date", date_in_words(when(provenance.finished)), ""),
        ("Run", provenance.run, ""),
        ("Parameters", _parameters_in_words(provenance.parameters), "report-parameters"),
        ("Data", _counted(len(provenance.inputs), "file"), "report-inputs"),
    ]
    return [fact for fact in facts if fact[1]]


def _counted(count: int | None, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}" if count else ""


def _parameters_in_words(parameters: Sequence[Parameter]) -> str:
    changed = [f"{p.name} = {p.value}" for p in parameters if not p.is_default]
    rest = len(parameters) - len(changed)
    if parameters and not changed:
        return "all at their defaults" if rest > 1 else "at its default"
    return ", ".join(changed) + (f"; {rest} more at their defaults" if rest > 1 else "")


def machine_in_words(provenance: Provenance) -> list[tuple[str, str]]:
    """Commit, time and machine, as name and text."""
    facts = [("Commit", provenance.commit or "not under version control")]
    if provenance.seconds is not None:
        minutes, seconds = divmod(round(provenance.seconds), 60)
        facts.append(("Time", f"{minutes} min {seconds} s" if minutes else f"{seconds} s"))
    facts.append(("Machine", _machine(provenance.machine)))
    facts.append(("Versions", ", ".join(f"{k} {v}" for k, v in provenance.versions.items())))
    return [(name, text) for name, text in facts if text]


def _machine(machine: Mapping[str, Any]) -> str:
    memory, threads = machine.get("memory_gib"), machine.get("threads")
    parts = [
        machine.get("processor"),
        _counted(machine.get("cores"), "core"),
        f"{_counted(threads, 'thread')} a run" if threads else None,
        f"{memory} GiB of memory" if memory else None,
        machine.get("system"),
    ]
    return ", ".join(str(part) for part in parts if part)
