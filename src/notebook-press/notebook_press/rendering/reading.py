"""An executed notebook read into a `Page`."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from notebook_press.author import (
    INTERACTIVE_TYPE,
    METADATA_KEY,
    RESULTS_TYPE,
    TABLE_TYPE,
    interactive_fault,
)
from notebook_press.errors import RenderingError, rendering_errors
from notebook_press.messages import cut_sentence
from notebook_press.rendering.bundle import Bundle
from notebook_press.rendering.images import IMAGE_TYPES, read_image
from notebook_press.rendering.outputs import read_output
from notebook_press.rendering.page import (
    Block,
    Booked,
    Code,
    Failure,
    Figure,
    Image,
    Interactive,
    Page,
    Parameter,
    Prose,
    Provenance,
    Table,
    Text,
    is_number,
    read_table,
)
from notebook_press.rendering.sanitising import listing, plain, printable, printable_throughout

_EMBEDDED_IMAGE = re.compile(r"data:(image/[a-z+]+);base64,([A-Za-z0-9+/=]+)")
SLIDE_STARTS = ("slide", "subslide")
_TITLE = re.compile(  # or a block of code, which may hold what looks like one
    r"""
    ^\ {0,3} (?P<fence>`{3,}+|~{3,}+) .*? (?:^\ {0,3} (?P=fence) [ `~]*$ | \Z)
    | ^\ {0,3} \#[ \t]+ (?P<title>\S(?-s:.*?)) (?:[ \t]+\#+)? [ \t]*$ \n?
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)


def read_page(notebook: Mapping[str, Any], stem: str) -> Page:
    """The page that an executed notebook (nbformat 4) describes.

    Args:
        notebook: The notebook, as nbformat or `json` read it; it is not changed.
        stem: The report's file name without its ending; the title where the notebook has none.

    Raises:
        RenderingError: An output is not what its type promises.
    """
    return _Reader(notebook, stem).page()


def read_ahead(notebook: Mapping[str, Any], stem: str) -> Page:
    """The page as far as a notebook tells it before it has run."""
    cells = [{**cell, "outputs": ()} for cell in notebook["cells"]]
    return _Reader({**notebook, "cells": cells}, stem).page()


