"""A notebook's cells, run here and now, with some of what they call replaced.

    said = cells.run("02_network", {"dataset": folder, "repeats": 1}, replaced)

`replaced` holds, by its full name, what stands in for a function or a class: for instance
`{"handwriting.models.training.predict": stub}`. What the cells say to their page is returned and
not shown; figures are drawn all the same, so that their words are true of what they show.
"""

import importlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
_BROKEN = re.compile(
    r"\b(?:nan|inf|None|True|False)\b|\[\]|\(\)|[{}]|\S  \S|, ?\.|\b(?:and|of|in) ?\."
)
_NOUNS = "classes|digits|images|labels|mistakes|networks|neurons|rivals|sets|trainings|writers"
_ONE = re.compile(rf"(?<![\w.,])\**1\** (?:[a-z-]+ )?(?:{_NOUNS})\b")


@dataclass
class Said:
    """What a notebook said to its page.

    Attributes:
        sentences: each text of `answer`, `say` and `notice`, in order.
        captions: of figures and tables.
        alts: what figures show.
        tables: each table's rows, as text, by its caption.
        results: what was recorded.
    """

    sentences: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    results: dict[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All that was said in words, a line each."""
        return "\n".join([*self.sentences, *self.captions, *self.alts])

    @property
    def broken(self) -> list[str]:
        """Lines with what no sentence should hold: `nan`, an empty list, two spaces, `1 images`."""
        lines = self.text.splitlines()
        return [line for line in lines if _BROKEN.search(_prose(line)) or _ONE.search(_prose(line))]


def _prose(line: str) -> str:
    """A line without its formulas and addresses."""
    return re.sub(r"\$[^$]*\$|\]\([^)]*\)|`[^`]*`", "", line)


def run(name: str, parameters: Mapping[str, Any], replaced: Mapping[str, Any]) -> Said:
    """Return what the cells of `notebooks/<name>.ipynb` say, run in order in one namespace."""
    notebook = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    said, space = Said(), {"__name__": "__main__"}
    here = Path.cwd()
    with mock.patch("IPython.display.display", lambda *given, **more: _hear(said, *given, **more)):
        patches = [_patch(each, stands_in) for each, stands_in in replaced.items()]
        for patch in patches:
            patch.start()
        os.chdir(NOTEBOOKS)
        try:
            for number, cell in enumerate(notebook["cells"]):
                if cell["cell_type"] == "code":
                    exec(compile("".join(cell["source"]), f"{name}, cell {number}", "exec"), space)
                if "parameters" in cell["metadata"].get("tags", ()):
                    space |= parameters
        finally:
            os.chdir(here)
            for patch in patches:
                patch.stop()
    return said


def _patch(full_name: str, stands_in: Any) -> Any:
    module, _, name = full_name.rpartition(".")
    return mock.patch.object(importlib.import_module(module), name, stands_in)


def _hear(said: Said, data: Mapping[str, Any], *, raw: bool, metadata: Mapping[str, Any]) -> None:
    told = metadata["notebook_press"]
    kind = told["kind"]
    if kind in {"answer", "say", "notice"}:
        said.sentences.append(data["text/markdown"])
    elif kind in {"figure", "interactive"}:
        said.captions.append(told["caption"])
        said.alts.append(told["alt"])
    elif kind == "table":
        table = data["application/vnd.notebook-press.table+json"]
        said.captions.append(table["caption"])
        said.tables[table["caption"]] = table["rows"]
    elif kind == "results":
        said.results |= data["application/vnd.notebook-press.results+json"]
