"""A kernel's answers: none of them is overlooked, and a missing one is noticed.

A socket of ZeroMQ tells once that something has arrived, and sending on it takes that news in. What
nbclient sends for a widget while it waits can so hide an answer for ever (nbclient's issue 312).
"""

import math
import time
from collections.abc import Callable
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type

PAUSE = 0.1  # seconds between two looks at what has arrived
NOTHING = {
    "code": "",
    "silent": True,
    "store_history": False,
    "user_expressions": {},
    "allow_stdin": False,
    "stop_on_error": False,
}
"""What a kernel is asked to execute to see whether it has done with what came before."""


class AnswerChannel(AsyncZMQSocketChannel):
    """The channel of requests and answers; it looks again and again, whatever it was told.

    A kernel executes in the order in which it was asked, whatever else it answers meanwhile. One
    that keeps an execution's answer for long is asked to execute nothing: if it answers that, the
    other answer is missing.

    Attributes:
        patience: Seconds until it is asked to execute nothing.
        missing: Called when an answer is missing.
    """

    patience: float = math.inf
    missing: Callable[[], None]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._asked: str | None = None

    def send(self, msg: dict[str, Any]) -> None:
        """Send a request; what was asked before an execution says nothing of its answer."""
        if msg["header"]["msg_type"] == "execute_request":
            self._asked = None
        super().send(msg)

    async def get_msg(  # type: ignore[override]  # as in the class above
        self, timeout: float | None = None
    ) -> dict[str, Any]:
        """Return the next message.

        Args:
            timeout: The seconds to wait for it; None to wait for ever.

        Raises:
            queue.Empty: None came in time.
        """
        start = time.monotonic()
        while True:
            waited = time.monotonic() - start
            left = PAUSE if timeout is None else max(min(PAUSE, timeout - waited), 0)
            try:
                message = await super().get_msg(left)
            except Empty:
                if timeout is not None and waited >= timeout:
                    raise
            else:
                if self._asked and message["parent_header"].get("msg_id") == self._asked:
                    self.missing()
                return message
            if timeout is None and waited > self.patience and self._asked is None:
                self._ask()

    def _ask(self) -> None:
        message = self.session.msg("execute_request", NOTHING)
        self.send(message)
        self._asked = message["header"]["msg_id"]


class AnsweredClient(AsyncKernelClient):
    """A client that overlooks no answer."""

    shell_channel_class = Type(AnswerChannel)
