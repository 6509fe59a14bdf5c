"""IPython's kernel, run by its path in place of `-m ipykernel_launcher`, with no open TCP port.

ipykernel takes what forked children print over a port of 127.0.0.1, whatever its own transport is.
Here that goes over a socket beside the kernel's others. Nothing of the press is imported, so that
the kernel may be another environment's.
"""

import sys
from typing import Any


def _main() -> None:
    import os

    import zmq
    from ipykernel import kernelapp
    from ipykernel.iostream import IOPubThread
    from zmq.eventloop.zmqstream import ZMQStream

    class PrivateIOPubThread(IOPubThread):
        def _setup_pipe_in(self) -> None:
            own = self.socket.getsockopt_string(zmq.LAST_ENDPOINT)
            if not own.startswith("ipc:"):
                super()._setup_pipe_in()  # type: ignore[no-untyped-call]
                return
            self._pipe_uuid = os.urandom(16)  # by which it knows its children
            self._pipe_address = f"{own}-children"
            pipe = self.socket.context.socket(zmq.PULL)
            pipe.linger = 0
            pipe.bind(self._pipe_address)
            self._pipe_in = ZMQStream(pipe, self.io_loop)
            self._pipe_in.on_recv(self._handle_pipe_msg)

        def _setup_pipe_out(self) -> Any:
            if not hasattr(self, "_pipe_address"):
                return super()._setup_pipe_out()  # type: ignore[no-untyped-call]
            context = zmq.Context()  # a child can't use that of its parent
            pipe = context.socket(zmq.PUSH)
            pipe.linger = 3000  # milliseconds
            pipe.connect(self._pipe_address)
            return context, pipe

    kernelapp.IOPubThread = PrivateIOPubThread  # type: ignore[attr-defined]
    kernelapp.launch_new_instance()


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the press's own folder
    _main()
