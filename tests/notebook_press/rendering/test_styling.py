import re

import pytest

from notebook_press.rendering.outputs.foreign import clean
from notebook_press.rendering.outputs.styling import READABLE, contrast, safe_style
from notebook_press.rendering.sanitising import clean_output

STAYS = [
    "color:red;background-color:#ffee00",
    "background:linear-gradient(90deg, #d65f5f 50%, transparent 50%)",
    "width:10em;text-align:right;vertical-align:middle",
    "border:1px solid rgb(1, 2, 3);padding:2px 4px",
    "font-weight:bold;font-style:italic;font-size:12px;text-decoration:underline",
]


@pytest.mark.parametrize("style", STAYS)
def test_what_a_table_is_coloured_with_stays(style):
    assert safe_style(style) == style


HARMFUL = [
    "background:url(https://a.example/x)",
    "background:u\\72l(https://a.example/x)",
    "background:image-set('https://a.example/x' 1x)",
    "background:element(#main)",
    "background:linear-gradient(red, blue), url(x)",
    "background-image:url(x)",
    "list-style:url(x)",
    "content:url(x)",
    "cursor:url(x), auto",
    "color:var(--paper)",
    "width:expression(alert(1))",
    "behavior:url(x)",
    "-moz-binding:url(x)",
    "position:fixed",
    "float:left",
    "transform:scale(9)",
    "z-index:9",
    "opacity:0",
    "margin-left:-9em",
    "margin-top:9em",
    "padding-left:-1px",
    "width:99999px",
    "width:100vw",
    "height:calc(100% + 9em)",
    "border:900px solid red",
    "font-size:0",
    "font-size:900px",
    "font:0/0 a",
    "display:contents",
    "display:none",
    "--x:red",
    "color:red/**/;position/**/:fixed",
]


@pytest.mark.promise("Styles in the HTML of a cell load nothing and leave their place alone.")
def test_what_loads_or_leaves_its_place_does_not_stay():
    made = {style: safe_style(f"color:red;{style}") for style in HARMFUL}
    assert [style for style, left in made.items() if left != "color:red"] == []


def test_a_declaration_that_matters_more_wins():
    assert safe_style("color:red !important;color:blue") == "color:red"


def styles(html):
    return re.findall(r'style="([^"]*)"', clean(html, "a cell").html)


def test_rules_of_a_style_sheet_come_to_the_elements_they_are_for():
    html = (
        "<style>#T_row0_col0 { background-color: #ff0000; color: #ffffff !important }"
        "@media print { td { font-weight: bold } } td:hover { color: blue }</style>"
        "<table id=T><tr><td id=T_row0_col0>1</td><td>2</td></tr></table>"
    )
    assert styles(html) == ["background-color:#ff0000;color:#000000"]


def test_a_style_sheet_reaches_no_other_output():
    assert "<style" not in clean("<style>.layout { color: red }</style><p>a</p>", "a cell").html


@pytest.mark.parametrize("address", ["https://a.example/x.css", "file:///etc/passwd"])
def test_a_style_sheet_from_elsewhere_is_not_read(address):
    html = f"<link rel=stylesheet href='{address}'><style>@import '{address}';</style><p>a</p>"
    assert clean(html, "a cell").html.strip() == "<p>a</p>"


def colour(text):
    return tuple(int(text[place : place + 2], 16) / 255 for place in (1, 3, 5))


GROUNDS = ["#000000", "#2786bb", "#4caf50", "#777777", "#d65f5f", "#ffee00", "#ffffff"]


@pytest.mark.promise("Text on a coloured ground can be read in both themes of a page.")
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", ["", "color:#777777", "color:white", "color:transparent"])
def test_text_on_an_authors_ground_can_be_read(ground, ink):
    (style,) = styles(f"<p style='background-color:{ground};{ink}'>a</p>")
    shown = dict(each.split(":") for each in style.split(";"))
    assert contrast(colour(shown["color"]), colour(shown["background-color"])) >= READABLE


@pytest.mark.parametrize("ink", ["red", "yellow", "#000000", "white", "rgb(128, 128, 128)"])
def test_text_in_an_authors_colour_has_one_for_each_theme(ink):
    (style,) = styles(f"<p style='color:{ink}'>a</p>")
    light, dark = re.findall("#[0-9a-f]{6}", style)
    assert style.startswith("color:light-dark(")
    assert contrast(colour(light), colour("#edf4f8")) >= READABLE
    assert contrast(colour(dark), colour("#2b2416")) >= READABLE


def test_text_within_a_coloured_row_is_looked_at_too():
    row, cell = styles(
        "<table><tr style='background:#ffff00'><td style='color:#ffffff'>a</td></tr></table>"
    )
    assert row == "background-color:#ffff00;color:#1c2126"
    assert cell == "color:#1c2126"


def test_a_sheet_that_is_none_takes_nothing_with_it():
    made = clean("<style>}{ @media { p { </style><p style='x;;:;\"'>a</p>", "a cell").html
    assert made.strip() == "<p>a</p>"


def test_what_holds_something_is_not_made_too_low_for_it():
    assert styles("<div style='height:0;padding:1px'>a</div>") == ["padding:1px"]


def test_the_last_look_at_a_page_changes_nothing_more():
    html = clean("<p style='color:red;background:linear-gradient(red, blue)'>a</p>", "a cell").html
    assert clean_output(html) == html
