"""The figures to explore: by keyboard, by mouse, by address, on paper, and without scripts."""

import base64
import io

import numpy as np
import paper
import pytest
from looking import COLOURS, outside, violations
from numpy.testing import assert_array_equal
from pages import page_of_explorers
from PIL import Image

from handwriting import explorer
from handwriting.data import registry
from handwriting.data.label_disputes import Dispute
from handwriting.data.photographs import single
from handwriting.data.photographs.framing import framing
from handwriting.evaluation.classification import classification
from handwriting.explorer.canvas import quantise
from handwriting.models import dense_network, networks, training
from handwriting.models.config import TrainingConfig
from handwriting.models.dense_network import Layers

NAMES = tuple("0123456789")
LIKE_MNIST = np.zeros((1, 28, 28), np.uint8)
DISPUTES = (Dispute(24, 4, (9,)), Dispute(12, 2, ()))
MISREAD = {4: (9, 0.95), 7: (1, 0.9), 14: (9, 0.8), 12: (7, 0.7), 24: (9, 0.6), 33: (5, 0.55)}


def planted():
    """Forty images of 0 to 9 in turn, read rightly but for the misread ones."""
    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    labels = np.arange(40) % 10
    scores = np.empty((40, 10))
    for index, label in enumerate(labels):
        taken, score = MISREAD.get(index, (label, 0.99))
        scores[index] = (1 - score) / 9
        scores[index, taken] = score
    return images, classification(labels, scores, NAMES)


def stroke_reader():
    """A network that tells an upright stroke from a level one by where the ink lies."""
    middle = np.abs(np.arange(28) - 13.5) < 4
    upright, level = np.tile(middle, (28, 1)), np.tile(middle[:, None], (1, 28))
    kernel = 0.05 * np.stack([upright.ravel(), level.ravel()], axis=1)
    return Layers(kernel, np.zeros(2), np.eye(2), np.zeros(2))


@pytest.fixture(scope="module")
def explored(tmp_path_factory):
    """A page with the three figures to explore, of which all is known."""
    path = tmp_path_factory.mktemp("explored") / "explored.html"
    html = page_of_explorers(
        explorer.confusion(*planted()),
        explorer.gallery(*planted()),
        explorer.drawing(stroke_reader(), LIKE_MNIST, ("upright", "level")),
    )
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def disputed(tmp_path_factory):
    """A page with the figures whose images may have labels that people dispute."""
    path = tmp_path_factory.mktemp("disputed") / "disputed.html"
    makers = explorer.confusion, explorer.gallery
    html = page_of_explorers(*(make(*planted(), disputes=DISPUTES) for make in makers))
    path.write_text(html, encoding="utf-8")
    return path


