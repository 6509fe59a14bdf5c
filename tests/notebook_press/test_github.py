"""What GitHub is told of a build, in its own language, of which a notebook speaks no word."""

from pathlib import Path

import pytest
from manifests import as_manifest

from notebook_press.builds import Failed
from notebook_press.errors import PressError
from notebook_press.github import tell_github


def failed(said: str, notebook: Path | None = None) -> Failed:
    return Failed(notebook.stem if notebook else "", notebook, PressError(said))


@pytest.fixture
def runner(tmp_path) -> dict[str, str]:
    """The variables that GitHub sets."""
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }


def test_without_github_nothing_is_said_or_written(runner, tmp_path):
    del runner["GITHUB_ACTIONS"]
    assert tell_github([as_manifest()], [failed("no")], runner) == []
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_came_of_a_build_nothing_is_said_or_written(runner, tmp_path):
    assert tell_github([], [], runner) == []
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_told_beside_its_file(runner, tmp_path):
    failures = [failed("cell 3 raised", tmp_path / "notebooks" / "a.ipynb"), failed("no room")]
    assert tell_github([], failures, runner) == [
        "::error file=notebooks/a.ipynb,title=Report failed::cell 3 raised",
        "::error title=Report failed::no room",
    ]


@pytest.mark.promise("What a notebook says can't become a command of GitHub's.")
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("100%", "100%25"),
        ("a\r\n::set-env name=X::y", "a%0D%0A::set-env name=X::y"),
        ("%0A::error::", "%250A::error::"),
        ("\x1b[31mred\x85\u2028", "\\x1b[31mred\\x85\\u2028"),
    ],
)
def test_a_message_stays_in_its_line(runner, said, told):
    assert tell_github([], [failed(said)], runner) == [f"::error title=Report failed::{told}"]


def test_a_files_name_ends_no_property(runner, tmp_path):
    failure = failed("no", tmp_path / "a,title=x::y%\n.ipynb")
    (line,) = tell_github([], [failure], runner)
    assert line == "::error file=a%2Ctitle=x%3A%3Ay%25%0A.ipynb,title=Report failed::no"


def test_the_summary_tells_each_report_and_each_failure_as_text(runner, tmp_path):
    (tmp_path / "summary").write_text("before\n")
    hostile = as_manifest(answer="**5** | <img src=x> [a](http://b) `c`\n# d")
    tell_github([hostile], [failed("cell 1 | x", tmp_path / "a.ipynb")], runner)
    before, _, _, row, bad, _ = (tmp_path / "summary").read_text().split("\n")[:6]
    assert before == "before"
    assert row.startswith("| default/story | published | ")
    assert bad == "| a | **failed** | cell 1 &#124; x |"
    assert not set("<>*[]`#") & set(row.replace("&#", ""))
    assert row.count("|") == 4


def test_a_summary_that_can_not_be_written_changes_nothing(runner, tmp_path):
    (tmp_path / "summary").mkdir()
    assert len(tell_github([as_manifest()], [failed("no")], runner)) == 1
