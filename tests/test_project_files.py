"""The project's own files: in step with each other, and naming nothing that they should not."""

import ast
import importlib.metadata
import itertools
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

from notebook_press.project import Settings

ROOT = Path(__file__).parent.parent
PRESS = ROOT / "src" / "notebook-press"
PYPROJECT, PRESS_PYPROJECT = (
    tomllib.loads((folder / "pyproject.toml").read_text()) for folder in (ROOT, PRESS)
)
LOCK = (ROOT / "requirements.lock").read_text()


def pinned_names() -> set[str]:
    return {line.split("==")[0] for line in LOCK.splitlines() if re.match(r"[a-z0-9]", line)}


def normalised(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9_.-]", requirement)[0]).lower()


def test_every_dependency_is_in_the_lock():
    groups = PYPROJECT["dependency-groups"].values()
    wanted = [item for group in groups for item in group if isinstance(item, str)]
    wanted += PYPROJECT["project"]["dependencies"] + PRESS_PYPROJECT["project"]["dependencies"]
    assert {normalised(item) for item in wanted} <= pinned_names()


# What Jupyter's packages and jinja2 can't be without; whoever draws a figure has Matplotlib.
BROUGHT = {"IPython", "jupyter_core", "traitlets", "zmq", "markupsafe", "matplotlib"}

BROUGHT_BY_EXTRAS = {
    "kaleido": ["kaleido"],
    "pyarrow": ["pyarrow"],
    "vl_convert": ["vl-convert-python"],
}


def imported(folder: Path) -> set[str]:
    """The packages that a folder's modules import, besides Python's own and the folder itself."""
    files = [ast.parse(path.read_text()) for path in folder.rglob("*.py")]
    nodes = [node for file in files for node in ast.walk(file)]
    names = {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.split(".")[0] for name in names} - sys.stdlib_module_names - {folder.name}


def test_each_distribution_asks_for_what_it_imports():
    makers = {**BROUGHT_BY_EXTRAS, **importlib.metadata.packages_distributions()}
    for folder, project in (
        (ROOT / "src" / "handwriting", PYPROJECT),
        (PRESS / "notebook_press", PRESS_PYPROJECT),
    ):
        extras = project["project"].get("optional-dependencies", {}).values()
        wanted = [*project["project"]["dependencies"], *itertools.chain(*extras)]
        asked = {normalised(item) for item in wanted}
        needed = imported(folder) - BROUGHT
        assert [name for name in needed if not asked & set(map(normalised, makers[name]))] == []


def test_neither_distribution_is_looked_for_in_an_index():
    names = {project["project"]["name"] for project in (PYPROJECT, PRESS_PYPROJECT)}
    wanted = PYPROJECT["project"]["dependencies"] + PRESS_PYPROJECT["project"]["dependencies"]
    assert names & ({normalised(item) for item in wanted} | pinned_names()) == set()


def test_the_press_needs_no_tensorflow_and_no_older_python():
    asked = {normalised(item) for item in PRESS_PYPROJECT["project"]["dependencies"]}
    assert {"tensorflow", "keras"} & asked == set()
    assert PRESS_PYPROJECT["project"]["requires-python"] == ">=3.11"


def test_the_press_brings_the_projects_licence():
    assert (PRESS / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_the_lock_names_no_package_index():
    assert not re.search(r"index-url|find-links|https?://", LOCK)


def test_the_conda_environment_has_the_projects_python_and_its_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, through_pip = environment["dependencies"]
    assert python.removeprefix("python ") == PYPROJECT["project"]["requires-python"]
    assert (pip, through_pip) == ("pip", {"pip": ["-r requirements.lock"]})
    assert environment["channels"] == ["conda-forge"]


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    versions = [project["project"]["version"] for project in (PYPROJECT, PRESS_PYPROJECT)]
    assert versions == [citation["version"]] * 2


DOCUMENTS = [
    *ROOT.glob("*.md"),
    *ROOT.glob("docs/*.md"),
    *ROOT.glob("*/README.md"),
    PRESS / "README.md",
]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)")


