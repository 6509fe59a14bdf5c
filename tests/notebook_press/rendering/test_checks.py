import io

import pypdf
import pytest
import typst
from pptx import Presentation
from pptx.util import Pt

from notebook_press.errors import RenderingError
from notebook_press.rendering.checks import check_html, check_pdf, check_pptx

POLICY = (
    "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; {} "
    "base-uri 'none'; form-action 'none'\">"
)
HEAD = f"{POLICY.format('')}<title>T</title>"


def page(body="", head=HEAD):
    text = f"<body><main><h1>T</h1>{body}</main></body>"
    return f"<!doctype html><html><head>{head}</head>{text}</html>\n"


def test_a_whole_page_is_accepted():
    check_html(
        page('<a href="https://a.example">x</a><img src="data:image/png;base64,AA==" alt="">')
    )


FETCHED_OR_RUN = [
    '<img src="https://a.example/x.png">',
    '<img srcset="https://a.example/x.png 2x">',
    '<video poster="//a.example/x.png"></video>',
    "<p style='background: url(https://a.example)'>x</p>",
    "<style>@import 'https://a.example';</style>",
    '<link rel="stylesheet" href="https://a.example">',
    "<svg><image href='https://a.example'/></svg>",
    "<meta http-equiv=refresh content='0; url=https://a.example'>",
    "<form action='https://a.example'></form>",
    "<iframe srcdoc='x'></iframe>",
    "<script>x</script>",
    "<p onclick='x'>x</p>",
    "<a href='javascript:x'>x</a>",
    "<a href='java\tscript:x'>x</a>",
    "<a href='/etc/passwd'>x</a>",
    "<a href='data:text/html,x'>x</a>",
    "<i id=a></i><i id=a></i>",
    "<h1>again</h1>",
]


@pytest.mark.promise("A page with a link to a script or a file is not published.")
def test_whatever_would_be_fetched_or_run_or_is_there_twice_is_refused():
    for body in FETCHED_OR_RUN:
        with pytest.raises(RenderingError, match="not fit to publish"):
            check_html(page(body))


# printf 'run()' | openssl dgst -sha256 -binary | base64
RUN = "'sha256-AvyuiL0SD1mVY3NNxR+V2uo+lhk6RMFrytWmRt6CrJQ='"


def with_policy(script, policy):
    return page(script, f"{POLICY.format(f'{policy};')}<title>T</title>")


def test_a_script_that_the_policy_names_is_accepted():
    check_html(with_policy("<script>run()</script>", f"script-src {RUN}"))


def test_data_that_no_browser_runs_are_accepted():
    check_html(page('<script type="application/json">{"a": "\\u003c/script>"}</script>'))


DATA_THAT_MAY_RUN = [
    '<script type="application/json">{"a": "<!-- <script>"}</script>',
    '<script type="application/json" src="x.json"></script>',
    '<script type="module">x</script>',
    '<script type="application/json" id="a">{}</script>',
    '<script TYPE="speculationrules">{}</script>',
]


@pytest.mark.parametrize("script", DATA_THAT_MAY_RUN)
def test_data_that_a_browser_may_run_are_refused(script):
    with pytest.raises(RenderingError, match="not fit to publish"):
        check_html(page(script))


@pytest.mark.parametrize(
    ("script", "policy"),
    [
        ("<script>run() </script>", f"script-src {RUN}"),
        ("<script>run()</script>", "img-src data:"),
        ("<script>run()</script>", f"script-src {RUN} 'unsafe-inline'"),
        ("<script>run()</script>", f"style-src {RUN}"),
        ("<script src='x.js'>run()</script>", f"script-src {RUN}"),
    ],
)
def test_any_other_script_is_refused(script, policy):
    with pytest.raises(RenderingError, match="not fit to publish"):
        check_html(with_policy(script, policy))


def test_a_policy_in_the_text_allows_nothing():
    with pytest.raises(RenderingError, match="page's policy"):
        check_html(page(POLICY.format(f"script-src {RUN};") + "<script>run()</script>"))


WEAK = [
    "",
    HEAD.replace("default-src 'none'", "default-src *"),
    HEAD.replace("default-src 'none'", "default-src 'none' https:"),
    HEAD.replace("base-uri", "base"),
    HEAD.replace("form-action 'none'", ""),
    POLICY.format("img-src data: https:;"),
    POLICY.format("connect-src 'self';"),
    f"<style>p {{ color: red }}</style>{POLICY.format('')}",
]


@pytest.mark.promise("A page without its policy is not published.")
@pytest.mark.promise("A page with a weaker policy is not published.")
def test_a_page_without_its_whole_policy_is_refused():
    for policy in WEAK:
        with pytest.raises(RenderingError, match=r"policy|Policy"):
            check_html(page(head=f"{policy}<title>T</title>"))


@pytest.mark.parametrize(
    "broken", ["", "text", page(head=""), page()[:-20], page().replace("main", "div")]
)
def test_a_page_that_is_not_whole_is_refused(broken):
    with pytest.raises(RenderingError):
        check_html(broken)


def test_a_tagged_pdf_is_accepted():
    made = typst.compile(
        b"#set document(title: [T])\nx", ignore_system_fonts=True, pdf_standards=["ua-1"]
    )
    check_pdf(made)


def test_a_pdf_without_tags_is_refused():
    made = typst.compile(b"#set document(title: [T])\nx", ignore_system_fonts=True, pdf_tags=False)
    with pytest.raises(RenderingError, match="no tags"):
        check_pdf(made)


def test_a_pdf_without_pages_is_refused():
    empty = io.BytesIO()
    pypdf.PdfWriter().write(empty)
    with pytest.raises(RenderingError):
        check_pdf(empty.getvalue())


@pytest.mark.parametrize("content", [b"", b"<html>", b"%PDF-1.7\n", b"PK"])
@pytest.mark.parametrize(
    ("check", "what"), [(check_pdf, "a PDF that opens"), (check_pptx, "slides that open")]
)
def test_what_is_no_such_file_is_refused(check, what, content):
    with pytest.raises(RenderingError, match=f"^expected {what}"):
        check(content)


def saved(deck):
    made = io.BytesIO()
    deck.save(made)
    return made.getvalue()


def slides(title="T", left=0, description="d"):
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts.get_by_name("Title Only"))
    slide.shapes.title.text_frame.text = title
    frame = slide.shapes.add_table(1, 1, Pt(left), 0, Pt(9), Pt(9))
    frame._element.nvGraphicFramePr.cNvPr.set("descr", description)
    return saved(deck)


def test_slides_that_are_whole_are_accepted():
    check_pptx(slides())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"title": " "}, "slide 1: no title"),
        ({"left": -1}, "reaches outside"),
        ({"left": 712}, "reaches outside"),
        ({"description": ""}, "no alternative text"),
    ],
)
def test_a_slide_with_a_fault_is_refused(changes, fault):
    with pytest.raises(RenderingError, match=fault):
        check_pptx(slides(**changes))


def test_a_deck_without_slides_is_refused():
    with pytest.raises(RenderingError, match="found no slide"):
        check_pptx(saved(Presentation()))
