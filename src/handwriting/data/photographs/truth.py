"""What is written on photographs, as whoever wrote it says."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from handwriting.data import arrays
from handwriting.errors import DatasetError
from handwriting.results import files

NAMES, FOLDERS = "names", "folders"
RULES = (NAMES, FOLDERS)
"""What the truth can be instead of the path of a text file."""

_MOST_BYTES = 2**20
_FORM = "lines such as `name.jpg: 1234 / 5678`, or of one photograph its lines alone"


def stated(truth: str, paths: Sequence[Path]) -> Mapping[Path, tuple[str, ...]]:
    """Return what is written on photographs, line by line without spaces; not of all need it be.

    Args:
        truth: `names`, where a file's name up to its first `_` says it, with `-` between lines, as
            in `1234-5678_desk.jpg`; `folders`, where the name of the folder does, as in
            `7/desk.jpg`; or the path of a text file, with a line such as `desk.jpg: 1234 / 5678`
            for each photograph, or, for one photograph, with just its lines.
        paths: the photographs.

    Raises:
        DatasetError: The text file cannot be read, or names what is none of the photographs; the
            name of a file says nothing.
    """
    if truth == NAMES:
        return {path: _lines(path, path.stem.partition("_")[0], "-") for path in paths}
    if truth == FOLDERS:
        return {path: _lines(path, path.parent.name, "\n") for path in paths}
    place = Path(truth)
    text = [line for line in _text(place).splitlines() if line.strip()]
    if len(paths) == 1 and not any(":" in line for line in text):
        return {paths[0]: _lines(place, "\n".join(text), "\n")}
    by_name = {path.name: path for path in paths}
    found: dict[Path, tuple[str, ...]] = {}
    for line in text:
        name, colon, written = line.partition(":")
        if not colon or name.strip() not in by_name or by_name[name.strip()] in found:
            raise _refusal(place, line, name.strip(), [*by_name])
        found[by_name[name.strip()]] = _lines(place, written, "/")
    return found


def _lines(place: Path, text: str, between: str) -> tuple[str, ...]:
    found = tuple("".join(line.split()) for line in text.split(between))
    if all(found):
        return found
    raise arrays.refusal(place, "what is written, line by line", f"{text!r}", "Write it down.")


def _text(place: Path) -> str:
    remedy = f"Name a text file with {_FORM}; or use {' or '.join(RULES)}."
    try:
        with files.opened(place) as file:
            return file.read(_MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise arrays.refusal(place, "text in UTF-8", "something else", remedy) from error
    except (OSError, ValueError) as error:
        found = getattr(error, "strerror", None) or str(error)
        raise DatasetError.at(
            f"truth {str(place)!r}", expected="a text file", found=found, remedy=remedy
        ) from error


def _refusal(place: Path, line: str, name: str, names: Sequence[str]) -> DatasetError:
    near = difflib.get_close_matches(name, names, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else "Check the name of the photograph."
    return arrays.refusal(place, f"{_FORM}, each photograph once", repr(line[:60]), remedy)