def tab_to(page, selector):
    """Press the Tab key until what is looked for has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(":focus").evaluate(f"element => element.matches({selector!r})"):
            return page.locator(":focus")
    pytest.fail(f"the Tab key does not lead to {selector}")


def open_pairs(page):
    pairs = page.locator(".confusion details[open]")
    return pairs.evaluate_all("pairs => pairs.map(pair => pair.id)")


def indices(panel):
    return [int(text) for text in panel.locator("li > b").all_inner_texts()]


def misread_pairs(page):
    return page.locator(".misread summary span").all_inner_texts()


def test_the_report_has_all_three(visit, report):
    page = visit(report).page
    for kind in ("confusion", "misread", "draw-a-digit"):
        assert page.locator(f"figure .live .{kind}").count() == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_a_number_opens_the_images_behind_it(visit, explored, scripts):
    page = visit(explored, java_script_enabled=scripts).page
    page.locator("#pair-4-4 > summary").click()
    page.locator("#pair-4-9 > summary").click()
    panel = page.locator("#pair-4-9 .panel")
    assert panel.is_visible()
    assert indices(panel) == [4, 14, 24]
    assert ["95.0%" in panel.inner_text(), "60.0%" in panel.inner_text()] == [True, True]
    assert page.locator("#pair-4-4 .panel").is_hidden()


@pytest.mark.parametrize("scripts", [True, False])
def test_counts_and_shares_can_be_switched(visit, explored, scripts):
    page = visit(explored, java_script_enabled=scripts).page
    number = page.locator("#pair-4-9 > summary")
    assert number.inner_text() == "3"
    page.get_by_label("Percent of row").check()
    assert number.inner_text() == "75.0"


def test_an_address_opens_its_pair(visit, explored):
    page = visit(explored, "#pair-7-1").page
    assert open_pairs(page) == ["pair-7-1"]
    assert indices(page.locator("#pair-7-1 .panel")) == [7]
    page.evaluate("location.hash = '#pair-2-7'")
    page.wait_for_function("document.querySelector('#pair-2-7').open")
    assert open_pairs(page) == ["pair-2-7"]


def test_choosing_a_pair_puts_it_into_the_address(visit, explored):
    page = visit(explored).page
    page.locator("#pair-3-5 > summary").click()
    assert page.evaluate("location.hash") == "#pair-3-5"


def test_an_address_that_names_no_pair_is_no_fault(visit, explored):
    seen = visit(explored, "#pair-0-1")
    assert seen.messages == []


def test_the_matrix_is_a_table_that_says_what_its_cells_are(visit, explored):
    page = visit(explored).page
    table = page.get_by_role("table").first
    assert table.get_by_role("rowheader").all_inner_texts() == list(NAMES)
    assert table.get_by_role("columnheader").all_inner_texts()[-10:] == list(NAMES)
    label = page.locator("#pair-4-9 > summary").get_attribute("aria-label")
    assert label == "4 read as 9: 3, 75.0%"


def test_pairs_are_explored_by_keyboard(visit, explored):
    page = visit(explored).page
    tab_to(page, ".confusion [type=radio]")
    page.keyboard.press("ArrowRight")
    assert page.locator("#pair-4-9 > summary").inner_text() == "75.0"
    tab_to(page, ".confusion summary")
    page.keyboard.press("ArrowDown")
    first = page.locator(":focus").evaluate("element => element.parentElement.id")
    page.keyboard.press("ArrowUp")
    assert page.locator(":focus").evaluate("element => element.parentElement.id") != first
    page.locator("#pair-4-9 > summary").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert open_pairs(page) == ["pair-4-4"]
    assert indices(page.locator("#pair-4-4 .panel")) == [34]
    page.keyboard.press("Escape")
    assert open_pairs(page) == []


def test_misread_digits_are_sorted_and_opened_by_keyboard(visit, explored):
    page = visit(explored).page
    surest = ["4 as 9", "7 as 1", "4 as 9", "2 as 7", "4 as 9", "3 as 5"]
    assert misread_pairs(page) == surest
    assert tab_to(page, ".misread [data-by=truth]").get_attribute("aria-pressed") == "false"
    page.keyboard.press("Enter")
    assert misread_pairs(page) == ["2 as 7", "3 as 5", "4 as 9", "4 as 9", "4 as 9", "7 as 1"]
    assert tab_to(page, ".misread [data-by=prediction]")
    page.keyboard.press("Space")
    assert misread_pairs(page) == ["7 as 1", "3 as 5", "2 as 7", "4 as 9", "4 as 9", "4 as 9"]
    tab_to(page, ".misread summary")
    page.keyboard.press("Enter")
    panel = page.locator(".misread details[open] .panel")
    assert panel.is_visible()
    assert panel.locator(".bars li").count() == 10


def test_a_misread_digit_opens_large_without_scripts(visit, explored):
    page = visit(explored, java_script_enabled=False).page
    small = page.locator(".misread summary img").first.bounding_box()
    page.locator(".misread summary").first.click()
    large = page.locator(".misread details[open] img").first.bounding_box()
    assert large["width"] >= 2 * small["width"]
    assert "Test image 4." in page.locator(".misread details[open] .panel").inner_text()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [360, 1280])
def test_what_people_read_stands_beside_an_image_with_a_disputed_label(
    visit, disputed, width, scripts
):
    seen = visit(disputed, width=width, java_script_enabled=scripts)
    number = seen.page.locator("#pair-4-9 > summary")
    assert number.get_attribute("aria-label") == "4 read as 9: 3, 75.0%; 1 disputed label"
    if not number.locator("..").evaluate("pair => pair.open"):
        number.click()
    marks = seen.page.locator("#pair-4-9 .panel small")
    assert marks.all_inner_texts() == ["label disputed: people read 9"]
    panel, mark = seen.page.locator("#pair-4-9 .panel").bounding_box(), marks.bounding_box()
    assert panel["x"] < mark["x"] < mark["x"] + mark["width"] < panel["x"] + panel["width"]
    assert marks.is_visible()
    assert seen.page.locator(".confusion .legend").is_visible()
    assert seen.messages == []


@pytest.mark.parametrize("width", [360, 1280])
def test_digits_with_a_disputed_label_are_found_and_opened_by_keyboard(visit, disputed, width):
    page = visit(disputed, width=width).page
    assert page.locator(".misread summary small").all_inner_texts() == ["disputed"] * 2
    tab_to(page, ".misread [data-by=agreed]")
    page.keyboard.press("Enter")
    assert misread_pairs(page)[:2] == ["2 as 7", "4 as 9"]
    tab_to(page, ".misread summary")  # that of the surest mistake, now the third
    for key in ("ArrowLeft", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    panel = page.locator(".misread details[open] .panel")
    assert "Test image 12. Label disputed: people do not read 2." in panel.inner_text()
    # Both at one moment, since the page may still be scrolling.
    gap = page.locator(".misread details[open]").evaluate(
        "opened => opened.querySelector('summary img').getBoundingClientRect().top"
        " - opened.querySelector('.panel p').getBoundingClientRect().bottom"
    )
    assert gap >= 0  # the image hides nothing of what is said


def verdict(page):
    return page.locator(".draw-a-digit output")


def wait_for_verdict(page, text):
    verdict(page).filter(has_text=text).wait_for()


def test_digits_are_drawn_by_keyboard(visit, explored):
    page = visit(explored).page
    before = verdict(page).inner_text()
    tab_to(page, "canvas.ink")
    for key, name in (("ArrowDown", "upright"), ("ArrowRight", "level")):
        page.keyboard.press("Space")
        for _ in range(8):
            page.keyboard.press(key)
        wait_for_verdict(page, name)
        page.keyboard.press("Delete")
        wait_for_verdict(page, before)


def test_digits_are_drawn_by_mouse(visit, explored):
    page = visit(explored).page
    sheet = page.locator("canvas.ink")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    left, top = box["x"] + box["width"] / 4, box["y"] + box["height"] / 2
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + box["width"] / 2, top, steps=5)
    page.mouse.up()
    wait_for_verdict(page, "level")
    best = page.locator(".draw-a-digit .bars .best").inner_text()
    assert best.startswith("level")
    page.get_by_role("button", name="Clear").click()
    wait_for_verdict(page, "Draw")


def test_a_drawing_is_scaled_and_centred_as_in_mnist(visit, explored):
    found = visit(explored).page.evaluate(
        """() => {
            const ink = new Uint8Array(420 * 420);
            for (let y = 30; y < 230; y += 1) ink.fill(255, 420 * y + 300, 420 * y + 340);
            return [...document.querySelector(".draw-a-digit").prepareDigit(ink, 420, 420)];
        }"""
    )
    image = np.array(found).reshape(28, 28)
    rows, columns = np.nonzero(image)
    assert (np.unique(rows).size, np.unique(columns).size) == (20, 4)
    assert set(image[rows, columns]) == {255}
    assert abs(rows.mean() - 14) <= 0.5
    assert abs(columns.mean() - 14) <= 0.5


PICTURE_READ = """([width, height, text]) => {
    const { inkOfPicture, prepareDigit, readDigit } = document.querySelector(".draw-a-digit");
    const letters = atob(text);
    const rgba = new Uint8Array(letters.length);
    for (let k = 0; k < rgba.length; k += 1) rgba[k] = letters.charCodeAt(k);
    const pixels = prepareDigit(inkOfPicture(rgba, width, height), width, height);
    const scores = readDigit(pixels);
    return [[...pixels], scores.indexOf(Math.max(...scores))];
}"""


def read_in_page(page, pictures):
    """What the page sees of pictures, (n, pixels), and what it reads in them, (n,)."""
    seen, read = [], []
    for each in pictures:
        sent = [each.shape[1], each.shape[0], base64.b64encode(each.tobytes()).decode()]
        pixels, answer = page.evaluate(PICTURE_READ, sent)
        seen.append(pixels)
        read.append(answer)
    return np.array(seen), np.array(read)


def read_in_python(weights, framed):
    """The answers of the network that the page holds, its weights rounded to a byte each."""
    found = quantise(weights)
    hidden = framed / 255 @ found.hidden_kernel.astype(float) * found.hidden_scale
    excited = np.maximum(hidden + found.hidden_bias, 0)
    outputs = excited @ found.output_kernel.astype(float) * found.output_scale
    return (outputs + found.output_bias).argmax(axis=1)


def saved(pixels, kind="PNG", **options):
    """The bytes of a picture's file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def grey_picture(*stroke):
    """Grey paper with a thin dark stroke."""
    pixels = np.full((300, 400), 200, np.uint8)
    if stroke:
        pixels[stroke] = 40
    return pixels


