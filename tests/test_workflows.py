"""What GitHub runs: scripts and make targets, tried here with stand-ins for what only it has."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PLAIN = re.compile(
    r"(?:[A-Z_]+=\S+ )?(?:make [^;&|]+|\.ci/[a-z]+[^;&|]*|python3 -m pip install uv)"
)
COMMIT = "0123456789abcdef" * 2 + "01234567"


def steps() -> list[str]:
    jobs = [job for path in WORKFLOWS for job in yaml.safe_load(path.read_text())["jobs"].values()]
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


def test_steps_are_scripts_and_targets_without_logic_or_values_of_events():
    assert [step for step in steps() if not PLAIN.fullmatch(step) or "${{" in step] == []


def test_each_script_that_a_step_names_can_be_run():
    named = {script for step in steps() for script in re.findall(r"\.ci/[a-z]+", step)}
    assert {".ci/baseline", ".ci/comment", ".ci/compare"} <= named
    assert [script for script in sorted(named) if not os.access(ROOT / script, os.X_OK)] == []


@pytest.fixture
def place(tmp_path):
    """A project with the scripts, and programs that note what they are asked."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    for program in ("bin/gh", ".venv/bin/notebook-press"):
        path = tmp_path / program
        path.parent.mkdir(parents=True)
        path.write_text('#!/bin/bash\necho "$*" >>asked\n' + f'. ./{path.name}.sh "$@"\n')
        path.chmod(0o755)
    return tmp_path


def run(place, script, *arguments, **variables):
    environment = {**os.environ, "PATH": f"{place / 'bin'}:{os.environ['PATH']}", **variables}
    environment = {k: v for k, v in environment.items() if v is not None}
    command = [f".ci/{script}", *arguments]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
    asked = place / "asked"
    return done.returncode, asked.read_text().splitlines() if asked.exists() else []


@pytest.mark.parametrize(
    ("gh", "kept"),
    [
        ('[ "$2" = list ] && echo 7 || { mkdir -p "$7"; touch "$7/x"; }', True),
        ("true", False),
        ("exit 1", False),
        ('[ "$2" = list ] && echo 7 || { mkdir -p "$7"; exit 1; }', False),
    ],
    ids=["kept", "no run", "no answer", "gone"],
)
def test_the_reports_of_main_are_fetched_where_there_are_any(place, gh, kept):
    (place / "gh.sh").write_text(gh)
    code, asked = run(place, "baseline", "baseline")
    assert (code, (place / "baseline").exists()) == (0, kept)
    assert "--branch main --event push --status success" in asked[0]


WRITES = 'while [ "$1" != -o ]; do shift; done; echo told >"$2"; exit '


@pytest.mark.parametrize(
    ("earlier", "press", "code", "said"),
    [
        (True, f"{WRITES} 0", 0, "told"),
        (True, f'case "$*" in *md*) {WRITES} 6;; *) {WRITES} 0;; esac', 6, "told"),
        (True, "exit 2", 0, "The reports could not be compared: the log says why."),
        (False, "exit 1", 0, "There are no earlier reports to compare these with."),
    ],
    ids=["compared", "moved too far", "not comparable", "nothing earlier"],
)
def test_what_changed_is_in_the_summary_and_red_only_if_a_result_moved(
    place, earlier, press, code, said
):
    (place / "notebook-press.sh").write_text(press)
    if earlier:
        (place / "baseline").mkdir()
    summary = place / "summary.md"
    found, asked = run(
        *(place, "compare", "baseline", "reports", "comparison", "--fail-on", "x<0"),
        GITHUB_STEP_SUMMARY=str(summary),
    )
    assert (found, summary.read_text()) == (code, f"{said}\n")
    assert (place / "comparison" / "comment.md").read_text() == f"{said}\n"
    assert (place / "comparison" / "compare.html").exists() == (said == "told")
    assert not earlier or asked[0].endswith("-o comparison/comment.md --fail-on x<0")


EVENT = {
    "RUN": "7",
    "HEAD": "someone:a b$(touch harm)",
    "COMMIT": COMMIT,
    "GITHUB_REPOSITORY": "o/r",
}


def comment(place, body, number="12", **variables):
    downloads = (
        'while [ "$1" != --dir ]; do shift; done; cp body "$2/comment.md"' if body else "exit 1"
    )
    (place / "body").write_text(body)
    (place / "gh.sh").write_text(
        f'case "$1 $2" in "api --method") echo {number};; "run download") {downloads};; esac'
    )
    return run(place, "comment", **{**EVENT, **variables})


