"""What a notebook needs: told before it runs, and never of an import that may succeed."""

import sys
from pathlib import Path

import pytest
from installed import install_kernel

from notebook_press.notebook import read_notebook
from notebook_press.running.preflight import missing_imports, unmet


@pytest.fixture
def folder(tmp_path):
    """A folder with a module, a package, and one that hides Python's; none may be imported."""
    (tmp_path / "plain").mkdir()
    for name in ("beside.py", "plain/__init__.py", "random.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')")
    return tmp_path


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import nowhere", ["nowhere"]),
        ("import os, nowhere.part as n, elsewhere", ["nowhere", "elsewhere"]),
        ("%matplotlib inline\n%load_ext autoreload\nimport nowhere", ["nowhere"]),
        ("'''Words.'''\nfrom __future__ import annotations\nimport nowhere", ["nowhere"]),
        (
            "import numpy as np, matplotlib.pyplot, notebook_press\nimport nowhere",
            ["nowhere"],
        ),
        ("n: Annotated[int, Ge(1)] = 3; a, b = 1, np.pi\nimport nowhere", ["nowhere"]),
        ("def later(x=3):\n    return chdir(x)\nimport nowhere", ["nowhere"]),
    ],
)
def test_a_module_that_is_not_there_is_named(folder, source, names):
    assert missing_imports(("1", source), folder) == [(1, name) for name in names]


@pytest.mark.parametrize(
    "source",
    [
        "import os.path, sys, json, xml.etree.ElementTree, __main__, builtins",
        "import numpy.nothing; import nbformat.nothing.anywhere",
        "import beside",
        "from plain.nothing import anything",
        "from . import nowhere\nfrom .nowhere import thing",
        "try:\n    import nowhere\nexcept ImportError:\n    nowhere = None",
        "if TYPE_CHECKING:\n    import nowhere",
        "def later():\n    import nowhere",
        "%%time\nimport nowhere",
        "import \0",
    ],
)
def test_an_import_that_may_succeed_is_believed(folder, source):
    assert missing_imports((source,), folder) == []


@pytest.mark.promise("An import that may succeed is believed.")
@pytest.mark.parametrize(
    "source",
    [
        "import sys; sys.path.append('lib')",
        "import sys; sys.path += ['lib']",
        "import sys; del sys.modules['os']",
        "add = __import__('sys').path.append",
        "@add\ndef lib(): pass",
        "class Adds:\n    def __del__(self): add()",
        "try:\n    import beside\nexcept ImportError: pass",
        "%pip install nowhere",
        "!git clone https://host.example/nowhere",
        "%%writefile nowhere.py\n1",
        "await fetch",
        "raise SystemExit",
    ],
)
def test_imports_below_code_that_may_change_the_path_are_believed(folder, source):
    assert missing_imports((source, "import nowhere"), folder) == []
    assert missing_imports((f"{source}\nimport nowhere",), folder) == []


@pytest.mark.promise("Imports below a module that adds to the path are believed.")
@pytest.mark.parametrize("adds", ["beside", "plain", "random", "_pytest"])
def test_imports_below_a_module_that_may_add_to_the_path_are_believed(folder, adds):
    assert missing_imports((f"import {adds}", "import nowhere"), folder) == []
    assert missing_imports((f"import {adds}, nowhere",), folder) == []


def lacks(path: Path) -> tuple[int, str] | None:
    return unmet(read_notebook(path), path.parent)


def test_the_cell_and_every_missing_module_are_named(write_notebook):
    path = write_notebook("1", "import nowhere", "import elsewhere, nowhere")
    why = "imports what is not there: 'nowhere', 'elsewhere'; install it, or correct the name"
    assert lacks(path) == (2, why)


@pytest.mark.promise("A missing kernel is named with the kernels that there are.")
def test_a_missing_kernel_is_named_with_those_there_are(write_notebook):
    cell, why = lacks(write_notebook("1", kernel="cobol-1959"))
    assert cell == 1
    assert why.startswith("needs the kernel 'cobol-1959', which is not installed (installed: ")
    assert "python3" in why


def test_a_notebook_in_another_language_that_names_no_kernel_is_told_how_to_choose_one(
    write_notebook,
):
    notebook = read_notebook(write_notebook("1"))
    notebook.metadata = {"language_info": {"name": "julia"}}
    _, why = unmet(notebook, Path())
    assert why.startswith("names no kernel to run its julia in (installed: ")
    assert why.endswith("); choose one with --kernel")


@pytest.mark.parametrize("tag", ["skip-execution", "raises-exception"])
def test_imports_of_a_cell_that_is_skipped_or_may_raise_are_not_looked_for(write_notebook, tag):
    notebook = read_notebook(write_notebook("import nowhere"))
    notebook.cells[1].metadata["tags"] = [tag]
    assert unmet(notebook, Path()) is None


@pytest.fixture
def other_kernel(tmp_path, monkeypatch):
    """Another interpreter, whose kernel is installed under the name `other`."""
    python = tmp_path / "python3"
    argv = (str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}")
    install_kernel(tmp_path, "other", *argv)
    python.symlink_to(sys.executable)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    return python


def test_the_imports_of_another_interpreter_are_its_own_affair(write_notebook, other_kernel):
    assert lacks(write_notebook("import nowhere", kernel="other")) is None


def test_a_kernel_whose_program_is_gone_is_named(write_notebook, other_kernel):
    other_kernel.unlink()
    why = f"needs the kernel 'other', whose program '{other_kernel}' is gone; install it again"
    assert lacks(write_notebook("1", kernel="other")) == (1, why)


@pytest.mark.parametrize("file", ["startup/00-path.py", "ipython_config.py"])
def test_imports_are_believed_where_ipython_runs_files_of_the_user_first(
    write_notebook, tmp_path, monkeypatch, file
):
    path = tmp_path / "ipython" / "profile_default" / file
    path.parent.mkdir(parents=True)
    path.write_text("import sys; sys.path.append('lib')")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    assert lacks(write_notebook("import nowhere")) is None
