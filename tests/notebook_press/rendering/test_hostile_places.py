"""Words that try to be more than words, in every place where a report shows what others wrote."""

import base64
import io
import re
import zipfile
from html.parser import HTMLParser

import nbformat.v4 as v4
import PIL.Image
import pypdf
import pytest
from lxml import etree
from markdown_it import MarkdownIt
from pptx import Presentation

from notebook_press.author import INTERACTIVE_TYPE, METADATA_KEY, RESULTS_TYPE, TABLE_TYPE
from notebook_press.notebook import failure
from notebook_press.rendering.checks import check_html, check_pdf, check_pptx
from notebook_press.rendering.html import render_webpage
from notebook_press.rendering.index import render_index
from notebook_press.rendering.pdf import render_document
from notebook_press.rendering.pptx import render_slides

WEB = "https://a.example/x"
ATTACKS = {
    "html": (
        f"<script>alert(1)</script><img src='{WEB}' onerror=alert(1)></title></style></textarea>"
        f"<a href='javascript:alert(1)'>x</a><svg><script href='{WEB}'/><foreignObject><iframe "
        f"src='{WEB}'></iframe></foreignObject><image href='{WEB}'/></svg><base href='{WEB}'>"
        f"<style>@import '{WEB}'; * {{ position: fixed; inset: 0 }}</style><form action='{WEB}'>"
        f"<meta http-equiv=refresh content='0;url={WEB}'><object data='{WEB}'><!-- ]]> &#0; &lt;"
        f" <p style='background:url({WEB})' onclick=alert(1)> {{{{ 7 * 7 }}}} {{% raw %}}"
    ),
    "markdown": (
        f"[x](javascript:alert(1)) [x](data:text/html,alert) ![x]({WEB}) ![x][y] <javascript:x> "
        "[x](file:///etc/passwd) [x](/etc/passwd) ![x](../../../etc/passwd) ![x](~/.ssh/id_rsa) "
        "![x](%2e%2e/%2e%2e/etc/passwd) ![x](..\\..\\secret.png) ![x](//host/share/x.png) "
        "![x](\\\\host\\share\\x.png) ![x](file:///etc/passwd) ![x](attachment:../../etc/passwd) "
        "$\\href{javascript:alert(1)}{x}$ $\\unsafe{x}$ $\\includegraphics{/etc/passwd}$ x[^1]"
    ),
    "pandoc": (
        "`<b onclick=x>`{=html} `#panic(1)`{=typst} [x](y){onclick=alert(1)} [x]{.y onclick=z} "
        "{{< include /etc/passwd >}} \\input{/etc/passwd} \\include{/etc/passwd} $$x$$ ~~x~~ "
        '$\\text{"; #panic(1)}$ $\\operatorname{#panic(1)}$ $\\mathrm{#read(/etc/passwd)}$ @label'
    ),
    "typst": (
        '#read("/etc/passwd") #image("/etc/passwd") #panic("run") $#panic(1)$ @label <label> '
        '#import "@preview/cetz:0.3.0": * ] #panic(1) [ ) } " \\ // /* #raw("x", block: true) ``` '
        '#{panic()} #let x = 1 \\u{0} = x #include "/etc/passwd" #link("javascript:x") `` ~ - +'
    ),
    "characters": (
        "a\x00b\x01c\x08\x0b\x0c\x1b[31m\x1b]0;title\x07\x7f\x85\u2028\u2029\ud800\udfff\ufffe"
        "\uffff\ufdd0\u202eetorw\u202c\u2066x\u2069\u200b\ufeff\U000e0001\U0001f3fb _x0000_ ]]> &"
        "#0; &#xD800; <?xml?> <!DOCTYPE x> \ue000 A\u0300\u0301 \u0000"
    ),
}
BLOCKS = (  # Markdown that begins something: only where a place has lines of its own
    "---\ntitle: taken\nheader-includes: <script>alert(1)</script>\n---\n\n"
    "```{=html}\n<script>alert(1)</script>\n```\n\n```{=typst}\n#panic(1)\n```\n\n"
    "::: {.x onclick=alert(1)}\nx\n:::\n\n[^1]: <script>alert(1)</script>\n\n"
    "[y]: https://a.example/x\n\n<details><summary onclick=alert(1)>x</summary></details>\n\n"
    "!include /etc/passwd\n\n.. include:: /etc/passwd\n\n> - 1. # x\n\n~~~ {.python onclick=x}\n"
)
DRAWING = (
    '<?xml-stylesheet href="https://a.example/x"?><!DOCTYPE svg [<!ENTITY x "y"><!ATTLIST rect '
    'onclick CDATA "alert(1)">]><svg xmlns="http://www.w3.org/2000/svg" xml:base="https://a.example"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink" width="90" height="60" onload="alert(1)">'
    "<script>alert(1)</script><style>@\\69mport 'https://a.example'; p { fill: u\\72l(x) }</style>"
    '<image href="file:///etc/passwd"/><image xlink:href="../../etc/passwd"/><use href="x.svg#y"/>'
    '<a href="javascript:alert(1)"><set attributeName="href" to="javascript:alert(1)"/></a>'
    '<foreignObject><i xmlns="http://www.w3.org/1999/xhtml"/></foreignObject><rect width="9" '
    'height="9" style="fill: url(https://a.example)" fill="url(file:///x)"/><img src="x" '
    'xmlns="http://www.w3.org/1999/xhtml"/><desc>&x;</desc></svg>'
)
MIMES = [
    *("application/javascript", "application/json", "application/pdf", "application/x-unknown"),
    *("application/vnd.jupyter.widget-view+json", "application/vnd.plotly.v1+json", "text/x-y"),
]
PLACES = [
    *("title", "heading", "prose", "answer", "notice", "say", "alt", "caption", "cell", "column"),
    *("result", "printed", "plain", "latex", "html", "mime", "widget", "notes"),
    *("parameter", "value", "help", "run", "folder", "commit", "processor", "version"),
    *("error", "message", "trace"),
]
HIDDEN = {"pdf": {"html"}, "pptx": {"html", "printed", "plain", "latex", "mime", "widget"}}
HIDDEN["pptx"] |= {"help", "folder", "commit", "processor", "version", "error", "message", "trace"}
HIDDEN["pptx"] |= {"value", "parameter"}  # its line of facts is cut short


