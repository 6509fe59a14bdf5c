"""A whole build: what is published, what a failure leaves alone, and what is not done twice."""

import hashlib
import json
import pickle
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType, SimpleNamespace
from unittest.mock import Mock

import from_memory
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from packaging.utils import canonicalize_name
from rich.console import Console
from snapshots import published

from notebook_press import digests, keys
from notebook_press.builds import build
from notebook_press.console import Terminal
from notebook_press.errors import (
    DataError,
    ExecutionError,
    ExpectationError,
    ParameterError,
    PublishingError,
    RenderingError,
    UsageError,
)
from notebook_press.expectations import parse_expectation
from notebook_press.making import Making
from notebook_press.parameters import parse_assignments
from notebook_press.provenance import RENDERING, versions
from notebook_press.publishing import manifest
from notebook_press.publishing.lock import Waiting, locked
from notebook_press.rendering import reading
from notebook_press.request import Request
from notebook_press.running.processes import TimeLimits
from notebook_press.running.tasks import Failure, RunOutcome, RunTask

ANSWER = "from notebook_press import author\nauthor.answer(f'It is {factor * 21}.')"
RECORD = "author.record(product=author.Estimate(factor * 21, factor * 20, factor * 22, 9))"
PARAMETERS = "factor: int = 2  # what 21 is multiplied by"
DISPLAY = (
    "from IPython import display\nnoted = {'notebook_press': {'kind': 'none of ours'}}\n"
    "display.display({'application/x-a': '?'}, raw=True, metadata=noted)"
)
WARN = "import sys; print('x.py:1: UserWarning: too old', file=sys.stderr)"

quick = pytest.mark.usefixtures("no_kernel", "no_rendering")


@pytest.fixture
def story(write_notebook):
    return write_notebook(ANSWER, RECORD, parameters=PARAMETERS)


@pytest.fixture
def said():
    """A console that remembers."""
    return Console(record=True, width=200)


def make(path, said, *parameters, **options):
    request = {"notebooks": (path,), "formats": ("html",), **options}
    return build(Request(**request, given=parse_assignments(parameters)), Terminal(said)).checked()


def edit(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook.cells)
    nbformat.write(notebook, path)


def manifest_of(project, name="default/story.json"):
    return json.loads((project / "reports" / name).read_text())


def test_a_build_publishes_every_format_a_manifest_and_an_index(story, project, said):
    make(story, said, formats=("html", "pdf"))
    names = {f"default/story.{ending}" for ending in ("html", "pdf", "ipynb", "json")}
    (kept,) = (project / "reports/history/story").iterdir()
    names |= {"index.html", f"history/story/{kept.name}"}
    assert set(published(project)) == names
    text = (project / "reports/default/story.ipynb").read_text()
    assert "sentinel" not in text
    assert str(project) not in text


@quick
def test_the_manifest_holds_results_answer_parameters_and_hashes(story, project, said):
    (made,) = make(story, said, ("factor", "3"))
    on_disk = manifest_of(project)
    assert made.model_dump(mode="json") == on_disk
    assert (on_disk["results"], on_disk["answer"]) == ({"product": 63}, "It is 63.")
    assert on_disk["estimates"]["product"] == {"value": 63, "low": 60, "high": 66, "n": 9}
    assert on_disk["parameters"][0]["value"] == 3
    page = (project / "reports/default/story.html").read_bytes()
    assert on_disk["files"]["story.html"]["sha256"] == hashlib.sha256(page).hexdigest()


@pytest.fixture
def made(story, said, no_kernel, no_rendering, monkeypatch):
    """The notebook of a report that was published; from now on no kernel may start."""
    make(story, said)
    with monkeypatch.context() as context:
        context.setattr(Making, "run", lambda *_: pytest.fail("it was run"))
        context.setattr("notebook_press.builds.unmet", lambda *_: pytest.fail("it was asked for"))
        yield story


@pytest.mark.parametrize("options", [{}, {"strict": True}], ids=["", "strict"])
def test_nothing_changed_means_up_to_date_and_no_kernel(made, project, said, options):
    before = published(project)
    make(made, said, **options)
    assert "story: up to date" in said.export_text()
    assert published(project) == before


