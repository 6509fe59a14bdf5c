"""Run as a program: Plotly figures drawn as PNG by the browser that kaleido finds, in order.

The request comes on stdin; the pictures lie in the folder as `made-1`, `made-2`, … The browser
loads nothing but the page's two scripts, which lie on this machine.
"""

import asyncio
import json
import resource
import sys
from pathlib import Path
from typing import Any

_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src file:; style-src 'unsafe-inline'; img-src data: blob:; font-src data:\">"
)
_NOWHERE = "http://127.0.0.1:9"  # where no proxy listens


def main() -> None:
    """Answer the request on stdin."""
    request = json.load(sys.stdin)
    seconds = int(request["processor_seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))  # the browser's as well
    asyncio.run(asyncio.wait_for(_draw(request), request["seconds"]))


async def _draw(request: dict[str, Any]) -> None:
    import kaleido  # an extra brings it, so this module can be imported without

    page = kaleido.PageGenerator(mathjax=False)
    page.header = page.header.replace("<head>", f"<head>{_POLICY}", 1)
    options = {"n": 1, "timeout": 20, "page_generator": page, "proxy_server": _NOWHERE}
    async with kaleido.Kaleido(**options) as browser:
        for number, figure in enumerate(request["figures"], start=1):
            size = {"width": figure["width"], "height": figure["height"]}
            opts = {"format": "png", "scale": 2, **size}
            content = await browser.calc_fig(figure["figure"], opts)
            (Path(request["folder"]) / f"made-{number}").write_bytes(content)


if __name__ == "__main__":
    main()
