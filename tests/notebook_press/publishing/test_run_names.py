"""Names of runs and of reports: folders and files wherever a reports folder may be copied to."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import refusal

from notebook_press.errors import UsageError
from notebook_press.publishing.names import check_new_run, check_report_name, check_run_name


def check(name: str) -> None:
    assert check_run_name(name) == name
    assert not set(name) & set("/\\:{}%")


@pytest.mark.promise("A run's name is a plain folder name, and none that reports need themselves.")
@pytest.mark.parametrize(
    "name",
    [
        *("a/b", "/a", "..", ".", "a..b", "../a", "{}", "{name}", "-a", "--name", ".a", "a\\b"),
        *("C:", "https://example.org", "file:x", "", " ", "a b", "a%2fb", "gr\u00f6\u00dfe"),
        *("\uff41", "a\n", "a\x00", "\ud800", "x" * 65, "x" * 10_000, "failed", "Failed"),
        *("index.html", "INDEX.HTML", "README.md", "a.", "failed.", "failed ", ".press"),
        *("fa\u0456led", "\uff46ailed", "\u2024press"),
    ],
)
def test_a_name_that_is_no_plain_folder_name_is_refused_in_one_line(name: str) -> None:
    assert refusal(UsageError, check, name)


@pytest.mark.parametrize("name", ["2026-11-22", "v1.0", "_a", "A_b-c.d", "x" * 64, "con", "press"])
def test_a_plain_name_is_returned(name: str) -> None:
    assert refusal(UsageError, check, name) == ""


@given(st.text())
def test_any_name_is_plain_or_refused_in_one_line(name: str) -> None:
    refusal(UsageError, check, name)


@pytest.mark.promise("Two runs never differ by the case of their letters alone.")
@pytest.mark.parametrize(("there", "new"), [("long", "Long"), ("LONG", "long")])
def test_a_run_that_differs_from_another_by_case_alone_is_refused(
    tmp_path: Path, there: str, new: str
) -> None:
    (tmp_path / there).mkdir()
    with pytest.raises(UsageError, match=f"found '{new}' beside '{there}'"):
        check_new_run(new, tmp_path)


@pytest.mark.parametrize("name", ["long", "longer"])
def test_a_run_of_the_same_name_or_of_another_is_fine(tmp_path: Path, name: str) -> None:
    (tmp_path / "long").mkdir()
    assert check_new_run(name, tmp_path) == name
    assert check_new_run(name, tmp_path / "nowhere") == name


@pytest.mark.parametrize(
    "name",
    [".", ".hidden", "a.", "a ", "a\nb", "a\x00", "a\u202eb", "x" * 151, "é" * 76, "\ud800"],
)
def test_a_notebook_whose_name_no_report_can_have_is_refused_in_one_line(name: str) -> None:
    message = refusal(UsageError, check_report_name, name, "story.ipynb")
    assert "expected a file name" in message


@pytest.mark.parametrize(
    "name", ["02_network", "My story (final), v1.0", "größe", "{x}", "x" * 150]
)
def test_a_notebook_may_have_any_plain_name(name: str) -> None:
    assert check_report_name(name, "story.ipynb") == name