def test_prose_that_changed_is_rendered_again_without_a_kernel(made, project, said):
    edit(made, lambda cells: cells.append(new_markdown_cell("New prose.")))
    (again,) = make(made, said)
    assert "New prose." in (project / "reports/default/story.html").read_text()
    assert again.results == {"product": 42}
    assert "rendering (changed: prose)" in said.export_text()


@quick
def test_a_picture_that_changed_after_the_run_that_drew_it_is_rendered_again(story, said):
    draws = "from pathlib import Path\nPath('drawn.png').write_bytes(b'drawn')"
    edit(
        story,
        lambda cells: cells.extend([new_code_cell(draws), new_markdown_cell("![x](drawn.png)")]),
    )
    make(story, said)
    make(story, said)
    assert "story: up to date" in said.export_text()
    (story.parent / "drawn.png").write_bytes(b"another")
    make(story, said)
    assert "story: rendering (changed: pictures)" in said.export_text()


def test_a_kernel_that_is_killed_leaves_the_last_good_report_as_it_was(
    story, project, said, no_rendering
):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("notebook_press.running.papermill_engine.run", from_memory.run)
        make(story, said)
    before = published(project)
    edit(story, lambda cells: cells.insert(3, new_code_cell("import os; os.kill(os.getpid(), 9)")))
    with pytest.raises(ExecutionError, match="DeadKernelError") as caught:
        make(story, said)
    assert caught.value.exit_code == 4
    assert published(project) == before
    kept = nbformat.read(project / "reports/failed/default/story.ipynb", as_version=4)
    assert any("This run failed" in cell.source for cell in kept.cells)
    assert "reports/failed/default/story.ipynb" in str(caught.value)


@pytest.mark.promise(
    "Where a notebook destroys the folder that its pages are made in, the build fails, and what "
    "was published stays."
)
def test_a_notebook_that_removes_the_folder_of_its_pages_harms_nothing(
    story, project, said, no_kernel
):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("notebook_press.rendering.exporters.render_pages", from_memory.render_pages)
        make(story, said)
    before = published(project)
    destroy = "import shutil; shutil.rmtree('../reports/.press')"
    edit(story, lambda cells: cells.append(new_code_cell(destroy)))
    with pytest.raises(PublishingError, match="every published file is whole"):
        make(story, said)
    assert published(project) == before


@quick
def test_nothing_but_locks_is_left_of_the_press_own(story, write_notebook, project, said):
    with pytest.raises(ExecutionError):
        make(write_notebook("1 / 0", name="bad"), said)
    make(story, said)
    left = [path.name for path in (project / "reports/.press").rglob("*") if path.is_file()]
    assert set(left) == {"lock"}
    assert not (project / "reports/.press/staging").exists()


@quick
def test_what_a_notebook_can_not_be_given_is_told_without_waiting_for_others(
    write_notebook, project, said
):
    story = write_notebook("1")
    with locked(project / "reports", Waiting()), pytest.raises(ParameterError):
        make(story, said, ("factor", "3"))


@quick
def test_a_notebook_that_deletes_itself_is_published_as_it_was_read(story, project, said):
    edit(story, lambda cells: cells.append(new_code_cell("import os; os.remove('story.ipynb')")))
    make(story, said)
    assert (project / "reports/default/story.html").is_file()
    with pytest.raises(UsageError, match="no such notebook"):
        make(story, said)


@pytest.mark.promise("A missing module is named before any notebook of the build runs.")
def test_a_missing_import_is_told_before_any_notebook_runs(
    story, write_notebook, project, said, monkeypatch
):
    monkeypatch.setattr(Making, "run", lambda *_: pytest.fail("it was run"))
    bad = write_notebook("1", "import nowhere", name="z_bad")
    with pytest.raises(ExecutionError, match=r"z_bad: cell 3 of 3 .*'nowhere'.*failed/default"):
        make(story, said, notebooks=(story, bad))
    assert (project / "reports/failed/default/z_bad.ipynb").is_file()


def test_a_page_that_can_not_be_rendered_leaves_the_last_good_report(
    made, project, said, monkeypatch
):
    before = published(project)
    edit(made, lambda cells: cells.append(new_markdown_cell("New.")))
    fails = Mock(side_effect=RenderingError("no"))
    monkeypatch.setattr("notebook_press.rendering.exporters.render_pages", fails)
    with pytest.raises(RenderingError):
        make(made, said)
    assert published(project) == before


