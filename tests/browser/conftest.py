"""A browser, and reports that the press built: pages looked at as their readers see them."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pressed import NAMES

REQUIRED = os.environ.get("NOTEBOOK_PRESS_BROWSER") == "required"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DATA = os.environ.get("HANDWRITING_DATA", "")  # read once: each test starts without it
MNIST = Path(DATA).absolute() / "mnist" if DATA else None


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
def published(chromium_path: str, kept_reports: Path) -> Path:
    """The folder of the project's reports, where there is a browser to look at them."""
    return kept_reports


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
        context.set_default_navigation_timeout(30_000)  # a busy machine reads large pages slowly
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


@pytest.fixture(scope="session")
def on_mnist(chromium_path: str, mnist: Path, kept_reports_on_mnist: Path) -> Path:
    """The folder of the reports on MNIST, whose pages are the largest."""
    return kept_reports_on_mnist


@pytest.fixture(
    scope="module",
    params=[
        "default/02_network.html",
        "index.html",
        pytest.param("default/05_trust.html", marks=pytest.mark.slow),
        *(pytest.param(f"mnist/{name}.html", marks=pytest.mark.slow) for name in NAMES),
    ],
)
def path(request: pytest.FixtureRequest, published: Path) -> Path:
    """Pages that the press published: on MNIST each of them."""
    folder, _, name = request.param.rpartition("/")
    if folder == "mnist":
        return request.getfixturevalue("on_mnist") / name
    return published / folder / name


@pytest.fixture
def report(published: Path) -> Path:
    """The page of a report."""
    return published / "default" / "02_network.html"


@pytest.fixture
def rivals(published: Path) -> Path:
    """The page of the report whose table can be sorted."""
    return published / "default" / "03_rivals.html"
