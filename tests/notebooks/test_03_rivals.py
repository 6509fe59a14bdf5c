"""The rivals' notebook, run by the real press on small real and made data."""

import re
import shutil
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import pressed
import pytest
from pressed import NOTEBOOKS, SMALL, details, manifest, text

from handwriting.baselines import benchmark, kept, pipelines
from handwriting.baselines.classifiers import CLASSIFIERS
from handwriting.baselines.timing import Conditions
from handwriting.data import registry
from handwriting.results import store
from notebook_press.parameters import read_parameters, read_profile, resolve

NAME = "03_rivals"
press = partial(pressed.press, NOTEBOOKS / f"{NAME}.ipynb")


@pytest.fixture
def digits(kept_reports) -> Path:
    """The report on scikit-learn's digits, of which everything was measured."""
    return kept_reports / "default" / NAME


@pytest.fixture
def again(kept_reports) -> Path:
    """The same, made from the cache."""
    return kept_reports / "again" / NAME


def test_the_report_on_digits_has_its_verdict_and_its_numbers(digits):
    results = manifest(digits)["results"]
    assert "The claim" in manifest(digits)["answer"]
    assert results["rivals"] == 8
    assert 0.08 < results["dummy_test_accuracy"] < 0.13
    assert results["network_test_accuracy"] > 0.9
    assert results["network_seconds_single_numpy_alone"] > 0


def test_a_second_report_comes_from_the_cache_and_says_so(digits, again):
    first, second = manifest(digits), manifest(again)
    assert first["results"] == second["results"]
    assert second["seconds"] < first["seconds"]
    assert "Measured for this report: 9 entrants." in text(digits)
    assert "cache: 9 entrants, measured" in text(again)


def test_what_the_project_keeps_of_mnist_is_not_shown_on_digits(digits):
    assert not re.search(r"Kept with the project, hollow in the figures: \d", text(digits))
    assert "rbf_svm_test_accuracy" not in manifest(digits)["results"]


def test_every_figure_has_words_with_numbers(digits):
    shown = details(digits, "figure")
    assert len(shown) == 8
    assert all(each["caption"] and each["alt"] for each in shown)
    assert all(any(letter.isdigit() for letter in each["alt"]) for each in shown)


def test_progress_is_not_part_of_the_executed_notebook(digits):
    assert '"progress"' not in digits.with_suffix(".ipynb").read_text()


@pytest.mark.slow
def test_a_rival_that_cannot_learn_from_so_little_is_a_row_with_its_error(tmp_path):
    """Of two images, one a class, no model of several images' spread can be made."""
    folder = tmp_path / "two"
    folder.mkdir()
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8), dtype=np.uint8)
    for part in ("train", "t10k"):
        pressed.write_idx(folder / f"{part}-images-idx3-ubyte.gz", images)
        pressed.write_idx(folder / f"{part}-labels-idx1-ubyte.gz", np.array([0, 1]))
    report = press(reports=tmp_path / "reports", profile=SMALL, dataset=folder) / NAME
    assert "failed: TooFewImagesError: expected more training images" in text(report)
    assert "Could not be measured, for reasons that the table of times gives" in text(report)


@pytest.mark.slow
def test_what_the_project_keeps_is_shown_where_it_fits(tmp_path):
    """A notebook beside which a rival of these data and settings is kept."""
    data = registry.load("digits")
    terms = Conditions({"processor": "abacus"})
    rival = [rival for rival in CLASSIFIERS if rival.name == "nystroem_svm"]
    results = benchmark.run(data, pipelines.entrants(rival, data, terms), terms)
    folder = tmp_path / "notebooks"
    stored = kept.entries(data, terms, results)
    store.write(folder / "measured" / "rivals.json", stored)
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(notebook, folder)
    options = {"reports": tmp_path / "reports", "profile": SMALL, "dataset": "digits"}
    report = pressed.press(folder / f"{NAME}.ipynb", **options) / NAME
    assert "hollow in the figures: 1 entrant, timed" in text(report)
    assert "abacus: Nyström + linear SVM" in text(report)
    assert "nystroem_svm_test_accuracy" in manifest(report)["results"]
    assert "Not measured on these data and settings: decision tree" in text(report)


@pytest.mark.parametrize("name", ["quick", "full"])
def test_each_profile_gives_parameters_that_its_notebooks_have(name):
    for notebook, given in read_profile(NOTEBOOKS / "profiles" / f"{name}.yaml").items():
        path = NOTEBOOKS / f"{notebook}.ipynb"
        resolve(read_parameters(nbformat.read(path, as_version=4), path.name), given)


@pytest.mark.slow
def test_mnists_rivals_score_what_they_should(kept_reports_on_mnist):
    """The majority class of MNIST is the digit 1: 1,135 of 10,000 test images."""
    results = manifest(kept_reports_on_mnist / NAME)["results"]
    assert results["dummy_test_accuracy"] == 0.1135
    assert results["qda_test_accuracy"] > 0.9
    assert results["network_test_accuracy"] > 0.9
