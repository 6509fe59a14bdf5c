"""What every test gets: no network, a cache of its own, and notebooks made on the spot."""

import os
import socket
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# As in the press's `cli`: jsonschema, which nbformat imports, is slow to import with it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import nbformat  # noqa: E402
import pressed  # noqa: E402

DATA = os.environ.get("HANDWRITING_DATA", "")  # read once: each test starts without it
# A build server judges the change at hand; new examples are for those who can look at them.
for profile, examples in {"fast": 20, "slow": 200}.items():
    settings.register_profile(
        profile, max_examples=examples, derandomize=bool(os.environ.get("CI")), deadline=None
    )
settings.load_profile("fast")  # `make test-slow` asks for the other

LOCAL = ("127.0.0.1", "::1", "localhost")
NOWHERE = "http://127.0.0.1:9"  # the discard port: whoever tries a proxy here is refused at once


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with a module or a test that asks for kept reports, and end with all others that do.

    So one worker of a parallel run makes them where they are missing, and no other waits for them.
    A worker takes a whole module at once, so the whole of it comes late.
    """
    on_mnist = [item for item in items if "kept_reports_on_mnist" in _fixtures(item)]
    asking = [item for item in items if {"kept_reports", "real_mnist"} & _fixtures(item)]
    late = {item.path for item in asking}
    first = on_mnist[:1] or [item for item in asking if item.path == asking[-1].path]
    items.sort(key=lambda item: 0 if item in first else 1 + (item.path in late))


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every address but this machine's own, here and in the processes that a test starts."""
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in LOCAL:
            raise ConnectionRefusedError(f"tests have no network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, NOWHERE)
    monkeypatch.setenv("no_proxy", ",".join(LOCAL))


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep tests away from the user's cache, data that happen to be there, and CI's summary."""
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("HANDWRITING_DATA", raising=False)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)  # what fails on purpose is none of CI's


@pytest.fixture(scope="session")
def real_mnist() -> Path:
    """The folder of the real MNIST files, where the user has them."""
    folder = Path(DATA) / "mnist"
    if not DATA or not folder.is_dir():
        pytest.skip("needs real MNIST: set HANDWRITING_DATA to the folder that holds mnist/")
    return folder


@pytest.fixture(scope="session")
def kept_reports() -> Path:
    """The folder of the project's reports on small data, which runs and their workers share."""
    return pressed.kept_reports(os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex)


@pytest.fixture(scope="session")
def kept_reports_on_mnist(real_mnist: Path) -> Path:
    """The folder of the reports on real MNIST, which runs and their workers share, too."""
    return pressed.kept_reports_on_mnist(real_mnist.parent)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """An empty project folder, which is also the working directory."""
    (tmp_path / "pyproject.toml").write_text("[tool.notebook-press]\n")
    (tmp_path / "notebooks").mkdir()
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


WriteNotebook = Callable[..., Path]


@pytest.fixture
def write_notebook(project: Path) -> WriteNotebook:
    """Return a function that writes a notebook of code cells below a title."""

    def write(
        *code: str, name: str = "story", parameters: str | None = None, kernel: str = "python3"
    ) -> Path:
        cells = [nbformat.v4.new_markdown_cell("# What is the answer?")]
        if parameters is not None:
            tags = {"tags": ["parameters"]}
            cells.append(nbformat.v4.new_code_cell(parameters, metadata=tags))
        cells += [nbformat.v4.new_code_cell(source) for source in code]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {
            "name": kernel,
            "display_name": kernel,
            "language": "python",
        }
        path = project / "notebooks" / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    return write
