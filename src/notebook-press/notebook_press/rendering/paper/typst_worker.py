"""Run as a program: one Typst document compiled, or drawn, in the folder that is its root.

It stands alone, so that it starts in an instant. The request comes on stdin; what was made lies in
the folder as `made-1`, `made-2`, …; the answer on stdout says how many, or what was wrong.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import typst

_LEAST_SHARE = 0.74  # of its size: a picture that would have to be smaller floats
_DECISIONS = 60


def main() -> None:
    """Answer the request on stdin."""
    request = json.load(sys.stdin)
    folder = Path(request["folder"])
    seconds = int(request["processor_seconds"])  # it ends even where nobody is left to end it
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    try:
        made = _draw(folder, request) if request["format"] == "png" else _set(folder, request)
        for number, content in enumerate(made, start=1):
            (folder / f"made-{number}").write_bytes(content)
        answer: dict[str, Any] = {"made": len(made)}
    except typst.TypstError as error:
        answer = {"message": error.message, "hints": list(error.hints)}
    json.dump(answer, sys.stdout)


def _draw(folder: Path, request: dict[str, Any]) -> list[bytes]:
    pages: Any = typst.compile(  # a list where there are several
        folder / "document.typ",
        root=folder,
        format="png",
        ppi=request["pixels_per_inch"],
        ignore_system_fonts=not request["fonts_of_machine"],
    )
    return pages if isinstance(pages, list) else [pages]


def _set(folder: Path, request: dict[str, Any]) -> list[bytes]:
    (folder / "shares.json").write_text("{}")
    compiler = typst.Compiler(
        folder / "document.typ", root=folder, ignore_system_fonts=not request["fonts_of_machine"]
    )
    _place_pictures(compiler, folder / "shares.json")
    pdf: Any = compiler.compile(pdf_standards=["ua-1"], timestamp=request["timestamp"])
    return [bytes(pdf)]


def _place_pictures(compiler: typst.Compiler, shares_path: Path) -> None:
    """Decide for each picture that moves to the next page whether to shrink it, or to let it float.

    One at a time, since each decision moves what follows; what stands before it stays where it is.
    """
    shares: dict[str, float] = {}
    for _ in range(_DECISIONS):
        before = 0  # the page of the picture before
        try:
            standing = json.loads(compiler.query("<above>"))
        except RuntimeError:  # what is wrong, the compiler says better
            return
        for found in standing:
            number, asked_on, drawn_on, share = found["value"]
            if drawn_on > asked_on and number not in shares:
                break
            before = drawn_on
        else:
            return
        shrunk = 1 if before > asked_on else min(1.0, share)
        shares[number] = 0 if share < _LEAST_SHARE else shrunk
        shares_path.write_text(json.dumps(shares))


if __name__ == "__main__":
    main()
