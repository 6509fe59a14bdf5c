"""The command line: what it prints, and the exit code that it ends with."""

import os
import re
import signal
import sys
from pathlib import Path
from unittest.mock import Mock

import nbformat
import pytest

from notebook_press import errors
from notebook_press.builds import Built, Failed
from notebook_press.cli import main
from notebook_press.parameters import parse_assignments
from notebook_press.request import Request
from notebook_press.running import papermill_engine
from notebook_press.running.processes import TimeLimits
from notebook_press.running.signals import SIGNALS

RUN = papermill_engine.run  # with a kernel
RECORD = "from notebook_press import author\nauthor.record(product=factor * 21)"
FACTOR = "factor: int = 2  # what 21 is multiplied by"
LONGEST = 2_200  # characters of a refusal, however long what is refused

pytestmark = pytest.mark.usefixtures("no_rendering")


@pytest.fixture
def press(press_bare):
    """Return a function that runs the command line, which builds HTML unless it is told more."""

    def run(command: str, *arguments: object) -> tuple[int, list[str], list[str]]:
        to = ["--to", "html"] * (command == "build")
        return press_bare(command, *to, *arguments)

    return run


@pytest.fixture
def press_bare(monkeypatch, capsys, no_kernel):
    """Return a function that runs the command line: exit code, lines of stdout and of stderr."""

    def run(*arguments: object) -> tuple[int, list[str], list[str]]:
        monkeypatch.setattr(sys, "argv", ["notebook-press", *map(str, arguments)])
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


def test_each_option_reaches_the_request(press, monkeypatch):
    build = Mock(return_value=Built((), (), ()))
    monkeypatch.setattr("notebook_press.builds.build", build)
    options = "--to pdf,html --strict --fresh --no-wait --timeout 1 --run-timeout 2.5 --reports r"
    options += " --stderr show -j 3 --kernel shell"
    assert press("build", "a.ipynb", "-p", "factor", "3", *options.split())[0] == 0
    assert build.call_args.args[0] == Request(
        notebooks=(Path("a.ipynb"),),
        formats=("pdf", "html"),
        given=parse_assignments([("factor", "3")]),
        reports=Path("r"),
        wait=False,
        strict=True,
        fresh=True,
        stderr="show",
        kernel="shell",
        limits=TimeLimits(cell=1, run=2.5),
        jobs=3,
    )


@pytest.fixture
def settings(project, story) -> None:
    """A project that says what a bare command builds, and how."""
    (project / "pyproject.toml").write_text(
        "[tool.notebook-press]\nnotebooks = ['notebooks']\nformats = ['html', 'pptx']\njobs = 2\n"
        "timeout = 5\nrun_timeout = 6"
    )


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ("", {}),
        ("--to pdf", {"formats": ("pdf",)}),
        ("-j 4", {"jobs": 4}),
        ("--timeout 1", {"limits": TimeLimits(cell=1, run=6)}),
        ("--run-timeout 1", {"limits": TimeLimits(cell=5, run=1)}),
    ],
)
def test_a_bare_build_is_as_the_project_says_and_options_are_stronger(
    monkeypatch, press_bare, options, asked
):
    build = Mock(return_value=Built((), (), ()))
    monkeypatch.setattr("notebook_press.builds.build", build)
    assert press_bare("build", *options.split())[0] == 0
    project = {
        "notebooks": (Path("notebooks/story.ipynb"),),
        "formats": ("html", "pptx"),
        "given": {},
        "jobs": 2,
        "limits": TimeLimits(cell=5, run=6),
    }
    assert build.call_args.args[0] == Request(**{**project, **asked})


def test_a_bare_build_without_settings_says_what_to_write(press_bare, story):
    code, _, err = press_bare("build")
    assert (code, "name files, folders or patterns" in err[-1]) == (2, True)


def test_a_project_is_begun_and_builds_from_its_first_notebook_on(press_bare, project):
    (project / "pyproject.toml").unlink()
    assert press_bare("init")[0] == 0
    assert press_bare("new", "tea")[:2] == (
        0,
        ["wrote notebooks/tea.ipynb", "next: notebook-press build"],
    )
    assert press_bare("new", "tea")[0] == 2
    assert press_bare("build", "--to", "html", "--strict")[0] == 0
    assert press_bare("new", "a/b")[0] == 2


