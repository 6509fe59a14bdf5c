"""A whole build: what is published, what a failure leaves alone, and what is not done twice."""

import hashlib
import json
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from notebook_press import builds as building
from notebook_press.builds import build
from notebook_press.errors import (
    ExecutionError,
    ExpectationError,
    ParameterError,
    RenderingError,
    UsageError,
)
from notebook_press.parameters import parse_assignments
from notebook_press.plan import Request, parse_expectation

ANSWER = "from notebook_press import author\nauthor.answer(f'It is {factor * 21}.')"
RECORD = "author.record(product=factor * 21)"
PARAMETERS = "factor: int = 2  # what 21 is multiplied by"


@pytest.fixture
def story(write_notebook):
    return write_notebook(ANSWER, RECORD, parameters=PARAMETERS)


@pytest.fixture
def said():
    """A console that remembers."""
    return Console(record=True, width=200)


def make(path: Path, said: Console, *parameters: tuple[str, str], **options: object):
    options = {"formats": ("html",), **options}
    return build(Request(notebooks=(path,), given=parse_assignments(parameters), **options), said)


def snapshot(folder: Path) -> dict[str, str]:
    """The SHA-256 of every published file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".press" not in path.parts and "failed" not in path.parts
    }


def edit(path: Path, change) -> None:
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def test_a_build_publishes_every_format_a_manifest_and_an_index(story, project, said):
    make(story, said, formats=("html", "pdf"))
    published = set(snapshot(project / "reports"))
    names = {f"default/story.{ending}" for ending in ("html", "pdf", "ipynb", "json")}
    assert published == names | {"index.html"}


def test_the_manifest_holds_results_answer_parameters_and_hashes(story, project, said):
    (manifest,) = make(story, said, ("factor", "3"))
    on_disk = json.loads((project / "reports/default/story.json").read_text())
    assert manifest == on_disk
    assert manifest["results"] == {"product": 63}
    assert manifest["answer"] == "It is 63."
    assert manifest["parameters"][0]["value"] == 3
    page = (project / "reports/default/story.html").read_bytes()
    assert manifest["files"]["story.html"]["sha256"] == hashlib.sha256(page).hexdigest()


def test_a_named_run_lies_beside_the_default_one(story, project, said):
    make(story, said)
    make(story, said, ("factor", "3"), run="long")
    assert json.loads((project / "reports/long/story.json").read_text())["results"]["product"] == 63
    assert json.loads((project / "reports/default/story.json").read_text())["run"] == "default"


def test_the_published_notebook_has_no_sentinel_and_no_path_of_this_machine(story, project, said):
    make(story, said)
    text = (project / "reports/default/story.ipynb").read_text()
    assert "sentinel" not in text
    assert str(project) not in text


def test_nothing_changed_means_up_to_date_and_no_kernel(story, project, said, monkeypatch):
    make(story, said)
    before = snapshot(project / "reports")
    monkeypatch.setattr(building, "execute", None)
    make(story, said)
    assert "story: up to date" in said.export_text()
    assert snapshot(project / "reports") == before


def test_prose_that_changed_is_rendered_again_without_a_kernel(story, project, said, monkeypatch):
    make(story, said)
    edit(story, lambda notebook: notebook.cells.append(nbformat.v4.new_markdown_cell("New prose.")))
    monkeypatch.setattr(building, "execute", None)
    (manifest,) = make(story, said)
    assert "New prose." in (project / "reports/default/story.html").read_text()
    assert manifest["results"] == {"product": 42}


def test_a_format_that_is_missing_is_rendered_without_a_kernel(story, project, said, monkeypatch):
    make(story, said)
    monkeypatch.setattr(building, "execute", None)
    make(story, said, formats=("html", "pdf"))
    assert (project / "reports/default/story.pdf").is_file()


def test_code_that_changed_is_run_again_and_the_build_says_why(story, said):
    make(story, said)
    edit(story, lambda notebook: notebook.cells[-1].update(source="author.record(product=1)"))
    (manifest,) = make(story, said)
    assert manifest["results"] == {"product": 1}
    assert "running (changed: code)" in said.export_text()


def test_a_published_page_that_was_edited_is_made_anew(story, project, said, monkeypatch):
    make(story, said)
    page = project / "reports/default/story.html"
    before = page.read_bytes()
    page.write_text("edited")
    monkeypatch.setattr(building, "execute", None)
    make(story, said)
    assert page.read_bytes() == before


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("import os; os.kill(os.getpid(), 9)", "DeadKernelError"),
    ],
    ids=["raises", "exits with status 0", "is killed"],
)
def test_a_failed_run_leaves_the_last_good_report_as_it_was(story, project, said, code, why):
    make(story, said)
    before = snapshot(project / "reports")
    edit(story, lambda notebook: notebook.cells.insert(3, nbformat.v4.new_code_cell(code)))
    with pytest.raises(ExecutionError, match=why) as caught:
        make(story, said)
    assert caught.value.exit_code == 4
    assert snapshot(project / "reports") == before
    kept = nbformat.read(project / "reports/failed/default/story.ipynb", as_version=4)
    assert any("This run failed" in cell.source for cell in kept.cells)
    assert "reports/failed/default/story.ipynb" in str(caught.value)


def test_a_missing_kernel_is_a_failed_notebook(write_notebook, project, said):
    path = write_notebook("1", kernel="cobol-1959")
    with pytest.raises(ExecutionError, match=r"story: cell 2 of 2 .*needs the kernel 'cobol-1959'"):
        make(path, said)
    assert (project / "reports/failed/default/story.ipynb").is_file()


def test_a_notebook_that_deletes_itself_is_published_as_it_was_read(story, project, said):
    edit(story, lambda nb: nb.cells.append(nbformat.v4.new_code_cell("!rm story.ipynb")))
    make(story, said)
    assert (project / "reports/default/story.html").is_file()
    with pytest.raises(UsageError, match="no such notebook"):
        make(story, said)


@pytest.mark.slow
def test_a_notebook_that_removes_its_staging_folder_leaves_the_last_good_report(
    story, project, said
):
    make(story, said)
    before = snapshot(project / "reports")
    edit(story, lambda nb: nb.cells.append(nbformat.v4.new_code_cell("!rm -r ../reports/.press")))
    with pytest.raises(ExecutionError, match=r"cell 6 of 6 .*rm -r.*FileNotFoundError"):
        make(story, said)
    assert snapshot(project / "reports") == before
    assert (project / "reports/failed/default/story.ipynb").is_file()


@pytest.mark.promise("A missing module is named before any notebook of the build runs.")
def test_a_missing_import_is_told_before_any_notebook_runs(
    story, write_notebook, project, said, monkeypatch
):
    monkeypatch.setattr(building, "execute", None)
    bad = write_notebook("1", "import nowhere", name="z_bad")
    with pytest.raises(ExecutionError, match=r"z_bad: cell 3 of 3 .*'nowhere'.*failed/default"):
        build(Request(notebooks=(story, bad), formats=("html",)), said)
    assert (project / "reports/failed/default/z_bad.ipynb").is_file()


def test_a_report_that_is_up_to_date_needs_no_kernel(story, said, monkeypatch):
    make(story, said)
    monkeypatch.setattr(building, "check_requirements", lambda *a: pytest.fail("it was asked"))
    make(story, said)


def test_parameters_for_a_notebook_without_a_parameters_cell_are_refused(
    write_notebook, project, said
):
    path = write_notebook("1")
    make(path, said)
    before = snapshot(project / "reports")
    with pytest.raises(ParameterError, match="no cell tagged 'parameters'"):
        make(path, said, ("epochs", "3"))
    assert snapshot(project / "reports") == before
    assert (project / "reports/failed/default/story.ipynb").is_file()


def test_a_success_takes_the_failed_notebook_away(story, project, said):
    edit(story, lambda notebook: notebook.cells.append(nbformat.v4.new_code_cell("1 / 0")))
    with pytest.raises(ExecutionError):
        make(story, said)
    edit(story, lambda notebook: notebook.cells.pop())
    make(story, said)
    assert not (project / "reports/failed/default/story.ipynb").exists()


def test_a_page_that_can_not_be_rendered_leaves_the_last_good_report(
    story, project, said, monkeypatch
):
    make(story, said)
    before = snapshot(project / "reports")
    edit(story, lambda notebook: notebook.cells.append(nbformat.v4.new_markdown_cell("New.")))

    def refuse(path):
        raise RenderingError("no")

    monkeypatch.setattr("notebook_press.rendering.checks.check_html", refuse)
    with pytest.raises(RenderingError):
        make(story, said)
    assert snapshot(project / "reports") == before


def test_one_notebook_that_fails_does_not_keep_the_others_from_being_published(
    story, write_notebook, project, said
):
    bad = write_notebook("1 / 0", name="a_bad_one")
    with pytest.raises(ExecutionError):
        build(Request(notebooks=(bad, story), formats=("html",)), said)
    assert (project / "reports/default/story.html").is_file()


def test_an_expectation_that_is_not_met_is_red_but_published(story, project, said):
    expected = parse_expectation("product>=50")
    with pytest.raises(ExpectationError, match="product is 42, expected >= 50"):
        make(story, said, expectations=(expected,))
    assert (project / "reports/default/story.html").is_file()


def test_an_expectation_is_checked_on_a_report_that_is_up_to_date(story, said):
    make(story, said)
    with pytest.raises(ExpectationError):
        make(story, said, expectations=(parse_expectation("product>=50"),))


def test_an_expectation_on_what_nobody_recorded_is_a_usage_error(story, said):
    with pytest.raises(UsageError, match="no report recorded it"):
        make(story, said, expectations=(parse_expectation("accuracy>=0.5"),))


WARN = "import warnings; warnings.warn('too old')"


def test_what_cells_write_to_stderr_is_in_the_log_and_counted_but_not_on_the_page(
    write_notebook, project, said
):
    (manifest,) = make(write_notebook("import sys; print('plumbing', file=sys.stderr)"), said)
    assert "story: cell 2 stderr: plumbing" in said.export_text()
    assert (manifest["stderr_lines"], manifest["warnings"]) == (1, 0)
    assert "plumbing\n" not in (project / "reports/default/story.html").read_text()


def test_a_warning_passes_unless_the_build_is_strict(write_notebook, project, said):
    path = write_notebook(WARN)
    (manifest,) = make(path, said)
    assert manifest["warnings"] == 1
    before = snapshot(project / "reports")
    with pytest.raises(ExecutionError, match=r"cell 2 of 2 .*UserWarning: too old") as caught:
        make(path, said, strict=True)
    assert caught.value.exit_code == 4
    assert snapshot(project / "reports") == before
    make(path, said)
    assert "story: up to date" in said.export_text()


def test_a_strict_build_leaves_alone_what_was_built_without_a_warning(story, said, monkeypatch):
    make(story, said)
    monkeypatch.setattr(building, "execute", None)
    make(story, said, strict=True)
    assert "story: up to date" in said.export_text()


def test_a_notice_of_prepare_opens_the_page(story, project, said):
    (project / "pyproject.toml").write_text(
        '[tool.notebook-press]\nprepare = "give_notice:prepare"\n'
    )
    (project / "give_notice.py").write_text(
        "from types import SimpleNamespace\n"
        "def prepare(p):\n"
        "    return SimpleNamespace(parameters=p, inputs={'a': '1'}, notice='Not the real data.')\n"
    )
    (manifest,) = make(story, said)
    assert "Not the real data." in (project / "reports/default/story.html").read_text()
    assert manifest["notice"] == "Not the real data."
    assert manifest["inputs"] == {"a": "1"}
