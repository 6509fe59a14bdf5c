"""An executed notebook read into a `Page`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from notebook_press.author import METADATA_KEY
from notebook_press.errors import rendering_errors
from notebook_press.messages import in_one_line
from notebook_press.rendering.cells import joined, read_code_cell
from notebook_press.rendering.gathering import Gathered
from notebook_press.rendering.hiding import hidden_parts
from notebook_press.rendering.images import IMAGE_TYPES
from notebook_press.rendering.outputs.drawings import Drawings
from notebook_press.rendering.page import Image, Page, Parameter, Provenance, Text
from notebook_press.rendering.paper.languages import language_of
from notebook_press.rendering.prose.beside import Beside, checked
from notebook_press.rendering.prose.words import UNTYPESET, with_words
from notebook_press.rendering.sanitising import printable, printable_throughout

# What a file's name may hold that would be more than text in Markdown.
_MARKUP = re.compile(r"[\\`*<>$~&|!#]|^[-+](?=\s)|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
_FRONT_MATTER = re.compile(r"\A(# |)---[ \t]*\n(.*?)\n\1(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


def read_page(notebook: Mapping[str, Any], stem: str, beside: Beside | None = None) -> Page:
    """The page that an executed notebook (nbformat 4) describes.

    Args:
        notebook: The notebook, as nbformat or `json` read it; it is not changed.
        stem: The report's file name without its ending; the title where the notebook has none.
        beside: Where pictures may be read that it names; without it, none is.

    Raises:
        RenderingError: An output is not what its type promises.
    """
    return with_words(_Reader(notebook, stem, beside).page(), beside)


def read_ahead(notebook: Mapping[str, Any], stem: str, beside: Beside | None) -> Page:
    """The page as far as a notebook tells it before it has run."""
    cells = [{**cell, "outputs": ()} for cell in notebook["cells"]]
    return with_words(_Reader({**notebook, "cells": cells}, stem, beside).page(), beside)


class _Reader:
    """Walks the cells, and collects what opens the page and what they give."""

    def __init__(self, notebook: Mapping[str, Any], stem: str, beside: Beside | None) -> None:
        self.notebook = notebook
        self.stem = stem
        self.origins: list[tuple[int, str]] = []
        metadata = notebook.get("metadata", {})
        self.title = metadata.get("title")
        known = metadata.get("language_info", {}).get("name")
        expected = metadata.get("kernelspec", {}).get("language")
        language = printable(str(known or expected or "python"))
        self.language = language_of(metadata)
        noted = metadata.get(METADATA_KEY)
        self.shows_stderr = isinstance(noted, Mapping) and noted.get("stderr") == "show"
        self.provenance, notice = _provenance(notebook)
        formats = self.provenance.formats if self.provenance else ("html", "pdf")
        drawings = Drawings(notebook["cells"], on_paper=set(formats) != {"html"})
        self.gathered = Gathered(stem, language, _widget_states(metadata), drawings, beside)
        self.gathered.notices += [notice] if notice else []

    def page(self) -> Page:
        gathered = self.gathered
        for position, cell in enumerate(self.notebook["cells"], start=1):
            gathered.position = position
            with rendering_errors(gathered.place):
                self._read_cell(cell)
            self.origins += [(position, _slide_type(cell))] * (
                len(gathered.blocks) - len(self.origins)
            )
        return Page(
            stem=self.stem,
            title=self._title(),
            answer=gathered.answer,
            key_figure=gathered.key_figure or next(iter(gathered.figures), None),
            notices=tuple(dict.fromkeys(gathered.notices)),
            results=gathered.results,
            estimates=gathered.estimates,
            blocks=tuple(gathered.blocks),
            origins=tuple(self.origins),
            provenance=self.provenance,
            words=UNTYPESET,
            account=tuple(gathered.account),
            language=self.language,
        )

    def _title(self) -> str:
        """The title where no heading opens the page: what the notebook is told to be called."""
        if isinstance(self.title, str) and self.title.strip():
            return printable(self.title)
        name = printable(self.stem).replace("_", " ")
        return _MARKUP.sub(r"\\\g<0>", name)

    def _read_cell(self, cell: Mapping[str, Any]) -> None:
        hidden = hidden_parts(cell.get("metadata", {}), self.notebook.get("metadata", {}))
        if not self.shows_stderr:
            hidden.add("stderr")
        if cell["cell_type"] == "code":
            read_code_cell(cell, hidden, self.gathered)
        elif "source" in hidden:
            self.gathered.book("Markdown" if cell["cell_type"] == "markdown" else "Text", "hidden")
        elif cell["cell_type"] == "markdown":
            attachments = {
                name: checked(mime, bundle[mime])
                for name, bundle in cell.get("attachments", {}).items()
                for mime in IMAGE_TYPES
                if mime in bundle
            }
            self._read_markdown(printable(joined(cell["source"])), attachments)
        else:
            self._read_raw(printable(joined(cell["source"])), cell.get("metadata", {}))

    def _read_markdown(self, source: str, attachments: Mapping[str, Image | str]) -> None:
        if self.gathered.position == 1:
            source = self._without_front_matter(source)
        if source.strip():
            self.gathered.add_prose(source, attachments)
            self.gathered.book("Markdown", "shown")

    def _without_front_matter(self, source: str) -> str:
        """What a cell holds besides the settings that Quarto or Jupytext read at its beginning.

        These may stand in comments, as in a script that became a notebook.
        """
        found = _FRONT_MATTER.match(source)
        if found is None:
            return source
        try:
            lines = (line.removeprefix(found[1]) for line in found[2].split("\n"))
            settings = yaml.safe_load("\n".join(lines))
        except (yaml.YAMLError, ValueError, RecursionError):
            return source
        if not isinstance(settings, dict):
            return source
        self.gathered.book("Front matter", "hidden")
        self.title = self.title or settings.get("title")
        self.language = language_of(settings, self.language)
        return source[found.end() :]

    def _read_raw(self, source: str, metadata: Mapping[str, Any]) -> None:
        """Take in a raw cell: what is no Markdown and no HTML is text, or meant for others."""
        form = str(metadata.get("raw_mimetype") or metadata.get("format") or "")
        source = self._without_front_matter(source)
        if not source.strip():
            return
        if form == "text/markdown":
            self._read_markdown(source, {})
        elif form == "text/html":
            shown = {"output_type": "display_data", "data": {form: source}}
            read_code_cell({"source": "", "outputs": [shown]}, (), self.gathered)
        elif form in ("", "text/plain"):
            self.gathered.blocks.append(Text(source.strip("\n")))
            self.gathered.book("Raw text", "shown")
        else:
            self.gathered.book(f"Raw {in_one_line(form)}", "hidden", "written for other formats")


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
        is_default = value == default and isinstance(value, bool) == isinstance(default, bool)
        written = str(default) if parameter.get("computed") else repr(default)
        yield Parameter(
            name=printable(str(parameter["name"])),
            value=printable(written if is_default else repr(value)),
            default=printable(written),
            is_default=is_default,
            help=printable(str(parameter.get("help") or "")),
        )


def _slide_type(cell: Mapping[str, Any]) -> str:
    """The part that a cell has in a slide show, or `-`."""
    slideshow = cell.get("metadata", {}).get("slideshow")
    return str((isinstance(slideshow, Mapping) and slideshow.get("slide_type")) or "-")


def _widget_states(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state of each widget that the notebook holds, by its model's name."""
    stored = metadata.get("widgets")
    for part in ("application/vnd.jupyter.widget-state+json", "state"):
        stored = stored.get(part) if isinstance(stored, Mapping) else None
    return stored if isinstance(stored, Mapping) else {}
