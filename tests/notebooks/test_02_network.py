"""The notebook itself, run by the real press and by plain papermill on small real and made data."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from pressed import KEPT, LETTERS, NOTEBOOKS, details, manifest, text

from handwriting.data import registry
from handwriting.experiments import network
from handwriting.models import config
from handwriting.results import store
from notebook_press.parameters import read_parameters

NAME = "02_network"
NOTEBOOK = NOTEBOOKS / f"{NAME}.ipynb"
SCRIPTS = Path(sys.executable).parent


@pytest.fixture
def digits(kept_reports) -> Path:
    """The report on scikit-learn's digits, softmax, two networks."""
    return kept_reports / "default" / NAME


@pytest.fixture
def folder(kept_reports) -> Path:
    """The report on a folder of IDX files, sigmoid, one network."""
    return kept_reports / "folder" / NAME


def test_unless_told_otherwise_it_trains_the_dense_network_of_the_other_reports():
    """Its defaults stand in its parameters cell and in `models/config.py`: change both."""
    given = {each.name: each.default for each in read_parameters(nbformat.read(NOTEBOOK, 4), NAME)}
    names = "hidden_units", "output_activation", "epochs", "batch_size", "learning_rate"
    assert network.configuration(*(given[name] for name in names)) == config.DENSE


def test_what_is_kept_was_trained_as_its_sentence_says():
    plan, kept = config.PLAIN.plan, store.read(NOTEBOOKS / "measured" / "network.json")
    assert (plan.learning_rate, plan.batch_size, plan.epochs) == (0.001, 32, 5)
    assert (plan.validation_share, plan.label_smoothing) == (0, 0)
    assert {each.key["recipe"] for each in kept} == {config.PLAIN.parameters}
    assert [each.key["seed"] for each in kept] == list("01234")


@pytest.mark.slow
def test_networks_that_are_trained_plainly_are_kept_and_found_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = registry.load("digits")
    assert network.trained_plainly(data, {}) is None
    monkeypatch.setenv("HANDWRITING_KEEP", str(tmp_path / "measured"))
    made = network.trained_plainly(data, {})
    monkeypatch.delenv("HANDWRITING_KEEP")
    found = network.trained_plainly(data, {})
    assert found.accuracy.values == made.accuracy.values
    assert (found.kept, found.size, found.accuracy.mean > 0.9) == (True, 5, True)


def test_the_report_on_digits_has_its_numbers(digits):
    results = manifest(digits)["results"]
    assert results["trainings"] == 2
    assert results["weights_and_biases"] == 64 * 128 + 128 + 128 * 10 + 10
    assert 0.9 < results["test_accuracy_low"] < results["test_accuracy"] <= 1


def test_the_comparison_with_the_original_analysis_is_made_on_mnist_only(digits, folder):
    assert "97.27%" not in text(digits)
    assert "97.27%" not in text(folder)


def test_the_outputs_of_softmax_are_probabilities_and_those_of_sigmoid_are_scores(digits, folder):
    assert "the probability of that" in text(digits)
    assert "the score of that" in text(folder)


def test_a_folder_is_read_as_it_is(folder):
    results = manifest(folder)["results"]
    assert results["weights_and_biases"] == 120 * 128 + 128 + 128 * LETTERS + LETTERS
    assert len(manifest(folder)["inputs"]) == 4


def test_a_folders_name_is_shown_and_its_place_is_not(folder):
    assert "my &lt;b&gt;letters" in text(folder)
    assert f"/{KEPT.name}/" not in text(folder) + folder.with_suffix(".ipynb").read_text()


@pytest.mark.parametrize("run", ["default", "folder"])
def test_every_figure_has_words(run, kept_reports):
    report = kept_reports / run / NAME
    shown = details(report, "figure") + details(report, "interactive")
    assert len(shown) >= 12
    assert all(each["caption"] and each["alt"] for each in shown)
    assert any(character.isdigit() for each in shown for character in each["alt"])


@pytest.mark.parametrize("ending", ["html", pytest.param("pdf", marks=pytest.mark.slow)])
def test_plain_nbconvert_makes_the_page_that_was_published(digits, tmp_path, ending):
    command = [SCRIPTS / "jupyter", "nbconvert", "--to", f"notebook-press-{ending}"]
    where = ["--output-dir", tmp_path, digits.with_suffix(".ipynb")]
    subprocess.run([*command, *where], check=True, capture_output=True)
    made = (tmp_path / f"02_network.{ending}").read_bytes()
    published = digits.with_suffix(f".{ending}").read_bytes()
    assert made.rstrip() == published.rstrip()


@pytest.mark.slow
def test_plain_papermill_runs_it_and_its_page_opens_with_the_notice(tmp_path):
    """`auto` has nothing but digits here, and says so without the press as well."""
    executed = tmp_path / "executed.ipynb"
    command = [SCRIPTS / "papermill", NOTEBOOK, executed, "--cwd", NOTEBOOK.parent]
    few = ["-p", "repeats", "1", "-p", "epochs", "2"]
    subprocess.run([*command, *few], check=True, capture_output=True)
    convert = [SCRIPTS / "jupyter", "nbconvert", "--to", "notebook-press-html", executed]
    subprocess.run(convert, check=True, capture_output=True)
    page = executed.with_suffix(".html").read_text(encoding="utf-8")
    assert "MNIST could not be had" in page[: page.index("<h2")]
