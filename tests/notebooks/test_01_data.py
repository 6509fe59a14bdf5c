"""The notebook on the data themselves, run by the real press on real and made data."""

import base64
import os
import re
from functools import partial
from pathlib import Path

import numpy as np
import pressed
import pytest
from PIL import Image
from pressed import NOTEBOOKS, SMALL, details, manifest, outputs, shown, text

NAME = "01_data"
SECRETS = ("somebody's camera", "12 Hidden Lane", "2031:05:17", "a remark of mine")
press = partial(pressed.press, NOTEBOOKS / f"{NAME}.ipynb")


@pytest.fixture
def digits(kept_reports) -> Path:
    """The report on scikit-learn's digits."""
    return kept_reports / "default" / NAME


def test_the_report_on_digits_has_its_answer_and_its_numbers(digits):
    found = manifest(digits)
    assert "there are **1,797 images**. No test image is a copy" in found["answer"]
    assert found["results"]["copied_test_images"] == 0
    assert found["results"]["disputed_test_labels"] == 0
    assert 0 < found["results"]["misled_share"] < 0.05
    assert "writers" not in found["results"]


def test_sections_on_what_nobody_knows_go_and_the_page_says_so(digits):
    assert "Who wrote these images is not known here" in text(digits)
    assert "For these data nobody is known to have asked" in text(digits)
    assert len(shown(digits, "figure")) == 8
    assert len(shown(digits, "table")) == 2  # of what goes with mistakes, and of the files


def test_every_figure_has_words_with_numbers(digits):
    for each in details(digits, "figure"):
        assert each["caption"]
        assert any(letter.isdigit() for letter in each["alt"])


def test_nothing_is_printed_and_nothing_is_warned_of(digits):
    assert not [each.text for each in outputs(digits) if each.output_type == "stream"]


def test_a_second_report_is_the_same(digits, kept_reports):
    again = kept_reports / "again" / NAME
    assert manifest(again)["results"] == manifest(digits)["results"]
    assert shown(again, "figure") == shown(digits, "figure")


@pytest.mark.slow
def test_a_second_report_comes_from_the_cache(tmp_path):
    press(reports=tmp_path, run="first", profile=SMALL, dataset="digits")
    (kept,) = Path(os.environ["HANDWRITING_CACHE"], "results").glob("survey-*.json")
    before = kept.stat()
    press(reports=tmp_path, run="second", profile=SMALL, dataset="digits")
    assert kept.stat().st_mtime_ns == before.st_mtime_ns


def test_a_folder_may_have_many_classes_whose_numbers_have_a_gap(kept_reports):
    report = kept_reports / "folder" / NAME
    assert manifest(report)["results"]["classes"] == pressed.LETTERS
    assert f"classes ({pressed.LETTERS}) went from 0 to {pressed.LETTERS}." in text(report)


@pytest.mark.slow
def test_a_class_that_nobody_could_learn_makes_a_strict_build_red(tmp_path):
    for part, labels in (("train", [0, 2, 0, 2]), ("t10k", [0, 1])):
        images = np.arange(len(labels) * 64).reshape(-1, 8, 8)
        pressed.write_idx(tmp_path / f"{part}-images-idx3-ubyte.gz", images)
        pressed.write_idx(tmp_path / f"{part}-labels-idx1-ubyte.gz", np.array(labels))
    with pytest.raises(pressed.NotPressedError, match="that no training image has: 1 of 2"):
        press(reports=tmp_path / "reports", strict=True, dataset=tmp_path)


@pytest.mark.slow
@pytest.mark.promise("Nothing that a picture's file says of its camera or its place is published.")
def test_where_a_picture_was_taken_is_in_no_file_that_is_written(tmp_path):
    random = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x010F], exif[0x010E] = SECRETS[:2]
    place = exif.get_ifd(0x8825)
    place.update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0), 29: SECRETS[2]})
    for number in range(24):
        path = tmp_path / "mine" / "ab"[number % 2] / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(random.integers(0, 256, (12, 12), np.uint8))
        picture.save(path, exif=exif, comment=SECRETS[3])
        assert all(secret.encode() in path.read_bytes() for secret in SECRETS)
    press(reports=tmp_path / "reports", profile=SMALL, dataset=tmp_path / "mine")
    written = [
        *(tmp_path / "reports").rglob("*"),
        *Path(os.environ["HANDWRITING_CACHE"]).rglob("*"),
    ]
    written = [each.read_bytes() for each in written if each.is_file()]
    assert len(written) > 4  # page, paper, notebook and manifest, and what the cache keeps
    for content in written:
        hidden = [base64.b64decode(each) for each in re.findall(rb"(?:[\w+/]{4}){20,}", content)]
        for whole in (content, *hidden):
            assert [each for each in (*SECRETS, "Exif") if each.encode() in whole] == []


@pytest.mark.slow
def test_mnists_numbers_are_what_they_should_be(real_mnist, request):
    """Its writers are those that QMNIST's authors traced; no image of it is a copy of another."""
    if not (real_mnist.parent / "qmnist").is_dir():
        pytest.skip("needs QMNIST's files beside MNIST's")
    report = request.getfixturevalue("kept_reports_on_mnist") / NAME
    results, page = manifest(report)["results"], text(report)
    assert results["images"] == 70_000
    assert results["writers"] == 539 + 297
    assert results["copied_test_images"] == 0
    assert results["disputed_test_labels"] == 15
    assert "<strong>539 writers</strong> wrote the training images" in page
    assert "<strong>297 writers</strong> wrote the test images" in page
    assert len(shown(report, "figure")) == 11
    assert len(shown(report, "table")) == 3
