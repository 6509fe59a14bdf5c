"""Figures to explore, as HTML: complete, safe, and small enough for a page."""

import base64
import io
import json
import re

import numpy as np
import pytest
from lxml import html as parser
from PIL import Image

from handwriting import explorer
from handwriting.data import registry
from handwriting.data.label_disputes import Dispute
from handwriting.data.photographs.framing import Framing, framing
from handwriting.errors import SettingError
from handwriting.evaluation.classification import classification
from handwriting.explorer.canvas import quantise
from handwriting.models.dense_network import Layers

NAMES = ("nought", "one", "<script>two()</script>")
#               right          0 as 1          right          1 as 2
SCORES = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.6, 0.4, 0], [0, 0.3, 0.7]])
LABELS = np.array([0, 0, 0, 1])
READ = classification(LABELS, SCORES, NAMES)
IMAGES = np.arange(4 * 6, dtype=np.uint8).reshape(4, 2, 3) * 10
BLANK = np.zeros((1, 28, 28), np.uint8)
DISPUTES = (Dispute(1, 0, (1,)), Dispute(2, 0, (0, 1)), Dispute(3, 1, ()))


@pytest.fixture
def confusion():
    return parser.fromstring(explorer.confusion(IMAGES, READ).html)


@pytest.fixture
def gallery():
    return parser.fromstring(explorer.gallery(IMAGES, READ).html)


@pytest.fixture
def disputed_pairs():
    html = explorer.confusion(IMAGES, READ, disputes=DISPUTES).html
    return parser.fromstring(html)


@pytest.fixture
def disputed_gallery():
    html = explorer.gallery(IMAGES, READ, disputes=DISPUTES).html
    return parser.fromstring(html)


@pytest.fixture
def layers():
    draw = np.random.default_rng(0).normal
    return Layers(draw(size=(6, 4)), draw(size=4), draw(size=(4, 3)), draw(size=3))


def text(element):
    return " ".join(element.text_content().split())


def indices(pair):
    return [int(each.text) for each in pair.findall(".//li/b")]


def pixels(image):
    data = base64.b64decode(image.get("src").removeprefix("data:image/png;base64,"))
    return 255 - np.asarray(Image.open(io.BytesIO(data)))


def test_a_pair_holds_its_images_by_index(confusion):
    found = {each.get("id"): indices(each) for each in confusion.iter("details")}
    assert found == {"pair-0-0": [2, 0], "pair-0-1": [1], "pair-1-2": [3]}


def test_what_was_read_rightly_comes_least_certain_first(confusion):
    assert text(confusion.get_element_by_id("pair-0-0")).endswith("of nought.260.0%090.0%")


def test_a_cell_says_count_and_share_of_its_row(confusion):
    summary = confusion.get_element_by_id("pair-0-1").find("summary")
    assert [each.text for each in summary] == ["1", "33.3"]
    assert summary.get("aria-label") == "nought read as one: 1, 33.3%"


def test_nothing_is_behind_a_zero(confusion):
    assert [text(cell) for cell in confusion.find_class("none")] == ["0"] * 6
    assert not [each for cell in confusion.find_class("none") for each in cell]


def test_of_many_classes_what_was_never_read_stays_empty():
    many = classification(LABELS, np.pad(SCORES, ((0, 0), (0, 10))), tuple("abcdefghijklm"))
    matrix = parser.fromstring(explorer.confusion(IMAGES, many).html)
    assert {text(cell) for cell in matrix.find_class("none")} == {""}
    assert len(matrix.findall(".//details")) == 3


def test_one_pair_is_open_and_all_share_a_name(confusion):
    pairs = list(confusion.iter("details"))
    assert len([pair for pair in pairs if pair.get("open") is not None]) == 1
    assert {pair.get("name") for pair in pairs} == {"confusion-pair"}


def test_header_cells_have_scopes_and_the_table_a_caption(confusion):
    assert {each.get("scope") for each in confusion.iter("th")} == {"col", "colgroup", "row"}
    assert confusion.find(".//caption") is not None


def test_of_what_was_read_rightly_24_are_shown_and_all_counted():
    scores = np.tile([0.6, 0.4], (30, 1))
    images, read = np.zeros((30, 2, 2), np.uint8), classification([0] * 30, scores, ("a", "b"))
    pair = parser.fromstring(explorer.confusion(images, read).html).get_element_by_id("pair-0-0")
    assert len(indices(pair)) == 24
    assert "30 test images. The 24 least certain, each" in text(pair)


def test_a_network_that_errs_without_end_does_not_fill_the_page():
    scores = np.tile([0.4, 0.6], (5000, 1))
    images, read = np.zeros((5000, 2, 2), np.uint8), classification([0] * 5000, scores, ("a", "b"))
    pair = parser.fromstring(explorer.confusion(images, read).html)
    assert "5,000 test images. The 400 surest, each" in text(pair)
    shown = parser.fromstring(explorer.gallery(images, read).html)
    assert "5,000 misread test images; the 200 surest are shown" in text(shown)


