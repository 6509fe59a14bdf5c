"""The two keys: each change touches exactly the parts that it should."""

import nbformat
import pytest

from notebook_press.project import Project
from notebook_press.staleness import changes, render_key, run_key


def notebook(code: str = "1", prose: str = "# Title", tags: tuple[str, ...] = ()):
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(prose),
            nbformat.v4.new_code_cell(code, metadata={"tags": list(tags)}),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )


@pytest.fixture
def project(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "module.py").write_text("a = 1")
    (tmp_path / "lock").write_text("numpy==2")
    return Project(
        root=tmp_path,
        sources=(tmp_path / "src",),
        lock=tmp_path / "lock",
        measured=tmp_path / "measured",
    )


def key(project, book=None, parameters=None, inputs=None):
    return run_key(book or notebook(), parameters or {"epochs": 1}, inputs or {"a": "1"}, project)


def test_nothing_changed_means_the_same_keys(project):
    assert key(project) == key(project)
    assert render_key(notebook()) == render_key(notebook())


@pytest.mark.parametrize(
    ("other", "part"),
    [
        ({"book": notebook(code="2")}, "code"),
        ({"parameters": {"epochs": 2}}, "parameters"),
        ({"parameters": {"epochs": True}}, "parameters"),
        ({"inputs": {"a": "2"}}, "data"),
    ],
)
def test_what_a_run_is_given_is_in_its_key(project, other, part):
    assert changes(key(project), key(project, **other)) == (part,)


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("src/module.py", "sources"),
        ("src/new.py", "sources"),
        ("lock", "lock"),
        ("measured/rivals.json", "measured"),
    ],
)
def test_files_that_a_run_depends_on_are_in_its_key(project, path, part):
    before = key(project)
    (project.root / path).parent.mkdir(exist_ok=True)
    (project.root / path).write_text("changed")
    assert changes(before, key(project)) == (part,)


def test_the_kernel_is_in_the_run_key(project):
    other = notebook()
    other.metadata["kernelspec"]["name"] = "another"
    assert changes(key(project), key(project, other)) == ("kernel",)


def test_byte_code_is_no_source(project):
    before = key(project)
    (project.root / "src" / "__pycache__").mkdir()
    (project.root / "src" / "__pycache__" / "module.pyc").write_text("x")
    assert key(project) == before


@pytest.mark.parametrize("book", [notebook(prose="# Other"), notebook(tags=("slide",))])
def test_prose_and_tags_render_again_but_do_not_run_again(project, book):
    assert changes(render_key(notebook()), render_key(book)) == ("prose",)
    assert key(project, book) == key(project)


def test_code_does_not_touch_the_render_key():
    assert render_key(notebook(code="2")) == render_key(notebook())
