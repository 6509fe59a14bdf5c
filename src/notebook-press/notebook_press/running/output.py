"""How the press bounds what a run puts into its notebook, and so its own memory.

Text that a cell prints is cut at a stated size: its beginning and its last lines stay, and between
them an output says how much is missing; a page says so at its top. Displayed data are never cut,
for results and figures are among them: a run that displays too much is refused.
"""

from typing import Any

import nbformat.v4
from nbformat import NotebookNode

from notebook_press.author import METADATA_KEY
from notebook_press.running.in_kernel import (
    DISPLAY_LIMIT,
    ENDING,
    LEFT_OUT,
    TEXT_LIMIT,
    cut_sentence,
    data_size,
    settled,
    without_surrogates,
)

OUTPUT_COST = 5_000  # characters that an output counts for besides its data: 10,000 at the most
MOST_PIECES = 10_000  # of one cell's text, where two streams take turns
PIECE = 4_000  # a piece of text shorter than this is continued by the next message
RECOUNT_STEP = 500_000  # characters displayed between two counts of what is left of them
SLOWEST_OUTPUT = 60  # seconds that output may come later than the end of its cell
_DISPLAYS = ("display_data", "execute_result", "update_display_data")


class TooMuchDisplayedError(Exception):
    """A notebook displays more than a report can hold."""