UPRIGHT = grey_picture(slice(50, 250), slice(195, 205))
LEVEL = grey_picture(slice(145, 155), slice(50, 350))


def turned_by_its_camera():
    """A level stroke as a camera that was held upright stores it."""
    exif = Image.Exif()
    exif[274] = 6
    return saved(np.rot90(LEVEL).copy(), "JPEG", exif=exif)


def choose(page, content):
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Choose a picture").click()
    choosing.value.set_files({"name": "a", "mimeType": "image/png", "buffer": content})


BROUGHT = """([bytes, how, init]) => {
    const moved = new DataTransfer();
    moved.items.add(new File([Uint8Array.from(bytes)], "brought", { type: "image/png" }));
    const event = new window[how](init, {
        dataTransfer: moved, clipboardData: moved, bubbles: true, cancelable: true,
    });
    document.querySelector(".draw-a-digit .ink").dispatchEvent(event);
}"""


def test_a_picture_of_a_digit_is_chosen_by_keyboard(visit, explored):
    page = visit(explored).page
    with page.expect_file_chooser() as choosing:
        tab_to(page, ".choose")
        page.keyboard.press("Enter")
    content = {"name": "a.png", "mimeType": "image/png", "buffer": saved(UPRIGHT)}
    choosing.value.set_files(content)
    wait_for_verdict(page, "upright")
    page.get_by_role("button", name="Clear").click()
    wait_for_verdict(page, "Draw")