def mark(place):
    return f"Q{PLACES.index(place):02}Q"


def shown(kind, data, **details):
    noted = {METADATA_KEY: {"kind": kind, **details}} if kind else {}
    return v4.new_output("display_data", data=data, metadata=noted)


def hostile_notebook(attack):
    """A notebook with the attack wherever its words can reach, after each place's own mark."""

    def at(place):
        return f"{mark(place)} {attack}"

    png = io.BytesIO()
    PIL.Image.new("L", (2, 2)).save(png, "PNG")
    picture = base64.b64encode(png.getvalue()).decode()
    row = [at("cell"), attack]
    columns = [{"name": at("column")}, {"name": attack, "align": attack}]
    table = {"columns": columns, "rows": [row], "caption": attack}
    live = {"html": f"<p>{attack}</p>", "script": "", "style": ""}
    outputs = [
        *(shown(kind, {"text/markdown": at(kind)}) for kind in ("answer", "notice", "say")),
        shown("figure", {"image/svg+xml": DRAWING}, caption=at("caption"), alt=at("alt")),
        shown(
            "interactive",
            {INTERACTIVE_TYPE: live, "image/svg+xml": DRAWING},
            caption=attack,
            alt=attack,
        ),
        shown("table", {TABLE_TYPE: table}),
        shown("results", {RESULTS_TYPE: {at("result"): 0.5}}),
        shown(attack, {"text/plain": at("plain")}),
        v4.new_output("stream", name="stdout", text=at("printed")),
        v4.new_output("stream", name="stderr", text=attack),
        shown(None, {"text/html": at("html"), "text/plain": attack}),
        shown(None, {"text/latex": f"{mark('latex')} {attack}"}),
        shown(None, {"image/png": picture, "text/plain": attack}),
        *(shown(None, {mime: attack, "text/plain": at("mime")}) for mime in MIMES),
        shown(None, {"application/vnd.jupyter.widget-view+json": {"model_id": attack}}),
        shown(None, {"text/plain": at("widget")}),
        v4.new_output("error", ename=at("error"), evalue=at("message"), traceback=[at("trace")]),
    ]
    parameter = {"name": at("parameter"), "value": at("value"), "default": "", "help": at("help")}
    noted = {"run": at("run"), "finished": "2026-11-22T18:00:00+00:00", "notice": attack}
    noted |= {"parameters": [parameter], "inputs": {at("folder"): attack}, "commit": at("commit")}
    noted |= {"versions": {attack: at("version")}, "machine": {"processor": at("processor")}}
    noted |= {"formats": [attack, "pdf", "pptx"]}
    prose = v4.new_markdown_cell(
        f"# {' '.join(at('title').split())}\n\n## {' '.join(at('heading').split())}\n\n"
        f"{at('prose')}\n\n![x](attachment:x.png) ![x](<attachment:{attack}>)\n\n{BLOCKS}"
    )
    prose["attachments"] = {name: {"image/png": picture} for name in ("x.png", attack)}
    notes = v4.new_markdown_cell(f"Said: {at('notes')}")
    code = v4.new_code_cell(f"x = 1  # {attack}", outputs=outputs, execution_count=1)
    for cell in (prose, notes, code):
        cell.metadata = {"name": attack, "tags": [attack], "slideshow": {"slide_type": attack}}
    metadata = {METADATA_KEY: noted, "title": attack, "authors": [{"name": attack}]}
    metadata |= {"language_info": {"name": attack}, "widgets": {"state": {attack: attack}}}
    return {"cells": [prose, notes, code], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture(scope="module", params=ATTACKS)
def attack(request):
    return ATTACKS[request.param]


@pytest.fixture(scope="module")
def notebook(attack):
    return hostile_notebook(attack)


class Elements(HTMLParser):
    """A page's elements with their attributes, its text, and the text of its scripts."""

    def __init__(self, html):
        super().__init__()
        self.found, self.text, self.scripts, self.inside = [], "", [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found += [(tag, name, value or "") for name, value in attributes] or [(tag, "", "")]
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts.append(data)
        self.text += data


POLICY = (
    r"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    r"(script-src( 'sha256-[A-Za-z0-9+/=]{44}')+; )?base-uri 'none'; form-action 'none'"
)


def assert_inert(html):
    """That a page runs and fetches nothing, by what its elements and attributes say."""
    check_html(html)
    page = Elements(html)
    tags = {tag for tag, _, _ in page.found}
    assert not tags & {"iframe", "object", "embed", "form", "base", "image", "foreignobject"}
    (policy,) = [v for tag, name, v in page.found if name == "content" and "-src" in v]
    assert re.fullmatch(POLICY, policy)
    assert not [name for _, name, _ in page.found if name.startswith("on")]
    links = [value for tag, name, value in page.found if name == "href" and tag != "link"]
    assert [v for v in links if not re.match(r"https?://|mailto:|#|(?![/\\])[^:\\]*$", v)] == []
    sources = [value for _, name, value in page.found if name in ("src", "srcset", "data")]
    assert [value for value in sources if not value.startswith("data:image/")] == []
    assert "alert(" not in "".join(page.scripts)
    styles = [value for _, name, value in page.found if name == "style"]
    assert not [value for value in styles if "url(" in value or "position" in value]
    return page


@pytest.mark.promise("Text in a web page is text, whatever a browser could read in it.")
def test_the_web_page_runs_and_fetches_nothing_and_shows_every_word(notebook):
    page = assert_inert(render_webpage(notebook, "02_network"))
    text = page.text + " ".join(value for _, name, value in page.found if name == "alt")
    assert [place for place in PLACES if mark(place) not in text] == []
    drawings = [v for _, name, v in page.found if name == "src" and "svg" in v]
    assert not [d for d in drawings if re.search("example|passwd|alert|ENTITY|x.svg", d)]


def test_the_pdf_runs_and_fetches_nothing_and_shows_every_word(notebook, tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(render_document(notebook, "02_network"))
    check_pdf(path)
    document = pypdf.PdfReader(path)
    objects = [document.get_object(n) for n in range(1, int(document.trailer["/Size"]))]
    kept = [each for each in objects if isinstance(each, pypdf.generic.DictionaryObject)]
    assert not [
        each for each in kept if {"/JS", "/AA", "/EF", "/OpenAction", "/Launch"} & set(each)
    ]
    actions = [each for each in kept if each.get("/S") == "/URI"]
    assert [a["/URI"] for a in actions if not re.match("https?://|mailto:", a["/URI"])] == []
    text = "".join(page.extract_text() for page in document.pages).replace("\n", "")
    assert "root:x:" not in text
    text += " ".join(str(each["/Alt"]) for each in kept if "/Alt" in each)
    assert {place for place in PLACES if mark(place) not in text} <= HIDDEN["pdf"]


def test_the_slides_hold_nothing_from_outside_and_show_every_word(notebook, tmp_path):
    path = tmp_path / "x.pptx"
    path.write_bytes(render_slides(notebook, "02_network"))
    check_pptx(path)
    assert Presentation(path).slides
    words = ""
    with zipfile.ZipFile(path) as deck:
        for name in deck.namelist():
            assert not re.search("vba|embeddings|activeX|media/.*svg", name)
            if name.endswith((".xml", ".rels")):
                part = etree.fromstring(deck.read(name))
                assert not part.xpath("//*[@TargetMode='External']")
                assert not part.xpath("//*[local-name()='hlinkClick']")
                words += "".join(part.itertext()) + " ".join(part.xpath("//@descr"))
    assert {place for place in PLACES if mark(place) not in words} <= HIDDEN["pptx"]


def test_the_index_runs_and_fetches_nothing(attack):
    parameter = {"name": attack, "value": attack, "default": attack, "help": attack}
    manifest = {"report": attack, "run": attack, "title": attack, "answer": attack}
    manifest |= {"notice": attack, "finished": "2026-11-22T18:00:00+00:00", "seconds": 1.0}
    manifest |= {"parameters": [parameter], "inputs": {attack: attack}, "results": {attack: 0.5}}
    manifest |= {"files": {f"{attack}.html": {}}, "keys": {}}
    manifest["key_figure"] = {"mime": "image/png", "content": "AAAA", "alt": attack}
    others = [manifest | {"run": name, "results": {attack: x}} for name, x in (("b", 1), ("c", 2))]
    assert_inert(render_index([manifest, *others]))


@pytest.mark.promise("The notebook of a failed run quotes its error as plain text.")
def test_a_failed_notebook_says_what_was_raised_as_plain_text(attack):
    notebook = v4.new_notebook(cells=[v4.new_code_cell(attack)])
    error = failure(notebook, "story", 0, f"raised {attack}: {attack}")
    kinds = [token.type for token in MarkdownIt().parse(error.partial.cells[0].source)]
    assert kinds == ["paragraph_open", "inline", "paragraph_close", "code_block"]


def test_a_title_of_no_letters_leaves_the_files_name():
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# <!-- nothing -->")])
    assert "<title>02_network</title>" in render_webpage(notebook, "02_network")