class LimitedOutput:
    """What a client of papermill's needs to bound a run's output: a base class before its own."""

    def reset_execution_trackers(self) -> None:
        """Start a run: nothing was displayed."""
        super().reset_execution_trackers()  # type: ignore[misc]
        self.iopub_timeout = SLOWEST_OUTPUT
        self._text = _CellText(-1)
        self._displayed, self._recount_at = 0, DISPLAY_LIMIT
        self._refused = False

    def execute(self, **options: Any) -> Any:
        """Run the notebook.

        Raises:
            TooMuchDisplayedError: It displayed too much, and was ended there.
        """
        error: Exception | None = None
        if self.km is None:  # type: ignore[has-type]
            self.km = self.create_kernel_manager()  # type: ignore[attr-defined]
        self.extra_arguments = _kernel_arguments(self.km)
        try:
            executed = super().execute(**options)  # type: ignore[misc]
        except Exception as found:  # a run that was refused ends in whatever way
            error = found
        if self._refused:
            raise TooMuchDisplayedError(
                f"displayed more than {DISPLAY_LIMIT // 10**6} MB, or "
                f"{DISPLAY_LIMIT // OUTPUT_COST:,} outputs, in this notebook, which a report can't "
                "hold; display less, or draw figures as PNG"
            ) from error
        if error is not None:
            raise error
        return executed

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Take in one message of the kernel, as far as there is room for it."""
        kind, content = msg["msg_type"], msg["content"]
        if self._refused and kind != "status":
            return None
        if self._text.cell != cell_index:
            self._text = _CellText(cell_index)
        if kind == "stream" and not self._has_hook(msg):
            return self._take_text(msg, cell, cell_index)
        if kind in (*_DISPLAYS, "error"):
            msg["content"] = content = without_surrogates(content)
        if kind == "error":
            _shorten_error(content)
        was_to_clear = self.clear_before_next_output
        output = super().process_message(msg, cell, cell_index)  # type: ignore[misc]
        if not cell.get("outputs") or (was_to_clear and not self.clear_before_next_output):
            self._text = _CellText(cell_index)
        if kind in _DISPLAYS or kind.startswith("comm") or kind == "stream":
            self._count(data_size(content) + OUTPUT_COST + content.get(LEFT_OUT, 0))
        return output

    def _has_hook(self, msg: dict[str, Any]) -> bool:
        """Return whether a widget of the notebook's takes the output, not the cell."""
        return bool(self.output_hook_stack[msg["parent_header"].get("msg_id")])  # type: ignore[attr-defined]

    def _take_text(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> None:
        if self.clear_before_next_output:  # type: ignore[has-type]
            at_once = {**msg, "content": {"wait": False}}
            self.clear_output(cell.outputs, at_once, cell_index)  # type: ignore[attr-defined]
            self.clear_before_next_output = False
            self._text = _CellText(cell_index)
        content = msg["content"]
        text = without_surrogates(content["text"])
        self._text.add(cell.outputs, content["name"], text, content.get(LEFT_OUT, 0))
        self.nb_man.autosave_cell()  # type: ignore[attr-defined]

    def _count(self, size: int) -> None:
        """Count what was displayed; refuse the run if what is left of it is too much."""
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
            self._refused = True
            self.task_poll_for_reply.cancel()  # type: ignore[attr-defined]
        self._displayed = kept
        self._recount_at = max(DISPLAY_LIMIT, kept + RECOUNT_STEP)


class _CellText:
    """Collects what a cell prints in its outputs: a beginning, a mark, and the last lines."""

    def __init__(self, cell: int) -> None:
        self.cell = cell
        self.kept = self.pieces = self.beyond = 0
        self.mark: NotebookNode | None = None
        self.last: NotebookNode | None = None
        self.ending = ""

    def add(self, outputs: list[NotebookNode], name: str, text: str, left_out: int) -> None:
        """Add a message's text, of which `left_out` characters are missing before its ending."""
        text = settled(text)
        room = TEXT_LIMIT - self.kept if self.pieces < MOST_PIECES else 0
        if self.mark is None and len(text) <= room and not left_out:
            self._join(outputs, name, text)
            return
        if self.mark is None:
            room = max(min(room, len(text) - ENDING), 0) if left_out else room
            beginning = text[:room]
            beginning = beginning[: beginning.rfind("\n") + 1] or beginning
            text = text[len(beginning) :]
            self._join(outputs, name, f"{beginning}…" if beginning[-1:] != "\n" else beginning)
            self.mark, self.last = _new_mark(), _new_text(name, "")
            outputs += [self.mark, self.last]
        self.beyond += len(text) + left_out
        if left_out:
            self.ending = text[-ENDING:]
        else:
            self.ending = settled(self.ending + text)[-ENDING:]
        self._tell()

    def _join(self, outputs: list[NotebookNode], name: str, text: str) -> None:
        if not text:
            return
        last = outputs[-1] if outputs else None
        if last and last.get("name") == name and len(last.text) < PIECE:
            before = len(last.text)
            last["text"] = settled(last.text + text)
            self.kept += len(last.text) - before
        else:
            outputs.append(_new_text(name, text))
            self.kept += len(text)
            self.pieces += 1

    def _tell(self) -> None:
        """Write the ending, in whole lines where there are any, and how much is missing."""
        shown = self.ending
        if self.beyond > len(shown):
            _, newline, rest = shown.partition("\n")
            shown = rest if newline and rest else f"…{shown}"
        missing = self.beyond - len(shown.removeprefix("…"))
        if self.mark is not None and self.last is not None:
            self.last["text"] = shown
            self.mark.metadata[METADATA_KEY]["characters"] = missing
            what = f"[{missing:,} characters are left out here]"
            self.mark.data["text/plain"] = what if missing else ""


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
    room = TEXT_LIMIT
    lines = []
    for line in content.get("traceback") or ():
        lines.append(line[:room])
        room -= len(lines[-1])
    content["traceback"] = [line for line in lines if line]


def account_for_cuts(executed: NotebookNode) -> tuple[dict[str, int], list[str]]:
    """Return how many characters were left out, for the manifest, and the lines for the log."""
    missing = 0
    lines = []
    for position, cell in enumerate(executed.cells, start=1):
        for output in cell.get("outputs", ()):
            details = output.get("metadata", {}).get(METADATA_KEY) or {}
            if details.get("kind") == "cut" and details["characters"]:
                missing += details["characters"]
                lines.append(cut_sentence(position, details["characters"]))
    return {"characters_left_out": missing}, lines


def _kernel_arguments(manager: Any) -> list[str]:
    """Return what to add to the command of a kernel so that it limits itself; IPython's can."""
    if not any("ipykernel" in word for word in manager.kernel_spec.argv):
        return []
    return ["--InteractiveShellApp.extra_extensions=notebook_press.running.in_kernel"]
