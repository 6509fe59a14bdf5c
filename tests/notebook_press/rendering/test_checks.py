import io

import pypdf
import pytest
import typst

from notebook_press.errors import RenderingError
from notebook_press.rendering.checks import check_html, check_pdf


def page(body="", head="<title>T</title>"):
    text = f"<body><main><h1>T</h1>{body}</main></body>"
    return f"<!doctype html><html><head>{head}</head>{text}</html>\n"


def test_a_whole_page_is_accepted():
    check_html(
        page('<a href="https://a.example">x</a><img src="data:image/png;base64,AA==" alt="">')
    )


@pytest.mark.parametrize(
    "body",
    [
        '<img src="https://a.example/x.png">',
        '<img src="x.png">',
        '<img srcset="https://a.example/x.png 2x">',
        '<video poster="//a.example/x.png"></video>',
        "<p style='background: url(https://a.example)'>x</p>",
        "<style>p { background: url('https://a.example') }</style>",
        "<style>@import 'https://a.example';</style>",
        '<link rel="stylesheet" href="https://a.example">',
        "<svg><image href='https://a.example'/></svg>",
        "<svg><use xlink:href='https://a.example'/></svg>",
        "<meta http-equiv=refresh content='0; url=https://a.example'>",
        "<form action='https://a.example'></form>",
        "<iframe srcdoc='x'></iframe>",
        "<script>x</script>",
        "<p onclick='x'>x</p>",
        "<a href='javascript:x'>x</a>",
        "<i id=a></i><i id=a></i>",
        "<h1>again</h1>",
    ],
)
def test_whatever_would_be_fetched_or_run_or_is_there_twice_is_refused(body):
    with pytest.raises(RenderingError, match="not fit to publish"):
        check_html(page(body))


@pytest.mark.parametrize(
    "broken", ["", "text", page(head=""), page()[:-20], page().replace("main", "div")]
)
def test_a_page_that_is_not_whole_is_refused(broken):
    with pytest.raises(RenderingError):
        check_html(broken)


def test_a_page_is_read_from_its_file(tmp_path):
    (tmp_path / "x.html").write_text("nothing")
    with pytest.raises(RenderingError, match=r"x\.html"):
        check_html(tmp_path / "x.html")


def pdf(tmp_path, content):
    path = tmp_path / "x.pdf"
    path.write_bytes(content)
    return path


def test_a_tagged_pdf_is_accepted(tmp_path):
    made = typst.compile(
        b"#set document(title: [T])\nx", ignore_system_fonts=True, pdf_standards=["ua-1"]
    )
    check_pdf(pdf(tmp_path, made))


def test_a_pdf_without_tags_is_refused(tmp_path):
    made = typst.compile(b"#set document(title: [T])\nx", ignore_system_fonts=True, pdf_tags=False)
    with pytest.raises(RenderingError, match="no tags"):
        check_pdf(pdf(tmp_path, made))


def test_a_pdf_without_pages_is_refused(tmp_path):
    empty = io.BytesIO()
    pypdf.PdfWriter().write(empty)
    with pytest.raises(RenderingError):
        check_pdf(pdf(tmp_path, empty.getvalue()))


@pytest.mark.parametrize("content", [b"", b"<html>", b"%PDF-1.7\n"])
def test_what_is_no_pdf_is_refused(tmp_path, content):
    with pytest.raises(RenderingError, match="expected a PDF that opens"):
        check_pdf(pdf(tmp_path, content))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RenderingError):
        check_pdf(tmp_path / "missing.pdf")
