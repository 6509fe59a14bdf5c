"""A server that notes what is asked of it, where nothing may be."""

import http.server
import threading
from typing import Self


class Listener:
    """A server on this machine, and what was asked of it."""

    def __init__(self) -> None:
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.address = f"http://127.0.0.1:{self.server.server_port}/x.png"

    def __enter__(self) -> Self:
        """Listen."""
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
