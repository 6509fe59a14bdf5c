"""`python -m handwriting import SOURCE FOLDER`: data of any form as four IDX files.

What is certain about them is corrected on the way, and what was found is printed. The names of the
classes go into `classes.txt`, a line each. Data that are refused end it with status 3.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from handwriting.data import idx, registry
from handwriting.data.dataset import Dataset
from handwriting.errors import DatasetError
from handwriting.results import files


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and return the status to end with.

    Args:
        arguments: those of the command line; None for the process's own.
    """
    parser = argparse.ArgumentParser(prog="python -m handwriting", description=__doc__)
    command = parser.add_subparsers(required=True).add_parser("import", help="write as IDX files")
    command.add_argument("source", help="a data set's name, or the path of a file or a folder")
    command.add_argument("folder", type=Path, help="the folder to write to, new or empty")
    for name in ("invert", "transpose"):
        help_ = "whether to do so, where that is not found out"
        command.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=help_)
    command.add_argument("--scale", type=float, help="the number that stands for full ink")
    asked = vars(parser.parse_args(arguments))
    source, folder = asked.pop("source"), asked.pop("folder").expanduser()
    try:
        dataset = registry.load(source, **asked)
        write(dataset, folder)
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 3
    for finding in dataset.findings:
        print(finding.words)
    shown = f"{len(dataset.train):,} images to learn from and {len(dataset.test):,} to be judged by"
    print(f"{folder}: {shown}, of {dataset.classes} classes.")
    return 0


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
