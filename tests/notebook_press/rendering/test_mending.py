import pytest

from notebook_press.rendering.outputs.bundle import Bundle
from notebook_press.rendering.outputs.foreign import clean, read_html
from notebook_press.rendering.page import Html

OBJECT = "<IPython.core.display.HTML object>"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="


def output(html, text=OBJECT):
    return read_html(Bundle({"text/html": html, "text/plain": text}, place="cell 1"), "text/html")


def words(html, **options):
    return clean(html, "cell 1", **options).html


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<html><body>a</body></html>b", "ab"),
        ("<a<b>c", "c"),
        ("a <int> b", "a  b"),
        ("<p>in <path> there</p>", "<p>in  there</p>"),
        ("<b>my <title></b> and more", "<b>my </b> and more"),
        ("a <title>b</title> c <Title> d", "a  c  d"),
        ("a <plaintext> b", "a  b"),
    ],
)
def test_odd_markup_loses_nothing(html, left):
    assert words(html) == left


@pytest.mark.parametrize("name", ["int", "min", "path", "text", "your-token"])
def test_a_placeholder_in_prose_takes_nothing_with_it(name):
    assert words(f"<p>a <{name}> b <b>c</b></p>", is_prose=True) == "<p>a  b <b>c</b></p>"


def test_an_anchor_of_a_picture_stays_whatever_stands_for_it():
    shown, named = f"<img id='a' src='{PIXEL}'>", "<img id='b' src='https://a.example/x.png'>"
    made = words(f"<p>{shown}{named}</p>", is_prose=True)
    assert [*map(made.count, (' id="a"', ' id="b"'))] == [1, 1]


def test_a_line_for_what_is_not_shown_does_not_break_its_paragraph():
    assert words("<p>a <video src='a.mp4'></video> b</p>", is_prose=True) == (
        '<p>a <span class="not-shown">Video: not shown here: <code>a.mp4</code></span> b</p>'
    )


def test_rules_of_a_style_sheet_stand_on_their_elements():
    html = "<style>#T_1 { background-color: #ffff00 } td { font-weight: bold }</style>"
    made = words(f"{html}<table><tr><td id='T_1'>1</td></tr></table>")
    assert '<td style="font-weight:bold;background-color:#ffff00;color:#1c2126">1</td>' in made


def test_text_on_an_authors_ground_can_be_read_in_both_themes():
    assert words("<p style='background: navy'>a</p>") == (
        '<p style="background-color:#000080;color:#ffffff">a</p>'
    )


def test_text_in_an_authors_colour_gets_one_for_each_theme():
    assert "light-dark(" in words("<p style='color: navy'>a</p>")


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<object data='x.swf'><embed src='x.swf'></object>", "not shown"),
        ("<a href='data:text/csv;base64,QQ=='>table</a>", "File to download: not shown"),
    ],
)
def test_what_is_held_by_another_or_by_a_link_is_named(html, left):
    assert left in words(html)
    assert "not shown" in {loss.fate for loss in clean(html, "cell 1").losses}


@pytest.mark.parametrize(
    "html",
    [
        "<table><tbody><tr><td>My browser does not support it</td></tr></tbody></table>",
        "<p>A browser cannot do that</p>",
    ],
)
def test_what_people_say_of_browsers_stays(html):
    assert words(html) == html


def test_a_plea_takes_nothing_else_with_it():
    html = "<div>Your browser does not run it<p>a</p></div><script>x</script>"
    assert words(html) == "<div><p>a</p></div>"


@pytest.mark.parametrize(
    ("html", "name"),
    [
        ("<div id='a'></div><script>mpld3.draw_figure('a')</script>", "Figure of mpld3"),
        ("<iframe srcdoc='<script src=leaflet.js></script>'></iframe>", "Map of folium"),
        ("<div id='a'></div><script>document.getElementById('a')</script>", "HTML that only"),
        (
            "<div id='a'><b>Visualization omitted, Javascript library not loaded!</b><br>Run it"
            "</div><script>SHAP.render('a')</script>",
            "Plot of SHAP",
        ),
        (
            "<table id='a'><tr><th>x</th></tr><tr><td>Loading ITables from the internet</td></tr>"
            "</table><script>new DataTable('#a')</script>",
            "Table of itables",
        ),
    ],
)
def test_what_only_scripts_would_show_is_named(html, name):
    shown = output(html)
    assert shown.fate == "not shown"
    assert shown.what.startswith(name)
    assert name in shown.blocks[0].sentence


def test_a_shape_is_no_plot_of_shap():
    assert output("<div id='a'></div><script>a.shape</script>").what != "Plot of SHAP"


def test_an_output_that_loses_something_shows_the_rest():
    shown = output("<p>a</p><img src='https://a.example/x.png'>")
    assert isinstance(shown.blocks[0], Html)
    assert [loss.fate for loss in shown.losses] == ["not shown"]


def test_what_is_cleaned_is_clean():
    html = f"<h2>a</h2><img src='{PIXEL}'><p style='color:red;background:#eee'>b</p><iframe src=x>"
    once = words(html)
    assert words(once) == once
