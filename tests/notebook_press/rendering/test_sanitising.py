import base64
import re

import pytest

from notebook_press.rendering.sanitising import clean_interactive, clean_output, clean_prose

CLEANERS = (clean_interactive, clean_output, clean_prose)
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '<img src="https://a.example/x.png">',
    '<img src="data:text/html;base64,PHN2Zz4=">',
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<form action='https://a.example'><button formaction='x'>x</button></form>",
    "<p style='background:url(https://a.example)'>x</p>",
    "<td background='https://a.example'>x</td>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></math>",
    "<math href='javascript:alert(1)'><mi>x</mi></math>",
]


LEAVES = re.compile(r"alert|javascript|example|src=|action|url\(|data:|<script|<style")


def test_a_header_of_a_formula_alone_has_text():
    html = "<table><tr><th><math><mi>x</mi></math></th></tr></table>"
    assert '<th scope="row">\u2060<math>' in clean_prose(html)


def test_a_long_formula_on_lines_of_its_own_can_be_scrolled_with_a_keyboard():
    long = f'<math display="block"><mi>x</mi><annotation>{"x + " * 20}</annotation></math>'
    made = clean_prose(f"{long}{long.replace('x + ' * 20, 'x')}")
    assert made.count('<math tabindex="0" display="block">') == made.count("tabindex") == 1


def test_code_in_prose_can_be_scrolled_with_a_keyboard():
    assert clean_prose("<pre><code>x</code></pre>") == '<pre tabindex="0"><code>x</code></pre>'


def test_nothing_that_runs_or_fetches_is_left():
    cleaned = [clean(html) for html in HOSTILE for clean in CLEANERS]
    assert [each for each in cleaned if LEAVES.search(each)] == []


@pytest.mark.promise(
    "A page shows no image that is fetched from elsewhere, only those that it carries itself."
)
def test_an_image_that_may_not_stay_leaves_its_words():
    made = clean_output('<p><img src="x.png" alt="a &lt;digit&gt;"></p>')
    assert made == "<p>[Picture not in the notebook: a &lt;digit&gt;]</p>"


def test_output_brings_no_headings_anchors_or_classes():
    html = '<h1 id="main" class="notice">x</h1><p id="main" class="notice">y</p>'
    assert clean_output(html) == "x<p>y</p>"


def test_header_cells_have_a_scope():
    html = (
        "<table><thead><tr><th></th><th>a</th></tr></thead>"
        "<tbody><tr><th>0</th>"
        "<td style='text-align:right;position:fixed'>1</td></tr></tbody></table>"
    )
    cleaned = clean_output(html)
    assert '<tr><td></td><th scope="col">a</th></tr>' in cleaned
    assert '<th scope="row">0</th><td style="text-align:right">1</td>' in cleaned


def test_a_table_scrolls_in_a_box_that_can_be_focused():
    box = '<div class="scroll" role="group" aria-label="Table" tabindex="0">'
    assert clean_output("<table></table>").startswith(box)


STAYS = [
    '<details name="pair" open=""><summary>4 as 9</summary>x</details>',
    '<input type="radio" name="order" value="truth" checked="" id="by-truth">',
    '<label for="by-truth">Truth</label>',
    '<select name="s"><option value="1" selected="">1</option></select>',
    '<canvas width="280" height="280" tabindex="0" role="img" aria-label="Paper"></canvas>',
    '<table><tbody><tr><th scope="row">4</th><td data-count="7">7</td></tr></tbody></table>',
    '<a href="#pair-4-9" class="c">7</a>',
    '<p style="width:3em" lang="en" hidden="" title="t">x</p>',
    '<output for="a">3</output>',
]


IMAGE = '<img src="data:image/png;base64,AA==" alt="a">'
MATHS = (
    '<math display="block" xmlns="http://www.w3.org/1998/Math/MathML"><msup><mi>x</mi><mn>2</mn>'
    "</msup></math>"
)


@pytest.mark.parametrize(
    ("clean", "harmless"),
    [*((clean_interactive, html) for html in STAYS), (clean_output, IMAGE), (clean_prose, MATHS)],
)
def test_what_a_figure_to_explore_an_output_and_prose_are_made_of_stays(clean, harmless):
    assert clean(harmless) == harmless


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ('<button type="submit">x</button>', '<button type="button">x</button>'),
        ("<input type=text><input><input type=image data-type=radio>", ""),
        ("<a href='https://a.example'>x</a>", "<a>x</a>"),
        ("<p style='background:\\75rl(x)'>x</p>", "<p>x</p>"),
        ("<form><p onclick='x'>x</p></form>", "<p>x</p>"),
        ("<h1>x</h1>", "x"),
    ],
)
def test_an_interactive_figure_sends_nothing_and_leads_nowhere(html, left):
    assert clean_interactive(html) == left


OVER_OTHERS = [
    "position: fixed; inset: 0",
    "po\\73ition: absolute",
    "POSITION:sticky",
    "margin-top: -99em",
    "margin: 0 calc(0px - 99em)",
    "transform: scale(99)",
    "translate: 0 -50em",
    "box-shadow: 0 0 0 99em red",
    "outline: 99em solid red",
    "animation: x 1s",
    "z-index: 9",
]


@pytest.mark.promise("The HTML of a figure to explore does not lie over the rest of the page.")
def test_nothing_in_an_interactive_figure_lies_over_the_rest_of_the_page():
    made = {clean_interactive(f'<p style="{style}">x</p>') for style in OVER_OTHERS}
    assert made == {"<p>x</p>"}


@pytest.mark.promise("A drawing in the HTML of a cell is cleaned too.")
def test_a_drawing_in_an_address_is_cleaned_too():
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>x</script></svg>'
    address = f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"
    cleaned = clean_output(f'<img src="{address}" alt="a">')
    kept = base64.b64decode(re.search(r"base64,([^\"]+)", cleaned)[1])
    assert kept == b'<svg xmlns="http://www.w3.org/2000/svg" />'


def test_a_drawing_in_an_address_that_is_none_leaves_its_words():
    made = clean_output('<img src="data:image/svg+xml;base64,PGh0bWw+" alt="a">')
    assert made == "[Picture not in the notebook: a]"


NOWHERE = [
    *("/etc/passwd", "//a.example", "\\\\host\\x", "/\\a.example", "%6aavascript:alert(1)"),
    *("2:1", "a b:c", "data:text/html,x", "file:///etc/passwd"),
]
SOMEWHERE = [
    *("https://a.example", "mailto:a@a.example", "#x", "x.html?a=b:c", "./2:1", "x#a:b"),
]


@pytest.mark.promise(
    "A link leads neither into the reader's own files nor, in disguise, to another host."
)
def test_a_link_to_the_readers_own_files_or_another_host_leads_nowhere():
    made = {address: clean_output(f'<a href="{address}">x</a>') for address in NOWHERE}
    assert [address for address, left in made.items() if "href" in left] == []


def test_a_link_to_the_web_or_beside_the_page_stays():
    made = {address: clean_output(f'<a href="{address}">x</a>') for address in SOMEWHERE}
    assert [a for a, left in made.items() if f'href="{a}"' not in left] == []