@quick
def test_one_notebook_that_fails_does_not_keep_the_others_from_being_published(
    story, write_notebook, project, said
):
    bad = write_notebook("1 / 0", name="a_bad_one")
    with pytest.raises(ExecutionError):
        make(story, said, notebooks=(bad, story))
    assert (project / "reports/default/story.html").is_file()


@quick
def test_an_expectation_that_is_not_met_is_red_but_published(story, project, said):
    for _ in range(2):
        with pytest.raises(ExpectationError, match="product is 42, expected >= 50"):
            make(story, said, expectations=(parse_expectation("product>=50"),))
        assert (project / "reports/default/story.html").is_file()
    assert "story: up to date" in said.export_text()


def test_what_cells_write_to_stderr_is_in_the_log_and_counted_but_not_on_the_page(
    write_notebook, project, said, no_kernel
):
    (made,) = make(write_notebook("import sys; print('plumbing', file=sys.stderr)"), said)
    assert "story: cell 2 stderr: plumbing" in said.export_text()
    assert (made.stderr_lines, made.warnings) == (1, 0)
    assert "plumbing\n" not in (project / "reports/default/story.html").read_text()


@quick
def test_a_warning_passes_unless_the_build_is_strict(write_notebook, project, said):
    path = write_notebook(WARN)
    (made,) = make(path, said)
    assert made.warnings == 1
    before = published(project)
    with pytest.raises(ExecutionError, match=r"cell 2 of 2 .*UserWarning: too old") as caught:
        make(path, said, strict=True)
    assert caught.value.exit_code == 4
    assert published(project) == before
    make(path, said)
    assert "story: up to date" in said.export_text()


@quick
def test_what_is_not_shown_is_told_and_counted_unless_the_build_is_strict(
    write_notebook, project, said
):
    path = write_notebook(DISPLAY)
    (made,) = make(path, said)
    line = "story: cell 2: Output of the type application/x-a: not shown"
    assert said.export_text().count(line) == made.not_shown == 1
    before = published(project)
    for _ in range(2):
        with pytest.raises(RenderingError, match="application/x-a: not shown, which --strict"):
            make(path, said, strict=True)
        assert said.export_text().count(line) == 1
    assert published(project) == before
    make(path, said)
    assert "story: up to date" in said.export_text()


@quick
def test_stderr_is_on_the_page_where_the_command_or_the_project_says_so(
    write_notebook, project, said
):
    def noted():
        made = json.loads((project / "reports/default/story.ipynb").read_text())
        return made["metadata"]["notebook_press"]["stderr"], manifest_of(project)["stderr"]

    path = write_notebook(WARN)
    (made,) = make(path, said)
    assert (noted(), made.hidden) == (("hide", "hide"), 1)
    (made,) = make(path, said, stderr="show")
    assert "story: rendering (changed: stderr)" in said.export_text()
    assert (noted(), made.hidden) == (("show", "show"), 0)
    (project / "pyproject.toml").write_text('[tool.notebook-press]\nstderr = "show"\n')
    make(path, said)
    assert "story: up to date" in said.export_text()
    make(path, said, stderr="hide")
    assert noted() == ("hide", "hide")


@quick
def test_an_error_that_its_cell_is_tagged_for_passes_where_the_project_says_so(
    write_notebook, project, said
):
    path = write_notebook("raise ValueError('meant')", "print('below')")
    edit(path, lambda cells: cells[1].metadata.update(tags=["raises-exception"]))
    with pytest.raises(ExecutionError, match="its tag raises-exception allows that only where"):
        make(path, said)
    (project / "pyproject.toml").write_text("[tool.notebook-press]\nallow_tagged_errors = true\n")
    make(path, said)
    page = (project / "reports/default/story.html").read_text()
    assert ("meant" in page, "below" in page) == (True, True)


@quick
def test_what_is_made_of_a_notebooks_file_is_told_once(write_notebook, project, said):
    path = write_notebook("print(1)")
    edit(path, lambda cells: cells[0].update(outputs=[]))
    content = json.loads(path.read_text())
    content["metadata"] = {}
    path.write_text(json.dumps(content))
    make(path, said)
    told = said.export_text()
    assert told.count("story: names no kernel: runs in this environment's own, python3") == 1
    assert told.count("not in its file: 'outputs' of a markdown cell") == 1


