"""A project's first files: its section, a note on its reports, a workflow, a first notebook."""

import glob
import importlib.metadata
import json
import shlex
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from notebook_press.errors import UsageError, publishing_errors
from notebook_press.finding import ENDING, find_notebooks, nearer, notebooks_of
from notebook_press.messages import escaped, in_one_line, shown
from notebook_press.project import find_project
from notebook_press.publishing.files import read_plain
from notebook_press.publishing.names import check_report_name
from notebook_press.starting.wants import Wants, wants_of

TEMPLATES = Path(__file__).parent / "templates"
SETTINGS = "pyproject.toml"
WORKFLOW = ".github/workflows/reports.yml"
NOTEBOOKS = "notebooks"
"""The folder for notebooks where there are none yet."""


def begin(folder: Path) -> Iterator[str]:
    """Write a project's first files, and yield a line on each: written, left, or what to do.

    What is there stays as it is.

    Raises:
        UsageError: There is no such folder, or its `pyproject.toml` is none that can be added to.
        PublishingError: A file can't be read or written.
    """
    if not folder.is_dir():
        raise UsageError(f"{escaped(folder)}: no such folder; make it, or correct its path")
    notebooks: Sequence[Path] = ()
    with suppress(UsageError):  # there are none
        notebooks = find_notebooks([folder])
    wants = wants_of(notebooks)
    with publishing_errors(folder):
        yield _with_section(folder / SETTINGS, _section(folder, notebooks))
        yield _written(folder / "reports" / "README.md", template("reports.md"))[1]
        root = _repository(folder)
        if root == folder.resolve():
            name = "notebook-press" + (f"[{','.join(wants.extras)}]" if wants.extras else "")
            source = _source(name)
            text = _workflow(folder, source, wants).replace("PRESS_NAME", name)
            is_new, line = _written(folder / WORKFLOW, text)
            yield line
            if is_new and not source:
                yield f"to do: say in {WORKFLOW} where pip finds notebook-press (PRESS, empty now)"
        else:
            yield f"left out: {WORKFLOW}, since GitHub reads those of {escaped(root)} only"
    yield from wants.lines()
    yield "next: notebook-press build" if notebooks else "next: notebook-press new NAME"


def template(name: str) -> str:
    """Return the text of a file to begin with."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _section(folder: Path, notebooks: Sequence[Path]) -> str:
    """The section's text, with the places where there are notebooks."""
    tops = {path.relative_to(folder).parts[0] for path in notebooks}
    places = sorted({"*.ipynb" if top.endswith(".ipynb") else top for top in tops})
    # What JSON writes of a text that can be printed is a text of TOML, too.
    known = [each for each in places if each.isprintable()] or [NOTEBOOKS]
    found = json.dumps(known, ensure_ascii=False)
    return template("section.toml").replace("NOTEBOOKS", found)


def _with_section(path: Path, section: str) -> str:
    """Add the section to the end of a file, which keeps every byte that it holds."""
    before = read_plain(path.resolve()) if path.exists() else b""
    if _settings(path, before) is not None:
        return f"left as it is: {escaped(path)}, which has [tool.notebook-press]"
    newline = "\r\n" if b"\r\n" in before else "\n"
    gap = "" if not before else "\n" if before.endswith(b"\n") else "\n\n"
    added = (gap + section).replace("\n", newline).encode()
    _settings(path, before + added)
    with path.open("ab") as file:
        file.write(added)
    return f"wrote [tool.notebook-press] into {escaped(path)}"


def _settings(path: Path, content: bytes) -> object:
    """The press's section of a file with this content; None where there is none."""
    try:
        tool = tomllib.loads(content.decode()).get("tool", {})
        return tool.get("notebook-press") if isinstance(tool, dict) else None
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{escaped(path)}: expected TOML that takes [tool.notebook-press] at its end, found "
            f"what does not ({in_one_line(error)}); mend it, or write the section into it yourself"
        ) from error


def _written(path: Path, content: str) -> tuple[bool, str]:
    """Write a file where there is nothing, and return whether there was, and a line on it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        return False, f"left as it is: {escaped(path)}"
    return True, f"wrote {escaped(path)}"


def _repository(folder: Path) -> Path:
    """The root of the repository that a folder lies in; without one the folder itself."""
    folder = folder.resolve()
    around = (each for each in (folder, *folder.parents) if (each / ".git").exists())
    return next(around, folder)


def _workflow(folder: Path, source: str, wants: Wants) -> str:
    """The workflow, which installs what is imported by the names that pip has for it."""
    if (folder / "requirements.txt").exists():
        packages = ["-r", "requirements.txt"]
    elif b"[project]" in (folder / SETTINGS).read_bytes().split():
        packages = ["."]
    else:
        packages = list(map(shlex.quote, wants.packages)) or ["matplotlib"]
    return (
        template("workflow.yml")
        .replace("PRESS_REQUIREMENT", json.dumps(source))
        .replace("PYTHON_VERSION", "{}.{}".format(*sys.version_info))
        .replace("PACKAGES", " ".join(packages))
    )


def _source(name: str) -> str:
    """What pip installs this press from, by its name with extras; empty if that is some folder."""
    press = importlib.metadata.distribution("notebook-press")
    origin: dict[str, Any] = json.loads(press.read_text("direct_url.json") or "{}")
    if not origin and press.read_text("RECORD"):  # it came from an index
        return f"{name}=={press.version}"
    url, version = origin.get("url", "file:"), origin.get("vcs_info")
    if url.startswith("file:"):
        return ""
    if version:
        url = f"{version['vcs']}+{url}@{version['commit_id']}"
    inside = origin.get("subdirectory")
    return f"{name} @ {url}" + (f"#subdirectory={inside}" if inside else "")


def start(name: str) -> Iterator[str]:
    """Write a first notebook where the project has its notebooks, and yield what was done.

    It has a question, typed parameters, one figure and one answer.

    Args:
        name: The file's name, with or without its ending.

    Raises:
        UsageError: It is no name of a file, or there is such a notebook.
        PublishingError: The file can't be written.
    """
    stem = name.removesuffix(ENDING)
    if not stem or {"/", "\\"} & set(stem):
        raise UsageError(f"expected a name without a folder, as in 'sales', found {shown(name)}")
    check_report_name(stem, escaped(name))
    project = find_project(Path.cwd())
    named = (each for each in project.notebooks if not glob.has_magic(each))
    folders = (project.root / each for each in named if not each.endswith(ENDING))
    path = nearer(next(folders, Path.cwd()) / f"{stem}{ENDING}")
    with suppress(UsageError):  # there are none yet
        there = {each.stem.lower(): each for each in notebooks_of(project)}
        path = there.get(stem.lower(), path)
    with publishing_errors(path.parent):
        is_new, line = _written(path, template(f"starter{ENDING}"))
    if not is_new:
        raise UsageError(f"{escaped(path)}: there is one already; choose another name")
    yield line
    if find_spec("matplotlib") is None:
        yield "its figure is Matplotlib's, which is not installed here: pip install matplotlib"
    yield "next: notebook-press build" + ("" if project.notebooks else f" {escaped(path)}")
