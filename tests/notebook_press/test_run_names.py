import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_press.errors import UsageError
from notebook_press.run_names import check_run_name


@pytest.mark.parametrize(
    "name",
    [
        *[
            "a/b",
            "/a",
            "..",
            ".",
            "a..b",
            "../a",
            "{}",
            "{name}",
            "-a",
            "--name",
            ".a",
            "a\\b",
            "C:",
            "https://example.org",
            "file:x",
        ],
        *["", " ", "a b", "a%2fb", "gr\u00f6\u00dfe", "\uff41", "a\n", "a\x00", "\ud800"],
        *["x" * 65, "x" * 10_000, "failed", "Failed", "index.html", "INDEX.HTML", "README.md"],
    ],
)
def test_a_name_that_is_no_plain_folder_name_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_run_name(name)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "name", ["default", "long", "2026-11-22", "v1.0", "_a", "A_b-c.d", "x" * 64]
)
def test_a_plain_name_is_returned(name: str) -> None:
    assert check_run_name(name) == name


@settings(deadline=None)
@given(st.text())
def test_any_name_is_plain_or_refused_in_one_line(name: str) -> None:
    message = ""
    try:
        assert not set(check_run_name(name)) & set("/\\:{}%")
    except UsageError as error:
        message = str(error)
    assert len(message.splitlines()) <= 1
