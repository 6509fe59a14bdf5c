"""A missing import: told before the notebook runs, and never of one that may succeed."""

import json
import sys
from pathlib import Path

import pytest

from notebook_press.notebook import NotebookFailedError, read_notebook
from notebook_press.running.preflight import check_requirements, importable_path, missing_imports

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def folder(tmp_path):
    """A notebook's folder with a module, a package and a package that makes its submodules."""
    (tmp_path / "beside.py").write_text("raise SystemExit('imported')")
    for package, content in (("plain", "raise SystemExit"), ("magic", "import sys; sys.modules")):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(content)
    (tmp_path / "plain" / "part.py").write_text("")
    (tmp_path / "space").mkdir()
    return tmp_path


def missing(folder: Path, *sources: str) -> list[tuple[int, str]]:
    return missing_imports(sources, importable_path(folder))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import nowhere", ["nowhere"]),
        ("import os, nowhere as n, elsewhere", ["nowhere", "elsewhere"]),
        ("from nowhere import thing", ["nowhere"]),
        ("import nowhere.part", ["nowhere.part"]),
        ("import plain.nothing", ["plain.nothing"]),
        ("from plain.nothing import thing", ["plain.nothing"]),
        ("import json.nothing", ["json.nothing"]),
        ("%matplotlib inline\nimport nowhere", ["nowhere"]),
        ("!true\nimport nowhere", ["nowhere"]),
        ("await something()\nimport nowhere", ["nowhere"]),
    ],
)
def test_a_module_that_is_not_there_is_named(folder, source, names):
    assert missing(folder, "1", source) == [(1, name) for name in names]


@pytest.mark.parametrize(
    "source",
    [
        "import os.path, sys, json, collections.abc, xml.etree.ElementTree, __main__, builtins",
        "import numpy as np; import matplotlib.pyplot as plt; from sklearn.metrics import f1_score",
        "from __future__ import annotations",
        "import six.moves.urllib.parse; import tensorflow.keras.layers; from keras import layers",
        "import rfc3987_syntax",
        "import beside; import plain.part; from plain import anything; import space.part",
        "import magic.nothing",
        "try:\n    import nowhere\nexcept ImportError:\n    nowhere = None",
        "if TYPE_CHECKING:\n    import nowhere",
        "with contextlib.suppress(ImportError):\n    import nowhere",
        "def later():\n    import nowhere",
        "from . import nowhere\nfrom .nowhere import thing",
        "%%bash\nimport nowhere",
        "%%time\nimport nowhere",
        "# import nowhere\n'import nowhere'",
        "import nowhere nowhere",
        "import \0",
        "import sys; sys.path.insert(0, 'lib')\nimport nowhere",
        "%pip install nowhere\nimport nowhere",
    ],
)
def test_an_import_that_may_succeed_is_believed(folder, source):
    assert missing(folder, source) == []


@pytest.mark.promise("An import that may succeed is believed.")
@pytest.mark.parametrize(
    "source",
    [
        "import sys\nsys.path.append('lib')",
        "%pip install nowhere",
        "!pip install nowhere",
        "%%writefile nowhere.py\n1",
        "open('nowhere.py', 'w').close()",
        "import os; os.chdir('lib')",
        "%cd lib",
        "%run prepare",
        "import pyximport; pyximport.install()",
    ],
)
def test_imports_below_code_that_may_make_modules_are_believed(folder, source):
    assert missing(folder, source, "import nowhere") == []


@pytest.mark.parametrize("helper", ["helper", "helps_helper"])
def test_imports_below_a_module_that_adds_to_the_path_are_believed(folder, helper):
    (folder / "helper.py").write_text("import sys\nsys.path[:0] = ['lib']")
    (folder / "helps_helper.py").write_text("import helper")
    assert missing(folder, f"import {helper}", "import nowhere") == []


@pytest.mark.promise("Imports below a module that adds to the path are believed.")
def test_imports_below_a_package_that_adds_to_the_path_are_believed(folder, monkeypatch):
    package = folder / "installed" / "findspark"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("def init(): sys.path.append('lib')")
    monkeypatch.setenv("PYTHONPATH", str(folder / "installed"))
    assert missing(folder, "import findspark; findspark.init()", "import nowhere") == []


def test_imports_below_the_usual_packages_are_not_believed(folder):
    usual = "import keras, matplotlib, numpy, scipy, sklearn, tensorflow, handwriting"
    assert missing(folder, usual, "import nowhere") == [(1, "nowhere")]


def test_nothing_is_imported_to_find_out(folder):
    before = set(sys.modules)
    missing(folder, "import beside, plain.part, plain.nothing")
    assert not {"beside", "plain"} & (set(sys.modules) - before)


def test_a_kernel_does_not_look_where_only_the_press_does(folder, monkeypatch):
    (folder / "press").mkdir()
    (folder / "press" / "only_here.py").write_text("")
    monkeypatch.syspath_prepend(folder / "press")
    assert missing(folder, "import only_here") == [(0, "only_here")]


def test_a_kernel_looks_where_pythonpath_says(folder, monkeypatch):
    (folder / "more").mkdir()
    (folder / "more" / "only_here.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(folder / "more"))
    assert missing(folder, "import only_here") == []


def refusal(path: Path) -> str:
    with pytest.raises(NotebookFailedError) as caught:
        check_requirements(read_notebook(path), path.stem, path.parent)
    return str(caught.value)


def test_the_cell_and_every_missing_module_are_named(write_notebook):
    path = write_notebook("1", "import nowhere", "import elsewhere, nowhere")
    assert refusal(path) == (
        "story: cell 3 of 4 ('import nowhere') imports what is not there: 'nowhere', 'elsewhere'; "
        "install it, or correct the name"
    )


@pytest.mark.promise("A missing kernel is named with the kernels that there are.")
def test_a_missing_kernel_is_named_with_those_there_are(write_notebook):
    message = refusal(write_notebook("1", kernel="cobol-1959"))
    assert "needs the kernel 'cobol-1959', which is not installed" in message
    assert "python3" in message


@pytest.fixture
def other_kernel(tmp_path, monkeypatch):
    """Another interpreter, whose kernel is installed under the name `other`."""
    kernel = tmp_path / "kernels" / "other"
    kernel.mkdir(parents=True)
    python = tmp_path / "python3"
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "other", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    python.symlink_to(sys.executable)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    return python


def test_the_imports_of_another_interpreter_are_its_own_affair(write_notebook, other_kernel):
    path = write_notebook("import nowhere", kernel="other")
    check_requirements(read_notebook(path), "story", path.parent)


def test_a_kernel_whose_program_is_gone_is_named(write_notebook, other_kernel):
    other_kernel.unlink()
    message = refusal(write_notebook("1", kernel="other"))
    assert "cell 2 of 2 ('1') needs the kernel 'other', whose program" in message
    assert "is gone" in message


def test_imports_are_believed_where_ipython_runs_files_of_the_user_first(
    write_notebook, tmp_path, monkeypatch
):
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-path.py").write_text("import sys; sys.path.append('lib')")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    path = write_notebook("import nowhere")
    check_requirements(read_notebook(path), "story", path.parent)


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_our_own_notebooks_have_what_they_need(path):
    check_requirements(read_notebook(path), path.stem, path.parent)
