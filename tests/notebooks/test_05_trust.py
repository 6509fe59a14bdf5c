"""The notebook on trust, run by the real press on small real data."""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pressed
import pytest
from pressed import NOTEBOOKS, details, manifest, outputs, said, shown

NAME = "05_trust"
press = partial(pressed.press, NOTEBOOKS / f"{NAME}.ipynb")


@pytest.fixture
def digits(kept_reports) -> Path:
    """The report on scikit-learn's digits, with foreign images found for it."""
    return kept_reports / "default" / NAME


def test_the_report_on_digits_has_its_answer_and_its_numbers(digits):
    found = manifest(digits)
    assert "the small network reads" in found["answer"]
    assert 0.9 < found["results"]["test_accuracy"] <= 1
    assert found["results"]["test_accuracy_low"] < found["results"]["test_accuracy"]
    assert found["results"]["worst_damaged_accuracy"] < found["results"]["test_accuracy"]


def test_of_digits_nobody_knows_the_writers(digits):
    assert "Who wrote these test images is not known here" in said(digits)
    assert "design_effect" not in manifest(digits)["results"]
    captions = [each["caption"] for each in details(digits, "figure")]
    assert not [line for line in captions if "writers" in line]


def test_no_label_of_digits_is_disputed(digits):
    (alternative, *_) = [output.data["text/plain"] for output in shown(digits, "figure")]
    assert "small network, images are independent" in alternative
    assert "disputed" not in alternative


def test_digits_are_not_told_from_themselves_nor_read_as_if_from_elsewhere(digits):
    assert {each["name"]: each["value"] for each in manifest(digits)["parameters"]}[
        "foreigners"
    ] == "scrambled"
    assert "(scrambled digits)" in said(digits)
    assert "scikit-learn's digits, enlarged" not in said(digits)


def test_labels_that_look_wrong_are_counted_among_those_that_were_looked_at(digits):
    assert "of 1,437 training labels" in said(digits)


def test_the_second_report_says_the_same_from_the_cache(digits, kept_reports):
    again = kept_reports / "again" / NAME
    assert manifest(digits)["results"] == manifest(again)["results"]
    assert said(digits) == said(again)  # the seconds of training, too


def test_every_figure_has_words_with_numbers(digits):
    found = details(digits, "figure")
    assert len(found) in (10, 11, 12)  # one more where sets hold several, or labels look wrong
    assert all(each["caption"] and each["alt"] for each in found)


def test_nothing_is_printed_besides(digits):
    assert not [
        output.text
        for output in outputs(digits)
        if output.output_type == "stream" and output.name == "stdout"
    ]


def test_foreign_images_of_another_size_are_refused_before_a_kernel_starts(tmp_path):
    for stem in ("train", "t10k"):
        pressed.write_idx(tmp_path / f"{stem}-images-idx3-ubyte.gz", np.zeros((3, 9, 8)))
        pressed.write_idx(tmp_path / f"{stem}-labels-idx1-ubyte.gz", np.array([0, 1, 2]))
    with pytest.raises(pressed.NotPressedError) as refused:
        press(reports=tmp_path / "reports", dataset="digits", foreigners=tmp_path)
    assert re.search(r"of 8 by 8 pixels, .* found 9 by 8 pixels", str(refused.value))
    assert "running" not in str(refused.value)


@pytest.fixture
def mnist(real_mnist, request) -> Path:
    """The report on 5,000 images of real MNIST."""
    if not (real_mnist.parent / "qmnist").is_dir():
        pytest.skip("needs QMNIST's files beside MNIST's")
    return request.getfixturevalue("kept_reports_on_mnist") / NAME


@pytest.mark.slow
def test_mnists_accuracy_is_told_in_four_ways(mnist):
    (alternative, *_) = [output.data["text/plain"] for output in shown(mnist, "figure")]
    assert "small network, images are independent" in alternative
    assert "small network, writers are independent" in alternative
    assert "small network, disputed labels count for it" in alternative
    assert "small network, disputed labels count against it" in alternative


@pytest.mark.slow
def test_fifteen_disputed_labels_leave_the_number_of_mistakes_open(mnist):
    found = re.findall(r"misreads \*\*([\d,]+) to ([\d,]+)\*\* of the test images", said(mnist))
    bounds = [[int(each.replace(",", "")) for each in pair] for pair in found]
    assert [most - fewest for fewest, most in bounds] == [15, 15]


@pytest.mark.slow
def test_mnists_writers_make_its_accuracy_less_sure(mnist):
    results = manifest(mnist)["results"]
    assert results["design_effect"] > 1.2
    assert 0.9 < results["test_accuracy_low"] < results["test_accuracy"]


@pytest.mark.slow
def test_the_first_half_of_mnists_test_is_the_harder_one(mnist):
    """Of the students' digits more are misread, whatever MNIST's makers wrote."""
    assert said(mnist).count("times** as often on hsf_4 as on hsf_0") == 2


@pytest.mark.slow
def test_other_peoples_digits_are_read_worse(mnist):
    assert "Of scikit-learn's digits, enlarged, the" in said(mnist)


@pytest.mark.slow
def test_the_card_counts_the_people(mnist):
    table = shown(mnist, "table")[-1].data["text/markdown"]
    assert "297 others what they are judged by" in table
    counts = re.search(r"([\d,]+) images of MNIST, and ([\d,]+) more for validation", table)
    assert sum(int(each.replace(",", "")) for each in counts.groups()) == 5_000


@pytest.mark.slow
def test_the_answer_is_a_mean_over_trainings_with_its_interval(mnist):
    assert "correctly on average over" in manifest(mnist)["answer"]
    results = manifest(mnist)["results"]
    assert f"interval {results['test_accuracy_low']:.2%} to" in manifest(mnist)["answer"]