@quick
def test_a_page_shows_plain_parameters_as_they_stand_in_the_notebook(write_notebook, project, said):
    plain = "from pathlib import Path\nfolder = Path('x')\nsizes = [1]\nday = None"
    path = write_notebook("print(folder, sizes, day)", parameters=plain)
    make(path, said, ("sizes", "[2, null]"))
    told = {each["name"]: each["value"] for each in manifest_of(project)["parameters"]}
    assert told == {"folder": "Path('x')", "sizes": [2, None], "day": None}
    page = json.loads((project / "reports/default/story.html").read_text())
    assert [cell["source"] for cell in page["cells"][2:3]] == ["# Parameters\nsizes = [2, None]\n"]


@pytest.fixture
def answer(project, monkeypatch):
    """What the project's `prepare` answers, to be changed."""
    (project / "pyproject.toml").write_text(
        '[project]\ndependencies = ["typst", "nbformat"]\n'
        '[tool.notebook-press]\nprepare = "answering:prepare"\n'
    )
    said = SimpleNamespace(inputs={}, notice=None)
    answering = SimpleNamespace(
        prepare=lambda given: SimpleNamespace(parameters=given, **vars(said))
    )
    monkeypatch.setitem(sys.modules, "answering", answering)
    return said


@pytest.mark.promise("What would make a page false is told before a kernel; --strict refuses it.")
@quick
def test_what_is_odd_about_data_is_told_once_and_a_fault_of_them_is_refused_where_strict(
    story, write_notebook, project, said, answer
):
    other = write_notebook("print(1)", name="other")
    answer.warnings = ("Only 3\nimages.", "All copies.")
    make(story, said, notebooks=(story, other), strict=True)
    told = said.export_text()
    assert told.count("data: Only 3 images.\n") == told.count("data: All copies.") == 1
    assert told.index("data:") < told.index("story: running")
    before = published(project)
    answer.faults = ("All copies.",)
    with pytest.raises(DataError, match=r"^story: All copies\. --strict refuses that; mend") as red:
        make(story, said, ("factor", "3"), strict=True)
    assert (red.value.exit_code, published(project)) == (3, before)
    make(story, said)
    assert "story: up to date" in said.export_text()


@pytest.fixture
def meanwhile(no_kernel, no_rendering, monkeypatch):
    """Return a function that has something done while a notebook runs."""

    def arrange(act):
        def run(task, observer):
            act()
            return from_memory.run(task, observer)

        monkeypatch.setattr("notebook_press.running.papermill_engine.run", run)

    return arrange


@pytest.mark.promise(
    "A source that is edited while the notebook runs, and put back, is run again by the next build."
)
@pytest.mark.parametrize(
    ("edited", "afterwards"),
    [
        *(("src/model.py", text) for text in ("a = 1", "a = 2")),
        *(("kept/times.json", text) for text in ("a = 1", "a = 2")),
        ("notebooks/story.ipynb", None),
    ],
)
def test_what_is_edited_while_it_runs_is_run_again(
    story, project, said, meanwhile, edited, afterwards
):
    settings = "[tool.notebook-press]\nsources = ['src']\nmeasured = 'kept'\n"
    (project / "pyproject.toml").write_text(settings)
    for name in ("src/model.py", "kept/times.json"):
        (project / name).parent.mkdir()
        (project / name).write_text("a = 1")
    changed = (project / edited).read_text().replace("1", "2")
    meanwhile(lambda: (project / edited).write_text(changed))
    make(story, said)
    meanwhile(lambda: None)
    (project / edited).write_text(afterwards or changed)
    make(story, said)
    make(story, said)
    told = said.export_text()
    assert "changed while it ran, so that the next build runs it again" in told or not afterwards
    assert told.count("story: running") == 2
    assert told.rstrip().endswith("story: up to date")


@pytest.mark.promise(
    "What ran on data that changed meanwhile is not published under the SHA-256 of others."
)
@pytest.mark.parametrize(
    "inputs", [{"images": "1", "labels": "3"}, {"images": "1"}, {"writers": "3"}], ids=str
)
def test_data_that_change_while_it_runs_are_not_published_under_another_sha256(
    story, project, said, meanwhile, answer, inputs
):
    answer.inputs = {"images": "1", "labels": "2"}
    make(story, said)
    before = published(project)
    meanwhile(lambda: setattr(answer, "inputs", inputs))
    with pytest.raises(DataError, match=r"^story: data changed while it ran: .*(labels|writers);"):
        make(story, said, ("factor", "3"))
    assert published(project) == before


