import base64
import re

import pytest
from report_notebooks import encoded, picture

from notebook_press.rendering.outputs.bundle import Bundle, Loss
from notebook_press.rendering.outputs.foreign import clean, read_html
from notebook_press.rendering.page import Html, Image, Text
from notebook_press.rendering.sanitising import clean_output

PNG = f"data:image/png;base64,{encoded(picture())}"


def cleaned(html):
    return clean(html, "a cell").html


def lost(html):
    return [(loss.what, loss.fate) for loss in clean(html, "a cell").losses]


def words(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def read(html, text="<IPython.core.display.HTML object>", **others):
    return read_html(Bundle({"text/html": html, "text/plain": text, **others}), "text/html")


KEPT = [
    "<b>a</b><i>b</i><u>c</u><kbd>d</kbd><mark>e</mark><sub>f</sub><sup>g</sup><br>",
    "<details><summary>a</summary><p>b</p></details>",
    "<dl><dt>a</dt><dd>b</dd></dl><hr>",
    '<table><caption>a</caption><tbody><tr><td colspan="2">b</td></tr></tbody></table>',
    "<ruby>a<rt>b</rt></ruby>",
]


@pytest.mark.parametrize("html", KEPT)
def test_what_jupyterlab_allows_stays_as_it_is(html):
    assert clean(html, "a cell") == clean(cleaned(html), "a cell")
    assert cleaned(html) == html


@pytest.mark.parametrize(
    ("html", "made"),
    [
        ("<center>a</center>", '<div style="text-align:center">a</div>'),
        ("<tt>a</tt><strike>b</strike><big>c</big>", "<code>a</code><s>b</s><span>c</span>"),
        ("<section>a</section><article>b</article>", "<div>a</div><div>b</div>"),
        ("<p align=right>a</p>", '<p style="text-align:right">a</p>'),
        ("<h1>a <i>b</i></h1>", "<p><strong>a <i>b</i></strong></p>"),
        ("<input type=checkbox checked>a<input type=radio>b", "<span> ☒ </span>a<span> ☐ </span>b"),
        ("<select><option>a<option selected>b</select>", "<span> b </span>"),
        ("<progress value=3 max=9></progress>", "<span> 3 of 9 </span>"),
        ("<!-- a -->b<title>c</title><noscript>d</noscript>", "b"),
        ("<p id=main class=notice onclick=x>a</p>", "<p>a</p>"),
    ],
)
def test_what_pages_do_without_becomes_what_they_have(html, made):
    assert cleaned(html) == made


@pytest.mark.promise("What was not displayed in a notebook is not displayed on its page.")
@pytest.mark.parametrize(
    "html",
    [
        "<p style='display: none'>a</p>",
        "<p style='visibility:hidden'>a</p>",
        "<p hidden>a</p>",
        "<style>.x p { display: none }</style><div class=x><p>a</p></div>",
        "<style>p { display: none !important }</style><p style='color:red'>a</p>",
    ],
)
def test_what_is_hidden_is_hidden_and_booked(html):
    assert words(cleaned(html)) == ""
    assert lost(html) == [("Part of an HTML output that is not displayed", "hidden")]


@pytest.mark.parametrize(
    ("html", "named"),
    [
        ("<iframe src='https://a.example/x'></iframe>", "Page from elsewhere"),
        ("<video src=//a.example/x.mp4></video>", "Video"),
        ("<audio><source src='https://a.example/x.wav'></audio>", "Sound"),
        ("<object data='https://a.example/x'><embed src='x'></object>", "Page from elsewhere"),
        ("<img src='https://a.example/x.png'>", "Picture"),
    ],
)
def test_what_lies_elsewhere_leaves_its_address_as_a_link(html, named):
    assert re.search(r'<a href="https://a.example/x[^"]*" rel="noopener', cleaned(html))
    assert words(cleaned(html)).startswith(f"{named}: not shown here: https://a.example/x")
    assert lost(html) == [(named, "not shown")]


@pytest.mark.parametrize(
    ("html", "fates"),
    [
        ("<video src='a.mp4' poster='https://a.example/x.png'></video>", ["not shown"] * 2),
        ("<div style='background-image: url(https://a.example/x.png)'></div>", ["not shown"]),
        ("<div style='background: red url(\"a/x.png\")'></div>", ["not shown"]),
        ("<div style='background:url(https://a.example/x.png)'>words</div>", ["lesser"]),
        (f"<div style='background: url({PNG})'></div>", []),
    ],
)
def test_stills_and_pictures_behind_others_are_accounted_for(html, fates):
    assert [fate for _, fate in lost(html)] == fates
    assert "url(" not in cleaned(html)


def test_a_film_that_is_embedded_is_named_and_its_still_is_shown():
    html = f"<video poster='{PNG}'><source src='data:video/mp4;base64,AAAA'>No browser</video>"
    assert f'<img src="{PNG}" alt="A still of the video">' in cleaned(html)
    assert lost(html) == [("Video (video/mp4, 3 bytes)", "not shown")]


@pytest.mark.promise("A page does not say what was meant for a browser that runs no scripts.")
@pytest.mark.parametrize(
    "html",
    [
        "<video src='https://a.example'>Your browser does not support <code>video</code></video>",
        "<div><b>In a notebook, please rerun this cell to show it or trust the notebook.</b></div>",
        "<div><span>Make this Notebook Trusted to load map: File</span></div>",
        "<span id=a>Loading BokehJS ...</span>",
    ],
)
def test_excuses_of_libraries_are_left_out(html):
    assert not re.search("browser|rerun|Trusted|Loading", cleaned(html))


def test_words_in_an_element_that_nobody_closed_stay():
    assert "after" in words(cleaned("<object data='https://a.example'><p>after</p>"))


DRAWN = '<svg viewBox="0 0 9 9" width=9><title>A dot</title><circle r=4 /></svg>'


@pytest.mark.promise("A drawing in the HTML of a cell is shown as a picture.")
def test_a_drawing_becomes_a_picture_with_its_words():
    found = re.fullmatch(r'<img src="data:image/svg\+xml;base64,(.*?)" (.*)>', cleaned(DRAWN))
    assert b'viewBox="0 0 9 9"' in base64.b64decode(found[1])
    assert found[2] == 'alt="A dot" width="9"'


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script><circle r=1 onload=alert(1) />",
        "<style>@import 'https://a.example'</style><circle r=1 />",
        "<image href='https://a.example/x'/><circle r=1 style='fill:url(https://a.example)' />",
        "<foreignObject><img src=x onerror=alert(1)></foreignObject><circle r=1 />",
        "<a href='javascript:alert(1)'><circle r=1 /></a><use xlink:href='https://a.example#x'/>",
    ],
)
def test_a_drawing_in_html_runs_and_fetches_nothing(inner):
    kept = base64.b64decode(cleaned(f"<svg>{inner}</svg>").split("base64,")[1].split('"')[0])
    assert b"circle" in kept
    assert not re.search(rb"alert|a\.example|javascript|foreign", kept)


