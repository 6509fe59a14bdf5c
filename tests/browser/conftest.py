"""A browser, and reports that the press built: pages looked at as their readers see them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest
from filelock import FileLock
from matplotlib.figure import Figure
from nbformat import NotebookNode
from playwright.sync_api import Browser, Page, sync_playwright
from report_notebooks import as_html

from notebook_press import author
from notebook_press.publishing.publish import write_index

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
QUICK = NOTEBOOKS[0].parent / "profiles" / "quick.yaml"
REQUIRED = os.environ.get("NOTEBOOK_PRESS_BROWSER") == "required"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DATA = os.environ.get("HANDWRITING_DATA", "")  # read once: each test starts without it
MNIST = Path(DATA).absolute() / "mnist" if DATA else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave one module of pages early, whose worker has the reports made, and end with the others.

    So no worker of a parallel run waits for the reports.
    """
    of_pages = [item.path for item in items if Path(__file__).parent in item.path.parents]
    later = {path for path in of_pages if path != of_pages[0]}
    items.sort(key=lambda item: item.path in later)


def need(what: str) -> None:
    """Skip a test for want of something, or fail it where nothing may be skipped."""
    if REQUIRED:
        pytest.fail(f"needs {what} (NOTEBOOK_PRESS_BROWSER=required)", pytrace=False)
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's program, where there is one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        need("Chromium: install the package chromium, or set CHROMIUM to the program's path")
    return found


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """A running browser; of a module, since Playwright's event loop would be in others' way."""
    options = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def mnist() -> Path:
    """The folder of the real MNIST files."""
    if MNIST is None or not MNIST.is_dir():
        need("real MNIST: set HANDWRITING_DATA to the folder that holds mnist/")
    return MNIST


@pytest.fixture(scope="session")
def published(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of two runs of every notebook; the workers of a parallel run share it."""
    base = tmp_path_factory.getbasetemp()
    reports = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "published"
    with FileLock(reports.with_suffix(".lock")):
        if not (reports / "again").exists():
            press(reports, "mnist" if MNIST and MNIST.is_dir() else "digits")
            copy_run(reports, "again")
    return reports


def press(reports: Path, dataset: str) -> None:
    """Publish every notebook, and say what the press said if it can't."""
    program = Path(sys.executable).with_name("notebook-press")
    command = [program, "build", *NOTEBOOKS, "--reports", reports]
    command += ["-p", "dataset", dataset, "--profile", QUICK, "--name", "default"]
    environment = os.environ | {"HANDWRITING_CACHE": str(reports.with_suffix(".cache"))}
    environment |= {"HANDWRITING_DATA": DATA} if DATA else {}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def copy_run(reports: Path, name: str) -> None:
    """Publish the default run under another name, with other results and parameters, as well."""
    shutil.copytree(reports / "default", reports / name)
    for path in (reports / name).glob("*.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest |= {"run": name, "finished": "2026-01-01T00:00:00+00:00"}
        manifest["results"] = {key: value / 2 for key, value in manifest["results"].items()}
        manifest["parameters"][-1]["value"] = "another"
        path.write_text(json.dumps(manifest), encoding="utf-8")
    write_index(reports)


@dataclass
class Visit:
    """A page, and what happened on it besides."""

    page: Page
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def open_everything(self) -> None:
        """Unfold what can be unfolded; of folds that belong together, the last."""
        self.page.evaluate(
            "for (const fold of document.querySelectorAll('details')) fold.open = true"
        )


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """A function that opens a file as a reader would; its options are those of a context."""
    contexts = []

    def opened(path: Path, fragment: str = "", *, width: int = 1280, **options: object) -> Visit:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        context.set_default_timeout(5000)
        contexts.append(context)
        seen = Visit(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda message: seen.messages.append(message.text))
        seen.page.on("pageerror", lambda error: seen.messages.append(str(error)))
        seen.page.on("dialog", lambda dialog: (seen.messages.append("dialog"), dialog.dismiss()))
        seen.page.goto(path.as_uri() + fragment)
        return seen

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(params=[*(f"default/{path.stem}.html" for path in NOTEBOOKS), "index.html"])
def path(request: pytest.FixtureRequest, published: Path) -> Path:
    """Each page that the press published."""
    return published / request.param


@pytest.fixture
def report(published: Path) -> Path:
    """The page of a report."""
    return published / "default" / "02_network.html"


@pytest.fixture
def rivals(published: Path) -> Path:
    """The page of the report whose table can be sorted."""
    return published / "default" / "03_rivals.html"


@pytest.fixture(scope="session")
def page_of() -> Callable[..., str]:
    """A function that returns the page of a notebook which shows figures to explore."""

    def rendered(*explorers: Any) -> str:
        outputs: list[NotebookNode] = []

        def display(data: object, *, raw: bool, metadata: object) -> None:
            outputs.append(v4.new_output("display_data", data=data, metadata=metadata))

        still = {"fallback": Figure(), "caption": "To explore.", "alt": "As on paper."}
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("IPython.display.display", display)
            for each in explorers:
                author.interactive(each.html, script=each.script, style=each.style, **still)
        cells = [v4.new_markdown_cell("# A title"), v4.new_code_cell("explore()", outputs=outputs)]
        return as_html(v4.new_notebook(cells=cells), "a_title")

    return rendered
