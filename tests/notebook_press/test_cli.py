"""The command line: what it prints, and the exit code that it ends with."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from notebook_press.cli import main
from notebook_press.errors import DataError, LockedError, PublishingError, RenderingError


@pytest.fixture
def press(monkeypatch, capsys):
    """Return a function that runs the command line: exit code, lines of stdout and of stderr."""

    def run(*arguments: object) -> tuple[int, list[str], list[str]]:
        monkeypatch.setattr(sys, "argv", ["notebook-press", *map(str, arguments)])
        handlers = {number: signal.getsignal(number) for number in SIGNALS}
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        printed = capsys.readouterr()
        return code, printed.out.splitlines(), printed.err.splitlines()

    return run


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RECORD = "from notebook_press import author\nauthor.record(product=factor * 21)"


@pytest.fixture
def story(write_notebook) -> Path:
    return write_notebook(RECORD, parameters="factor: int = 2  # what 21 is multiplied by")


def test_a_build_ends_with_0_and_says_where_the_report_is(press, story, project):
    code, out, err = press("build", story, "--to", "html", "-p", "factor", "-3")
    assert (code, err) == (0, [])
    assert out[-1] == f"story: published story.html in {project / 'reports' / 'default'}"


def test_a_build_shows_each_cell_as_it_runs(press, story):
    _, out, _ = press("build", story, "--to", "html")
    assert any(line.startswith("story: cell 2/4,") for line in out)


def test_a_failed_notebook_ends_with_4_and_one_line(press, write_notebook):
    code, _, err = press("build", write_notebook("1 / 0"), "--to", "html")
    assert code == 4
    assert err[-1].startswith("notebook-press: exit 4 (a notebook failed): story: cell 2 of 2")


def test_a_warning_in_a_strict_build_ends_with_4(press, write_notebook):
    path = write_notebook("import warnings; warnings.warn('old')")
    code, _, err = press("build", path, "--to", "html", "--strict")
    assert code == 4
    assert "warned, which --strict refuses: UserWarning: old" in err[-1]


def test_a_cell_that_takes_too_long_ends_with_4(press, write_notebook):
    path = write_notebook("import time; time.sleep(600)")
    code, _, err = press("build", path, "--to", "html", "--timeout", 1)
    assert code == 4
    assert "took longer than the 1 s that --timeout allows a cell" in err[-1]


def test_an_unmet_expectation_ends_with_6(press, story):
    code, _, err = press("build", story, "--to", "html", "--expect", "product>50")
    assert (code, "story.product is 42, expected > 50" in err[-1]) == (6, True)


def test_values_on_the_command_line_win_over_those_of_a_file(press, story, project):
    (project / "values.yaml").write_text("factor: 3\n")
    expect = ("--expect", "product==84")
    code, _, _ = press(
        "build", story, "--to", "html", "-f", "values.yaml", "-p", "factor", 4, *expect
    )
    assert code == 0


@pytest.fixture
def profile(project) -> Path:
    (project / "brief.yaml").write_text("story:\n  factor: 3\n")
    return project / "brief.yaml"


def test_a_profile_gives_a_notebook_its_parameters_and_the_run_its_name(
    press, story, project, profile
):
    code, out, _ = press(
        "build", story, "--to", "html", "--profile", profile, "--expect", "product==63"
    )
    assert code == 0
    assert out[-1].endswith(str(project / "reports" / "brief"))


def test_a_name_is_stronger_than_that_of_the_profile(press, story, project, profile):
    press("build", story, "--to", "html", "--profile", profile, "--name", "mine")
    assert (project / "reports" / "mine" / "story.html").is_file()


def test_the_command_line_is_stronger_than_the_profile(press, story, profile):
    given = ("-p", "factor", 4, "--expect", "product==84")
    assert press("build", story, "--to", "html", "--profile", profile, *given)[0] == 0


def test_a_profile_gives_other_notebooks_nothing(press, story, write_notebook, profile):
    other = write_notebook(RECORD, name="other", parameters="factor: int = 2  # a factor")
    expect = ("--expect", "story.product==63", "--expect", "other.product==42")
    assert press("build", story, other, "--to", "html", "--profile", profile, *expect)[0] == 0


def test_a_profile_may_name_a_notebook_that_is_not_built_now(press, story, write_notebook, profile):
    other = write_notebook("1", name="other")
    assert press("build", other, "--to", "html", "--profile", profile)[0] == 0


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
    ],
)
def test_a_profile_that_is_none_ends_with_2_before_a_kernel_starts(
    press, story, project, content, message
):
    (project / "brief.yaml").write_text(content)
    code, _, err = press("build", story, "--to", "html", "--profile", "brief.yaml")
    assert code == 2
    assert message in err[-1]
    assert not (project / "reports" / "brief" / "story.html").exists()


def test_a_profile_that_is_missing_ends_with_2_and_its_path(press, story):
    code, _, err = press("build", story, "--to", "html", "--profile", "brif.yaml")
    assert code == 2
    assert "brif.yaml, found no file; check its path" in err[-1]


FRESH = "factor: int = 2  # a factor\nfresh: bool = False  # measure anew"


def test_fresh_runs_again_and_tells_notebooks_that_know_of_it(press, write_notebook):
    path = write_notebook(
        "from notebook_press import author\nauthor.record(fresh=int(fresh))", parameters=FRESH
    )
    assert press("build", path, "--to", "html", "--expect", "fresh==0")[0] == 0
    assert press("build", path, "--to", "html", "--fresh", "--expect", "fresh==1")[0] == 0
    assert press("build", path, "--to", "html")[1] == ["story: up to date"]


def test_fresh_runs_a_notebook_again_that_does_not_know_of_it(press, story):
    press("build", story, "--to", "html")
    out = press("build", story, "--to", "html", "--fresh")[1]
    assert out[0] == "story: running (asked to measure anew)"


def test_a_cell_tells_the_build_of_its_progress_and_the_page_nothing(
    press, write_notebook, project
):
    path = write_notebook(
        "from notebook_press import author\n"
        "author.progress('\\x1b[31mtwo\\nof three')\nprint('shown')"
    )
    code, out, _ = press("build", path, "--to", "html")
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
    press("build", story, "--to", "html")
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
    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr("notebook_press.builds.build", fail)
    found, _, err = press("build", story)
    assert (found, err[-1].startswith(f"notebook-press: exit {code} ({meaning}): ")) == (code, True)


def test_a_build_that_is_told_to_stop_ends_its_kernel_and_says_so(write_notebook, project):
    path = write_notebook(
        "import os, time\nopen('kernel', 'w').write(str(os.getpid()))\ntime.sleep(60)"
    )
    noted = path.parent / "kernel"
    command = [
        sys.executable,
        "-c",
        "from notebook_press.cli import main; main()",
        "build",
        str(path),
    ]
    build = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_until(noted.is_file)
    build.send_signal(signal.SIGTERM)
    _, err = build.communicate(timeout=30)
    assert build.returncode == 143
    assert "notebook-press: exit 143 (interrupted)" in err
    wait_until(lambda: not psutil.pid_exists(int(noted.read_text() or 0)))


def wait_until(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_check_finishes_a_publication_that_was_cut_short(press, story, project, monkeypatch):
    cut_short(press, story, monkeypatch)
    assert press("check", "reports")[0] == 0
    assert (project / "reports/default/story.json").is_file()


def test_a_build_finishes_a_publication_that_was_cut_short(press, story, project, monkeypatch):
    cut_short(press, story, monkeypatch)
    _, out, _ = press("build", story, "--to", "html")
    assert out[0] == "default/story: finished a publication that was cut short"
    assert out[-1] == "story: up to date"


def cut_short(press, story, monkeypatch) -> None:
    """Let a build die between its staging and its publication."""

    def die(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr("notebook_press.publishing.publish.publish", die)
        assert press("build", story, "--to", "html")[0] == 130


def test_a_fault_of_the_press_ends_with_1_and_shows_where(press, story, monkeypatch):
    def fail(*arguments: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("notebook_press.builds.build", fail)
    code, _, err = press("build", story)
    assert code == 1
    assert "Traceback" in err[0]
    assert "exit 1 (the press itself failed): KeyError" in err[-1]
