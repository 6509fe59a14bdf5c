"""A code cell read: its source, and what it printed and displayed, as parts of a page."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from notebook_press.author import (
    INTERACTIVE_TYPE,
    METADATA_KEY,
    RESULTS_TYPE,
    TABLE_TYPE,
    interactive_fault,
)
from notebook_press.errors import RenderingError
from notebook_press.messages import cut_sentence
from notebook_press.rendering.bundle import Bundle
from notebook_press.rendering.gathering import Gathered
from notebook_press.rendering.images import IMAGE_TYPES, read_image
from notebook_press.rendering.outputs import read_output
from notebook_press.rendering.page import (
    Chart,
    Code,
    Failure,
    Figure,
    Interactive,
    Prose,
    Table,
    Text,
    is_number,
    read_table,
)
from notebook_press.rendering.sanitising import listing, plain, printable


def read_code_cell(cell: Mapping[str, Any], gathered: Gathered) -> None:
    """Add what a code cell gives to what is gathered.

    Raises:
        RenderingError: An output is not what its type promises.
    """
    _CodeCell(gathered).read(cell)


class _CodeCell:
    """The code cell that is being read."""

    def __init__(self, gathered: Gathered) -> None:
        self.gathered, self.place = gathered, gathered.place

    def read(self, cell: Mapping[str, Any]) -> None:
        source = joined(cell["source"])
        if not source.strip():
            return
        number = cell.get("execution_count")
        self.gathered.blocks.append(
            Code(listing(source).strip("\n"), number, self.gathered.language)
        )
        shown = (o for o in cell.get("outputs", ()) if o.get("name") != "stderr")
        for kind, outputs in itertools.groupby(shown, lambda output: output["output_type"]):
            if kind == "stream":  # a line can be printed, and rewritten, in several messages
                self.gathered.add_text("".join(joined(output["text"]) for output in outputs))
            else:
                for output in outputs:
                    self._read_output(output)

    def _read_output(self, output: Mapping[str, Any]) -> None:
        if output["output_type"] == "error":
            traceback = plain("\n".join(output["traceback"]))
            summary = plain(f"{output['ename']}: {output['evalue']}")
            self.gathered.blocks.append(Failure(summary, traceback or summary))
        else:
            details = output.get("metadata", {}).get(METADATA_KEY)
            details = details if isinstance(details, Mapping) else {}  # anyone may use the name
            if details.get("kind") == "cut" and details.get("characters"):
                self.gathered.notices.append(
                    cut_sentence(self.gathered.position, int(details["characters"]))
                )
            self._read_display(output["data"], output.get("metadata", {}), details)

    def _read_display(
        self, data: Mapping[str, Any], metadata: Mapping[str, Any], details: Mapping[str, Any]
    ) -> None:
        kind = details.get("kind")
        markdown = printable(joined(data.get("text/markdown", "")))
        match kind:
            case "answer":
                self.gathered.answer = markdown
                self.gathered.key_figure = next(reversed(self.gathered.figures), None)
            case "notice":
                self.gathered.notices.append(markdown)
            case "results" if RESULTS_TYPE in data:
                self._add_results(data[RESULTS_TYPE])
            case "table" if TABLE_TYPE in data:
                number = sum(isinstance(block, Table) for block in self.gathered.blocks) + 1
                self.gathered.blocks.append(
                    read_table(data[TABLE_TYPE], number, self.place, printable)
                )
            case "figure":
                self.gathered.blocks.append(self._described(data, details))
            case "interactive" if INTERACTIVE_TYPE in data:
                figure = self._described(data, details)
                self.gathered.blocks.append(self._live(figure, data[INTERACTIVE_TYPE]))
            case "caption" | "progress":
                pass
            case _:
                known = (self.gathered.widgets, self.gathered.drawings)
                self._read_other(Bundle(data, metadata, self.place, *known))

    def _add_results(self, found: Mapping[str, float]) -> None:
        if not isinstance(found, Mapping) or not all(map(is_number, found.values())):
            raise RenderingError(
                f"{self.place}: expected results that are finite numbers by name, found something "
                "else; record them with author.record"
            )
        results = {printable(str(name)): value for name, value in found.items()}
        twice = sorted(set(results) & set(self.gathered.results))
        if twice:
            raise RenderingError(
                f"{self.place}: expected each result to be recorded once, found {twice[0]!r} "
                "recorded again; give it another name"
            )
        self.gathered.results.update(results)

    def _read_other(self, bundle: Bundle) -> None:
        """Take what any library displayed, and book what came of it."""
        shown = read_output(bundle)
        for block in shown.blocks:
            match block:
                case Figure() | Chart():
                    self.gathered.blocks.append(replace(block, number=self.gathered.next_figure))
                case Prose():
                    self.gathered.add_prose(block.markdown, block.images)
                case Text():
                    self.gathered.add_text(block.text)
                case _:
                    self.gathered.blocks.append(block)
        self.gathered.book(shown.what, shown.fate, shown.note)

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
        return Figure(self.gathered.next_figure, caption, alt, image)

    def _live(self, still: Figure, content: Mapping[str, Any]) -> Interactive:
        """The figure with what makes it one to explore."""
        html, script, style = (
            printable(str(content.get(part) or "")) for part in ("html", "script", "style")
        )
        if fault := interactive_fault(script, style):
            raise RenderingError(f"{self.place}: author.interactive {fault}")
        return Interactive(**vars(still), html=html, script=script, style=style)


def joined(text: str | Sequence[str]) -> str:
    """A text that notebooks may hold as a list of lines."""
    return text if isinstance(text, str) else "".join(text)
