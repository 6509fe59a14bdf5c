"""The notebook itself, run by the real press and by plain papermill on small real and made data."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pytest
from rich.console import Console

from notebook_press.build import Request, build
from notebook_press.parameters import parse_assignments

NOTEBOOK = Path(__file__).parent.parent.parent / "notebooks" / "02_network.ipynb"
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


def press(reports: Path, **parameters: object) -> Path:
    """Build the report, HTML and PDF; return the folder that it is in."""
    given = parse_assignments([(name, str(value)) for name, value in parameters.items()])
    build(Request(notebooks=(NOTEBOOK,), given=given, reports=reports), Console(quiet=True))
    return reports / "default"


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


def manifest(report: Path) -> dict:
    return json.loads((report / "02_network.json").read_text())


def text(report: Path) -> str:
    return (report / "02_network.html").read_text(encoding="utf-8")


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
    notebook = nbformat.read(request.getfixturevalue(report) / "02_network.ipynb", as_version=4)
    kinds = [
        output.metadata["notebook_press"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "display_data"
    ]
    shown = [details for details in kinds if details["kind"] in ("figure", "interactive")]
    assert len(shown) >= 12
    assert all(details["caption"] and details["alt"] for details in shown)
    assert any(character.isdigit() for details in shown for character in details["alt"])


@pytest.mark.parametrize("ending", ["html", "pdf"])
def test_plain_nbconvert_makes_the_page_that_was_published(digits, tmp_path, ending):
    command = [SCRIPTS / "jupyter", "nbconvert", "--to", f"notebook-press-{ending}"]
    where = ["--output-dir", tmp_path, digits / "02_network.ipynb"]
    subprocess.run([*command, *where], check=True, capture_output=True)
    made = (tmp_path / f"02_network.{ending}").read_bytes()
    published = (digits / f"02_network.{ending}").read_bytes()
    assert made.rstrip() == published.rstrip()


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
