"""Which kernel a notebook runs in: its own, the environment's, or the one that is asked for."""

from pathlib import Path

import pytest
from installed import install_kernel
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from refusals import refusal

from notebook_press.errors import UsageError
from notebook_press.running.kernels import settle_kernel

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of Jupyter's, with a kernel for another language."""
    install_kernel(tmp_path, "shell", "shell-kernel", language="bash", display_name="A shell")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    return tmp_path


def notebook(**metadata: object) -> NotebookNode:
    return new_notebook(metadata=metadata)


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({}, "names no kernel: runs in this environment's own, python3"),
        ({"language_info": {"name": "python"}}, "names no kernel"),
        ({"kernelspec": {"name": "", "display_name": ""}}, "names no kernel"),
        (
            {"kernelspec": {"name": "python", "display_name": "Python"}},
            "names the kernel 'python', which is not installed: runs in this environment's own",
        ),
    ],
    ids=["nothing", "its language", "an empty name", "python"],
)
def test_a_notebook_without_a_kernel_of_its_own_runs_in_the_environments(metadata, told):
    book = notebook(**metadata)
    assert settle_kernel(book, None).startswith(told)
    assert {**book.metadata["kernelspec"], "display_name": "Python 3"} == PYTHON


def test_an_installed_kernel_called_python_is_what_it_says(installed):
    install_kernel(installed, "python", "my-python")
    book = notebook(kernelspec={**PYTHON, "name": "python"})
    assert settle_kernel(book, None) == ""
    assert book.metadata["kernelspec"]["name"] == "python"


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": PYTHON},
        {"kernelspec": {**PYTHON, "name": "of-another-machine"}},
        {"language_info": {"name": "R"}},
        {"kernelspec": {"name": "shell", "display_name": "A shell", "language": "bash"}},
    ],
    ids=["own", "gone", "no kernel for R", "shell"],
)
def test_any_other_choice_is_left_to_the_notebook(metadata):
    book = notebook(**metadata)
    assert (settle_kernel(book, None), book.metadata) == ("", metadata)


def test_a_kernel_tells_its_language_where_the_notebook_does_not():
    book = notebook(kernelspec={"name": "shell", "display_name": "A shell"})
    assert (settle_kernel(book, None), book.metadata["kernelspec"]["language"]) == ("", "bash")


def test_the_kernel_that_is_asked_for_takes_its_place_with_its_language():
    book = notebook(kernelspec=PYTHON, language_info={"name": "python"})
    assert settle_kernel(book, "shell") == "runs in the kernel shell, as --kernel says"
    spec = {"name": "shell", "display_name": "A shell", "language": "bash"}
    assert book.metadata == {"kernelspec": spec}
    assert settle_kernel(book, "shell") == ""


@pytest.mark.parametrize("name", ["shel", "", "../kernels/shell", "a\x1bb", "\ud800"])
def test_a_kernel_that_is_not_installed_is_refused_with_those_there_are(name):
    message = refusal(UsageError, settle_kernel, notebook(), name)
    assert message.startswith("--kernel: expected an installed kernel, found ")
    assert "python3" in message
    assert "shell" in message
