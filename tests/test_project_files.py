"""The project's own files: in step with each other, and naming nothing that they should not."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()


def pinned_names() -> set[str]:
    return {line.split("==")[0] for line in LOCK.splitlines() if re.match(r"[a-z0-9]", line)}


def normalised(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9_.-]", requirement)[0]).lower()


def test_every_dependency_is_in_the_lock():
    wanted = PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["dev"]
    assert {normalised(item) for item in wanted} <= pinned_names()


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
    assert citation["version"] == PYPROJECT["project"]["version"]


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


def test_the_press_imports_nothing_that_only_a_kernel_needs():
    modules = sorted(
        ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        for path in (ROOT / "src" / "notebook_press").rglob("*.py")
        if path.stem != "__init__"
    )
    check = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, check=True)
    assert {"tensorflow", "keras", "matplotlib"} & set(answer.stdout.decode().split()) == set()