def test_html_in_a_drawing_is_kept_as_its_words():
    made = cleaned("<svg><foreignObject><p>one<p>two</foreignObject></svg>")
    assert b">one two</text>" in base64.b64decode(made.split("base64,")[1].split('"')[0])


def test_a_drawing_that_others_only_take_parts_from_leaves_nothing():
    assert clean("<svg><defs><circle id=x r=1 /></defs></svg>", "a cell").is_empty


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E", True),
        (PNG.replace(",", ",\n "), True),
        ("data:image/png;base64,AAAA", False),
        ("data:text/html;base64,AAAA", False),
        ("data:image/png", False),
        ("x.png", False),
    ],
)
def test_a_picture_is_shown_if_it_holds_itself(address, shown):
    html = f'<img src="{address}" alt="a">'
    assert ("<img" in cleaned(html)) is shown
    assert lost(html) == ([] if shown else [("Picture 'a'", "not shown")])


def test_a_picture_beside_the_notebook_is_asked_for():
    found = {"x.png": Image("image/png", b"x")}
    made = clean("<img src=x.png>", "a cell", find_picture=found.__getitem__)
    assert made.html.startswith('<img src="data:image/png;base64,eA=="')


FIRST = f'<img id="_anim_img1"><script>frames[0] = "{PNG}"</script>'