def test_an_image_is_itself_to_the_pixel(confusion):
    image = confusion.get_element_by_id("pair-1-2").find(".//img")
    np.testing.assert_array_equal(pixels(image), IMAGES[3])


def test_the_gallery_opens_with_the_surest_mistake(gallery):
    truths = [(item.get("data-truth"), item.get("data-prediction")) for item in gallery.iter("li")]
    assert [pair for pair in truths if pair != (None, None)] == [("0", "1"), ("1", "2")]


def test_a_digit_opens_with_the_score_of_each_class(gallery):
    rows = gallery.find_class("bars")[0]
    assert [text(row) for row in rows] == ["nought20.0%", "one80.0%", f"{NAMES[2]}0.0%"]
    assert [row.find("i").get("style") for row in rows] == ["width:20%", "width:80%", None]


def test_scores_that_are_no_probabilities_are_not_in_percent():
    found = explorer.gallery(IMAGES, READ, score_name="score")
    assert "score 0.800" in found.html
    assert "%" not in re.sub(r'"width:\d+%"', "", found.html)


def test_a_network_that_errs_nowhere_has_an_empty_gallery():
    read = classification(LABELS[:1], SCORES[:1], NAMES)
    assert "0 misread test images" in explorer.gallery(IMAGES[:1], read).html
    assert "pair-0-0" in explorer.confusion(IMAGES[:1], read).html


def test_an_image_whose_label_is_disputed_says_what_people_read(disputed_pairs):
    items = {each.find("b").text: text(each) for each in disputed_pairs.iter("li")}
    assert items == {
        "0": "090.0%",
        "1": "180.0% label disputed: people read one",
        "2": "260.0% label disputed: people read nought or one",
        "3": "370.0% label disputed: people do not read one",
    }


def test_a_number_says_that_a_disputed_label_is_behind_it(disputed_pairs):
    summary = disputed_pairs.get_element_by_id("pair-0-0").find("summary")
    assert text(summary).endswith("*")
    assert summary.get("aria-label").endswith(": 2, 66.7%; 1 disputed label")


def test_a_misread_digit_whose_label_is_disputed_says_so_closed_and_open(disputed_gallery):
    first = next(each for each in disputed_gallery.iter("details"))
    assert text(first.find("summary")) == "nought as one disputed"
    assert "Test image 1. Label disputed: people read one." in text(first.find("div/p"))


@pytest.mark.parametrize("figure", ["disputed_pairs", "disputed_gallery"])
def test_what_a_disputed_label_is_stands_there_once(figure, request):
    assert text(request.getfixturevalue(figure)).count("five people looked at the image") == 1


def test_misread_digits_are_sorted_by_dispute_where_there_is_one(gallery, disputed_gallery):
    assert [text(each) for each in gallery.iter("button")] == ["Confidence", "Truth", "Read as"]
    assert text(list(disputed_gallery.iter("button"))[-1]) == "Disputed"
    mixed = explorer.gallery(IMAGES, READ, disputes=DISPUTES[2:]).html
    items = parser.fromstring(mixed).find_class("digits")[0]
    assert [each.get("data-agreed") for each in items] == ["1", "0"]


@pytest.mark.parametrize("make", [explorer.confusion, explorer.gallery])
def test_a_figure_without_a_disputed_label_is_as_if_nobody_had_asked(make):
    scores = np.tile([0.6, 0.4], (30, 1))
    images, read = np.zeros((30, 2, 2), np.uint8), classification([0] * 30, scores, ("a", "b"))
    unseen = (Dispute(29, 0, (1,)),)  # behind the 24 least certain, and no mistake
    plain = make(images, read)
    assert make(images, read, disputes=unseen) == plain
    assert "disputed" not in plain.html + plain.style


@pytest.mark.parametrize("make", [explorer.confusion, explorer.gallery])
def test_markup_in_what_people_read_is_text(make):
    disputes = (Dispute(1, 0, (2,)),)
    assert "<script" not in make(IMAGES, READ, disputes=disputes).html


@pytest.mark.parametrize("make", [explorer.confusion, explorer.gallery])
def test_markup_in_a_name_is_text(make):
    assert "<script" not in make(IMAGES, READ).html


def test_markup_in_a_name_is_text_where_one_draws(layers):
    found = explorer.drawing(layers, IMAGES, NAMES)
    assert "<script" not in found.html + found.script
    assert "</" not in found.script


def test_the_drawing_brings_its_network(layers):
    found = explorer.drawing(layers, IMAGES, NAMES, output_activation="sigmoid")
    network = json.loads(found.script.split("\n")[0].removeprefix("const network = ")[:-1])
    assert (network["height"], network["width"], network["names"]) == (2, 3, list(NAMES))
    assert len(base64.b64decode(network["hidden_kernel"])) == 24


def test_the_drawing_says_that_it_needs_scripts(layers):
    shown = parser.fromstring(explorer.drawing(layers, IMAGES, NAMES).html)
    assert "needs scripts" in text(shown.find_class("without")[0])