def test_on_github_a_failure_is_an_annotation_too(press, story, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    error = errors.ExecutionError("story: cell 2")
    built = Built((), (), (Failed("story", story, error),))
    monkeypatch.setattr("notebook_press.builds.build", Mock(return_value=built))
    code, out, (annotation, last) = press("build", story)
    assert (code, out) == (4, [])
    assert annotation == "::error file=notebooks/story.ipynb,title=Report failed::story: cell 2"
    assert last.startswith("notebook-press: exit 4")


def test_the_summary_on_github_tells_of_a_result_that_is_not_as_expected(
    press, story, monkeypatch, tmp_path
):
    summary = tmp_path / "summary"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    code, _, err = press("build", story, "--expect", "product>=50")
    assert (code, err[-1].partition("): ")[2]) == (6, "story.product is 42, expected >= 50")
    assert re.findall(r"\| (\S*) \| (\S+) \|", summary.read_text())[2:] == [
        ("default/story", "published"),
        ("", "**failed**"),
    ]


def test_the_last_line_names_all_reports_that_failed(press, story, write_notebook):
    bad = [write_notebook("1 / 0", name=name) for name in ("bad", "worse")]
    code, _, err = press("build", story, *bad)
    said = "notebook-press: exit 4 (a notebook failed): 2 reports failed: bad, worse; bad: cell 2 "
    assert (code, err[-1].startswith(said)) == (4, True)


def test_watching_is_asked_for_with_the_files_that_count(press, story, monkeypatch):
    watch = Mock()
    monkeypatch.setattr("notebook_press.starting.watching.watch", watch)
    options = ["--watch", "--port", "8000", "-f", "values.yaml", "--profile", "quick.yaml"]
    assert press("build", story, *options)[0] == 0
    _, files, _, port = watch.call_args.args
    assert (files, port) == ([Path("values.yaml"), Path("quick.yaml")], 8000)


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


def test_a_profile_gives_the_run_its_name_and_a_name_is_stronger(press, story, project, profile):
    for name in ((), ("--name", "mine")):
        press("build", story, "--profile", profile, *name)
    reports = project / "reports"
    assert {path.parent.name for path in reports.glob("*/story.html")} == {"brief", "mine"}


def test_a_profile_gives_other_notebooks_nothing(press, story, write_notebook, profile):
    other = write_notebook(RECORD, name="other", parameters=FACTOR)
    expect = ("--expect", "story.product==63", "--expect", "other.product==42")
    assert press("build", story, other, "--profile", profile, *expect)[0] == 0
    assert press("build", other, "--profile", profile, "--expect", "product==42")[0] == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("stori:\n  factor: 3\n", "found 'stori', and there is no stori.ipynb"),
        ("stori:\n  factor: 3\n", "beside the others; did you mean story? correct the name"),
        ("story:\n  factr: 3\n", "unknown parameter 'factr' (brief.yaml:2): did you mean factor?"),
        ("story:\n  factor: x\n", "brief.yaml:2"),
        ("- story\n", "expected a mapping, found a list"),
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


@pytest.fixture
def no_run(monkeypatch, press, write_notebook, project) -> Path:
    """A notebook that fails the test where it is run, beside what can't be read."""
    monkeypatch.setattr(papermill_engine, "run", lambda *_: pytest.fail("it was run"))
    os.mkfifo(project / "pipe.yaml")
    os.mkfifo(project / "pipe.ipynb")
    (project / "elsewhere" / "long").mkdir(parents=True)
    return write_notebook("1", parameters=f"{FACTOR}\ntitle: str = 'a'")


@pytest.mark.promise("A notebook is never replaced by its own report.")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "factor"], "'-p' requires 2 arguments"),
        (["-p", "factor", "1", "-p", "factor", "2"], "'factor' is given twice"),
        (["-p", "factor", "2.0"], "expected a whole number"),
        (["-p", "x=open('owned','w')", "1"], "unknown parameter"),
        (["-p", "title", "a\nb"], "control characters"),
        (["-f", "pipe.yaml"], "expected a parameter file pipe.yaml, found no file"),
        (["--profile", "\x1b[31m\n.yaml"], "found no file"),
        (["--name", "\x1b[31m\n"], "expected a run name"),
        (["--name", "failed"], "keeps the name 'failed' for itself"),
        (["--reports", "elsewhere", "--name", "LONG"], "found 'LONG' beside 'long'"),
        (["--reports", ".", "--name", "notebooks"], "would be replaced by its report; choose"),
        (["--to", ""], "--to, or the project's formats: expected some of"),
        (
            ["--to", "html,doc,x"],
            "--to, or the project's formats: expected some of html, pdf, pptx, found 'doc', 'x'",
        ),
        (["--to", "x" * 10_000], "--to, or the project's formats: expected some of"),
        (["--expect", "x" * 10_000], "expected [REPORT.]RESULT"),
        (["--" + "x" * 10_000], "No such option"),
        (["-j", "0"], "'-j' / '--jobs': 0 is not in the range"),
        (["--watch", "--port", "70000"], "'--port': 70000 is not in the range"),
        (["nowhere/*.ipynb"], "'nowhere/*.ipynb': expected notebooks, found none there"),
        (["--timeout", "soon"], "'soon' is not a valid float"),
        (["--timeout", "nan"], "--timeout: expected a number of seconds above 0, found nan"),
        (["--run-timeout", "0"], "--run-timeout: expected a number of seconds above 0, found 0"),
        (["x" * 10_000 + ".ipynb"], "no such notebook"),
        (["pipe.ipynb"], "'pipe.ipynb': no such notebook"),
        (["notebooks/Story.ipynb"], "two notebooks are called 'story'"),
    ],
    ids=lambda value: ascii(" ".join(value)[:30]) if isinstance(value, list) else "",
)
def test_what_can_not_be_asked_for_ends_with_2_and_one_short_line_and_nothing_is_run(
    press, no_run, project, arguments, message
):
    before = no_run.read_bytes()
    code, _, (line,) = press("build", no_run, *arguments)
    assert (code, message in line) == (2, True)
    assert line.startswith("notebook-press: exit 2 (")
    assert line.isprintable()
    assert len(line) <= LONGEST
    assert not list((project / "reports").glob("[!.]*/*"))
    assert not (project / "owned").exists()
    assert no_run.read_bytes() == before


