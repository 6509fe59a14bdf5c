"""Which files at a path are a data set: told by their names and by the folders that they are in."""

from __future__ import annotations

import collections
import difflib
import glob
import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from handwriting.data import arrays, pictures
from handwriting.data.photographs import opening
from handwriting.data.pictures import Classes
from handwriting.errors import DatasetError
from handwriting.results import files

KINDS = (
    "IDX, .npz, .npy, .mat, CSV or Parquet files, class folders of pictures, or photographs of the "
    "sheet that `make sheet` draws"
)
"""What can be read, for messages."""

SHEETS = "sheets"
"""The form of pictures without class folders: each may be a photograph of a sheet."""

_IDX = re.compile(r"idx\d?[-_.]?u?byte|[-_.]idx\d?$|[-_.]ubyte$")
_PART = re.compile(r"(?<![a-z])(train(ing)?|test(ing)?|t10k|val(id(ation)?)?)(?![a-z])")
_TABLE = ".csv"
_BEFORE_PICTURES = ("IDX", ".npz", ".npy", ".mat", ".parquet")

_SAVE = "Save its arrays with `numpy.savez`, and name that .npz file."
_REFUSED = {
    r"\.(pkl|pickle|pck|pt|pth|joblib)$": ("a pickle, which can run code when it is read", _SAVE),
    r"\.tfrecords?\b": ("a TFRecord file", _SAVE),
    r"\.(zip|tar|tgz|7z|rar|bz2|xz|zst)$": ("a packed archive", "Unpack it, and name the folder."),
    r"\.arff$": ("an ARFF file", "Save it as CSV, and name that file."),
    r"\.(h5|hdf5)$": ("an HDF5 file", _SAVE),
    r"\.(libsvm|svm|svmlight)$": ("a LIBSVM file", "Save it as CSV, and name that file."),
}
_OTHERS = "emnist, qmnist, notmnist, medmnist, svhn, usps, cifar10, cifar100, omniglot, semeion"
"""Names of data sets that are no misspellings of those that are known by name."""

_MOST_ENTRIES = 300_000
_DEPTH = 3


