"""Whatever changes, exactly what depends on it is run again or rendered again: one row each."""

import base64
import copy
import io
import json
import os
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from PIL import Image
from rich.console import Console

from notebook_press import builds as building
from notebook_press import keys, plan, provenance
from notebook_press.builds import build
from notebook_press.errors import DataError
from notebook_press.parameters import parse_assignments
from notebook_press.plan import Request
from notebook_press.publishing import publish, stage


def pixel(grey: int) -> str:
    """A picture of one pixel."""
    content = io.BytesIO()
    Image.new("L", (1, 1), grey).save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()


SETTINGS = """
[project]
dependencies = ["alpha>=1", "typst"]
[tool.notebook-press]
sources = ["src/analysis"]
lock = "requirements.lock"
measured = "notebooks/measured"
prepare = "PREPARING:prepare"
"""
PREPARE = """
import json, pathlib
from types import SimpleNamespace
def prepare(parameters):
    answer = json.loads((pathlib.Path(__file__).parent / "answer.json").read_text())
    return SimpleNamespace(**answer | {"parameters": parameters | answer["parameters"]})
"""
ANSWER = {"parameters": {}, "inputs": {"images": "1", "labels": "2"}, "notice": None}


@dataclass
class World:
    """A project that was built once, and how often it has been run and rendered since."""

    root: Path
    press: Path
    site: Path
    kernels: Path
    monkeypatch: pytest.MonkeyPatch
    given: dict[str, str] = field(default_factory=lambda: {"epochs": "2"})
    options: dict[str, Any] = field(default_factory=dict)
    runs: int = 0
    renderings: int = 0
    during_the_run: Callable[[], None] = lambda: None

    @property
    def notebook(self) -> Path:
        return self.root / "notebooks" / "story.ipynb"

    def build(self) -> str:
        """Build, and return what that took."""
        for cached in (keys.press_parts, provenance.rendering_versions):
            cached.cache_clear()  # each build of a user is a process of its own
        provenance.result_versions.cache_clear()
        before = self.runs, self.renderings
        request = Request(
            **{"notebooks": (self.notebook,), "formats": ("html",), **self.options},
            given=parse_assignments(self.given.items()),
        )
        build(request, Console(quiet=True))
        if self.runs > before[0]:
            return "run again"
        return "rendered again" if self.renderings > before[1] else "up to date"

    def execute(self, notebook: Any, report: str, parameters: Any, **_: Any) -> Any:
        self.runs += 1
        self.during_the_run()
        executed = copy.deepcopy(notebook)
        executed.metadata["papermill"] = {"parameters": dict(parameters)}
        for number, cell in enumerate(executed.cells, start=1):
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [printed(f"run {self.runs}")], number
        tags = {"tags": ["injected-parameters"]}
        injected = "".join(f"{name} = {value!r}\n" for name, value in parameters.items())
        executed.cells.insert(2, new_code_cell(injected, metadata=tags, execution_count=9))
        return executed

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, change: Callable[[Any], object]) -> None:
        notebook = nbformat.read(self.notebook, as_version=4)
        change(notebook)
        nbformat.write(notebook, self.notebook)

    def answer(self, **parts: object) -> None:
        self.write("answer.json", json.dumps(ANSWER | parts))

    def install(self, name: str, version: str, *needs: str) -> None:
        for old in self.site.glob(f"{name}-*"):
            shutil.rmtree(old)
        lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {n}" for n in needs)]
        folder = self.site / f"{name}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")

    def of_the_press(self, name: str) -> None:
        path = self.press / name
        path.write_text(f"{path.read_text() if path.exists() else ''}\n# changed\n")

    def kernel(self, **parts: object) -> None:
        content = {"argv": ["/opt/made-up", "-f", "{connection_file}"], "display_name": "Odd"}
        folder = self.kernels / "odd"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kernel.json").write_text(json.dumps(content | parts))


def printed(text: str) -> Any:
    return new_output("stream", name="stdout", text=text)


class Renderer:
    """In place of an exporter: it makes a page at once, and is counted."""

    world: World

    def from_notebook_node(self, notebook: Any, resources: Any) -> tuple[str, Any]:
        self.world.renderings += 1
        return json.dumps(notebook.metadata["notebook_press"]), resources