@pytest.mark.promise(
    "A `prepare` that ends the program with status 0 does not end the build with status 0."
)
def test_a_prepare_that_ends_the_program_well_does_not_end_the_build_well(press, no_run, project):
    (project / "pyproject.toml").write_text("[tool.notebook-press]\nprepare = 'leaving_:prepare'")
    (project / "leaving_.py").write_text("import sys\ndef prepare(p): sys.exit(0)")
    assert press("build", no_run)[0] == 3


def test_parameters_are_listed_with_their_help(press, story):
    code, out, _ = press("parameters", story)
    assert code == 0
    assert any("factor" in line and "what 21 is multiplied by" in line for line in out)


def test_without_a_command_the_commands_are_listed_and_the_last_line_says_what_is_wrong(
    press_bare,
):
    code, out, err = press_bare()
    assert (code, out) == (2, [])
    assert any(line.split()[:1] == ["build"] for line in err)
    assert not any(line.endswith("...") for line in err[1:])
    assert err[-1].startswith("notebook-press: exit 2 (usage): expected a command, found none;")


def test_a_cell_without_parameters_declares_none(press, write_notebook):
    story = write_notebook("story", "")
    code, out, _ = press("parameters", story)
    assert (code, out) == (0, [f"{story}: no code cell tagged 'parameters' declares any"])


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
        (errors.DataError("no such data"), 3, "data"),
        (errors.ExecutionError("story: cell 2"), 4, "a notebook failed"),
        (errors.RenderingError("no alternative text"), 5, "rendering failed"),
        (errors.ExpectationError("product is 42"), 6, "an expectation was not met"),
        (errors.PublishingError("no room"), 7, "publishing failed"),
        (errors.LockedError("another build"), 8, "locked by another build"),
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