def test_an_animation_is_shown_as_it_begins():
    assert f'<img src="{PNG}"' in cleaned(FIRST)
    assert ("Animation", "lesser") in lost(FIRST)


@pytest.mark.parametrize(
    ("html", "text", "what", "fate"),
    [
        ("<script>x</script>", "", "Script", "not run"),
        ("<style>p { color: red }</style>", "", "HTML without content", "shown"),
        (
            "<div id=m></div><script>L.map('m') // leaflet</script>",
            "",
            "Map of folium",
            "not shown",
        ),
        (
            "<div id=m></div><script>draw('m')</script>",
            "x(...)",
            "HTML that only its scripts fill",
            "not shown",
        ),
    ],
)
def test_html_with_nothing_to_see_is_named(html, text, what, fate):
    shown = read(html, text)
    assert (shown.what, shown.fate) == (what, fate)
    assert bool(shown.blocks) is (fate == "not shown")


def test_html_with_nothing_to_see_gives_way_to_what_says_more():
    assert read("<script>x</script>", "three rows") is None
    assert read("<style>x</style>", **{"image/png": ""}) is None
    assert read("<div id=m></div><script>draw('m')</script>", "three rows") is None


def test_an_estimator_is_shown_as_its_text():
    html = "<div class='sk-top-container'><div class='sk-text-repr-fallback'><pre>Ridge()</pre>"
    assert read(html, "Ridge(alpha=2)").blocks == (Text("Ridge(alpha=2)"),)
    assert read(html, "").blocks == (Text("Ridge()"),)


def test_words_around_what_a_script_draws_stay():
    shown = read("<p>Before</p><div id=m></div><script>draw('m')</script>")
    (block,) = shown.blocks
    assert isinstance(block, Html)
    assert words(block.source).startswith("Before HTML that only its scripts fill: not shown")
    assert {loss.fate for loss in shown.losses} == {"not shown", "not run"}


def test_html_nested_too_deeply_is_named():
    made = clean("<div>" * 5000 + "x", "a cell")
    assert made.losses == (Loss("HTML nested deeper than 256 elements", "not shown"),)
    assert made.is_empty


DISGUISED = [  # forms of mutation XSS that once passed a sanitiser
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src onerror=x&gt;'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<textarea></p><img src=x onerror=alert(1)></textarea>",
    "<svg><title><![CDATA[</title><img src=x onerror=alert(1)>]]></svg>",
    "<a href='&#1;javascript:alert(1)'>x</a><a href='java\nscript:alert(1)'>y</a>",
    "<listing>&lt;img onerror=alert(1) src=x&gt;</listing>",
    "<style>p::before { content: '</style><img src=x onerror=alert(1)>' }</style><p>x</p>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><embed src='javascript:alert(1)'>",
    '<img src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>\'>',
]


@pytest.mark.parametrize("is_prose", [True, False])
@pytest.mark.parametrize("html", DISGUISED)
def test_what_is_parsed_twice_still_runs_nothing(html, is_prose):
    made = clean_output(clean(html, "a cell", is_prose=is_prose).html)
    tags = "".join(re.findall(r"<[^>]*>", made))
    assert not re.search(r"onerror|onload|javascript:|<(?:script|style|svg|iframe|embed)", tags)
    assert [each for each in re.findall(r'src="([^"]*)"', made) if "data:image/" not in each] == []


def test_an_alternative_text_that_is_the_address_is_not_said_twice():
    assert lost('<img src="https://a.example/x.png" alt="https://a.example/x.png">') == [
        ("Picture", "not shown")
    ]


@pytest.mark.parametrize("width", ["80", "50%", "100%"])
def test_a_picture_has_the_width_that_its_author_gave_it(width):
    assert f'width="{width}"' in cleaned(f'<img src="{PNG}" width="{width}">')


@pytest.mark.parametrize("element", ["embed", "source", "track", "wbr", "br", "hr", "input", "img"])
def test_what_follows_an_element_that_holds_nothing_stays(element):
    assert "after" in words(cleaned(f"before <{element} src=x> after"))
    assert "after" in words(cleaned(f"<video><{element}></video> after"))
