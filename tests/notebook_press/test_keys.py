"""Whatever changes, exactly what depends on it is run again or rendered again: one row each."""

import functools
import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from installed import install_kernel, install_package
from manifests import as_manifest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from packaging.requirements import Requirement

from notebook_press import keys, provenance
from notebook_press.digests import digest_files
from notebook_press.parameters import parse_assignments
from notebook_press.plan import Step, next_step, plan
from notebook_press.request import Request, check_request

SETTINGS = """
[project]
dependencies = ["alpha>=1", "typst"]
[tool.notebook-press]
sources = ["src/analysis"]
lock = "requirements.lock"
measured = "notebooks/measured"
prepare = "preparing:prepare"
"""
ANSWER = {"parameters": {}, "inputs": {"images": "1", "labels": "2"}, "notice": None}

read_metadata = importlib.metadata.metadata
read_metadata_once = functools.cache(read_metadata)
read_requirement_once = functools.cache(Requirement)


@dataclass
class World:
    """A project, what a build of it is asked for, and the keys of what was published of it."""

    root: Path
    site: Path
    jupyter: Path
    monkeypatch: pytest.MonkeyPatch
    given: dict[str, str] = field(default_factory=lambda: {"epochs": "2"})
    options: dict[str, Any] = field(default_factory=dict)
    last: keys.Keys | None = None
    made_up: set[str] = field(default_factory=set)

    @property
    def notebook(self) -> Path:
        return self.root / "notebooks" / "story.ipynb"

    def step(self) -> Step:
        """Return what a build of now would do."""
        for versions in (
            provenance.drawing_versions,
            provenance.rendering_versions,
            provenance.result_versions,
        ):
            versions.cache_clear()  # each build of a user is a process of its own
        asked = {"notebooks": (self.notebook,), "formats": ("html",), **self.options}
        request = Request(**asked, given=parse_assignments(self.given.items()))
        project, _ = check_request(request)
        (job,) = plan(request, project)
        found = job.keys(request.run, keys.ProjectParts(project, 1))
        last = self.last and as_manifest(keys={"run": self.last.run, "render": self.last.render})
        return next_step(job, request, found, last or None, {})

    def publish(self) -> None:
        self.last = self.step().keys

    def outcome(self) -> str:
        step = self.step()
        if step.to_run:
            return "run again"
        return "rendered again" if step.to_render else "up to date"

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, change: Callable[[Any], object]) -> None:
        notebook = nbformat.read(self.notebook, as_version=4)
        change(notebook)
        nbformat.write(notebook, self.notebook)

    def answer(self, **parts: Any) -> None:
        said: dict[str, Any] = ANSWER | parts

        def prepare(given: dict[str, Any]) -> SimpleNamespace:
            return SimpleNamespace(**said | {"parameters": given | said["parameters"]})

        self.monkeypatch.setitem(sys.modules, "preparing", SimpleNamespace(prepare=prepare))

    def install(self, name: str, version: str, *needs: str) -> None:
        for old in self.site.glob(f"{name}-*"):
            shutil.rmtree(old)
        install_package(self.site, name, version, *needs)
        self.made_up.add(name)

    def metadata(self, name: str) -> object:
        """Return what a package says of itself, read anew where this world has installed it."""
        return (read_metadata if name in self.made_up else read_metadata_once)(name)

    def kernel(self, program: str = "/opt/made-up", **parts: object) -> None:
        install_kernel(self.jupyter, "odd", program, "-f", "{connection_file}", **parts)


