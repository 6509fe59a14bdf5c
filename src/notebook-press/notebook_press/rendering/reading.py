"""An executed notebook read into a `Page`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from notebook_press.author import METADATA_KEY
from notebook_press.errors import rendering_errors
from notebook_press.rendering.cells import joined, read_code_cell
from notebook_press.rendering.drawings import Drawings
from notebook_press.rendering.gathering import Gathered
from notebook_press.rendering.hiding import hidden_parts
from notebook_press.rendering.images import IMAGE_TYPES, read_image
from notebook_press.rendering.page import Page, Parameter, Provenance
from notebook_press.rendering.sanitising import printable, printable_throughout

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
    """Walks the cells, and collects what opens the page and what they give."""

    def __init__(self, notebook: Mapping[str, Any], stem: str) -> None:
        self.notebook = notebook
        self.stem = stem
        self.title: str | None = None
        self.origins: list[tuple[int, str]] = []
        metadata = notebook.get("metadata", {})
        known = metadata.get("language_info", {}).get("name")
        expected = metadata.get("kernelspec", {}).get("language")
        language = printable(str(known or expected or "python"))
        noted = metadata.get(METADATA_KEY)
        self.shows_stderr = isinstance(noted, Mapping) and noted.get("stderr") == "show"
        self.provenance, notice = _provenance(notebook)
        formats = self.provenance.formats if self.provenance else ("html", "pdf")
        drawings = Drawings(notebook["cells"], on_paper=set(formats) != {"html"})
        self.gathered = Gathered(stem, language, _widget_states(metadata), drawings)
        self.gathered.notices += [notice] if notice else []

    def page(self) -> Page:
        gathered = self.gathered
        for position, cell in enumerate(self.notebook["cells"], start=1):
            gathered.position = position
            untitled = self.title is None
            with rendering_errors(gathered.place):
                self._read_cell(cell)
            part = _slide_type(cell)
            if untitled and self.title and part in SLIDE_STARTS:
                part = "-"  # it opens the slide show
            self.origins += [(position, part)] * (len(gathered.blocks) - len(self.origins))
        return Page(
            stem=self.stem,
            title=self.title or printable(self.stem).replace("_", " "),
            answer=gathered.answer,
            key_figure=gathered.key_figure or next(iter(gathered.figures), None),
            notices=tuple(dict.fromkeys(gathered.notices)),
            results=gathered.results,
            blocks=tuple(gathered.blocks),
            origins=tuple(self.origins),
            provenance=self.provenance,
            account=tuple(gathered.account),
        )

    def _read_cell(self, cell: Mapping[str, Any]) -> None:
        hidden = hidden_parts(cell.get("metadata", {}), self.notebook.get("metadata", {}))
        if not self.shows_stderr:
            hidden.add("stderr")
        if cell["cell_type"] == "code":
            read_code_cell(cell, hidden, self.gathered)
        elif "source" in hidden:
            self.gathered.book("Markdown" if cell["cell_type"] == "markdown" else "Text", "hidden")
        elif cell["cell_type"] == "markdown":
            source = printable(joined(cell["source"]))
            self._read_markdown(source, cell.get("attachments", {}))

    def _read_markdown(self, source: str, attachments: Mapping[str, Any]) -> None:
        if self.title is None:
            self.title, source = _split_title(source)
        images = {
            f"attachment:{name}": read_image(mime, bundle[mime], self.gathered.place)
            for name, bundle in attachments.items()
            for mime in IMAGE_TYPES
            if mime in bundle
        }
        self.gathered.add_prose(source, images)


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
