"""The command line: what it prints, and the exit code that it ends with."""

import signal
import sys
from pathlib import Path
from unittest.mock import Mock

import nbformat
import pytest

from notebook_press.cli import main
from notebook_press.errors import DataError, LockedError, PublishingError, RenderingError
from notebook_press.parameters import parse_assignments
from notebook_press.plan import Request
from notebook_press.running import papermill_engine
from notebook_press.running.processes import TimeLimits
from notebook_press.running.signals import SIGNALS

RUN = papermill_engine.run  # with a kernel
RECORD = "from notebook_press import author\nauthor.record(product=factor * 21)"
FACTOR = "factor: int = 2  # what 21 is multiplied by"

pytestmark = pytest.mark.usefixtures("no_rendering")


@pytest.fixture
def press(monkeypatch, capsys, no_kernel):
    """Return a function that runs the command line: exit code, lines of stdout and of stderr."""

    def run(command: str, *arguments: object) -> tuple[int, list[str], list[str]]:
        to = ["--to", "html"] * (command == "build")
        monkeypatch.setattr(sys, "argv", ["notebook-press", command, *to, *map(str, arguments)])
        handlers = {number: signal.getsignal(number) for number in SIGNALS}
        with pytest.raises(SystemExit) as ended:
            main()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out.splitlines(), printed.err.splitlines()

    return run


@pytest.fixture
def story(write_notebook) -> Path:
    return write_notebook(RECORD, parameters=FACTOR)


def test_a_build_ends_with_0_and_says_where_the_report_is(press, story, project):
    code, out, err = press("build", story, "-p", "factor", "-3")
    assert (code, err) == (0, [])
    assert any(line.startswith("story: cell 2/4,") for line in out)
    assert out[-1] == f"story: published story.html in {project / 'reports' / 'default'}"


def test_a_failed_notebook_ends_with_4_and_one_line(press, write_notebook):
    code, _, err = press("build", write_notebook("1 / 0"))
    assert code == 4
    assert err[-1].startswith("notebook-press: exit 4 (a notebook failed): story: cell 2 of 2")


def test_each_option_reaches_the_request(press, monkeypatch):
    build = Mock()
    monkeypatch.setattr("notebook_press.builds.build", build)
    options = "--to pdf,html --strict --fresh --no-wait --timeout 1 --run-timeout 2.5 --reports r"
    assert press("build", "a.ipynb", "-p", "factor", "3", *options.split())[0] == 0
    assert build.call_args.args[0] == Request(
        notebooks=(Path("a.ipynb"),),
        formats=("pdf", "html"),
        given=parse_assignments([("factor", "3")]),
        reports=Path("r"),
        wait=False,
        strict=True,
        fresh=True,
        limits=TimeLimits(cell=1, run=2.5),
    )


def test_an_unmet_expectation_ends_with_6(press, story):
    code, _, err = press("build", story, "--expect", "product>50")
    assert (code, "story.product is 42, expected > 50" in err[-1]) == (6, True)


@pytest.fixture
def profile(project) -> Path:
    (project / "brief.yaml").write_text("story:\n  factor: 3\n")
    (project / "values.yaml").write_text("factor: 5\n")
    return project / "brief.yaml"


@pytest.mark.parametrize(
    ("arguments", "product"),
    [
        (["-f", "values.yaml", "-p", "factor", 4], 84),
        (["--profile", "brief.yaml"], 63),
        (["--profile", "brief.yaml", "-p", "factor", 4], 84),
        (["--profile", "brief.yaml", "-f", "values.yaml"], 105),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "",
)
def test_the_command_line_is_stronger_than_a_file_and_that_than_a_profile(
    press, story, profile, arguments, product
):
    assert press("build", story, *arguments, "--expect", f"product=={product}")[0] == 0


def test_a_profile_gives_the_run_its_name(press, story, project, profile):
    _, out, _ = press("build", story, "--profile", profile)
    assert out[-1].endswith(str(project / "reports" / "brief"))


def test_a_name_is_stronger_than_that_of_the_profile(press, story, project, profile):
    press("build", story, "--profile", profile, "--name", "mine")
    assert (project / "reports" / "mine" / "story.html").is_file()


def test_a_profile_gives_other_notebooks_nothing(press, story, write_notebook, profile):
    other = write_notebook(RECORD, name="other", parameters=FACTOR)
    expect = ("--expect", "story.product==63", "--expect", "other.product==42")
    assert press("build", story, other, "--profile", profile, *expect)[0] == 0


def test_a_profile_may_name_a_notebook_that_is_not_built_now(press, story, write_notebook, profile):
    assert press("build", write_notebook("1", name="other"), "--profile", profile)[0] == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("stori:\n  factor: 3\n", "expected the names of notebooks, found 'stori'"),
        ("story:\n  factr: 3\n", "unknown parameter 'factr' (brief.yaml:2): did you mean factor?"),
        ("story:\n  factor: x\n", "brief.yaml:2"),
        ("story: 3\n", "expected the parameters of 'story', found a single value"),
        ("story:\n  factor: 3\nstory:\n  factor: 4\n", "brief.yaml:3: 'story' is named twice"),
        ("- story\n", "expected a mapping, found a list"),
        ("", "expected a mapping"),
        (None, "brief.yaml, found no file; check its path"),
    ],
)
def test_a_profile_that_is_none_ends_with_2_before_a_kernel_starts(
    press, story, project, content, message
):
    if content is not None:
        (project / "brief.yaml").write_text(content)
    code, _, err = press("build", story, "--profile", "brief.yaml")
    assert code == 2
    assert message in err[-1]
    assert not (project / "reports" / "brief" / "story.html").exists()