@pytest.fixture
def world(project: Path, tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    site, jupyter = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("jupyter")
    made = World(project, site, jupyter, monkeypatch)
    monkeypatch.setattr(importlib.metadata, "metadata", made.metadata)
    monkeypatch.setattr(provenance, "Requirement", read_requirement_once)
    for name, text in {
        "pyproject.toml": SETTINGS,
        "src/analysis/model.py": "a = 1",
        "src/analysis/parts/layer.py": "b = 1",
        "requirements.lock": "alpha==1",
        "notebooks/measured/times.json": "{}",
    }.items():
        made.write(name, text)
    made.answer()
    made.kernel()
    for name, needs in {"alpha": ["beta"], "beta": [], "typst": [], "pytester": []}.items():
        made.install(name, "1.0", *needs)
    nbformat.write(a_notebook(), made.notebook)
    monkeypatch.setenv("JUPYTER_PATH", str(jupyter))
    monkeypatch.syspath_prepend(made.site)
    made.publish()
    return made


def a_notebook() -> Any:
    image = {"picture.png": {"image/png": "AAAA"}}
    cells = [
        new_markdown_cell("# How many?\n\n![](picture.png) ![](attachment:picture.png)"),
        new_code_cell("epochs: int = 1  # passes", metadata={"tags": ["parameters"]}),
        new_code_cell("first = epochs"),
        new_markdown_cell("In between.", attachments=image),
        new_code_cell("second = first"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "odd", "display_name": "Odd", "language": "python"}
    return notebook


def source(position: int, text: str) -> Callable[[World], None]:
    return lambda world: world.edit(lambda book: book.cells[position].update(source=text))


def cells(change: Callable[[list[Any]], object]) -> Callable[[World], None]:
    return lambda world: world.edit(lambda book: change(book.cells))


def metadata(**parts: object) -> Callable[[World], None]:
    return lambda world: world.edit(lambda book: book.metadata.update(parts))


def cell_metadata(position: int, **parts: object) -> Callable[[World], None]:
    return cells(lambda found: found[position].metadata.update(parts))


def wrote(name: str, text: str = "changed") -> Callable[[World], None]:
    return lambda world: world.write(name, text)


def installed(name: str, version: str, *needs: str) -> Callable[[World], None]:
    return lambda world: world.install(name, version, *needs)


def given(**texts: str) -> Callable[[World], None]:
    return lambda world: setattr(world, "given", texts)


def touched(world: World) -> None:
    for moment, path in enumerate(world.root.rglob("*")):
        os.utime(path, (moment * 10**9, moment * 10**9))  # long past, and to come


def linked(world: World) -> None:
    (world.root / "elsewhere").mkdir()
    (world.root / "src/analysis/linked").symlink_to(world.root / "elsewhere")
    world.publish()
    world.write("elsewhere/module.py", "c = 1")


def moved_tag(world: World) -> None:
    world.edit(lambda book: book.cells[2].update(source=book.cells[1].source))
    world.publish()
    for position, tags in ((1, []), (2, ["parameters"])):
        cell_metadata(position, tags=tags)(world)


def moved_notebook(world: World) -> None:
    world.write("notebooks/deeper/story.ipynb", world.notebook.read_text())
    world.options["notebooks"] = (world.root / "notebooks/deeper/story.ipynb",)


def copied_project(world: World) -> None:
    other = world.root.parent / f"{world.root.name}-moved"
    shutil.copytree(world.root, other)
    os.chdir(other)
    world.root = other


def executed_in_place(book: Any) -> None:
    for number, cell in enumerate(book.cells):
        cell.id = f"new-{number}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [new_output("stream", text="by hand")], 7


def another_machine(world: World) -> None:
    world.monkeypatch.setattr(provenance, "machine", lambda: {"processor": "another"})
    world.monkeypatch.setattr(platform, "machine", lambda: "another")
    world.monkeypatch.setattr(platform, "node", lambda: "another")
    world.monkeypatch.setattr(os, "cpu_count", lambda: 64)
    world.monkeypatch.setattr("time.time", lambda: 0.0)


TITLED = {"title": "A title", "authors": [{"name": "somebody"}]}
OF_A_RUN = {
    "execution": {"iopub.status.busy": "now"},
    "ExecuteTime": {},
    "papermill": {},
    "trusted": True,
}
ROWS: dict[str, dict[str, Callable[[World], object]]] = {
    "run again": {
        "code": source(4, "second = 3"),
        "the order of code cells": cells(lambda found: found.append(found.pop(2))),
        "where parameters are injected": moved_tag,
        "the default of a parameter": source(1, "epochs: int = 3  # passes"),
        "the help of a parameter": source(1, "epochs: int = 1  # rounds"),
        "a parameter": given(epochs="3"),
        "what prepare makes of a parameter": lambda w: w.answer(parameters={"epochs": 4}),
        "a cell that is to be skipped": cell_metadata(4, tags=["skip-execution"]),
        "data": lambda w: w.answer(inputs={"images": "1", "labels": "3"}),
        "one more input": lambda w: w.answer(inputs={**ANSWER["inputs"], "writers": "3"}),
        "the kernel's name": metadata(
            kernelspec={"name": "other", "display_name": "Other", "language": "python"}
        ),
        "the notebook's language": metadata(language_info={"name": "julia"}),
        "how the kernel is started": lambda w: w.kernel("/opt/other"),
        "a source": wrote("src/analysis/parts/layer.py"),
        "one more source": wrote("src/analysis/more.py"),
        "one source less": lambda w: (w.root / "src/analysis/model.py").unlink(),
        "a source by another name": lambda w: (w.root / "src/analysis/model.py").rename(
            w.root / "src/analysis/models.py"
        ),
        "a source behind a link": linked,
        "the lock": wrote("requirements.lock"),
        "what is kept of measurements": wrote("notebooks/measured/times.json"),
        "a dependency, by hand": installed("alpha", "1.1", "beta"),
        "a dependency's dependency, by hand": installed("beta", "1.1"),
        "Python": lambda w: w.monkeypatch.setattr(platform, "python_version", lambda: "3.99"),
        "the notebook's folder": moved_notebook,
        "--fresh": lambda w: w.options.update(fresh=True),
    },
    "rendered again": {
        "a picture that Markdown names": wrote("notebooks/picture.png"),
        "prose": source(3, "Changed."),
        "a comment in prose, which the published notebook holds": source(3, "In<!-- x --> between"),
        "one more Markdown cell": cells(lambda found: found.append(new_markdown_cell("End."))),
        "the order of Markdown": cells(lambda found: found.insert(2, found.pop(3))),
        "a raw cell": cells(lambda found: found.append(new_raw_cell("raw"))),
        "whether stderr is shown": lambda w: w.options.update(stderr="show"),
        "the kind of a cell": cells(
            lambda found: found.__setitem__(0, new_raw_cell("# How many?"))
        ),
        "a tag that runs nothing": cell_metadata(4, tags=["slide"]),
        "the part of a slide": cell_metadata(3, slideshow={"slide_type": "notes"}),
        "an attachment": cells(
            lambda found: found[3].attachments["picture.png"].update({"image/png": "AAAB"})
        ),
        "the notebook's title and authors": metadata(**TITLED),
        "a package that makes pages": installed("typst", "9.9"),
        "a package that such a package needs": installed("typst", "1.0", "alpha"),
        "the notice alone": lambda w: w.answer(notice="Not the real data."),
    },
    "up to date": {
        "nothing": lambda w: None,
        "outputs, numbers and names of cells": lambda w: w.edit(executed_in_place),
        "what a run by hand leaves in a cell": cell_metadata(4, **OF_A_RUN),
        "how the kernel is called": metadata(
            kernelspec={"name": "odd", "display_name": "Even", "language": "python"}
        ),
        "the language's version": metadata(language_info={"name": "python", "version": "3.99"}),
        "what papermill leaves in a notebook": metadata(papermill={"duration": 3}),
        "an empty code cell": cells(lambda found: found.append(new_code_cell(" \n"))),
        "the kernel's title": lambda w: w.kernel(display_name="Even odder"),
        "where a parameter is given": lambda w: (
            setattr(w, "given", {}),
            w.options.update(profile={"story": parse_assignments([("epochs", "2")])}),
        ),
        "the spelling of a parameter": given(epochs="+2"),
        "the order of the inputs": lambda w: w.answer(inputs={"labels": "2", "images": "1"}),
        "the times of files": touched,
        "an editor's backup": wrote("src/analysis/model.py~"),
        "an editor's lock": lambda w: (w.root / "src/analysis/.#model.py").symlink_to("me@here.1"),
        "the permissions of a source": lambda w: (w.root / "src/analysis/model.py").chmod(0o600),
        "a file of no concern": wrote("README.md"),
        "a package that nothing depends on": installed("pytester", "2.0"),
        "the folder of the project": copied_project,
        "the machine and its clock": another_machine,
    },
}


@pytest.mark.promise("A package that was upgraded by hand, while the lock stayed, is run again.")
@pytest.mark.promise(
    "A package that only makes pages, upgraded by hand, renders again and never trains."
)
@pytest.mark.promise(
    "A notice at the top of the page that changed alone, such as that of stand-in data, is "
    "rendered again."
)
@pytest.mark.promise("A kernel that is started otherwise is run again.")
@pytest.mark.promise("A notebook in another folder, where its kernel works, is another notebook.")
@pytest.mark.promise("The place where the parameters are injected is part of the code.")
@pytest.mark.promise("A source behind a link is a source.")
@pytest.mark.promise("What editors leave beside sources does not train.")
@pytest.mark.parametrize(
    ("outcome", "change"),
    [
        pytest.param(outcome, change, id=f"{what}: {outcome}")
        for outcome, rows in ROWS.items()
        for what, change in rows.items()
    ],
)
def test_what_depends_on_a_change_is_made_again_and_nothing_else(
    world: World, outcome: str, change: Callable[[World], object]
) -> None:
    change(world)
    assert world.outcome() == outcome


PARTS = {
    "run again": (
        *("author.py", "notebook.py", "errors.py", "messages.py", "running/papermill_engine.py"),
        *("running/output.py", "running/logs.py", "running/brand_new.py"),
    ),
    "rendered again": (
        *("rendering/templates/report.html.j2", "rendering/templates/page.css"),
        *("rendering/templates/markdown.lua", "rendering/templates/index.html.j2"),
        *("rendering/html.py", "parameters/cells.py", "provenance.py"),
    ),
    "up to date": (
        *("cli.py", "console.py", "builds.py", "making.py", "publishing/publish.py"),
        "running/papermill_engine.py~",
    ),
}


def test_of_the_press_what_a_run_or_a_page_is_made_with_counts_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    press = tmp_path / "press"
    shutil.copytree(keys.PRESS, press, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(keys, "PRESS", press)
    listed = {key: keys._with_imports(rooms) for key, rooms in keys.ROOMS.items()}

    def parts() -> dict[str, str]:
        return {key: digest_files(press, paths) for key, paths in listed.items()}

    def outcome(name: str) -> str:
        path, before = press / name, parts()
        content = path.read_bytes() if path.exists() else b""
        path.write_bytes(content + b"\n# changed\n")
        moved = keys.changes(before, parts())
        path.write_bytes(content) if content else path.unlink()
        return "run again" if "run" in moved else "rendered again" if moved else "up to date"

    expected = {name: outcome for outcome, names in PARTS.items() for name in names}
    assert {name: outcome(name) for name in expected} == expected
