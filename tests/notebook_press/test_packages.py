"""Installed packages, parted into those that can change a result and those that make pages."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from notebook_press.provenance import is_for_pages, rendering_versions, result_versions


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return a function that installs a package that needs others."""

    def install(name: str, version: str, *needs: str) -> None:
        lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {n}" for n in needs)]
        folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")

    monkeypatch.syspath_prepend(tmp_path)
    yield install
    result_versions.cache_clear()


def test_dependencies_are_followed_once(install):
    install("alpha-one", "1.0", "beta")
    install("beta", "2.0", "Alpha_One")
    assert result_versions(("alpha_one>=1",)) == {"alpha-one": "1.0", "beta": "2.0"}


def test_an_extra_is_followed_where_it_is_asked_for(install):
    install("alpha", "1.0", "beta; extra == 'more'")
    install("beta", "2.0")
    assert set(result_versions(("alpha",))) == {"alpha"}
    assert set(result_versions(("alpha[more]",))) == {"alpha", "beta"}


def test_what_only_one_system_needs_does_not_count(install):
    install("alpha", "1.0", "beta; sys_platform == 'linux'", "gamma; python_version > '3'")
    install("beta", "2.0")
    install("gamma", "3.0")
    assert set(result_versions(("alpha",))) == {"alpha", "gamma"}


def test_what_makes_pages_and_what_it_needs_changes_no_result(install):
    install("alpha", "1.0", "nbconvert")
    assert set(result_versions(("alpha", "typst"))) == {"alpha"}


def test_what_is_missing_or_misspelt_is_passed_over(install):
    install("alpha", "1.0", "not-there", "!!")
    assert set(result_versions(("alpha", "nowhere-to-be-found", "=="))) == {"alpha"}


def test_without_stated_dependencies_whatever_is_installed_counts(install):
    install("alpha", "1.0")
    found = result_versions(())
    assert found["alpha"] == "1.0"
    assert {"ipykernel", "papermill"} <= set(found)
    assert not {"nbconvert", "typst"} & set(found)


def test_pages_are_made_with_what_the_renderer_imports():
    assert {"nbconvert", "pypandoc-binary", "python-pptx", "lxml"} <= set(rendering_versions())
    assert is_for_pages("pypandoc_binary")
    assert not is_for_pages("numpy")
