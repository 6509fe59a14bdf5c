"""The three explorations, as a reader with a keyboard, or without scripts, finds them."""

import base64

import numpy as np
import pytest

from handwriting import datasets, explanation, networks, training

READ_ALL = """([text, size]) => {
  const all = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const {readDigit} = document.querySelector(".draw-a-digit");
  return Array.from({length: all.length / size}, (_, k) => {
    const scores = readDigit(all.subarray(k * size, (k + 1) * size));
    return scores.indexOf(Math.max(...scores));
  });
}"""
# An image ten times as large and out of the middle, made ready for the network again.
PREPARE = """([text, size]) => {
  const all = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const {prepareDigit} = document.querySelector(".draw-a-digit");
  return Array.from({length: all.length / size}, (_, k) => {
    const ink = new Uint8Array(400 * 400);
    for (let y = 0; y < 280; y += 1) for (let x = 0; x < 280; x += 1)
      ink[(y + 90) * 400 + x + 20] = all[k * size + Math.floor(y / 10) * 28 + Math.floor(x / 10)];
    return [...prepareDigit(ink, 400, 400)];
  });
}"""


def sent(images):
    return [base64.b64encode(images.tobytes()).decode(), images[0].size]


@pytest.fixture(scope="module")
def data(mnist):
    return datasets.load("mnist", mnist.parent)


def test_the_page_reads_as_keras_does(visit, data, tmp_path):
    from handwriting import explorer
    from notebook_press.author import wrapped_script

    network = networks.dense((28, 28), 10)
    training.fit(network, data.train, training.Plan(epochs=3))
    weights = explanation.layers(network.get_weights())
    found = explorer.drawing(weights, data.train.images, data.class_names)
    page = tmp_path / "page.html"
    page.write_text(f"<div>{found.html}</div><script>{wrapped_script(found.script)}</script>")
    expected = training.predict(network, data.test.images).argmax(axis=1)
    answers = visit(page).page.evaluate(READ_ALL, sent(data.test.images))
    assert np.mean(np.asarray(answers) == expected) >= 0.999


def test_a_drawing_is_made_ready_as_mnist_was(visit, report, data):
    images = data.test.images[:50]
    found = visit(report).page.evaluate(PREPARE, sent(images))
    np.testing.assert_array_equal(np.reshape(found, images.shape), images)


def test_an_address_opens_its_pair_alone(visit, report):
    page = visit(report, "#pair-8-8").page
    opened = page.locator(".confusion details[open]")
    assert [each.get_attribute("id") for each in opened.all()] == ["pair-8-8"]


def test_arrow_keys_walk_from_number_to_number(visit, report):
    page = visit(report).page
    page.locator("#pair-0-0 summary").focus()
    for _ in range(30):  # down the column of 0, past what is 0, and no further
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('td').cellIndex") == 1
    page.locator("#pair-1-1 summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#pair-1-1 .panel img").first.is_visible()


def test_the_gallery_sorts_by_keyboard(visit, report):
    page = visit(report).page
    page.locator("[data-by=truth]").focus()
    page.keyboard.press("Enter")
    truths = [
        int(each.get_attribute("data-truth"))
        for each in page.locator(".digits li[data-truth]").all()
    ]
    assert truths == sorted(truths)


def test_one_can_draw_by_keyboard(visit, report):
    page = visit(report).page
    page.locator("canvas.ink").focus()
    page.keyboard.press("Space")
    for _ in range(14):
        page.keyboard.press("ArrowDown")
    page.locator("output", has_text="The network reads 1.").wait_for()
    page.keyboard.press("Delete")
    page.locator("output", has_text="Draw here.").wait_for()


def test_without_scripts_pairs_and_digits_open_and_drawing_says_what_it_needs(visit, report):
    page = visit(report, java_script_enabled=False).page
    page.locator("#pair-1-1 summary").click()
    assert page.locator("#pair-1-1 .panel img").first.is_visible()
    page.locator(".misread summary").first.click()
    assert page.locator(".misread details[open] .bars").is_visible()
    assert page.get_by_text("Drawing needs scripts").is_visible()
    assert not page.locator("canvas.ink").is_visible()