@dataclass(frozen=True)
class Source:
    """Files that belong together.

    Attributes:
        place: the folder that they are in.
        form: `IDX`, `SHEETS`, how the names of files end, or the commonest kind of pictures.
        prefix: what the names of the files begin with before the name of a part.
        files: the files; none where there are pictures.
        parts: the pictures of each class, by part; none where there are files.
        left_out: the names of folders of pictures without class folders.
    """

    place: Path
    form: str
    prefix: str = ""
    files: tuple[Path, ...] = ()
    parts: Mapping[str, Classes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def named(name: str, parameter: str, names: Sequence[str]) -> Path:
    """The path that a parameter's value names, absolute.

    Args:
        name: the value, which is none of the names that the parameter knows.
        parameter: what the parameter is called.
        names: these names.

    Raises:
        DatasetError: Nothing is there; the nearest name is suggested, but not for the name of
            another data set.
    """
    found = "no such name and no such path"
    try:
        path = Path(name).expanduser()
        begun = path.parent.glob(f"{glob.escape(path.name)}[-_.]*") if path.name else ()
        if name.strip() and (path.exists() or any(begun)):
            return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        found = f"a path that cannot be looked up ({error})"
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    nearest = difflib.get_close_matches(name.lower(), names, n=1)
    remedy = "Check the spelling and the path."
    if re.match(r"[a-z0-9]+://", name.lower()):
        found, remedy = "an address", "Fetch what is there, and name the file or folder."
    elif plain in _OTHERS.split(", "):
        found = "the name of a data set that is not fetched from here"
        remedy = f"Fetch it as {KINDS}, and name the file or folder."
    elif nearest:
        remedy = f"Did you mean {nearest[0]!r}?"
    elif re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        remedy = "Check the path; what is on a hub has to be fetched first, as files."
    expected = f"one of {', '.join(names)}, or the path of {KINDS}"
    raise DatasetError.at(f"{parameter} {name!r}", expected=expected, found=found, remedy=remedy)


def found(path: Path) -> Source:
    """The files of the one data set at a path.

    Args:
        path: a file, a folder, or what the names of some files in a folder begin with.

    Raises:
        DatasetError: There is none, or there are several.
    """
    search = _Search(path, _MOST_ENTRIES)
    try:
        if path.is_dir():
            sources = search.below(path) or _of_sheets(path, search.listed(path)[0])
        elif path.is_file():
            alone = [] if _form(path) == "IDX" else _divided(path.parent, [path])
            sources = alone or _of_sheets(path.parent, [path])
        else:
            there, _ = search.listed(path.parent)
            sources = [each for each in _divided(path.parent, there) if each.prefix == path.name]
    except OSError as error:
        remedy = "Check the path and who may read it."
        raise arrays.refusal(path, "a folder or a file", str(error.strerror), remedy) from error
    if len(sources) == 1:
        return sources[0]
    if sources:
        shown = ", ".join(str((each.place / each.prefix).relative_to(path)) for each in sources[:6])
        raise arrays.refusal(path, "one data set", f"{len(sources)}: {shown}", "Name one of them.")
    raise search.refusal()


def stamp(path: Path) -> str:
    """What tells the files of a data set from changed ones, without a look into them.

    Raises:
        DatasetError: As `found` does.
    """
    source = found(path)
    there = [*source.files, *source.place.glob("*.txt")]
    there += [each for part in source.parts.values() for one in part.values() for each in one]
    return hashlib.sha256(repr([(each, files.stamp(each)) for each in there]).encode()).hexdigest()


def _form(path: Path) -> str:
    """What a file is, by its name: `IDX`, how it ends, or nothing where it is none of these."""
    name = _plain(path)
    if _IDX.search(name):
        return "IDX"
    suffix = Path(name).suffix
    return suffix if suffix in (*_BEFORE_PICTURES, _TABLE) else ""


def _divided(place: Path, there: Iterable[Path]) -> list[Source]:
    """The data sets that the files of a folder are, of the first form that there is."""
    by_form = collections.defaultdict(list)
    for file in there:
        by_form[_form(file)].append(file)
    form = next((form for form in (*_BEFORE_PICTURES, _TABLE) if form in by_form), "")
    return _grouped(place, form, by_form[form]) if form else []


def _grouped(place: Path, form: str, there: Sequence[Path]) -> list[Source]:
    """Files of one form by the data set that their names tell.

    Those whose names have a part's name in them belong together where the same comes before it.
    Where there are such files, others are none of the data; else each is by itself, but for IDX
    and .npy files, which hold an array each.
    """
    divided: dict[str, dict[str, Path]] = collections.defaultdict(dict)
    whole: dict[str, dict[str, Path]] = collections.defaultdict(dict)
    for file in sorted(there, key=lambda file: (".idx" in file.name, file.suffix != ".gz")):
        name = _plain(file)
        part = _PART.search(name)
        words = re.split(r"[-_. ]", name[: part.start()] if part else "")
        begins = "-".join(each for each in words if each and not arrays.word(each, arrays.ROLES))
        alone = "" if form in ("IDX", ".npy") else file.name.partition(".")[0]
        group = divided[begins] if part else whole[alone]
        group.setdefault(re.sub(r"[-_.]", "", name), file)  # the first of copies, such as unpacked
    groups = (divided or whole).items()
    return [Source(place, form, key, tuple(sorted(group.values()))) for key, group in groups]


class _Search:
    """A search that looks at no more than so many entries of folders."""

    def __init__(self, path: Path, most: int) -> None:
        self.path = path
        self.left = most
        self.seen: dict[Path, tuple[list[Path], list[Path]]] = {}

    def listed(self, folder: Path) -> tuple[list[Path], list[Path]]:
        """The files and the folders in a folder, sorted, without hidden ones."""
        if folder in self.seen:
            return self.seen[folder]
        found: tuple[list[Path], list[Path]] = [], []
        with os.scandir(folder) as entries:
            for entry in entries:
                self.left -= 1
                if self.left < 0:
                    remedy = "Name the folder of one data set."
                    expected = f"at most {_MOST_ENTRIES:,} files"
                    raise arrays.refusal(self.path, expected, "more", remedy)
                if not entry.name.startswith((".", "__MACOSX", "Thumbs.db", "desktop.ini")):
                    found[Path(entry).is_dir()].append(Path(entry))
        self.seen[folder] = sorted(found[0]), sorted(found[1])
        return self.seen[folder]

    def below(self, folder: Path, depth: int = 0) -> list[Source]:
        """The data sets in a folder, or in the folders below it."""
        there, folders = self.listed(folder)
        if any(_form(file) in _BEFORE_PICTURES for file in there) or depth == _DEPTH:
            return _divided(folder, there)
        flat = self.classes(folder)
        named = [each for each in folders if arrays.word(each.name, arrays.PARTS)]
        within = [(each, self.classes(each, wrapped=True)) for each in named]
        names = [str(arrays.word(each.name, arrays.PARTS)) for each, classes in within if classes]
        if len(set(names)) < len(names):
            shown = ", ".join(each.name for each in named)
            expected, remedy = "one folder of pictures for each part", "Name one, or join them."
            raise arrays.refusal(folder, expected, shown, remedy)
        if names:
            parts = dict(zip(names, (each for _, each in within if each), strict=True))
            left_out = tuple(each.name for each, classes in within if not classes)
            return [_of_pictures(folder, parts, left_out)]
        if flat and len(named) < len(flat):
            return [_of_pictures(folder, {"train": flat})]
        return _divided(folder, there) or [
            source for each in folders for source in self.below(each, depth + 1)
        ]

    def classes(self, folder: Path, wrapped: bool = False) -> dict[str, list[Path]]:
        """The pictures in each folder in a folder that has some, or in the one folder that it has.

        Args:
            folder: the folder.
            wrapped: whether to look there.
        """
        _, folders = self.listed(folder)
        pictures_in = {
            each.name: [file for file in self.listed(each)[0] if _is_picture(file)]
            for each in folders
        }
        found = {name: there for name, there in pictures_in.items() if there}
        return self.classes(folders[0]) if wrapped and not found and len(folders) == 1 else found

    def refusal(self) -> DatasetError:
        """What is raised where nothing was found: it says what is there instead."""
        there = [file for found, _ in self.seen.values() for file in found]
        remedy = f"Name {KINDS}."
        if not self.path.exists():
            shown = "no such file or folder"
        elif not self.path.is_dir():
            there, shown = [self.path], f"{self.path.name}, which is none of these"
        else:
            shown = f"{len(there):,} other files" if there else "an empty folder"
        loose = sum(map(_is_picture, there))
        if self.path.is_file() and _form(self.path) == "IDX":
            shown, remedy = f"one of them, {self.path.name}", "Name the folder that it is in."
        elif loose:
            shown = f"{loose:,} pictures without class folders"
            remedy = "Put the pictures of each class into a folder that is called as the class is."
        for pattern, (kind, advice) in _REFUSED.items():
            if bad := [file for file in there if re.search(pattern, _plain(file))]:
                shown, remedy = f"{bad[0].name}, {kind}", advice
        return arrays.refusal(self.path, KINDS, shown, remedy)


def _of_pictures(
    place: Path, parts: Mapping[str, Classes], left_out: tuple[str, ...] = ()
) -> Source:
    kinds = collections.Counter(
        file.suffix[1:].upper()
        for classes in parts.values()
        for found in classes.values()
        for file in found
    )
    return Source(place, kinds.most_common(1)[0][0], parts=parts, left_out=left_out)


def _of_sheets(place: Path, there: Iterable[Path]) -> list[Source]:
    photographs = [each for each in there if each.suffix.lower() in opening.SUFFIXES]
    photographs.sort(key=lambda each: pictures.natural(each.name))
    return [Source(place, SHEETS, files=tuple(photographs))] if photographs else []


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in pictures.SUFFIXES


def _plain(path: Path) -> str:
    """A file's name in small letters, without the end that says that it is packed."""
    return path.name.lower().removesuffix(".gz")