def said_on(project):
    """What the page says of its making."""
    page = json.loads((project / "reports/default/story.html").read_text())
    return page["metadata"]["notebook_press"]


@pytest.mark.promise(
    "A page that is rendered again shows the notice and the versions of now, not those of the run."
)
@quick
def test_a_page_made_again_tells_what_made_it_and_keeps_what_ran(
    story, project, said, answer, monkeypatch
):
    make(story, said)
    before = said_on(project)
    answer.notice = "Not the real data."
    monkeypatch.setattr("importlib.metadata.version", lambda name: "9.9")
    versions.cache_clear()  # as in a process of its own
    make(story, said)
    versions.cache_clear()
    changed = {"notice": "Not the real data."}
    made_with = {name: "9.9" for name in before["versions"] if canonicalize_name(name) in RENDERING}
    assert {"typst", "nbconvert"} <= set(made_with)
    changed["versions"] = before["versions"] | made_with
    assert said_on(project) == before | changed
    assert before["versions"]["nbformat"] != "9.9"


@pytest.mark.promise("A manifest that lies in another place than its own is no manifest.")
@quick
def test_a_copied_run_is_run_under_its_own_name(story, project, said):
    make(story, said)
    shutil.copytree(project / "reports/default", project / "reports/other")
    (made,) = make(story, said, run="other")
    assert made.run == "other"


@quick
def test_a_report_of_an_earlier_press_is_read_and_one_line_says_why_it_is_made_anew(
    story, project, said
):
    make(story, said)
    path = project / "reports/default/story.json"
    old = json.loads(path.read_text())
    old["keys"]["run"]["press"] = old["keys"]["render"]["rendering"] = "0" * 64
    path.write_text(json.dumps(old | {"what a later press leaves out": 1}))
    make(story, said)
    assert "story: running (changed: press)" in said.export_text().splitlines()


def test_what_is_to_run_and_what_came_of_it_can_go_to_another_process(tmp_path):
    notebook, full = nbformat.v4.new_notebook(cells=[new_code_cell("1")]), OSError(28, "No space")
    task = RunTask("story", notebook, {"factor": 2}, tmp_path, tmp_path, "M", TimeLimits(cell=1))
    outcome = RunOutcome(notebook, Failure(0, "ended the run"), full)
    sent, came = pickle.loads(pickle.dumps((task, outcome)))
    assert (sent, str(came.trouble)) == (task, str(full))
    assert replace(came, trouble=full) == outcome


ONCE = (
    *(keys.run_key, keys.render_key, digests.digest_files, reading.read_page),
    *(manifest.read_manifest, manifest.describe_file, manifest.describe_content),
)


@contextmanager
def counted() -> Iterator[Counter[tuple[str, str]]]:
    """Count the calls of these functions, wherever they are imported, by what they are given."""
    codes = {function.__code__ for function in ONCE}
    calls: Counter[tuple[str, str]] = Counter()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in codes:
            calls[frame.f_code.co_name, str(list(frame.f_locals.values()))] += 1

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def test_nothing_is_read_hashed_or_planned_twice_in_a_build(
    story, write_notebook, project, said, no_kernel
):
    (project / "pyproject.toml").write_text(
        "[tool.notebook-press]\nsources = ['src']\nlock = 'lock'\nmeasured = 'kept'\n"
    )
    for name in ("src", "lock", "kept"):
        (project / name).write_text(name)
    other = write_notebook("1", name="other")
    make(other, said)
    found = []
    for _ in range(2):
        keys.press_parts.cache_clear()  # as in a process of its own
        with counted() as calls:
            make(story, said, formats=("html", "pptx"))
        assert [call for call, count in calls.items() if count > 1] == []
        found.append(Counter(name for name, _ in calls))
    hashed = {"run_key": 1, "render_key": 1, "digest_files": 5}
    run = {"read_page": 1, "read_manifest": 1, "describe_content": 3}
    assert found == [hashed | run, hashed | {"read_manifest": 2, "describe_file": 3}]
