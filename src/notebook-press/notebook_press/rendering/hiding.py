"""What somebody asked to hide of a cell: by its tags, or folded away in Jupyter."""

from collections.abc import Mapping
from typing import Any

_OUTPUTS = {"outputs", "stdout", "stderr"}
_TAGGED = {  # Jupyter Book's, and nbconvert's usual ones with underscores
    "cell": {"source", *_OUTPUTS},
    "input": {"source"},
    "output": _OUTPUTS,
    "all-outputs": _OUTPUTS,
    "stdout": {"stdout"},
    "stderr": {"stderr"},
}


def hidden_parts(cell: Mapping[str, Any], notebook: Mapping[str, Any]) -> set[str]:
    """Which of a cell's `source`, `outputs`, `stdout` and `stderr` are not to be seen.

    Args:
        cell: The cell's metadata.
        notebook: The notebook's metadata.
    """
    tags = cell.get("tags")
    hidden: set[str] = set()
    for tag in tags if isinstance(tags, list) else ():
        verb, _, part = str(tag).replace("_", "-").partition("-")
        if verb in ("remove", "hide"):
            hidden |= _TAGGED.get(part, set())
    jupyter = cell.get("jupyter")
    folded = jupyter if isinstance(jupyter, Mapping) else {}
    if folded.get("source_hidden", cell.get("hide_input", notebook.get("hide_input"))) is True:
        hidden.add("source")
    if folded.get("outputs_hidden", cell.get("collapsed")) is True:
        hidden |= _OUTPUTS
    return hidden