class _Reader:
    """Collects a page's parts while it walks the cells, numbering figures and tables."""

    def __init__(self, notebook: Mapping[str, Any], stem: str) -> None:
        self.notebook = notebook
        self.stem = stem
        self.title: str | None = None
        self.answer: str | None = None
        self.key_figure: Figure | None = None
        self.results: dict[str, float] = {}
        self.blocks: list[Block] = []
        self.origins: list[tuple[int, str]] = []
        self.provenance, notice = _provenance(notebook)
        self.notices: list[str] = [notice] if notice else []
        self.account: list[Booked] = []
        metadata = notebook.get("metadata", {})
        self.widgets = _widget_states(metadata)
        known = metadata.get("language_info", {}).get("name")
        expected = metadata.get("kernelspec", {}).get("language")
        self.language = printable(str(known or expected or "python"))

    def page(self) -> Page:
        for position, cell in enumerate(self.notebook["cells"], start=1):
            self.position = position
            self.place = f"report {self.stem!r}, cell {position}"
            untitled = self.title is None
            with rendering_errors(self.place):
                self._read_cell(cell)
            part = _slide_type(cell)
            if untitled and self.title and part in SLIDE_STARTS:
                part = "-"  # it opens the slide show
            self.origins += [(position, part)] * (len(self.blocks) - len(self.origins))
        return Page(
            stem=self.stem,
            title=self.title or printable(self.stem).replace("_", " "),
            answer=self.answer,
            key_figure=self.key_figure or next(iter(self._figures()), None),
            notices=tuple(dict.fromkeys(self.notices)),
            results=self.results,
            blocks=tuple(self.blocks),
            origins=tuple(self.origins),
            provenance=self.provenance,
            account=tuple(self.account),
        )

    def _read_cell(self, cell: Mapping[str, Any]) -> None:
        source = _joined(cell["source"])
        if cell["cell_type"] == "markdown":
            self._read_markdown(printable(source), cell.get("attachments", {}))
        elif cell["cell_type"] == "code" and source.strip():
            number = cell.get("execution_count")
            self.blocks.append(Code(listing(source).strip("\n"), number, self.language))
            shown = (o for o in cell.get("outputs", ()) if o.get("name") != "stderr")
            for kind, outputs in itertools.groupby(shown, lambda output: output["output_type"]):
                if kind == "stream":  # a line can be printed, and rewritten, in several messages
                    self._add_text("".join(_joined(output["text"]) for output in outputs))
                else:
                    for output in outputs:
                        self._read_output(output)

    def _read_markdown(self, source: str, attachments: Mapping[str, Any]) -> None:
        if self.title is None:
            self.title, source = _split_title(source)
        images = {
            f"attachment:{name}": read_image(mime, bundle[mime], self.place)
            for name, bundle in attachments.items()
            for mime in IMAGE_TYPES
            if mime in bundle
        }
        self._add_prose(source, images)

    def _add_prose(self, markdown: str, images: Mapping[str, Image] | None = None) -> None:
        embedded = {
            found[0]: read_image(found[1], found[2], self.place)
            for found in _EMBEDDED_IMAGE.finditer(markdown)
            if found[1] in IMAGE_TYPES
        }
        if markdown.strip():
            self.blocks.append(Prose(markdown.strip("\n"), {**(images or {}), **embedded}))

    def _read_output(self, output: Mapping[str, Any]) -> None:
        if output["output_type"] == "error":
            traceback = plain("\n".join(output["traceback"]))
            summary = plain(f"{output['ename']}: {output['evalue']}")
            self.blocks.append(Failure(summary, traceback or summary))
        else:
            details = output.get("metadata", {}).get(METADATA_KEY)
            details = details if isinstance(details, Mapping) else {}  # anyone may use the name
            if details.get("kind") == "cut" and details.get("characters"):
                self.notices.append(cut_sentence(self.position, int(details["characters"])))
            self._read_display(output["data"], output.get("metadata", {}), details)

    def _read_display(
        self, data: Mapping[str, Any], metadata: Mapping[str, Any], details: Mapping[str, Any]
    ) -> None:
        kind = details.get("kind")
        markdown = printable(_joined(data.get("text/markdown", "")))
        match kind:
            case "answer":
                self.answer = markdown
                self.key_figure = next(reversed(self._figures()), None)
            case "notice":
                self.notices.append(markdown)
            case "results" if RESULTS_TYPE in data:
                self._add_results(data[RESULTS_TYPE])
            case "table" if TABLE_TYPE in data:
                number = sum(isinstance(block, Table) for block in self.blocks) + 1
                self.blocks.append(read_table(data[TABLE_TYPE], number, self.place, printable))
            case "figure":
                self.blocks.append(self._described(data, details))
            case "interactive" if INTERACTIVE_TYPE in data:
                figure = self._described(data, details)
                self.blocks.append(self._live(figure, data[INTERACTIVE_TYPE]))
            case "caption" | "progress":
                pass
            case _:
                self._read_other(Bundle(data, metadata, self.place, self.widgets))

    def _figures(self) -> list[Figure]:
        return [block for block in self.blocks if isinstance(block, Figure)]

    def _add_results(self, found: Mapping[str, float]) -> None:
        if not isinstance(found, Mapping) or not all(map(is_number, found.values())):
            raise RenderingError(
                f"{self.place}: expected results that are finite numbers by name, found something "
                "else; record them with author.record"
            )
        results = {printable(str(name)): value for name, value in found.items()}
        twice = sorted(set(results) & set(self.results))
        if twice:
            raise RenderingError(
                f"{self.place}: expected each result to be recorded once, found {twice[0]!r} "
                "recorded again; give it another name"
            )
        self.results.update(results)

    def _read_other(self, bundle: Bundle) -> None:
        """Take what any library displayed, and book what came of it."""
        shown = read_output(bundle)
        for block in shown.blocks:
            match block:
                case Figure():
                    number = len(self._figures()) + 1
                    self.blocks.append(replace(block, number=number))
                case Prose():
                    self._add_prose(block.markdown, block.images)
                case Text():
                    self._add_text(block.text)
                case _:
                    self.blocks.append(block)
        self.account.append(Booked(self.position, shown.what, shown.fate, shown.note))

    def _described(self, data: Mapping[str, Any], details: Mapping[str, Any]) -> Figure:
        """The figure of an author, who says what it shows."""
        alt = printable(str(details.get("alt") or "")).strip()
        if not alt:
            raise RenderingError(
                f"{self.place}: expected an alternative text for the figure, found none; "
                "give author.figure(…, alt=…) what the figure shows"
            )
        return self._figure(data, printable(str(details.get("caption") or "")), alt)

    def _figure(self, data: Mapping[str, Any], caption: str, alt: str) -> Figure:
        mime = next((mime for mime in IMAGE_TYPES if mime in data), None)
        if mime is None:
            raise RenderingError(
                f"{self.place}: expected a figure as one of {', '.join(IMAGE_TYPES)}, "
                f"found {', '.join(data) or 'nothing'}; draw it with author.figure"
            )
        image = read_image(mime, data[mime], self.place)
        return Figure(len(self._figures()) + 1, caption, alt, image)

    def _live(self, still: Figure, content: Mapping[str, Any]) -> Interactive:
        """The figure with what makes it one to explore."""
        html, script, style = (
            printable(str(content.get(part) or "")) for part in ("html", "script", "style")
        )
        if fault := interactive_fault(script, style):
            raise RenderingError(f"{self.place}: author.interactive {fault}")
        return Interactive(**vars(still), html=html, script=script, style=style)

    def _add_text(self, raw: str) -> None:
        text = plain(raw)
        if self.blocks and isinstance(self.blocks[-1], Text):
            text = f"{self.blocks.pop().text}\n{text}"  # type: ignore[union-attr]
        if text.strip():
            self.blocks.append(Text(text))


