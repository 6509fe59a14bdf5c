"""A sweep on a Dask cluster: what is sent there, and the same results as anywhere else."""

import csv
import io
import pickle
import subprocess
import tarfile
from types import SimpleNamespace

import pytest

from notebook_press.clusters.joining import Cluster, cluster_of
from notebook_press.clusters.shipping import differences, environment, pack
from notebook_press.errors import UsageError
from notebook_press.project import find_project
from notebook_press.request import Request
from notebook_press.sweeping.asking import SweepRequest
from notebook_press.sweeping.grid import parse_axis
from notebook_press.sweeping.run import run_sweep

RECORD = """
import os
import numpy as np
from notebook_press import author
draw = np.random.default_rng(seed).normal(size=(400, 400))
author.record(validation_loss=float(np.linalg.norm(draw @ draw)) * x)
author.record(threads=int(os.environ['OMP_NUM_THREADS']))
"""


@pytest.fixture
def shipped(project):
    """A project with sources, of which git ignores some, and what is sent of it."""
    (project / "pyproject.toml").write_text(
        "[tool.notebook-press]\nsources = ['lib/helper', 'lib/one.py']\nlock = 'lock.txt'\n"
    )
    (project / "lib/helper/__pycache__").mkdir(parents=True)
    for name in ("helper/__init__.py", "helper/secret.txt", "helper/__pycache__/x.pyc", "one.py"):
        (project / "lib" / name).write_text(f"# {name}\n")
    (project / "lock.txt").write_text("numpy==1\n")
    (project / ".gitignore").write_text("secret*\n")
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    return lambda: pack(find_project(project))


def names(shipment):
    with tarfile.open(fileobj=io.BytesIO(shipment.archive)) as archive:
        return archive.getnames()


@pytest.mark.promise("What git ignores is not sent to a cluster.")
def test_sources_are_sent_without_what_git_ignores(shipped):
    expected = ["lib/helper/__init__.py", "lib/one.py", "lock.txt", "pyproject.toml"]
    assert names(shipped()) == expected


def test_the_same_files_make_the_same_archive_and_others_another(shipped, project):
    first = shipped()
    (project / "lib/one.py").touch()
    (project / "lib/helper/secret.txt").write_text("another")
    assert (shipped().archive, shipped().name) == (first.archive, first.name)
    (project / "lib/one.py").write_text("x = 2\n")
    assert shipped().name != first.name


def test_what_was_sent_is_a_project_of_its_own(shipped, tmp_path_factory):
    sent, place = pickle.loads(pickle.dumps(shipped())), tmp_path_factory.mktemp("worker")
    folder = sent.unpacked(place)
    assert sent.unpacked(place) == folder
    there = sent.project_in(folder)
    assert [each.read_text()[:2] for each in (there.sources[1], there.lock)] == ["# ", "nu"]
    assert there.root == folder
    assert find_project(folder).sources == there.sources


def test_sources_beside_the_project_are_sent_too(shipped, project, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "beside.py"
    other.write_text("x = 1\n")
    table = f"[tool.notebook-press]\nsources = ['{other}']\n"
    (project / "pyproject.toml").write_text(table)
    sent = shipped()
    folder = sent.unpacked(tmp_path_factory.mktemp("worker"))
    assert sent.project_in(folder).sources[0].read_text() == "x = 1\n"
    assert (sent.project_in(folder).root / "pyproject.toml").read_text() == table


@pytest.mark.parametrize(
    ("expected", "found", "words"),
    [
        ({"a": "1"}, {"a": "1"}, []),
        ({"a": "1"}, {"a": "2"}, ["a 2 (expected 1)"]),
        ({"a": "1"}, {}, ["a is not installed (expected 1)"]),
        ({"a": "1"}, {"a": "1", "b": "3"}, ["b 3 (expected none)"]),
        ({}, {"a": "1"}, []),
    ],
)
def test_a_worker_is_compared_by_name(expected, found, words):
    assert differences(expected, found) == words


def test_of_any_environment_nothing_is_expected(shipped, project):
    assert pack(find_project(project), any_environment=True).expected == {}
    assert {"Python", "numpy", "notebook-press"} <= set(environment(find_project(project)))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"backend": "processes", "scheduler": "tcp://host:1"}, "leave one of the two out"),
        ({"scheduler": "tcp://host:1", "file": "pyproject.toml"}, "found both"),
        ({"file": "none.json"}, "no such file"),
        ({"scheduler": "nonsense"}, "expected an address such as tcp://host:8786"),
        ({"any_environment": True}, "--any-environment is for Dask workers"),
    ],
)
def test_what_is_at_odds_is_refused(project, monkeypatch, asked, words):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    given = {"backend": None, "scheduler": None, "file": None, "any_environment": False, **asked}
    given["file"] = given["file"] and project / given["file"]
    with pytest.raises(UsageError, match=words):
        cluster_of(**given)


def test_without_dask_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert cluster_of("processes", None, None, any_environment=False) is None
    with pytest.raises(UsageError, match=r"pip install 'notebook-press\[dask\]'"):
        Cluster()


@pytest.mark.slow
@pytest.mark.promise("A sweep has the same results in processes, alone and on a Dask cluster.")
def test_results_are_the_same_wherever_they_are_computed(write_notebook, project):
    pytest.importorskip("distributed")
    path = write_notebook(RECORD, parameters="x: int = 1\nseed: int = 0")
    axes = (parse_axis("x=1,2"), parse_axis("seed=0,1", repeated=True))
    tables = []
    for name, jobs, cluster in (("one", 1, None), ("two", 2, None), ("dask", 2, Cluster())):
        build = Request((path,), run=name, jobs=jobs, threads=1, fresh=True)
        told = SimpleNamespace(tell=lambda event: None)
        run_sweep(SweepRequest(build, axes, cluster=cluster), told).checked()
        with (project / f"reports/sweeps/{name}/results.csv").open() as file:
            rows = list(csv.DictReader(file))
        tables.append([{**row, "seconds": "", "finished": ""} for row in rows])
    assert tables[0] == tables[1] == tables[2]
    assert {row["state"] for row in tables[0]} == {"run"}
