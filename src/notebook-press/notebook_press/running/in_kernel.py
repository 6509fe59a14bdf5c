"""What the press loads into an IPython kernel: output is cut where it is made.

A message is whole in the memory of whoever receives it, so only the kernel can keep an endless
printer's messages small. Loaded as an IPython extension by the name of this module; a kernel that
can't load it is limited by `output` alone. The largest outputs of real reports are figures to
explore, of some megabytes each, and a printed million characters are three hundred pages of paper.
"""

import os
import re
import select
import sys
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

from notebook_press.messages import TEXT_LIMIT

LEFT_OUT = "notebook_press_left_out"
"""Where a message's content says how many characters are missing before its last ones."""

MOST_TAKEN = 65_536  # bytes of a descriptor at a time: what a pipe holds

LATER_TEXT = 100_000  # characters of a message after the first million, when a page keeps only ends


class StreamCut:
    """Cuts a stream's messages to what a notebook can keep of them."""

    def __init__(self) -> None:
        self._cell: object = None
        self._sent = 0

    def __call__(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the message; `content[LEFT_OUT]` is set where its middle was taken out."""
        content, cell = message["content"], (message.get("parent_header") or {}).get("msg_id")
        if cell != self._cell:
            self._cell, self._sent = cell, 0
        text = settled(content["text"])
        room = max(TEXT_LIMIT - self._sent, LATER_TEXT)
        if len(text) > room + ENDING:
            content[LEFT_OUT] = len(text) - room - ENDING
            text = text[:room] + text[-ENDING:]
        content["text"] = without_surrogates(text)  # a message that holds one is never sent
        self._sent += len(text)
        return message


def cut_display(message: dict[str, Any]) -> dict[str, Any]:
    """Return the message, without its data where they are more than a notebook may hold."""
    content = message["content"]
    size = data_size(content.get("data"))
    if size > DISPLAY_LIMIT:
        content[LEFT_OUT], content["data"] = size, {}
    content["data"] = without_surrogates(content.get("data"))
    return message


class Descriptor:
    """Takes what is written to a stream's descriptor, as libraries in C do, into its cell's output.

    ipykernel's thread does that too, yet nothing tells when it has done: what it takes after the
    end of a cell is in no cell's output. It is replaced.

    Args:
        stream: ipykernel's stream that stands in for standard output, or for standard error.
    """

    def __init__(self, stream: Any) -> None:
        self._stream, self._lock = stream, threading.Lock()
        stream._should_watch = False
        os.write(stream._original_stdstream_fd, b"\0")  # so that its thread looks, and ends
        stream.watch_fd_thread.join()
        stream._should_watch = True
        stream.watch_fd_thread = threading.Thread(target=self._watch, daemon=True)
        stream.watch_fd_thread.start()

    def _watch(self) -> None:
        while self._stream._should_watch:
            select.select((self._stream._fid,), (), ())
            self.take()

    def take(self, _result: object = None) -> None:
        """Take what has been written until now."""
        stream = self._stream
        with self._lock:
            while stream._should_watch and select.select((stream._fid,), (), (), 0)[0]:
                data = os.read(stream._fid, MOST_TAKEN)
                stream.write(data.decode(errors="replace"))
                os.write(stream._original_stdstream_copy, data)


def load_ipython_extension(shell: Any) -> None:
    """Limit what this kernel sends, and let nothing that it sends be dropped on the way."""
    import zmq  # here, for the press reads this module too and need not have it

    thread = shell.kernel.iopub_thread
    if thread.socket.getsockopt(zmq.TYPE) == zmq.XPUB:
        # Past a thousand messages in waiting, ZeroMQ would drop results in silence.
        thread.schedule(partial(thread.socket.setsockopt, zmq.XPUB_NODROP, 1))
    for stream in (sys.stdout, sys.stderr):
        # A stream's hooks are those of the thread that sends.
        thread.schedule(partial(stream.register_hook, StreamCut()))  # type: ignore[union-attr]
        if getattr(stream, "_should_watch", False):
            shell.events.register("post_run_cell", Descriptor(stream).take)
    shell.display_pub.register_hook(cut_display)
    if hasattr(shell.displayhook, "register_hook"):
        shell.displayhook.register_hook(cut_display)


ENDING = 2_000
"""Characters that are kept of the end of what is left out."""

DISPLAY_LIMIT = 50_000_000
"""Characters of displayed data that one notebook may hold; one that holds more is refused."""

# A state of a line that a later state has replaced, as progress bars write them; colours may be in
# it, but nothing that moves the cursor elsewhere, as bars below each other do.
_REWRITTEN = re.compile(r"(?<=\r)[^\r\n\x1b]*(?:\x1b\[[\d;]*m[^\r\n\x1b]*)*\r(?!\n)")
_HALF = re.compile(r"[\ud800-\udfff]")


def settled(text: str) -> str:
    """Return the text with no more than the first and the last state of a rewritten line."""
    return _REWRITTEN.sub("", text) if "\r" in text else text


def data_size(data: Any) -> int:
    """Return about how many characters a file needs for a message's data."""
    if isinstance(data, str | bytes):
        return len(data)
    if isinstance(data, Mapping):
        return sum(len(str(name)) + data_size(value) for name, value in data.items())
    if isinstance(data, list | tuple):
        return sum(data_size(value) for value in data)
    return 8


def without_surrogates(data: Any) -> Any:
    """Return JSON data with each half of a character, which UTF-8 can't hold, replaced."""
    if isinstance(data, str):
        return data if data.isascii() else _HALF.sub("\N{REPLACEMENT CHARACTER}", data)
    if isinstance(data, Mapping):
        return {without_surrogates(k): without_surrogates(v) for k, v in data.items()}
    if isinstance(data, list):
        return [without_surrogates(value) for value in data]
    return data
