"""A code cell read: its source, and what it printed and displayed, as parts of a page."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from notebook_press.author import INTERACTIVE_TYPE, METADATA_KEY, RESULTS_TYPE, TABLE_TYPE, Estimate
from notebook_press.errors import RenderingError
from notebook_press.messages import cut_sentence, how_many
from notebook_press.rendering.gathering import Gathered
from notebook_press.rendering.images import IMAGE_TYPES, read_image
from notebook_press.rendering.outputs.bundle import Bundle
from notebook_press.rendering.outputs.readers import read_output
from notebook_press.rendering.page import (
    Chart,
    Code,
    Failure,
    Figure,
    Interactive,
    Prose,
    Table,
    Text,
)
from notebook_press.rendering.sanitising import listing, plain, printable
from notebook_press.rendering.tables import is_number, read_table
from notebook_press.scripts import interactive_fault

_NOT_ON_THE_PAGE = ("answer", "notice", "results")
"""What an author says to the press or to the top of the page, wherever the cell stands."""


def read_code_cell(cell: Mapping[str, Any], hidden: Collection[str], gathered: Gathered) -> None:
    """Add what a code cell gives to what is gathered.

    Args:
        cell: The cell.
        hidden: What of it is not to be seen, as `hidden_parts` says.
        gathered: What the cells before it gave.

    Raises:
        RenderingError: An output is not what its type promises.
    """
    reader = _CodeCell(hidden, gathered)
    reader.read_source(joined(cell["source"]), cell.get("execution_count"))
    reader.read_outputs(cell.get("outputs", ()))


class _CodeCell:
    """The code cell that is being read."""

    def __init__(self, hidden: Collection[str], gathered: Gathered) -> None:
        self.hidden, self.gathered, self.place = hidden, gathered, gathered.place
        self.start = len(gathered.blocks)

    def read_source(self, source: str, number: int | None) -> None:
        if source.strip() and "source" in self.hidden:
            self.gathered.book("Code", "hidden")
        elif source.strip():
            listed = listing(source).strip("\n")
            self.gathered.blocks.append(Code(listed, number, self.gathered.language))

    def read_outputs(self, outputs: Sequence[Mapping[str, Any]]) -> None:
        for stream in ("stdout", "stderr"):
            if stream in self.hidden:
                self._book_hidden([each for each in outputs if _stream(each) == stream], stream)
        seen = [each for each in outputs if _stream(each) not in self.hidden]
        for stream, alike in itertools.groupby(seen, _stream):
            if stream:  # a line can be printed, and rewritten, in several messages
                self._add_text(Text(plain("".join(map(_printed, alike))), stream))
                self.gathered.book("Text", "shown")
            else:
                for output in alike:
                    self._read_output(output)

    def _book_hidden(self, messages: Sequence[Mapping[str, Any]], stream: str) -> None:
        """Book what a cell printed to a stream, all together."""
        lines = plain("".join(map(_printed, messages))).splitlines()
        if count := sum(bool(line.strip()) for line in lines):
            self.gathered.book(f"Text printed to {stream}", "hidden", how_many(count, "line"))

    def _read_output(self, output: Mapping[str, Any]) -> None:
        """Take in an output that is not printed text."""
        metadata = output.get("metadata", {})
        details = metadata.get(METADATA_KEY)
        details = details if isinstance(details, Mapping) else {}  # anyone may use the name
        kind = details.get("kind")
        if kind == "progress" or ("outputs" in self.hidden and kind not in _NOT_ON_THE_PAGE):
            self.gathered.book("Progress" if kind == "progress" else "Output", "hidden")
        elif output["output_type"] == "error":
            traceback = plain("\n".join(output["traceback"]))
            summary = plain(f"{output['ename']}: {output['evalue']}")
            self.gathered.blocks.append(Failure(summary, traceback or summary))
            self.gathered.book("Error", "shown")
        elif self._read_said(kind, output["data"], details):
            self.gathered.book(f"author.{kind}", "shown")
        else:
            if kind == "cut" and details.get("characters"):
                missing = int(details["characters"])
                self.gathered.notices.append(cut_sentence(self.gathered.position, missing))
            gathered = self.gathered
            known = (gathered.widgets, gathered.drawings, gathered.beside, self.hidden)
            self._read_other(Bundle(output["data"], metadata, self.place, *known))

    def _read_said(self, kind: object, data: Mapping[str, Any], details: Mapping[str, Any]) -> bool:
        """Whether an output is one of `author`'s, which is then taken in."""
        gathered = self.gathered
        markdown = printable(joined(data.get("text/markdown", "")))
        match kind:
            case "answer":
                gathered.answer = markdown
                gathered.key_figure = next(reversed(gathered.figures), None)
            case "notice":
                gathered.notices.append(markdown)
            case "results" if RESULTS_TYPE in data:
                self._add_results(data[RESULTS_TYPE])
                if estimate := details.get("estimate"):
                    ((name, value),) = data[RESULTS_TYPE].items()
                    gathered.estimates[printable(name)] = Estimate(**{**estimate, "value": value})
            case "table" if TABLE_TYPE in data:
                number = sum(isinstance(block, Table) for block in gathered.blocks) + 1
                table = read_table(data[TABLE_TYPE], number, self.place, printable)
                gathered.blocks.append(table)
            case "figure":
                gathered.blocks.append(self._described(data, details))
            case "interactive" if INTERACTIVE_TYPE in data:
                figure = self._described(data, details)
                gathered.blocks.append(self._live(figure, data[INTERACTIVE_TYPE]))
            case "caption" | "measured":  # its figure has it; that is for the page of a sweep
                pass
            case _:
                return False
        return True

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
                    self.gathered.add_prose(block.markdown, block.attachments)
                case Text():
                    self._add_text(block)
                case _:
                    self.gathered.blocks.append(block)
        self.gathered.book(shown.what, shown.fate, shown.note)
        for loss in shown.losses:
            self.gathered.book(*loss)

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
        themed = image.mime == "image/svg+xml"
        return Figure(self.gathered.next_figure, caption, alt, image, themed=themed)

    def _live(self, still: Figure, content: Mapping[str, Any]) -> Interactive:
        """The figure with what makes it one to explore."""
        html, script, style = (
            printable(str(content.get(part) or "")) for part in ("html", "script", "style")
        )
        if fault := interactive_fault(script, style):
            raise RenderingError(f"{self.place}: author.interactive {fault}")
        return Interactive(**vars(still), html=html, script=script, style=style)

    def _add_text(self, text: Text) -> None:
        """Add what was printed; what the same cell prints next to the same stream continues it."""
        if not text.text.strip():
            return
        blocks = self.gathered.blocks
        last = blocks[-1] if len(blocks) > self.start else None
        if isinstance(last, Text) and last.stream == text.stream:
            blocks[-1] = replace(last, text=f"{last.text}\n{text.text}")
        else:
            blocks.append(text)


def _stream(output: Mapping[str, Any]) -> str:
    """The stream that an output was printed to, or nothing."""
    return str(output["name"]) if output["output_type"] == "stream" else ""


def _printed(output: Mapping[str, Any]) -> str:
    return joined(output["text"])


def joined(text: str | Sequence[str]) -> str:
    """A text that notebooks may hold as a list of lines."""
    return text if isinstance(text, str) else "".join(text)
