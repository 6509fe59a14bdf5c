"""The notebook itself, run by the real press and by plain papermill on small real and made data."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pressed
import pytest
from pressed import NOTEBOOKS, details, manifest, text

NOTEBOOK = NOTEBOOKS / "02_network.ipynb"
press = partial(pressed.press, NOTEBOOK, profile=None)
SCRIPTS = Path(sys.executable).parent


def stripes(folder: Path, write_idx: Callable[[Path, np.ndarray], None]) -> Path:
    """Write a data set of 12x10 images: three classes, each a bright band of its own and noise."""
    random = np.random.default_rng(0)
    folder.mkdir()
    for part, count in (("train", 300), ("t10k", 60)):
        labels = (np.arange(count) % 3).astype(np.uint8)
        images = random.integers(0, 120, (count, 12, 10), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[4 * label : 4 * label + 4] += 100
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels)
    return folder


@pytest.fixture(scope="module")
def digits(tmp_path_factory) -> Path:
    """The report on scikit-learn's digits, softmax, two networks."""
    return press(tmp_path_factory.mktemp("digits"), dataset="digits", repeats=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, write_idx) -> Path:
    """The report on a folder of IDX files, sigmoid, one network."""
    data = stripes(tmp_path_factory.mktemp("data") / "my <b>stripes", write_idx)
    reports = tmp_path_factory.mktemp("folder")
    return press(reports, dataset=data, repeats=1, epochs=3, output_activation="sigmoid")


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
    assert results["weights_and_biases"] == 120 * 128 + 128 + 128 * 3 + 3
    assert len(manifest(folder)["inputs"]) == 4


def test_a_folders_name_is_shown_and_its_place_is_not(folder):
    assert "my &lt;b&gt;stripes" in text(folder)
    assert "/data0/" not in text(folder) + (folder / "02_network.ipynb").read_text()


@pytest.mark.parametrize("report", ["digits", "folder"])
def test_every_figure_has_words(report, request):
    folder = request.getfixturevalue(report)
    shown = details(folder, "figure") + details(folder, "interactive")
    assert len(shown) >= 12
    assert all(each["caption"] and each["alt"] for each in shown)
    assert any(character.isdigit() for each in shown for character in each["alt"])


@pytest.mark.parametrize("ending", ["html", "pdf"])
def test_plain_nbconvert_makes_the_page_that_was_published(digits, tmp_path, ending):
    command = [SCRIPTS / "jupyter", "nbconvert", "--to", f"notebook-press-{ending}"]
    where = ["--output-dir", tmp_path, digits / "02_network.ipynb"]
    subprocess.run([*command, *where], check=True, capture_output=True)
    made = (tmp_path / f"02_network.{ending}").read_bytes()
    published = (digits / f"02_network.{ending}").read_bytes()
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
