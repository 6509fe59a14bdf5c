"""Typst in a process of its own, which may crash or never end without taking the press along."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from notebook_press.errors import RenderingError, one_line
from notebook_press.rendering.workplaces import environment, own_workplace

__all__ = ["TypstRefusedError", "run_typst"]

SECONDS = 120.0
_WORKER = Path(__file__).parent / "typst_worker.py"


class TypstRefusedError(Exception):
    """Typst names what is wrong with a document.

    Attributes:
        message: What is wrong.
        hints: What may help.
    """

    def __init__(self, message: str, hints: tuple[str, ...]) -> None:
        super().__init__(message)
        self.message = message
        self.hints = hints


def run_typst(
    source: str, files: Mapping[str, bytes], wanted: Mapping[str, Any], what: str
) -> list[bytes]:
    """Return what Typst makes of a source: one PDF, or one PNG a page.

    Args:
        source: The document.
        files: The images that it may read, by name; there is nothing else for it to read.
        wanted: The `format`, `pdf` with its `timestamp` or `png` with its `pixels_per_inch`.
        what: What to call it where it fails.

    Raises:
        TypstRefusedError: Typst refuses the document.
        RenderingError: Typst crashed, or did not end within two minutes.
    """
    with own_workplace("typst") as folder:
        for file, content in files.items():
            (folder / file).write_bytes(content)
        (folder / "document.typ").write_text(source, encoding="utf-8")
        request = {**wanted, "processor_seconds": 5 * SECONDS}
        (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
        _run(folder, what)
        answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        if "message" in answer:
            raise TypstRefusedError(answer["message"], tuple(answer["hints"]))
        return [(folder / f"made-{n + 1}").read_bytes() for n in range(answer["made"])]


def _run(folder: Path, what: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603  (our own program in our own folder)
            [sys.executable, "-I", str(_WORKER), str(folder)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env=environment(folder),
        )
    except subprocess.TimeoutExpired:
        raise RenderingError(
            f"{what}: expected Typst to end within {SECONDS:.0f} s, found it still at work; look "
            "for an equation or a list nested very deeply, or a drawing of very many marks"
        ) from None
    if done.returncode != 0:
        *_, last = ["nothing on stderr", *done.stderr.decode(errors="replace").splitlines()]
        raise RenderingError(
            f"{what}: expected Typst to end well, found exit {done.returncode} "
            f"({one_line(last)[:200]}); look for an equation or a list nested very deeply"
        )
