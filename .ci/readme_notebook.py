"""Write the notebook that a README shows: each of its listings is a cell.

A listing in `python` is a code cell, one in `markdown` a Markdown cell; the first code cell that
annotates a name is the one tagged `parameters`.
"""

import re
import sys
from pathlib import Path

from nbformat import NotebookNode, v4, write

LISTING = re.compile(r"^```(python|markdown)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def notebook_of(readme: str) -> NotebookNode:
    """Return the notebook whose cells are the listings, in their order."""
    cells = []
    for language, source in LISTING.findall(readme):
        cell = v4.new_code_cell(source) if language == "python" else v4.new_markdown_cell(source)
        cells.append(cell)
    declares = (each for each in cells if re.match(r"\w+: ", each.source))
    next(declares).metadata["tags"] = ["parameters"]
    return v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


if __name__ == "__main__":
    readme, notebook = sys.argv[1:]
    write(notebook_of(Path(readme).read_text(encoding="utf-8")), notebook)
