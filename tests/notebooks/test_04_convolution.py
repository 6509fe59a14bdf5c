"""The notebook on convolutional networks, run by the real press on small real data."""

import re
import shutil
from functools import partial
from pathlib import Path

import pressed
import pytest
from pressed import NOTEBOOKS, SMALL, details, manifest, outputs, text

from handwriting.data import registry
from handwriting.models import config, training_runs
from handwriting.results import store

NAME = "04_convolution"
press = partial(pressed.press, NOTEBOOKS / f"{NAME}.ipynb")


@pytest.fixture
def digits(kept_reports) -> Path:
    """The report on scikit-learn's digits, of which every network was trained."""
    return kept_reports / "default" / NAME


@pytest.fixture
def again(kept_reports) -> Path:
    """The same, made from the cache."""
    return kept_reports / "again" / NAME


def test_the_report_on_digits_has_its_answer_and_its_numbers(digits):
    found = manifest(digits)
    assert "Training took" in found["answer"]
    assert found["results"]["small_test_accuracy"] > 0.9
    assert found["results"]["dense_test_accuracy"] > 0.9
    assert found["results"]["ensemble_members"] == 2


def test_a_second_report_comes_from_the_cache_and_says_so(digits, again):
    first, second = manifest(digits), manifest(again)
    assert first["results"] == second["results"]
    # The dense ones were trained for the report on the network, which came first.
    assert "Trained for this report: 4 networks." in text(digits)
    assert "Trained for this report: 0 networks." in text(again)
    assert "From this machine's cache: 6 networks, trained" in text(again)


def test_what_is_not_measured_here_is_not_shown(digits):
    assert not re.search(r"Kept with the project, hollow in the figures: \d", text(digits))
    assert "it needs the profile <code>full</code>" in text(digits)
    assert "wide_test_accuracy" not in manifest(digits)["results"]


def test_every_figure_has_words_with_numbers(digits):
    shown = details(digits, "figure")
    assert len(shown) in (9, 10)  # one more where some digit is read by nobody
    assert all(each["caption"] and each["alt"] for each in shown)


def test_nothing_is_printed_besides(digits):
    assert not [
        output.text
        for output in outputs(digits)
        if output.output_type == "stream" and output.name == "stdout"
    ]


@pytest.mark.slow
def test_what_the_project_keeps_is_shown_where_it_fits(tmp_path):
    """A notebook beside which LeNet-5 on these data is kept."""
    data = registry.load("digits")
    folder = tmp_path / "notebooks"
    tried = training_runs.run(data, [config.LENET_5], (0,), {"processor": "abacus"})
    store.write(folder / "measured" / "convolution.json", training_runs.entries(tried, data))
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(notebook, folder)
    options = {"reports": tmp_path / "reports", "profile": SMALL, "dataset": "digits"}
    report = pressed.press(folder / f"{NAME}.ipynb", **options) / NAME
    assert "hollow in the figures: 1 network, trained on" in text(report)
    assert manifest(report)["results"]["lenet_5_test_accuracy"] > 0.8


@pytest.mark.slow
def test_mnists_numbers_are_what_they_should_be(kept_reports_on_mnist):
    """Of 5,000 of its images, a convolutional network learns more than a dense one."""
    results = manifest(kept_reports_on_mnist / NAME)["results"]
    assert 0.9 < results["dense_test_accuracy"] < results["small_test_accuracy"] < 1
