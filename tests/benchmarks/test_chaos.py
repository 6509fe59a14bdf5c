"""What the chaos benchmark takes for torn, invalid or left behind; and a short run of it."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def chaos_project(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("chaos_project")


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("a.html", b"<html></html>\n"),
        ("a.pdf", b"%PDF-1.7\n%%EOF\n"),
        ("a.json", b'{"press": 1}\n'),
        ("a.ipynb", b'{"cells": []}'),
    ],
)
def test_a_file_without_its_end_is_torn(chaos_project, name, whole):
    assert chaos_project.is_whole(name, whole)
    assert not chaos_project.is_whole(name, whole.rstrip()[:-1])
    assert not chaos_project.is_whole(name, b"")


@pytest.fixture
def reports(tmp_path):
    """A folder with a published page and a manifest that names it."""
    (tmp_path / "default").mkdir()
    (tmp_path / "index.html").write_text("</html>")
    (tmp_path / "default" / "a.html").write_text("</html>")
    digest = "09dc99b8fa9c4d58ce4afe2fc69a0fd3a5ba4b0be8cbcd4a10d06ee08a0a0ff1"
    manifest = {"files": {"a.html": {"sha256": digest}}}
    (tmp_path / "default" / "a.json").write_text(json.dumps(manifest))
    return tmp_path


def test_the_reader_counts_what_is_torn_gone_or_ahead_of_its_manifest(chaos_project, reports):
    seen, found = set(), {"reads": 0, "ahead": 0, "torn": []}
    chaos_project.read_all(reports, seen, found)
    assert (found["reads"], found["ahead"], found["torn"]) == (3, 1, [])
    (reports / "default" / "a.html").write_text("</ht")
    (reports / "default" / "a.json").unlink()
    chaos_project.read_all(reports, seen, found)
    assert found["torn"] == ["a.html had 4 bytes", "a.json was gone"]


def test_a_manifest_with_another_hash_is_invalid_and_what_is_left_is_named(chaos_project, tmp_path):
    project = chaos_project.Project(tmp_path)
    assert project.invalid_manifests() == ["no manifest at all"]
    private = project.reports / ".press" / "temporary"
    private.mkdir(parents=True)
    (project.reports / ".press" / "lock").touch()
    (private / "tmp12345678").touch()
    (tmp_path / "tmp" / "press-abcd1234").mkdir()
    assert project.leftovers() == ["reports/.press/temporary/tmp*", "tmp/press-*"]
    assert project.leftovers() == []


def test_a_report_is_stale_until_it_holds_its_notebooks_number(chaos_project, tmp_path):
    project = chaos_project.Project(tmp_path)
    (project.reports / "default").mkdir(parents=True)
    for name in chaos_project.NAMES:
        manifest = {"results": {"number": 0}}
        (project.reports / "default" / f"{name}.json").write_text(json.dumps(manifest))
    assert project.stale() == []
    project.change_code("second")
    assert project.stale() == ["second"]


@pytest.mark.slow
def test_a_short_run_tears_nothing_and_leaves_every_manifest_valid():
    command = [sys.executable, str(BENCHMARKS / "chaos.py"), "--rounds", "3", "--seed", "2"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.stderr == ""
    lines = answer.stdout.splitlines()
    assert lines[0].endswith(", 3 rounds")
    assert {"torn reads: 0", "invalid manifests: 0", "orphans: 0"} <= set(lines)
    assert answer.returncode == 0, answer.stdout
