"""Manifests: what was published, as a file that anyone may have written since.

A manifest is read as hostile input. One that is not what this press writes, for the place where it
lies, is no manifest: nothing that it names is read, written or removed.
"""

import base64
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from notebook_press.errors import UsageError
from notebook_press.messages import escaped, in_one_line
from notebook_press.publishing.files import describe_kind, is_folder, open_plain, read_plain
from notebook_press.publishing.names import check_run_name

ENDINGS = ("html", "pdf", "pptx", "ipynb")
"""What the names of a report's files can end with, besides the manifest's own `json`."""

CARD = "card.json"
"""The file by which the index knows a sweep."""

LARGEST = 2**26  # bytes; a real one has a picture of a few hundred thousand


def _moment(value: str) -> str:
    datetime.fromisoformat(value).astimezone(UTC)
    return value


def _finite(value: float) -> float:
    if not abs(value) <= 1e300:  # false for what is not a number, too
        raise ValueError("not a finite number")
    return value


Moment = Annotated[str, AfterValidator(_moment)]
Number = Annotated[int | float, AfterValidator(_finite)]
Key = dict[str, str]


class Part(BaseModel):
    """A part of a manifest; what a later press adds to it is kept."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)


class FileRecord(Part):
    """What a published file holds."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]


class KeyRecord(Part):
    """What a report depends on: the SHA-256 of each part, by the part's name."""

    run: Key = Field(description="What its results depend on.")
    render: Key = Field(description="What else its pages depend on.")


class ParameterRecord(Part):
    """A parameter of the notebook, as the report was made with it."""

    name: str
    value: Any = Field(default=None, description="Its value; of an absolute path the last name.")
    default: Any = Field(default=None, description="Its value in the notebook.")
    type: str = Field(default="", description="Its annotation as the notebook writes it.")
    help: str = Field(default="", description="The comment beside or above its declaration.")


class KeyFigure(Part):
    """The picture that the index shows of a report."""

    mime: Annotated[str, Field(pattern=r"^image/[a-z+]+$")]
    content: str = Field(description="Its bytes as base64.")
    alt: str = Field(description="Its alternative text.")
    themed: bool = Field(default=False, description="Whether it follows the page's theme.")

    @model_validator(mode="after")
    def _can_be_decoded(self) -> Self:
        content = base64.b64decode(self.content, validate=True)
        if self.mime == "image/svg+xml":
            content.decode("utf-8")
        return self


