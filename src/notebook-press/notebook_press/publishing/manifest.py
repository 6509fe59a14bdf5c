"""Manifests: what was published, as a file that anyone may have written since.

A manifest is read as hostile input. One that is not what this press writes, for the place where it
lies, is no manifest: nothing that it names is read, written or removed. A run's name is a folder in
the reports folder and part of an address, so not every text is one.
"""

import base64
import hashlib
import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from notebook_press.errors import UsageError
from notebook_press.messages import shown
from notebook_press.publishing.files import (
    FAILED,
    PRIVATE,
    describe_kind,
    is_folder,
    open_plain,
    read_plain,
)

Manifest = dict[str, Any]

ENDINGS = ("html", "pdf", "pptx", "ipynb")
"""What the names of a report's files can end with, besides the manifest's own `json`."""

LARGEST = 2**26  # bytes; a real one has a picture of a few hundred thousand
READ_AT_ONCE = 2**20


def _name(value: str) -> str:
    try:
        return check_run_name(value)
    except UsageError as error:
        raise ValueError(str(error)) from error


def _moment(value: str) -> str:
    try:
        datetime.fromisoformat(value).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("too far from now") from error
    return value


def _base64(value: str) -> str:
    base64.b64decode(value, validate=True).decode("latin-1")
    return value


def _finite(value: float) -> float:
    if not abs(value) <= 1e300:  # false for what is not a number, too
        raise ValueError("not a finite number")
    return value


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class _File(_Part):
    sha256: Annotated[str, Field(pattern=r"\A[0-9a-f]{64}\z")]
    bytes: Annotated[int, Field(ge=0)]


class _Keys(_Part):
    run: dict[str, str]
    render: dict[str, str]


class _Parameter(_Part):
    name: str


class _Picture(_Part):
    mime: Annotated[str, Field(pattern=r"\Aimage/[a-z+]+\z")]
    content: Annotated[str, AfterValidator(_base64)]
    alt: str

    @model_validator(mode="after")
    def _is_text_where_it_should_be(self) -> Self:
        if self.mime == "image/svg+xml":
            base64.b64decode(self.content).decode("utf-8")
        return self


class _Written(_Part):
    """A manifest as far as the press relies on it."""

    press: Literal[1]
    report: str
    run: Annotated[str, AfterValidator(_name)]
    title: str
    answer: str | None
    notice: str | None
    finished: Annotated[str, AfterValidator(_moment)]
    seconds: Annotated[int | float, AfterValidator(_finite)]
    parameters: list[_Parameter]
    results: dict[str, Annotated[int | float, AfterValidator(_finite)]]
    keys: _Keys
    files: dict[str, _File]
    key_figure: _Picture | None = None
    warnings: int = 0

    @model_validator(mode="after")
    def _names_its_own_files_only(self) -> Self:
        own = {f"{self.report}.{ending}" for ending in ENDINGS}
        if not {f"{self.report}.ipynb"} <= set(self.files) <= own:
            raise ValueError("names files that are no report's")
        return self


def read_manifest(path: Path, run: str | None = None) -> Manifest | None:
    """Return a manifest, or None where there is none that can be used.

    Args:
        path: The file, called after its report.
        run: The run that it has to be of; without it, that of the folder that it lies in.
    """
    try:
        content = read_plain(path, LARGEST)
        written = _Written.model_validate_json(content)
        manifest: Manifest = json.loads(content)
    except (OSError, ValueError, RecursionError, ValidationError):
        return None
    place = (path.parent.name if run is None else run, path.stem)
    return manifest if (written.run, written.report) == place else None


def read_manifests(reports: Path) -> list[Manifest]:
    """Return the manifests of all published reports, by run and report."""
    paths = [path for folder in run_folders(reports) for path in manifest_paths(folder)]
    found = (read_manifest(path) for path in paths)
    return [manifest for manifest in found if manifest is not None]


def manifest_paths(folder: Path) -> list[Path]:
    """Return what is called like a manifest in the folder of a run."""
    return sorted(path for path in folder.iterdir() if path.suffix == ".json")


def run_folders(reports: Path) -> list[Path]:
    """Return the folders of published reports, one a run."""
    paths = sorted(path for path in reports.iterdir() if path.name not in (PRIVATE, FAILED))
    return [path for path in paths if is_folder(path)]


