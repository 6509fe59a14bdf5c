"""The rivals' notebook, run by the real press on small real and made data."""

import shutil
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import pressed
import pytest
from pressed import NOTEBOOKS, details, manifest, text

from handwriting import contest, datasets, entrants, measured
from handwriting.classical import RIVALS
from handwriting.entrants import Terms
from notebook_press.errors import ExecutionError
from notebook_press.parameters import read_parameters, read_profile, resolve

NOTEBOOK = NOTEBOOKS / "03_rivals.ipynb"
press = partial(pressed.press, NOTEBOOK)
pytestmark = pytest.mark.usefixtures("shared_cache")


@pytest.fixture(scope="module")
def digits(tmp_path_factory, cache) -> Path:
    """The report on scikit-learn's digits, measured and, in another folder, from the cache."""
    first = press(tmp_path_factory.mktemp("first"), dataset="digits", trainings=1)
    second = tmp_path_factory.mktemp("second")
    press(second, dataset="digits", trainings=1)
    (second / "default").rename(first.parent / "again")
    return first.parent


def test_the_report_on_digits_has_its_verdict_and_its_numbers(digits):
    results = manifest(digits / "default")["results"]
    assert "The claim" in manifest(digits / "default")["answer"]
    assert results["rivals"] == 8
    assert 0.08 < results["dummy_test_accuracy"] < 0.13
    assert results["network_test_accuracy"] > 0.9
    assert results["network_seconds_single_numpy_alone"] > 0


def test_a_second_report_comes_from_the_cache_and_says_so(digits):
    first, second = manifest(digits / "default"), manifest(digits / "again")
    assert first["results"] == second["results"]
    assert second["seconds"] < first["seconds"]
    assert "Measured for this report: 9 entrants" in text(digits / "default")
    assert "cache: 9, measured" in text(digits / "again")


def test_what_the_project_keeps_of_mnist_is_not_shown_on_digits(digits):
    assert "Kept with the project" not in text(digits / "default")
    assert "rbf_svm_test_accuracy" not in manifest(digits / "default")["results"]


def test_every_figure_has_words_with_numbers(digits):
    shown = details(digits / "default", "figure")
    assert len(shown) == 8
    assert all(each["caption"] and each["alt"] for each in shown)
    assert all(any(letter.isdigit() for letter in each["alt"]) for each in shown)


def test_progress_is_not_part_of_the_executed_notebook(digits):
    assert '"progress"' not in (digits / "default" / "03_rivals.ipynb").read_text()


@pytest.mark.slow
def test_an_entrant_that_raises_is_a_row_with_its_error_and_the_build_is_red(tmp_path, write_idx):
    """Of two images, one a class, no model of several images' spread can be made."""
    folder = tmp_path / "two"
    folder.mkdir()
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8), dtype=np.uint8)
    for part in ("train", "t10k"):
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", np.array([0, 1], np.uint8))
    with pytest.raises(ExecutionError, match=r"found errors of .*LDA \(ValueError: "):
        press(tmp_path / "reports", dataset=folder, trainings=1)
    assert not (tmp_path / "reports" / "default").exists()
    left = (tmp_path / "reports" / "failed" / "default" / "03_rivals.ipynb").read_text()
    assert "failed: ValueError" in left
    assert "network, NumPy alone" in left


@pytest.mark.slow
def test_what_the_project_keeps_is_shown_where_it_fits(tmp_path):
    """A notebook beside which a rival of these data and settings is kept."""
    data = datasets.load("digits")
    terms = Terms({"processor": "abacus"}, training_images=5000)
    rival = [rival for rival in RIVALS if rival.name == "nystroem_svm"]
    results = contest.hold(data, entrants.rival_entrants(rival, data, terms), terms)
    folder = tmp_path / "notebooks"
    kept = contest.keepable(data, terms, results)
    measured.write(folder / "measured" / "rivals.json", kept)
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(notebook, folder)
    report = pressed.press(folder / "03_rivals.ipynb", tmp_path / "reports", dataset="digits")
    assert "hollow in the figures: 1, measured" in text(report)
    assert "abacus" in text(report)
    assert "nystroem_svm_test_accuracy" in manifest(report)["results"]
    assert "Not measured on these data and settings: decision tree" in text(report)


@pytest.mark.parametrize("name", ["quick", "full"])
def test_each_profile_gives_parameters_that_its_notebooks_have(name):
    for notebook, given in read_profile(NOTEBOOKS / "profiles" / f"{name}.yaml").items():
        path = NOTEBOOKS / f"{notebook}.ipynb"
        resolve(read_parameters(nbformat.read(path, as_version=4), path.name), given)


@pytest.mark.slow
def test_mnists_rivals_score_what_they_should(tmp_path, real_mnist, monkeypatch):
    """The majority class of MNIST is the digit 1: 1,135 of 10,000 test images."""
    monkeypatch.setenv("HANDWRITING_DATA", str(real_mnist.parent))
    results = manifest(press(tmp_path, dataset="mnist"))["results"]
    assert results["dummy_test_accuracy"] == 0.1135
    assert results["qda_test_accuracy"] > 0.9
    assert results["network_test_accuracy"] > 0.9