def test_a_comment_goes_to_the_pull_request_that_github_names(place):
    code, asked = comment(place, "ü" * 65_536)
    assert code == 0
    assert f"head={EVENT['HEAD']}" in asked[0]
    assert f'select(.head.sha == "{COMMIT}")' in asked[0]
    assert asked[-1].startswith("pr comment 12 --repo o/r --body-file ")
    assert not (place / "harm").exists()


@pytest.mark.parametrize(
    ("body", "number", "variables", "code"),
    [
        ("told", "", {}, 0),
        ("", "12", {}, 0),
        ("x" * 65_537, "12", {}, 1),
        ("told", "12", {"COMMIT": '0" or true'}, 2),
        ("told", "12", {"RUN": "7; ls"}, 2),
    ],
    ids=["no pull request", "nothing compared", "too long", "no commit", "no run"],
)
def test_no_comment_is_made_of_what_is_none(place, body, number, variables, code):
    found, asked = comment(place, body, number, **variables)
    assert found == code
    assert not any(each.startswith("pr comment") for each in asked)


def made_report(folder, name, inputs=("images.gz",), **parameters):
    """What is published of a report, as far as `.ci/withhold` looks at it."""
    folder.mkdir(parents=True, exist_ok=True)
    given = [{"name": each, "value": value} for each, value in parameters.items()]
    manifest = {"parameters": given, "inputs": dict.fromkeys(inputs, "0a")}
    (folder / f"{name}.json").write_text(json.dumps(manifest))
    notebook = {"metadata": {"papermill": {"parameters": parameters}}, "cells": []}
    (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
    (folder / f"{name}.html").write_text("<p>a page</p>")


@pytest.fixture
def reports(place):
    """Reports with and without somebody's photographs, of runs good and bad, and of a sweep."""
    folder = place / "reports"
    made_report(folder / "default", "06_yours", images="desk.jpg", dataset="mnist")
    made_report(folder / "default", "02_network", dataset="mnist")
    made_report(folder / "made", "06_yours", images=None, dataset="mnist")
    made_report(folder / "sheet", "02_network", dataset="Sheet.JPG")
    made_report(folder / "sheets", "02_network", ["sheet 1", "sheet 2"], dataset="our-sheets")
    made_report(folder / "own", "02_network", dataset="our-digits")
    made_report(folder / "failed" / "bad", "06_yours", images="desk.jpg")
    for run, data in (("worse", "our-sheets"), ("worst", "mnist")):
        made_report(folder / "failed" / run, "02_network", dataset=data)
        (folder / "failed" / run / "02_network.json").unlink()
    made_report(folder / "history" / "06_yours", "20260101T000000Z-default")
    made_report(folder / "sweeps" / "hands", "run", images="desk.jpg")
    (folder / "sweeps" / "hands" / "sweep.html").write_text("<p>a page</p>")
    return folder


def pages(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))


@pytest.mark.promise("The workflow publishes nobody's handwriting unless it is asked to.")
def test_reports_of_photographs_are_withheld(place, reports):
    assert run(place, "withhold", "reports", PUBLISH_PHOTOGRAPHS=None)[0] == 0
    kept = ["default/02_network", "failed/worst/02_network", "made/06_yours", "own/02_network"]
    assert pages(reports) == [f"{each}.html" for each in kept]


def test_reports_of_photographs_stay_where_that_is_asked(place, reports):
    before = pages(reports)
    assert run(place, "withhold", "reports", PUBLISH_PHOTOGRAPHS="true")[0] == 0
    assert pages(reports) == before


def test_what_cannot_be_read_is_withheld(place, reports):
    (reports / "default" / "02_network.json").write_text("{")
    run(place, "withhold", "reports", PUBLISH_PHOTOGRAPHS="no")
    assert "default/02_network.html" not in pages(reports)
    assert "made/06_yours.html" in pages(reports)


def test_nothing_is_uploaded_before_handwriting_is_withheld():
    report = yaml.safe_load((ROOT / ".github" / "workflows" / "report.yml").read_text())
    steps = report["jobs"]["report"]["steps"]
    withheld = next(number for number, step in enumerate(steps) if step.get("id") == "withhold")
    uploads = {n: step for n, step in enumerate(steps) if "upload" in step.get("uses", "")}
    assert min(uploads) > withheld
    always = [step["if"] for step in uploads.values() if "always" in step.get("if", "")]
    assert all("steps.withhold.outcome == 'success'" in each for each in always)
