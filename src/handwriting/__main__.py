"""Data of any form as four IDX files, or a sheet to write digits on as PDF.

`python -m handwriting import SOURCE FOLDER` corrects on the way what is certain, prints what was
found, and writes the names of the classes into `classes.txt`, a line each.
`python -m handwriting sheet FOLDER` writes the sheet for A4 and for US Letter. What is refused ends
either with status 3.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from handwriting.data import idx, registry
from handwriting.data.dataset import Dataset
from handwriting.data.photographs import sheet
from handwriting.errors import DatasetError
from handwriting.results import files


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and return the status to end with.

    Args:
        arguments: those of the command line; None for the process's own.
    """
    parser = argparse.ArgumentParser(prog="python -m handwriting", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    command = commands.add_parser("import", help="write as IDX files")
    command.add_argument("source", help="a data set's name, or the path of a file or a folder")
    command.add_argument("folder", type=Path, help="the folder to write to, new or empty")
    for name in ("invert", "transpose"):
        help_ = "whether to do so, where that is not found out"
        command.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=help_)
    command.add_argument("--scale", type=float, help="the number that stands for full ink")
    drawing = commands.add_parser("sheet", help="draw the sheet to write digits on")
    drawing.add_argument("folder", type=Path, help="the folder to write to")
    asked = vars(parser.parse_args(arguments))
    asked["folder"] = asked["folder"].expanduser()
    try:
        if asked.pop("command") == "sheet":
            draw(**asked)
        else:
            bring(**asked)
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 3
    return 0


def bring(source: str, folder: Path, **corrections: Any) -> None:
    """Write a data set of any form as IDX files, and print what was found.

    Raises:
        DatasetError: It is refused, or cannot be written.
    """
    dataset = registry.load(source, **corrections)
    write(dataset, folder)
    for finding in dataset.findings:
        print(finding.words)
    shown = f"{len(dataset.train):,} images to learn from and {len(dataset.test):,} to be judged by"
    print(f"{folder}: {shown}, of {dataset.classes} classes.")


def draw(folder: Path) -> None:
    """Write the sheet for each paper, over one that is there, and print where.

    Raises:
        DatasetError: It cannot be written.
    """
    for paper in sheet.PAPERS:
        path = folder / f"sheet-{paper}.pdf"
        try:
            files.write_bytes(files.made(folder) / path.name, sheet.pdf(paper))
        except OSError as error:
            expected, found = "a folder to write to", error.strerror or str(error)
            remedy = "Name another folder."
            raise DatasetError.at(path, expected=expected, found=found, remedy=remedy) from error
        print(path)


def write(dataset: Dataset, folder: Path) -> None:
    """Write a data set as four IDX files and the names of its classes.

    Raises:
        DatasetError: Something is in the folder already, or it cannot be written.
    """
    try:
        if any(files.made(folder).iterdir()):
            raise OSError(None, "files that would be mixed up with these")
        for stem, split in (("train", dataset.train), ("t10k", dataset.test)):
            for kind, array in (("images", split.images), ("labels", split.labels)):
                name = f"{stem}-{kind}-idx{array.ndim}-ubyte.gz"
                files.write_bytes(folder / name, idx.packed(array))
        names = "".join(f"{name}\n" for name in dataset.class_names)
        files.write_text(folder / "classes.txt", names)
    except OSError as error:
        found, remedy = error.strerror or str(error), "Name another folder."
        expected = "a new or empty folder to write to"
        raise DatasetError.at(folder, expected=expected, found=found, remedy=remedy) from error


if __name__ == "__main__":
    sys.exit(main())
