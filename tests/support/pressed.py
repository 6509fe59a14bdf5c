"""Reports of the project's own notebooks, made by the real press, and what is in them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from rich.console import Console

from notebook_press.builds import build
from notebook_press.parameters import parse_assignments, read_profile
from notebook_press.plan import Request

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
QUICK = read_profile(NOTEBOOKS / "profiles" / "quick.yaml")


def press(
    notebook: Path, reports: Path, profile: Mapping[str, Any] | None = QUICK, **parameters: object
) -> Path:
    """Build one report, HTML and PDF; return the folder that it is in."""
    given = parse_assignments([(name, str(value)) for name, value in parameters.items()])
    request = Request(notebooks=(notebook,), given=given, profile=profile, reports=reports)
    build(request, Console(quiet=True))
    return reports / "default"


def manifest(report: Path) -> dict:
    return json.loads(_only(report, "json").read_text())


def text(report: Path) -> str:
    return _only(report, "html").read_text(encoding="utf-8")


def outputs(report: Path) -> list[nbformat.NotebookNode]:
    notebook = nbformat.read(_only(report, "ipynb"), as_version=4)
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def shown(report: Path, kind: str) -> list[nbformat.NotebookNode]:
    """What the notebook says to its page in one way."""
    displayed = [each for each in outputs(report) if each.output_type == "display_data"]
    return [each for each in displayed if each.metadata["notebook_press"]["kind"] == kind]


def said(report: Path) -> str:
    return " ".join(output.data["text/plain"] for output in shown(report, "say"))


def details(report: Path, kind: str) -> list[dict]:
    """Caption, alternative text and the like of what is shown in one way."""
    return [output.metadata["notebook_press"] for output in shown(report, kind)]


def _only(report: Path, ending: str) -> Path:
    (found,) = report.glob(f"*.{ending}")
    return found