@pytest.mark.promise("A picture that a reader brings to a page is read there, and never leaves it.")
@pytest.mark.parametrize(("how", "name"), [("DragEvent", "drop"), ("ClipboardEvent", "paste")])
def test_a_picture_is_dropped_or_pasted_and_never_leaves_the_page(visit, explored, how, name):
    visited = visit(explored)
    visited.page.evaluate(BROUGHT, [list(saved(LEVEL)), how, name])
    wait_for_verdict(visited.page, "level")
    assert (outside(visited), visited.messages) == ([], [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "finds no picture in this file"),
        (b"", "finds no picture in this file"),
        (saved(np.zeros((9000, 9000), bool)), "too large"),
        (saved(np.zeros((1, 20_001), bool)), "too large"),
        (saved(grey_picture()), "There is no ink"),
    ],
    ids=["drawing", "empty", "large", "wide", "blank"],
)
def test_a_file_that_shows_no_digit_gets_a_sentence(visit, explored, content, said):
    visited = visit(explored)
    choose(visited.page, content)
    wait_for_verdict(visited.page, said)
    assert visited.page.locator(".draw-a-digit .best").count() == 0
    assert (outside(visited), visited.messages) == ([], [])


def test_a_picture_is_turned_upright_as_its_camera_says(visit, explored):
    page = visit(explored).page
    choose(page, turned_by_its_camera())
    wait_for_verdict(page, "level")


def test_drawing_on_a_picture_starts_anew(visit, explored):
    page = visit(explored).page
    choose(page, saved(LEVEL))
    wait_for_verdict(page, "level")
    page.locator("canvas.ink").focus()
    page.keyboard.press("Space")
    for _ in range(8):
        page.keyboard.press("ArrowDown")
    wait_for_verdict(page, "upright")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of_where_a_picture_is_shown(visit, explored, scheme):
    seen = visit(explored, width=360, color_scheme=scheme, bypass_csp=True)
    choose(seen.page, saved(LEVEL))
    wait_for_verdict(seen.page, "level")
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 360
    assert violations(seen, runOnly=COLOURS) == []