def _provenance(notebook: Mapping[str, Any]) -> tuple[Provenance | None, str | None]:
    """What the press noted in the notebook after its run, and the notice for the top."""
    noted = notebook.get("metadata", {}).get(METADATA_KEY)
    if not isinstance(noted, Mapping) or "finished" not in noted:
        return None, None
    provenance = Provenance(
        run=printable(str(noted.get("run", ""))),
        finished=str(noted["finished"]),
        seconds=noted.get("seconds"),
        parameters=tuple(_parameters(noted.get("parameters") or ())),
        inputs=printable_throughout(noted.get("inputs") or {}),
        commit=printable(str(noted.get("commit") or "")) or None,
        versions=printable_throughout(noted.get("versions") or {}),
        machine=printable_throughout(noted.get("machine") or {}),
        formats=tuple(noted.get("formats") or ("html", "pdf")),
    )
    return provenance, printable(str(noted.get("notice") or "")) or None


def _parameters(noted: Sequence[Mapping[str, Any]]) -> Iterator[Parameter]:
    for parameter in noted:
        value, default = parameter.get("value"), parameter.get("default")
        yield Parameter(
            name=printable(str(parameter["name"])),
            value=printable(repr(value)),
            default=printable(repr(default)),
            is_default=value == default and isinstance(value, bool) == isinstance(default, bool),
            help=printable(str(parameter.get("help") or "")),
        )


def _slide_type(cell: Mapping[str, Any]) -> str:
    """The part that a cell has in a slide show, or `-`."""
    slideshow = cell.get("metadata", {}).get("slideshow")
    return str((isinstance(slideshow, Mapping) and slideshow.get("slide_type")) or "-")


def _widget_states(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state of each widget that the notebook holds, by its model's name."""
    stored = metadata.get("widgets", {})
    stored = stored.get("application/vnd.jupyter.widget-state+json", {})
    return stored.get("state", {}) if isinstance(stored, Mapping) else {}


def _split_title(markdown: str) -> tuple[str | None, str]:
    """The first level-1 heading's Markdown and what is left; headings in code don't count."""
    lines = "\n".join(markdown.splitlines())
    for found in _TITLE.finditer(lines):
        if title := found["title"]:
            return title, lines[: found.start()] + lines[found.end() :]
    return None, markdown


def _joined(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