class EstimateRecord(Part):
    """A result with the interval that was recorded with it."""

    value: Number = Field(description="The result itself.")
    low: Number = Field(description="Where the interval begins.")
    high: Number = Field(description="Where it ends.")
    n: Annotated[int, Field(ge=1)] | None = Field(description="How many observations it is of.")

    @model_validator(mode="after")
    def _is_within_its_interval(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError("outside its interval")
        return self


class Manifest(Part):
    """What was published of one report in one run, and what it was made of."""

    press: Literal[1] = Field(default=1, description="The version of this form.")
    report: str = Field(description="The report's name, which is the notebook's.")
    run: Annotated[str, AfterValidator(check_run_name)] = Field(description="The run's name.")
    parameters: list[ParameterRecord]
    inputs: dict[str, str] = Field(default={}, description="SHA-256 of each input file, by name.")
    notice: str | None = Field(description="What `prepare` put at the top of the page.")
    finished: Moment = Field(description="When it ran (ISO 8601).")
    seconds: Number = Field(description="How long it ran.")
    commit: str | None = Field(default=None, description="The short commit of the checkout.")
    versions: dict[str, str] = Field(default={}, description="Versions of Python and packages.")
    machine: dict[str, Any] = Field(default={}, description="Processor, cores, memory, system.")
    stderr_lines: int = Field(default=0, description="Lines that cells wrote to stderr.")
    warnings: int = Field(default=0, description="Python warnings among them.")
    characters_left_out: int = Field(default=0, description="Characters of text that were cut.")
    not_shown: int = Field(default=0, description="Things displayed that its pages don't show.")
    lesser_forms: int = Field(default=0, description="Things that pages show in a lesser form.")
    scripts_not_run: int = Field(default=0, description="Scripts without anything to see.")
    hidden: int = Field(default=0, description="Things that the notebook's author asked to hide.")
    stderr: str = Field(default="hide", description="Whether its pages show stderr, or hide it.")
    formats: list[str] = Field(default=[], description="The formats that were asked for.")
    title: str = Field(description="The report's title, in Markdown.")
    answer: str | None = Field(description="The sentence that opens it, in Markdown.")
    results: dict[str, Number] = Field(description="What it recorded, by name.")
    estimates: dict[str, EstimateRecord] = Field(
        default={}, description="Those of its results that have an interval, by name."
    )
    key_figure: KeyFigure | None = None
    keys: KeyRecord
    files: dict[str, FileRecord] = Field(description="Its files, by name.")

    @model_validator(mode="after")
    def _estimates_its_own_results_only(self) -> Self:
        if any(self.results.get(name) != each.value for name, each in self.estimates.items()):
            raise ValueError("estimates what is no result of it")
        return self

    @model_validator(mode="after")
    def _names_its_own_files_only(self) -> Self:
        own = {f"{self.report}.{ending}" for ending in ENDINGS}
        if not {f"{self.report}.ipynb"} <= set(self.files) <= own:
            raise ValueError("names files that are no report's")
        return self

    def content(self) -> bytes:
        """Return the bytes of the manifest's file."""
        return f"{self.model_dump_json(indent=1)}\n".encode()


class SweepCard(Part):
    """What the index tells of a sweep that has a page."""

    sweep: Annotated[str, AfterValidator(check_run_name)] = Field(description="The sweep's name.")
    report: str = Field(description="The notebook's.")
    title: str = Field(description="The page's title, in Markdown.")
    answer: str = Field(description="What opens the page, in Markdown.")
    notice: str | None = Field(default=None, description="What stands above it, in Markdown.")
    runs: Annotated[int, Field(ge=0)] = Field(description="How many points it has.")
    finished: Moment | None = Field(description="The last run's.")

    def content(self) -> bytes:
        """Return the bytes of the card's file."""
        return f"{self.model_dump_json(indent=1)}\n".encode()


def read_card(folder: Path) -> SweepCard | None:
    """Return the card of a sweep's folder, or None where there is none that can be used."""
    try:
        card = SweepCard.model_validate_json(read_plain(folder / CARD, LARGEST))
    except (OSError, ValueError, RecursionError, OverflowError, UsageError):
        return None
    is_there = describe_kind(folder / "index.html") == "a file"
    return card if is_there and card.sweep == folder.name else None


def describe_content(content: bytes) -> FileRecord:
    """Return the record of a file that is to hold these bytes."""
    return FileRecord(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


def describe_picture(mime: str, content: bytes, alt: str, *, themed: bool = False) -> KeyFigure:
    """Return the record of the picture that the index shows of a report."""
    encoded = base64.b64encode(content).decode("ascii")
    return KeyFigure(mime=mime, content=encoded, alt=alt, themed=themed)


def describe_file(path: Path) -> FileRecord:
    """Return the record of a plain file, read piece by piece.

    Raises:
        OSError: There is none, or it can't be read.
    """
    with os.fdopen(open_plain(path), "rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileRecord(sha256=digest.hexdigest(), bytes=file.tell())


def read_manifest(path: Path, run: str | None = None) -> Manifest | None:
    """Return a manifest, or None where there is none that can be used.

    Args:
        path: The file, called after its report.
        run: The run that it has to be of; without it, that of the folder that it lies in.
    """
    try:
        manifest = load_manifest(path)
    except UsageError:
        return None
    return manifest if manifest.run == (path.parent.name if run is None else run) else None


def load_manifest(path: Path) -> Manifest:
    """Return the manifest of a report, of whichever run it is.

    Args:
        path: The file, called after its report.

    Raises:
        UsageError: It can't be read, or is no manifest of the report that it is called after.
    """
    try:
        manifest = Manifest.model_validate_json(read_plain(path, LARGEST))
        if manifest.report == path.stem:
            return manifest
        cause = f"it is of the report {manifest.report}"
    except (OSError, ValueError, RecursionError, OverflowError, UsageError) as error:
        cause = error.strerror or "" if isinstance(error, OSError) else str(error)
    raise UsageError(
        f"{escaped(path)}: expected the manifest of a report, found what is none of this press: "
        f"{in_one_line(cause)[:300]}; build the report again"
    )


def damage(folder: Path, manifest: Manifest) -> dict[str, str]:
    """Return which of a report's files in a folder are not what its manifest says, and how."""
    names = [f"{manifest.report}.{ending}" for ending in ENDINGS]
    found = {name: _difference(folder / name, manifest.files.get(name)) for name in names}
    return {name: how for name, how in found.items() if how}


def _difference(path: Path, expected: FileRecord | None) -> str | None:
    kind = describe_kind(path) if is_folder(path.parent) else None
    if kind is None:
        return "missing" if expected else None
    if expected is None:
        return "in no manifest"
    if kind != "a file":
        return f"replaced by {kind}"
    try:
        found = describe_file(path)
    except OSError as error:
        return f"can't be read: {error.strerror}"
    same = (found.sha256, found.bytes) == (expected.sha256, expected.bytes)
    return None if same else "changed since it was published"
