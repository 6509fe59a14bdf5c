"""The notebook that reads photographs, run by the real press on small real data."""

import base64
import io
import re
from functools import partial
from pathlib import Path

import pressed
import pytest
from PIL import Image
from pressed import NOTEBOOKS, SECRETS, details, manifest, outputs, said, shown, text

NAME = "06_yours"
press = partial(pressed.press, NOTEBOOKS / f"{NAME}.ipynb")


@pytest.fixture
def made(kept_reports) -> Path:
    """The report on scikit-learn's digits, on a photograph that it made itself."""
    return kept_reports / "default" / NAME


@pytest.fixture
def own(kept_reports) -> Path:
    """The report on a photograph of somebody's."""
    return kept_reports / "photographs" / NAME


def test_without_a_photograph_it_says_that_it_made_one(made):
    (notice,) = [each for each in shown(made, "notice") if "photograph" in str(each.data)]
    assert "No photograph was named" in notice.data["text/markdown"]
    found = manifest(made)
    assert found["answer"].startswith("Of 60 test images on a photograph that this page made, ")
    results = found["results"]
    assert 0 < results["accuracy_found_and_read"] <= results["found_share"] <= 1
    assert results["accuracy_on_originals"] > 0.9


def test_what_was_not_measured_for_these_data_is_left_out(made):
    assert "It was not measured for " in said(made)
    assert not [each for each in details(made, "figure") if "get worse" in each["caption"]]


def test_it_trains_no_network_that_others_have_trained(made):
    assert manifest(made)["seconds"] < manifest(made.with_name("05_trust"))["seconds"]


@pytest.mark.promise("A page with somebody's photographs says that it holds their handwriting.")
def test_a_page_of_photographs_says_what_it_holds(own):
    notices = " ".join(each.data["text/markdown"] for each in shown(own, "notice"))
    assert "**This page holds a person's handwriting**, from 1 photograph," in notices


def test_photographs_are_inputs_under_neutral_names(own):
    assert {"photograph 1", "truth"} <= manifest(own)["inputs"].keys()


@pytest.mark.promise("What a photograph's file says besides its pixels reaches no page.")
@pytest.mark.parametrize("suffix", [".html", ".ipynb", ".json", ".pdf"])
def test_nothing_but_pixels_reaches_what_is_published(own, suffix):
    content = own.with_suffix(suffix).read_bytes()
    assert [each for each in (*SECRETS, "Ann in Rome") if each.encode() in content] == []


def test_no_picture_on_the_page_has_exif(own):
    pictures = re.findall(r"data:image/png;base64,([\w+/=\s]+)", text(own))
    pictures += re.findall(r"data:image/png;base64,([\w+/=\s]+)", drawings(own))
    assert pictures
    for each in pictures:
        opened = Image.open(io.BytesIO(base64.b64decode(each)))
        assert not opened.getexif()
        assert not {"exif", "xmp", "comment"} & {key.lower() for key in opened.info}


def drawings(report: Path) -> str:
    return "".join(output.data.get("image/svg+xml", "") for output in shown(report, "figure"))


def test_what_was_found_is_counted_by_what_the_name_says(own):
    found = manifest(own)
    assert found["results"]["digits_found"] == 2
    assert "Of 2 whose truth is known it reads" in found["answer"]


def test_every_figure_has_words(made, own):
    for report in (made, own):
        assert all(each["caption"] and each["alt"] for each in details(report, "figure"))


def test_nothing_is_printed_besides(made):
    assert not [
        output.text
        for output in outputs(made)
        if output.output_type == "stream" and output.name == "stdout"
    ]


def test_a_photograph_that_is_not_there_is_refused_before_a_kernel_starts(tmp_path):
    with pytest.raises(pressed.NotPressedError) as refused:
        press(reports=tmp_path / "reports", dataset="digits", images=tmp_path / "none.jpg")
    assert "expected a picture, or a folder" in str(refused.value)
    assert "running" not in str(refused.value)


@pytest.mark.slow
def test_mnists_digits_come_back_from_a_photograph(real_mnist, request):
    report = request.getfixturevalue("kept_reports_on_mnist") / NAME
    results = manifest(report)["results"]
    assert results["found_share"] >= 0.98
    assert results["accuracy_found_and_read"] >= results["accuracy_on_originals"] - 0.05