FRESH = f"{FACTOR}\nfresh: bool = False  # measure anew"


def test_fresh_runs_again_and_tells_notebooks_that_know_of_it(press, write_notebook):
    record = "from notebook_press import author\nauthor.record(fresh=int(fresh))"
    path = write_notebook(record, parameters=FRESH)
    assert press("build", path, "--expect", "fresh==0")[0] == 0
    assert press("build", path, "--fresh", "--expect", "fresh==1")[0] == 0
    assert press("build", path)[1] == ["story: up to date"]


def test_a_cell_of_a_kernel_tells_the_build_of_its_progress_and_the_page_nothing(
    press, write_notebook, project, monkeypatch
):
    monkeypatch.setattr(papermill_engine, "run", RUN)
    path = write_notebook(
        "from notebook_press import author\n"
        "author.progress('\\x1b[31mtwo\\nof three')\nprint('shown')"
    )
    code, out, _ = press("build", path)
    assert code == 0
    assert any(line.endswith("s  two of three") for line in out)
    (cell,) = nbformat.read(project / "reports/default/story.ipynb", as_version=4).cells[1:]
    assert [output.get("text") for output in cell.outputs] == ["shown\n"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "factor"], "'-p' requires 2 arguments"),
        (["-p", "factr", "3"], "did you mean factor"),
        (["-p", "factor", "1", "-p", "factor", "2"], "factor"),
        (["--name", "../x"], "expected a run name"),
        (["--to", "docx"], "--to"),
        (["--expect", "nonsense"], "--expect"),
        (["--colour"], "No such option"),
        (["--timeout", "soon"], "'soon' is not a valid float"),
        (["--timeout", "nan"], "--timeout: expected a number of seconds above 0, found nan"),
        (["--run-timeout", "0"], "--run-timeout: expected a number of seconds above 0, found 0"),
    ],
)
def test_wrong_arguments_end_with_2_and_one_line(press, story, arguments, message):
    code, _, err = press("build", story, *arguments)
    assert code == 2
    assert message in err[-1]
    assert err[-1].startswith("notebook-press: exit 2 (")


def test_parameters_are_listed_with_their_help(press, story):
    code, out, _ = press("parameters", story)
    assert code == 0
    assert any("factor" in line and "what 21 is multiplied by" in line for line in out)


def test_check_passes_on_what_was_published_and_names_what_was_changed(press, story, project):
    press("build", story)
    assert press("check", "reports")[0] == 0
    (project / "reports/default/story.html").write_text("edited")
    code, out, err = press("check", "reports")
    assert code == 7
    assert out[-1].endswith("story.html: changed since it was published")
    assert err[-1].startswith("notebook-press: exit 7 (publishing failed): 1 published file")


def test_check_of_a_folder_that_is_not_there_ends_with_2(press, project):
    code, _, err = press("check", "nowhere")
    assert (code, "no such folder" in err[-1]) == (2, True)


@pytest.mark.parametrize(
    ("error", "code", "meaning"),
    [
        (DataError("no such data"), 3, "data"),
        (RenderingError("no alternative text"), 5, "rendering failed"),
        (PublishingError("no room"), 7, "publishing failed"),
        (LockedError("another build"), 8, "locked by another build"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (KeyboardInterrupt(15), 143, "interrupted"),
    ],
)
def test_each_kind_of_failure_has_its_own_exit_code(
    press, story, monkeypatch, error, code, meaning
):
    monkeypatch.setattr("notebook_press.builds.build", Mock(side_effect=error))
    found, _, err = press("build", story)
    assert (found, err[-1].startswith(f"notebook-press: exit {code} ({meaning}): ")) == (code, True)


def test_a_fault_of_the_press_ends_with_1_and_shows_where(press, story, monkeypatch):
    monkeypatch.setattr("notebook_press.builds.build", Mock(side_effect=KeyError("oops")))
    code, _, err = press("build", story)
    assert code == 1
    assert "Traceback" in err[0]
    assert "exit 1 (the press itself failed): KeyError" in err[-1]


def test_a_build_finishes_a_publication_that_was_cut_short(press, story, monkeypatch):
    with monkeypatch.context() as patched:
        died = Mock(side_effect=KeyboardInterrupt)
        patched.setattr("notebook_press.publishing.publish.Reports.publish", died)
        assert press("build", story)[0] == 130
    _, out, _ = press("build", story)
    assert out[0] == "default/story: finished a publication that was cut short"
    assert out[-1] == "story: up to date"