def test_pictures_are_framed_in_the_page_as_in_python(visit, explored):
    digits = registry.load("digits").train.images
    large = [np.asarray(Image.fromarray(16 * each).resize((28, 28))) for each in digits[:12]]
    rng = np.random.default_rng(0)
    pictures = [paper.picture(each, rng) for each in large]
    framed = np.array([single.framed_picture(each) for each in pictures], int).reshape(12, -1)
    seen, read = read_in_page(visit(explored).page, pictures)
    assert np.abs(seen - framed).max() <= 1
    assert_array_equal(read, read_in_python(stroke_reader(), framed))


def test_pictures_are_framed_as_other_data_sets_are(visit, tmp_path):
    images = registry.load("digits").train.images
    weights = Layers(np.ones((64, 1)), np.zeros(1), np.ones((1, 2)), np.zeros(2))
    path = tmp_path / "small.html"
    path.write_text(page_of_explorers(explorer.drawing(weights, images, ("one", "other"))))
    rng = np.random.default_rng(0)
    pictures = [paper.picture(16 * each, rng) for each in images[:6]]
    framed = [single.framed_picture(each, (8, 8), framing(images)) for each in pictures]
    seen, _ = read_in_page(visit(path).page, pictures)
    assert np.abs(seen - np.array(framed, int).reshape(6, -1)).max() <= 1


def test_without_scripts_no_control_is_shown_that_does_nothing(visit, explored):
    page = visit(explored, java_script_enabled=False).page
    assert page.locator("canvas:visible, button:visible").count() == 0
    assert "needs scripts" in page.locator(".draw-a-digit").inner_text()


def test_a_report_is_read_without_scripts(visit, report):
    page = visit(report, java_script_enabled=False).page
    for part in ("h1", ".answer", "figure img, figure table", ".provenance"):
        assert page.locator(part).first.is_visible()
    page.locator("details.code summary").first.click()
    assert page.locator("details.code pre").first.is_visible()
    assert page.locator("button:visible").count() == 0


def test_paper_shows_the_still_figures(visit, explored):
    page = visit(explored).page
    assert page.locator(".still:visible").count() == 0
    page.emulate_media(media="print")
    assert (page.locator(".live:visible").count(), page.locator(".still:visible").count()) == (0, 3)


@pytest.fixture(scope="module")
def of_mnist(mnist, tmp_path_factory):
    """MNIST, a network that learned it, its weights, and a page with it."""
    path = tmp_path_factory.mktemp("mnist") / "drawing.html"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HANDWRITING_DATA", str(mnist.parent))
        data = registry.load("mnist")
    network = networks.dense(data.image_shape, data.classes)
    training.fit(network, data.train, TrainingConfig(epochs=4))
    weights = dense_network.layers(network.get_weights())
    board = explorer.drawing(weights, data.train.images, data.class_names)
    path.write_text(page_of_explorers(board), encoding="utf-8")
    return data, network, weights, path


@pytest.mark.slow
def test_the_page_reads_digits_as_keras_does(visit, of_mnist):
    data, network, _, path = of_mnist
    expected = training.predict(network, data.test.images).argmax(axis=1)
    found = visit(path).page.evaluate(
        """text => {
            const pixels = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
            const { readDigit } = document.querySelector(".draw-a-digit");
            return Array.from({ length: pixels.length / 784 }, (_, k) => {
                const scores = readDigit(pixels.subarray(784 * k, 784 * (k + 1)));
                return scores.indexOf(Math.max(...scores));
            });
        }""",
        base64.b64encode(data.test.images.tobytes()).decode(),
    )
    assert len(found) == 10_000
    assert np.mean(found == expected) >= 0.999


@pytest.mark.slow
def test_200_pictures_of_digits_are_read_in_the_page_as_in_python(visit, of_mnist):
    data, _, weights, path = of_mnist
    rng = np.random.default_rng(0)
    drawn = rng.permutation(10_000)[:200]
    images, labels = data.test.images[drawn], data.test.labels[drawn]
    pictures = [paper.picture(each, rng) for each in images]
    framed = np.array([single.framed_picture(each) for each in pictures], int).reshape(200, -1)
    seen, read = read_in_page(visit(path).page, pictures)
    assert np.abs(seen - framed).max() <= 1
    assert_array_equal(read, read_in_python(weights, framed))
    originals = read_in_python(weights, images.reshape(200, -1))
    assert np.mean(read == labels) >= np.mean(originals == labels) - 0.03