@pytest.fixture
def world(project: Path, tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    press = tmp_path_factory.mktemp("press")
    shutil.copytree(
        keys.PRESS, press, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    kernels = tmp_path_factory.mktemp("jupyter") / "kernels"
    made = World(project, press, tmp_path_factory.mktemp("site"), kernels, monkeypatch)
    module = f"preparing_{press.name.replace('-', '_')}_{os.getpid()}_{id(made)}"
    for name, text in {
        "pyproject.toml": SETTINGS.replace("PREPARING", module),
        f"{module}.py": PREPARE,
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
    Renderer.world = made
    monkeypatch.setattr(keys, "PRESS", press)
    monkeypatch.setattr(building, "execute", made.execute)
    monkeypatch.setattr(building, "check_requirements", lambda *_: None)
    for module in (plan, stage):
        monkeypatch.setattr(module, "FORMATS", {"html": (__name__, "Renderer", "check_html")})
    monkeypatch.setattr("notebook_press.rendering.checks.check_html", lambda _: None)
    monkeypatch.setattr(publish, "write_index", lambda _: None)
    monkeypatch.setenv("JUPYTER_PATH", str(kernels.parent))
    monkeypatch.syspath_prepend(made.site)
    assert made.build() == "run again"
    return made


def a_notebook() -> Any:
    image = {"picture.png": {"image/png": pixel(0)}}
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


def tagged(*positions: int) -> Callable[[World], None]:
    def change(found: list[Any]) -> None:
        for position, cell in enumerate(found):
            cell.metadata.tags = ["parameters"] if position in positions else []

    return cells(change)


def metadata(**parts: object) -> Callable[[World], None]:
    return lambda world: world.edit(lambda book: book.metadata.update(parts))


def cell_metadata(position: int, **parts: object) -> Callable[[World], None]:
    return cells(lambda found: found[position].metadata.update(parts))


def wrote(name: str, text: str = "changed") -> Callable[[World], None]:
    return lambda world: world.write(name, text)


def press(name: str) -> Callable[[World], None]:
    return lambda world: world.of_the_press(name)


def installed(name: str, version: str, *needs: str) -> Callable[[World], None]:
    return lambda world: world.install(name, version, *needs)


def given(**texts: str) -> Callable[[World], None]:
    return lambda world: setattr(world, "given", texts)


def times(moment: float) -> Callable[[World], None]:
    def change(world: World) -> None:
        for path in (*world.root.rglob("*"), *world.press.rglob("*")):
            os.utime(path, (moment, moment))

    return change


def clock(year: int) -> Callable[[World], None]:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(year, 1, 1, tzinfo=tz)

    def change(world: World) -> None:
        seconds = datetime(year, 1, 1, tzinfo=UTC).timestamp()
        world.monkeypatch.setattr(building, "datetime", Clock)
        world.monkeypatch.setattr("time.time", lambda: seconds)

    return change


def linked(world: World) -> None:
    (world.root / "elsewhere").mkdir()
    (world.root / "src/analysis/linked").symlink_to(world.root / "elsewhere")
    world.build()
    world.write("elsewhere/module.py", "c = 1")


def moved_tag(world: World) -> None:
    world.edit(lambda book: book.cells[2].update(source=book.cells[1].source))
    world.build()
    tagged(2)(world)


def moved_notebook(world: World) -> None:
    world.write("notebooks/deeper/story.ipynb", world.notebook.read_text())
    world.options["notebooks"] = (world.root / "notebooks/deeper/story.ipynb",)


def copied_project(world: World) -> None:
    other = world.root.parent / f"{world.root.name}-moved"
    shutil.copytree(world.root, other)
    os.chdir(other)
    world.root = other


def copied_run(world: World) -> None:
    shutil.copytree(world.root / "reports/default", world.root / "reports/other")
    world.options["run"] = "other"


def executed_in_place(book: Any) -> None:
    for number, cell in enumerate(book.cells):
        cell.id = f"new-{number}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [printed("by hand")], 7


def another_machine(world: World) -> None:
    world.monkeypatch.setattr(provenance, "machine", lambda: {"processor": "another"})
    world.monkeypatch.setattr(platform, "machine", lambda: "another")
    world.monkeypatch.setattr(platform, "node", lambda: "another")
    world.monkeypatch.setattr(os, "cpu_count", lambda: 64)


TITLED = {"title": "A title", "authors": [{"name": "somebody"}]}
OF_A_RUN = {"execution": {"iopub.status.busy": "now"}, "ExecuteTime": {}, "papermill": {}}
ROWS: dict[str, dict[str, Callable[[World], object]]] = {
    "run again": {
        "code": source(4, "second = 3"),
        "a comment in code": source(4, "second = first  # why"),
        "the order of code cells": cells(lambda found: found.append(found.pop(2))),
        "where parameters are injected": moved_tag,
        "the default of a parameter": source(1, "epochs: int = 3  # passes"),
        "the help of a parameter": source(1, "epochs: int = 1  # rounds"),
        "a parameter": given(epochs="3"),
        "a parameter that is not given any more": given(),
        "what prepare makes of a parameter": lambda w: w.answer(parameters={"epochs": 4}),
        "data": lambda w: w.answer(inputs={"images": "1", "labels": "3"}),
        "one more input": lambda w: w.answer(inputs={**ANSWER["inputs"], "writers": "3"}),
        "a run under another name": copied_run,
        "the kernel's name": metadata(
            kernelspec={"name": "other", "display_name": "Other", "language": "python"}
        ),
        "the notebook's language": metadata(language_info={"name": "julia"}),
        "how the kernel is started": lambda w: w.kernel(argv=["/opt/other"]),
        "the kernel's environment": lambda w: w.kernel(env={"SEED": "1"}),
        "a kernel that is gone": lambda w: shutil.rmtree(w.kernels),
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
        "the press's author": press("author.py"),
        "the press's execution": press("running/papermill_engine.py"),
        "what the press keeps of a run": press("notebook.py"),
        "how much the press keeps of an output": press("running/output.py"),
        "a new module where the press runs": press("running/brand_new.py"),
        "how stderr is counted": press("running/logs.py"),
        "errors, which all that runs imports": press("errors.py"),
        "the notebook's folder": moved_notebook,
        "--fresh": lambda w: w.options.update(fresh=True),
    },
    "rendered again": {
        "prose": source(3, "Changed."),
        "a comment in prose, which the published notebook holds": source(3, "In<!-- x --> between"),
        "one more Markdown cell": cells(lambda found: found.append(new_markdown_cell("End."))),
        "one Markdown cell less": cells(lambda found: found.pop(3)),
        "the order of Markdown": cells(lambda found: found.insert(2, found.pop(3))),
        "a raw cell": cells(lambda found: found.append(new_raw_cell("raw"))),
        "a tag that runs nothing": cell_metadata(4, tags=["slide"]),
        "the part of a slide": cell_metadata(3, slideshow={"slide_type": "notes"}),
        "an attachment": cells(
            lambda found: found[3].attachments["picture.png"].update({"image/png": pixel(255)})
        ),
        "the notebook's title and authors": metadata(**TITLED),
        "a template": press("rendering/templates/report.html.j2"),
        "a style": press("rendering/templates/page.css"),
        "pandoc's filter": press("rendering/templates/markdown.lua"),
        "a module of rendering": press("rendering/html.py"),
        "how parameters are read": press("parameters/cells.py"),
        "what a page says of its making": press("provenance.py"),
        "the press's index": press("rendering/templates/index.html.j2"),
        "a package that makes pages": installed("typst", "9.9"),
        "a package that such a package needs": installed("typst", "1.0", "alpha"),
        "the notice alone": lambda w: w.answer(notice="Not the real data."),
        "a page": wrote("reports/default/story.html"),
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
        "times long past": times(0),
        "times to come": times(4102444800),
        "a clock set to 1970": clock(1970),
        "a clock set to 2100": clock(2100),
        "byte code": wrote("src/analysis/__pycache__/model.pyc"),
        "an editor's backup": wrote("src/analysis/model.py~"),
        "an editor's swap file": wrote("src/analysis/.model.py.swp"),
        "an editor's lock": lambda w: (w.root / "src/analysis/.#model.py").symlink_to("me@here.1"),
        "Jupyter's checkpoints": wrote("src/analysis/.ipynb_checkpoints/model.py"),
        "metadata of an installed copy": wrote("src/analysis/analysis.egg-info/PKG-INFO"),
        "the permissions of a source": lambda w: (w.root / "src/analysis/model.py").chmod(0o600),
        "a file of no concern": wrote("README.md"),
        "another notebook": wrote("notebooks/tale.ipynb"),
        "an image that Markdown names, which no page holds": wrote("notebooks/picture.png"),
        "a package that nothing depends on": installed("pytester", "2.0"),
        "the command line": press("cli.py"),
        "how files are put into place": press("publishing/publish.py"),
        "what the terminal shows": press("console.py"),
        "an editor's backup in the press": press("running/papermill_engine.py~"),
        "the folder of the project": copied_project,
        "the machine": another_machine,
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
    assert world.build() == outcome
    if outcome != "up to date" and not world.options.get("fresh"):
        assert world.build() == "up to date"


def said(world: World) -> dict[str, Any]:
    """What the page says of its making."""
    made: dict[str, Any] = json.loads((world.root / "reports/default/story.html").read_text())
    return made


@pytest.mark.promise(
    "A source that is edited while the notebook runs, and put back, is run again by the next build."
)
@pytest.mark.parametrize(
    ("edited", "reverted"),
    [
        (source(4, "second = 3"), lambda world: None),
        (wrote("src/analysis/model.py"), lambda world: None),
        (wrote("src/analysis/model.py"), wrote("src/analysis/model.py", "a = 1")),
        (wrote("notebooks/measured/times.json"), wrote("notebooks/measured/times.json", "{}")),
    ],
    ids=["the notebook", "a source", "a source, for a while", "what is kept, for a while"],
)
def test_what_is_edited_while_it_runs_is_run_again(
    world: World, edited: Callable[[World], None], reverted: Callable[[World], None]
) -> None:
    world.given = {"epochs": "3"}
    world.during_the_run = lambda: edited(world)
    assert world.build() == "run again"
    reverted(world)
    world.during_the_run = lambda: None
    assert world.build() == "run again"
    assert world.build() == "up to date"


@pytest.mark.promise(
    "What ran on data that changed meanwhile is not published under the SHA-256 of others."
)
@pytest.mark.parametrize(
    "inputs",
    [{"images": "1", "labels": "3"}, {"images": "1"}, {**ANSWER["inputs"], "writers": "3"}],
)
def test_data_that_change_while_it_runs_are_not_published_under_another_sha256(
    world: World, inputs: dict[str, str]
) -> None:
    before = said(world)
    world.given = {"epochs": "3"}
    world.during_the_run = lambda: world.answer(inputs=inputs)
    with pytest.raises(DataError, match=r"^story: data changed while it ran: (labels|writers);"):
        world.build()
    assert said(world) == before
    world.answer()
    world.during_the_run = lambda: None
    assert world.build() == "run again"


@pytest.mark.promise(
    "A page that is rendered again shows the notice and the versions of now, not those of the run."
)
def test_a_page_made_again_tells_what_made_it_and_keeps_what_ran(world: World) -> None:
    before = said(world)
    world.answer(notice="Not the real data.")
    world.install("typst", "9.9")
    world.build()
    after = said(world)
    assert (after["notice"], after["versions"]["typst"]) == ("Not the real data.", "9.9")
    kept = ("finished", "seconds", "commit", "machine", "parameters", "inputs")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_a_page_made_again_of_a_fresh_run_says_that_it_was(world: World) -> None:
    world.edit(lambda book: book.cells[1].update(source="epochs: int = 1\nfresh: bool = False"))
    world.options["fresh"] = True
    world.build()
    world.options["fresh"] = False
    source(3, "Changed.")(world)
    assert world.build() == "rendered again"
    assert [each["value"] for each in said(world)["parameters"]] == [2, True]


def test_a_copied_run_tells_its_own_name(world: World) -> None:
    copied_run(world)
    world.build()
    page = json.loads((world.root / "reports/other/story.html").read_text())
    assert page["run"] == "other"


@pytest.mark.promise("A manifest whose keys were damaged counts as none.")
@pytest.mark.parametrize("keys", [None, [], "", {}, {"run": 3}, {"run": {"code": 1}}])
def test_a_manifest_whose_keys_are_none_is_as_good_as_no_manifest(
    world: World, keys: object
) -> None:
    path = world.root / "reports/default/story.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"keys": keys}))
    assert world.build() == "run again"


def test_a_key_knows_what_its_rooms_import_and_nothing_of_publishing() -> None:
    for rooms in keys.ROOMS.values():
        names = {path.stem for path in keys._with_imports(rooms)}
        assert {"errors", "messages", "author"} <= names
        assert not {"builds", "cli", "publishing", "publish", "console"} & names


def test_a_real_run_that_edits_its_own_source_is_not_up_to_date(
    write_notebook: Any, project: Path
) -> None:
    (project / "pyproject.toml").write_text("[tool.notebook-press]\nsources = ['src']\n")
    (project / "src").mkdir()
    edit = "from pathlib import Path\nPath('../src/model.py').write_text('a = 2')"
    path = write_notebook(edit)
    console = Console(record=True, width=200)
    for _ in range(3):
        build(Request(notebooks=(path,), formats=("html",)), console)
    told = console.export_text()
    assert "sources changed while it ran, so that the next build runs it again" in told
    assert told.count("story: running") == 2
    assert told.rstrip().endswith("story: up to date")