def anchors(document: Path) -> set[str]:
    """What a document's headings are called in addresses, as GitHub has it."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_between_documents_leads_somewhere():
    astray = []
    for document in DOCUMENTS:
        for path, anchor in LINK.findall(document.read_text(encoding="utf-8")):
            target = (document.parent / path).resolve() if path else document
            if not target.exists() or (anchor and anchor not in anchors(target)):
                astray.append(f"{document.name}: {path}#{anchor}")
    assert astray == []


def test_every_file_of_source_that_is_named_is_there():
    texts = [*DOCUMENTS, *ROOT.glob(".github/**/*.yml"), ROOT / "Makefile", ROOT / "pyproject.toml"]
    named = {
        (text.name, path)
        for text in texts
        if text.name != "CHANGELOG.md"
        for path in re.findall(r"\b(?:src|tests|benchmarks)/[\w./-]+\.\w+", text.read_text("utf-8"))
    }
    assert "report.yml" in {name for name, _ in named}
    assert [each for each in sorted(named) if not (ROOT / each[1]).exists()] == []


def test_the_front_page_is_short_and_begins_with_two_commands():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    commands = [line.split("#")[0].strip() for line in lines[lines.index("## Two commands") :][3:5]]
    assert commands == ["make report", "make test"]


def test_first_steps_tell_of_each_setting_that_a_project_can_have():
    text = (ROOT / "docs" / "first-steps.md").read_text(encoding="utf-8")
    shown = tomllib.loads(re.search(r"```toml\n(.*?)```", text, re.DOTALL)[1])
    known = Settings.model_json_schema()["properties"]
    assert set(known) - set(shown["tool"]["notebook-press"]) == {"measured"}
    assert set(shown["tool"]["notebook-press"]) <= set(known)


def test_every_make_target_is_explained():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    explained = re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)
    assert sorted(explained) == sorted(phony)


def test_recipes_have_three_lines_at_most():
    makefile = (ROOT / "Makefile").read_text()
    recipes = re.findall(r"(?:^\t.*(?:\\\n.*)*\n?)+", makefile, re.MULTILINE)
    lines = [len(re.findall(r"^\t(?!\t)", recipe, re.MULTILINE)) for recipe in recipes]
    assert max(lines) <= 3


def test_make_takes_a_path_with_a_blank_and_an_apostrophe():
    path = "~/my digits, old/O'Brien"
    command = ["make", "--dry-run", "--old-file=.venv/ready", "report", f"DATASET={path}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (line,) = (line for line in done.stdout.splitlines() if " build " in line)
    assert shlex.split(line)[2:] == ["-p", "dataset", path]


def test_the_press_imports_nothing_that_only_a_kernel_needs():
    modules = sorted(
        ".".join(path.relative_to(PRESS).with_suffix("").parts)
        for path in (PRESS / "notebook_press").rglob("*.py")
        if path.stem != "__init__"
    )
    # What the press does at its start, too: see its `cli`.
    quick = "import sys; sys.modules['rfc3987_syntax'] = None"
    check = f"{quick}; import {', '.join(modules)}; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, check=True)
    assert {"tensorflow", "keras", "matplotlib"} & set(answer.stdout.decode().split()) == set()


def test_the_map_of_the_press_names_each_room_and_module_and_no_other():
    page = (ROOT / "docs" / "press.md").read_text(encoding="utf-8")
    described = re.findall(r"^- \*\*([a-z]+)\*\*: (.*(?:\n  .*)*)", page.split("## Where")[0], re.M)
    named = {room: set(re.findall(r"`([a-z_]+)`", text)) for room, text in described}
    hall = PRESS / "notebook_press"
    rooms = {path.parent.name: path.parent for path in hall.glob("*/**/__init__.py")}
    rooms["hall"] = hall
    there = {
        name: {path.stem for path in room.glob("*.py")} - {"__init__"}
        for name, room in rooms.items()
    }
    assert named == there
