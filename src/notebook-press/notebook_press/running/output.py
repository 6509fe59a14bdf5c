"""How the press bounds what a run puts into its notebook, and so its own memory.

Text that a cell prints is cut at a stated size: its beginning and its last lines stay, and between
them an output says how much is missing; a page says so at its top. Displayed data are never cut,
for results and figures are among them: a run that displays too much is refused.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import nbformat.v4
from nbformat import NotebookNode

from notebook_press.author import METADATA_KEY
from notebook_press.messages import TEXT_LIMIT, cut_sentence, in_one_line
from notebook_press.running.in_kernel import (
    DISPLAY_LIMIT,
    ENDING,
    LEFT_OUT,
    data_size,
    settled,
    without_surrogates,
)
from notebook_press.running.processes import Watchdog

OUTPUT_COST = 5_000  # characters that an output counts for besides its data: 10,000 at the most
MOST_PIECES = 10_000  # of one cell's text, where two streams take turns
PIECE = 4_000  # a piece of text shorter than this is continued by the next message
RECOUNT_STEP = 500_000  # characters displayed between two counts of what is left of them
SLOWEST_OUTPUT = 60  # seconds that output may come later than the end of its cell
LONGEST_CAUSE = 200
_JSON_TYPE = re.compile(r"application/(?:.*\+)?json")
_DISPLAYS = ("display_data", "execute_result", "update_display_data")


class LimitedOutput:
    """What a client of papermill's needs to bound a run's output: a base class before its own.

    Of nbclient it uses only the methods that it overrides and the attributes without an underscore
    in front: `km`, `nb`, `extra_arguments`, `widget_state` and `widget_buffers`.

    Attributes:
        watchdog: Ends a run that displays too much.
    """

    watchdog: Watchdog

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options = {"iopub_timeout": SLOWEST_OUTPUT, **options}
        super().__init__(*arguments, **options)
        self._text = _CellText()
        self._displayed, self._recount_at = 0, DISPLAY_LIMIT

    def start_new_kernel(self, **options: Any) -> None:
        """Start the kernel; IPython's limits what it sends itself."""
        if any("ipykernel" in word for word in self.km.kernel_spec.argv):  # type: ignore[attr-defined]
            extension = "notebook_press.running.in_kernel"
            self.extra_arguments = [f"--InteractiveShellApp.extra_extensions={extension}"]
        super().start_new_kernel(**options)  # type: ignore[misc]

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Take in one message of the kernel, as far as there is room for it."""
        kind = msg["msg_type"]
        if self.watchdog.reason is not None and kind != "status":
            return None
        msg["content"] = content = without_surrogates(msg["content"])
        if kind == "error":
            _shorten_error(content)
        if kind in _DISPLAYS:
            content["data"] = _stored(content.get("data"))
        try:
            output = super().process_message(msg, cell, cell_index)  # type: ignore[misc]
        except nbformat.ValidationError as error:
            cause = in_one_line(str(error))[:LONGEST_CAUSE]
            self.watchdog.end_run(f"gave an output that a notebook can't hold: {cause}")
            return None
        in_a_widget = kind == "stream" and output is None
        if kind in _DISPLAYS or kind.startswith("comm") or in_a_widget:
            self._count(data_size(content) + OUTPUT_COST + content.get(LEFT_OUT, 0))
        return output

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], *rest: Any) -> Any:
        """Add an output to a cell's, unless a widget takes it; return what was added."""
        output = super().output(outs, msg, *rest)  # type: ignore[misc]
        if output is None:
            return None
        if len(outs) == 1:  # the first of its cell, or after what was there had been cleared
            self._text = _CellText()
        if output.output_type == "stream":
            outs.pop()
            self._text.add(outs, output.name, output.text, msg["content"].get(LEFT_OUT, 0))
        return output

    def _count(self, size: int) -> None:
        """Count what was displayed; end the run if what is left of it is too much."""
        self._displayed += size
        if self._displayed <= self._recount_at:
            return
        cells = self.nb.cells  # type: ignore[attr-defined]
        outputs = (output for cell in cells for output in cell.get("outputs", ()))
        kept = sum(
            data_size(output.data) + data_size(output.metadata) + OUTPUT_COST
            for output in outputs
            if "data" in output
        )
        kept += data_size(self.widget_state) + data_size(self.widget_buffers)  # type: ignore[attr-defined]
        if max(kept, size) > DISPLAY_LIMIT:
            self.watchdog.end_run(
                f"displayed more than {DISPLAY_LIMIT // 10**6} MB, or "
                f"{DISPLAY_LIMIT // OUTPUT_COST:,} outputs, in this notebook, which a report can't "
                "hold; display less, or draw figures as PNG"
            )
        self._displayed = kept
        self._recount_at = max(DISPLAY_LIMIT, kept + RECOUNT_STEP)