def test_a_network_of_128_hidden_units_takes_165_kilobytes_at_most():
    layers = Layers(np.ones((784, 128)), np.ones(128), np.ones((128, 10)), np.ones(10))
    found = explorer.drawing(layers, BLANK, [str(digit) for digit in range(10)])
    assert len(found.script) <= 165_000


def test_a_network_too_large_for_a_page_is_left_out():
    layers = Layers(np.ones((784, 1000)), np.ones(1000), np.ones((1000, 2)), np.ones(2))
    found = explorer.drawing(layers, BLANK, ("a", "b"))
    assert "too many" in found.html
    assert not found.script


def test_a_drawing_needs_the_shape_and_the_names_of_its_network(layers):
    with pytest.raises(SettingError, match="expected 6 pixels and 3 names, found 28 x 28 and 3"):
        explorer.drawing(layers, BLANK, NAMES)


def test_every_rule_of_style_is_under_the_explorer(layers):
    found = explorer.drawing(layers, IMAGES, NAMES)
    pairs = explorer.confusion(IMAGES, READ, disputes=DISPUTES)
    styles = pairs.style + found.style
    selectors = re.findall(r"(?:^|[{}])\s*([^@{}]+)\{", styles)
    assert selectors
    assert not [each for each in selectors if not each.startswith(".explorer")]


def frames(*places, shape=(28, 28), ink=((255, 0), (255, 255))):
    """Images, blank but for a corner of ink at each place."""
    images = np.zeros((len(places), *shape), np.uint8)
    for image, (top, left) in zip(images, places, strict=True):
        image[top : top + len(ink), left : left + len(ink[0])] = ink
    return images


def test_mnist_is_framed_as_its_makers_say(mnist):
    images = mnist.train.images
    assert framing(images) == Framing(box=20 / 28, by_mass=True, row=14, column=14)


def test_small_digits_fill_their_frame():
    found = framing(registry.load("digits").train.images)
    assert (found.box, found.by_mass, found.row, found.column) == (1, False, 3.5, 3.5)


def test_the_longer_direction_counts():
    assert framing(frames((0, 0), shape=(4, 8))).box == 0.5


def test_what_lies_still_is_what_images_are_placed_by():
    corner = ((255, 0), (255, 255))
    turned = ((255, 255), (0, 255))
    images = np.concatenate([frames((4, 6), ink=corner), frames((4, 6), ink=turned)])
    assert framing(images) == Framing(box=2 / 28, by_mass=False, row=4.5, column=6.5)


def test_without_ink_images_are_framed_as_in_mnist():
    assert framing(np.zeros((3, 28, 28), np.uint8)) == Framing(20 / 28, True, 14, 14)


@pytest.fixture
def weights():
    draw = np.random.default_rng(1).normal
    return Layers(
        draw(size=(784, 32), scale=0.05), draw(size=32), draw(size=(32, 10)), draw(size=10)
    )


def raw_scores(found, images):
    """The outputs before softmax or sigmoid, (n, classes), as the page computes them."""
    pixels = images.reshape(len(images), -1) / 255
    hidden = pixels @ found.hidden_kernel.astype(float) * found.hidden_scale + found.hidden_bias
    outputs = np.maximum(hidden, 0) @ found.output_kernel.astype(float)
    return outputs * found.output_scale + found.output_bias


def test_a_rounded_weight_is_within_half_a_step_of_itself(weights):
    found = quantise(weights)
    error = np.abs(found.hidden_kernel * found.hidden_scale - weights.hidden_kernel)
    assert (error <= found.hidden_scale * 0.5001).all()


def test_the_largest_weight_of_a_column_is_kept(weights):
    found = quantise(weights)
    assert (np.abs(found.output_kernel).max(axis=0) == 127).all()


def test_a_column_of_zeros_stays_zero():
    found = quantise(Layers(np.zeros((4, 2)), np.zeros(2), np.zeros((2, 3)), np.ones(3)))
    np.testing.assert_array_equal(raw_scores(found, np.full((1, 2, 2), 255)), [[1, 1, 1]])


def test_raw_scores_are_those_of_the_network_but_for_rounding(weights):
    images = np.random.default_rng(2).integers(0, 256, (50, 28, 28), dtype=np.uint8)
    expected, found = weights.raw_scores(images), raw_scores(quantise(weights), images)
    assert np.abs(found - expected).max() < 0.05 * np.abs(expected).max()


def test_what_is_encoded_is_little_endian_and_row_after_row(weights):
    found = quantise(weights)
    encoded = {name: base64.b64decode(text) for name, text in found.encoded().items()}
    kernel = np.frombuffer(encoded["hidden_kernel"], np.int8).reshape(784, 32)
    np.testing.assert_array_equal(kernel, found.hidden_kernel)
    np.testing.assert_array_equal(np.frombuffer(encoded["output_bias"], "<f4"), found.output_bias)
    assert sum(map(len, encoded.values())) == found.size
