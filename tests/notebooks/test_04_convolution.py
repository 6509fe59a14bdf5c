"""The notebook on convolutional networks, run by the real press on small real data."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from handwriting import datasets, measured, recipes, trials
from handwriting.measured import Cache
from notebook_press.build import Request, build
from notebook_press.parameters import parse_assignments, read_profile

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
NAME = "04_convolution"
PROFILE = read_profile(NOTEBOOKS / "profiles" / "quick.yaml")


def press(reports: Path, folder: Path = NOTEBOOKS, **parameters: object) -> Path:
    """Build the report in profile quick; return the folder that it is in."""
    given = parse_assignments([(name, str(value)) for name, value in parameters.items()])
    request = Request(
        notebooks=(folder / f"{NAME}.ipynb",), given=given, profile=PROFILE, reports=reports
    )
    build(request, Console(quiet=True))
    return reports / "default"


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    """A cache that the reports of this module share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def shared_cache(own_cache, cache, monkeypatch) -> None:
    monkeypatch.setenv("HANDWRITING_CACHE", str(cache))


@pytest.fixture(scope="module")
def digits(tmp_path_factory, cache) -> Path:
    """The report on scikit-learn's digits, trained and, in another folder, from the cache."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HANDWRITING_CACHE", str(cache))
        first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
        for folder in (first, second):
            press(folder, dataset="digits")
    (second / "default").rename(first / "again")
    return first


def manifest(report: Path) -> dict:
    return json.loads((report / f"{NAME}.json").read_text())


def text(report: Path) -> str:
    return (report / f"{NAME}.html").read_text(encoding="utf-8")


def test_the_report_on_digits_has_its_answer_and_its_numbers(digits):
    found = manifest(digits / "default")
    assert "of training on" in found["answer"]
    assert found["results"]["small_test_accuracy"] > 0.9
    assert found["results"]["dense_test_accuracy"] > 0.9
    assert found["results"]["ensemble_members"] == 2


def test_a_second_report_comes_from_the_cache_and_says_so(digits):
    first, second = manifest(digits / "default"), manifest(digits / "again")
    assert first["results"] == second["results"]
    assert "Trained for this report: 6 networks" in text(digits / "default")
    assert "Trained for this report: 0 networks" in text(digits / "again")
    assert "From this machine\N{RIGHT SINGLE QUOTATION MARK}s cache: 6, trained" in text(
        digits / "again"
    )


def test_what_is_not_measured_here_is_not_shown(digits):
    assert "Kept with the project" not in text(digits / "default")
    assert "the profile <code>full</code> measures it" in text(digits / "default")
    assert "wide_test_accuracy" not in manifest(digits / "default")["results"]


def test_every_figure_has_words_with_numbers(digits):
    notebook = nbformat.read(digits / "default" / f"{NAME}.ipynb", as_version=4)
    shown = [
        output.metadata["notebook_press"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "display_data"
        and output.metadata["notebook_press"]["kind"] == "figure"
    ]
    assert len(shown) in (9, 10)  # one more where some digit is read by nobody
    assert all(details["caption"] and details["alt"] for details in shown)


def test_nothing_is_printed_besides(digits):
    notebook = nbformat.read(digits / "default" / f"{NAME}.ipynb", as_version=4)
    assert not [
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stdout"
    ]


def test_what_the_project_keeps_is_shown_where_it_fits(tmp_path, cache):
    """A notebook beside which LeNet-5 on these data is kept."""
    data = datasets.load("digits")
    folder = tmp_path / "notebooks"
    tried = trials.hold(
        data, [recipes.LENET_5], (0,), {"processor": "abacus"}, cache=Cache(tmp_path / "cache")
    )
    measured.write(folder / "measured" / "convolution.json", trials.keep(tried, data))
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(notebook, folder)
    report = press(tmp_path / "reports", folder, dataset="digits")
    assert "hollow in the figures: 1, trained" in text(report)
    assert "abacus" in text(report)
    assert manifest(report)["results"]["lenet_5_test_accuracy"] > 0.8


def test_mnists_numbers_are_what_they_should_be(tmp_path, real_mnist, monkeypatch):
    """Of 5,000 of its images, a convolutional network learns more than a dense one."""
    monkeypatch.setenv("HANDWRITING_DATA", str(real_mnist.parent))
    results = manifest(press(tmp_path, dataset="mnist"))["results"]
    assert 0.9 < results["dense_test_accuracy"] < results["small_test_accuracy"] < 1