def _stored(data: Any) -> Any:
    """Return what was displayed as a notebook holds it: under a type of text, other values as JSON.

    Altair 6 names its charts' types `.json`, where Jupyter's files know JSON by `+json`.
    """
    if not isinstance(data, Mapping):
        return data
    stored = {}
    for kind, value in data.items():
        lines = value if isinstance(value, list) else [value]
        is_text = all(isinstance(each, str) for each in lines)
        if is_text or _JSON_TYPE.fullmatch(kind):
            stored[kind] = value
        elif _JSON_TYPE.fullmatch(named := kind.removesuffix(".json") + "+json"):
            stored[named] = value
        else:
            stored[kind] = json.dumps(value)
    return stored


class _CellText:
    """Collects what a cell prints in its outputs: a beginning, a mark, and the last lines."""

    def __init__(self) -> None:
        self.kept = self.pieces = self.beyond = 0
        self.mark: NotebookNode | None = None
        self.last = _new_text("stdout", "")

    def add(self, outputs: list[NotebookNode], name: str, text: str, left_out: int) -> None:
        """Add a message's text, of which `left_out` characters are missing before its ending."""
        text = settled(text)
        if self.mark is None:
            room = TEXT_LIMIT - self.kept if self.pieces < MOST_PIECES else 0
            if len(text) <= room and not left_out:
                self._join(outputs, name, text)
                return
            room = max(min(room, len(text) - ENDING), 0) if left_out else room
            beginning = text[:room]
            beginning = beginning[: beginning.rfind("\n") + 1] or beginning
            text = text[len(beginning) :]
            self._join(outputs, name, f"{beginning}…" if beginning[-1:] != "\n" else beginning)
            self.mark, self.last, self.ending = _new_mark(), _new_text(name, ""), ""
            outputs += [self.mark, self.last]
        self.beyond += len(text) + left_out
        before = "" if left_out else self.ending
        self.ending = settled(before + text)[-ENDING:]
        self._tell(self.mark)

    def _join(self, outputs: list[NotebookNode], name: str, text: str) -> None:
        last = outputs[-1] if outputs else None
        if last is not None and last.get("name") == name and len(last.text) < PIECE:
            before = len(last.text)
            last["text"] = settled(last.text + text)
            self.kept += len(last.text) - before
        elif text:
            outputs.append(_new_text(name, text))
            self.kept += len(text)
            self.pieces += 1

    def _tell(self, mark: NotebookNode) -> None:
        """Write the ending, in whole lines where there are any, and how much is missing."""
        shown = self.ending
        if self.beyond > len(shown):
            _, newline, rest = shown.partition("\n")
            shown = rest if newline and rest else f"…{shown}"
        missing = self.beyond - len(shown.removeprefix("…"))
        self.last["text"] = shown
        mark.metadata[METADATA_KEY]["characters"] = missing
        mark.data["text/plain"] = f"[{missing:,} characters are left out here]" if missing else ""


def _new_text(name: str, text: str) -> NotebookNode:
    output: NotebookNode = nbformat.v4.new_output("stream", name=name, text=text)  # type: ignore[no-untyped-call]
    return output


def _new_mark() -> NotebookNode:
    details = {METADATA_KEY: {"kind": "cut", "characters": 0}}
    output: NotebookNode = nbformat.v4.new_output(  # type: ignore[no-untyped-call]
        "display_data", {"text/plain": ""}, metadata=details
    )
    return output


def _shorten_error(content: dict[str, Any]) -> None:
    """Cut an exception's text where it is longer than what a cell may print."""
    content["evalue"] = str(content.get("evalue", ""))[:TEXT_LIMIT]
    lines = content.get("traceback") or []
    if sum(map(len, lines)) > TEXT_LIMIT:
        content["traceback"] = ["\n".join(lines)[:TEXT_LIMIT]]


def account_for_cuts(executed: NotebookNode) -> tuple[dict[str, int], list[str]]:
    """Return how many characters were left out, for the manifest, and the lines for the log."""
    cuts = [
        (position, details["characters"])
        for position, cell in enumerate(executed.cells, start=1)
        for output in cell.get("outputs", ())
        for details in [output.get("metadata", {}).get(METADATA_KEY) or {}]
        if details.get("kind") == "cut" and details["characters"]
    ]
    lines = [cut_sentence(position, characters) for position, characters in cuts]
    return {"characters_left_out": sum(characters for _, characters in cuts)}, lines