def describe_file(path: Path) -> dict[str, Any]:
    """Return the SHA-256 and the size (bytes) of a plain file.

    Raises:
        OSError: There is none, or it can't be read.
    """
    digest, size = hashlib.sha256(), 0
    with os.fdopen(open_plain(path), "rb") as file:
        while piece := file.read(READ_AT_ONCE):
            digest.update(piece)
            size += len(piece)
    return {"sha256": digest.hexdigest(), "bytes": size}


def describe_content(content: bytes) -> dict[str, Any]:
    """Return the SHA-256 and the size (bytes) of what a file is to hold."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def damage(folder: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return which of a report's files in a folder are not what its manifest says, and how."""
    wrong = {}
    report = manifest["report"]
    for name in (f"{report}.{ending}" for ending in ENDINGS):
        expected = manifest["files"].get(name)
        how = _difference(folder / name, expected) if is_folder(folder) else "missing"
        if how and not (expected is None and how == "missing"):
            wrong[name] = how
    return wrong


def _difference(path: Path, expected: Mapping[str, Any] | None) -> str | None:
    kind = describe_kind(path)
    if kind is None:
        return "missing"
    if expected is None:
        return "in no manifest"
    if kind != "a file":
        return f"replaced by {kind}"
    try:
        found = describe_file(path)
    except OSError as error:
        return f"can't be read: {error.strerror}"
    same = (found["sha256"], found["bytes"]) == (expected["sha256"], expected["bytes"])
    return None if same else "changed since it was published"


LONGEST = 64
LONGEST_REPORT = 150  # bytes: a file's name may have 255, and the press adds endings

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_RESERVED = ("failed", "index.html", "readme.md")
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file: also before a point and an ending.
_WINDOWS = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def check_run_name(name: str) -> str:
    """Return a name that a run can have, wherever the reports folder may be copied to.

    Raises:
        UsageError: The name is not a plain folder name, or the reports folder needs it itself.
    """
    plain = _NAME.fullmatch(name) and ".." not in name and not name.endswith(".")
    if not plain or len(name) > LONGEST:
        raise UsageError(
            f"expected a run name of 1 to {LONGEST} ASCII letters, digits, points, underscores and "
            "hyphens, not starting with a point or a hyphen and not ending with a point, "
            f"found {shown(name, in_ascii=True)}; choose for example --name long"
        )
    if name.lower() in _RESERVED:
        raise UsageError(
            f"the reports folder keeps the name {shown(name)} for itself; "
            "choose another, for example --name long"
        )
    if _WINDOWS.fullmatch(name):
        raise UsageError(
            f"no folder can have the name {shown(name)} on Windows; choose another, for example "
            "--name long"
        )
    return name


def check_new_run(name: str, reports: Path) -> str:
    """Return a run's name that no other run has but for the case of its letters.

    On macOS and Windows the two would share a folder.

    Args:
        name: A name that a run can have.
        reports: The reports folder, which need not be there.

    Raises:
        UsageError: There is a run of such a name.
    """
    try:
        names = sorted(path.name for path in reports.iterdir())
    except OSError:  # where it can't be read, publishing says why
        return name
    there = [each for each in names if each.lower() == name.lower()]
    if there and name not in there:
        raise UsageError(
            f"expected a run name of its own, found {shown(name)} beside {shown(there[0])}, which "
            f"some systems take for the same; choose --name {there[0]} or another"
        )
    return name


def check_report_name(name: str, where: str) -> str:
    """Return a report's name, a notebook's file name without its ending, that files can have.

    Raises:
        UsageError: It is hidden, can't be printed, is too long, or ends so that Windows drops it.
    """
    fault = (
        "one that starts with a point"
        if name.startswith(".")
        else "one that ends with a point or a space"
        if name.endswith((".", " "))
        else "one with control characters"
        if not name.isprintable()
        else f"one of more than {LONGEST_REPORT} bytes"
        if len(name.encode("utf-8", "surrogatepass")) > LONGEST_REPORT
        else "one that no file can have on Windows"
        if _WINDOWS.fullmatch(name)
        else ""
    )
    if fault:
        raise UsageError(
            f"{where}: expected a file name that a report can have too, found {fault}; rename it"
        )
    return name
