"""Words that try to be more than words, in every place where a report shows what others wrote.

Each attack stands in each place, but only one page of each format is made: a cell for each attack,
and all of them together where a notebook has one place only.
"""

import base64
import hashlib
import io
import json
import re
import zipfile
from urllib.parse import quote, unquote

import nbformat.v4 as v4
import pypdf
import pytest
from lxml import etree
from markdown_it import MarkdownIt
from markupsafe import Markup
from report_notebooks import (
    Elements,
    as_html,
    as_pdf,
    as_pptx,
    displayed,
    encoded,
    picture,
    said,
    stream,
)

from notebook_press.author import INTERACTIVE_TYPE, METADATA_KEY, RESULTS_TYPE, TABLE_TYPE
from notebook_press.notebook import failure
from notebook_press.rendering.checks import check_html, check_pdf, check_pptx
from notebook_press.rendering.index import render_index

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
LIVE = (
    f"<div onclick='alert(1)' style='background:url({WEB})'>x</div><button type='submit' "
    f"formaction='{WEB}' onclick='alert(1)'>b</button><form action='{WEB}'><input type='image' "
    f"src='{WEB}'></form><link rel='stylesheet' href='{WEB}'><base href='{WEB}'>"
)
ALLOWED = "root.dataset.ran = 'yes';"
IN_CELLS = [
    *("heading", "prose", "notice", "say", "alt", "caption", "cell", "column", "result", "printed"),
    *("plain", "latex", "html", "mime", "widget", "notes", "error", "message", "trace"),
    *("json", "source", "type"),
]
ON_TOP = [
    *("title", "answer", "run", "commit", "processor", "parameter", "value", "help"),
    *("folder", "version"),
]
HIDDEN = {"pdf": {"html"}, "pptx": {"html", "printed", "plain", "latex", "mime", "widget"}}
HIDDEN["pptx"] |= {"help", "folder", "commit", "processor", "version", "error", "message", "trace"}
HIDDEN["pptx"] |= {"value", "parameter"}  # its line of facts is cut short
HIDDEN["pptx"] |= {"json", "source", "type"}
HIDDEN["pptx"].add("result")  # it shows the first three


def mark(place, name):
    return f"Q{(IN_CELLS + ON_TOP).index(place):02}{name[0].upper()}Q"


def missing(text, hidden=()):
    """The places of which a text does not show what stands there."""
    wanted = [(place, name) for place in IN_CELLS for name in ATTACKS]
    wanted += [(place, "all") for place in ON_TOP]
    return [each for each in wanted if each[0] not in hidden and mark(*each) not in text]


def attacked_cells(name, attack):
    """Cells with an attack wherever its words can reach, after each place's own mark."""

    def at(place):
        return f"{mark(place, name)} {attack}"

    columns = [{"name": at("column")}, {"name": attack, "align": attack}]
    table = {"columns": columns, "rows": [[at("cell"), attack]], "caption": attack}
    live = {"html": f"<p>{attack}</p>{LIVE}", "script": ALLOWED, "style": ""}
    asked = {"width": attack, "height": attack, "needs_background": attack}
    explored = {INTERACTIVE_TYPE: live, "image/svg+xml": DRAWING}
    outputs = [
        *(said(kind, {"text/markdown": at(kind)}) for kind in ("notice", "say")),
        said("figure", {"image/svg+xml": DRAWING}, caption=at("caption"), alt=at("alt")),
        said("interactive", explored, caption=attack, alt=attack),
        said("table", {TABLE_TYPE: table}),
        said("results", {RESULTS_TYPE: {at("result"): 0.5}}),
        said(attack, {"text/plain": at("plain")}),
        stream(at("printed")),
        stream("only plumbing", "stderr"),
        displayed({"text/html": f"{at('html')}{LIVE}", "text/plain": attack}),
        displayed({"text/latex": f"{mark('latex', name)} {attack}"}),
        displayed({"image/png": encoded(picture()), "text/plain": attack}),
        *(displayed({mime: attack, "text/plain": at("mime")}) for mime in MIMES),
        displayed({"application/vnd.jupyter.widget-view+json": {"model_id": attack}}),
        displayed({"application/json": {at("json"): attack}}),
        displayed({"text/x-y": at("source")}),
        displayed({f"x/{at('type')}": attack}),
        displayed({"image/png": encoded(picture())}) | {"metadata": {"image/png": asked}},
        displayed({"text/plain": at("widget")}),
        v4.new_output("error", ename=at("error"), evalue=at("message"), traceback=[at("trace")]),
    ]
    prose = v4.new_markdown_cell(
        f"## {' '.join(at('heading').split())}\n\n{at('prose')}\n\n"
        f"![x](attachment:x.png) ![x](<attachment:{attack}>)\n\n{BLOCKS}"
    )
    images = {"image/png": encoded(picture())}
    prose["attachments"] = {"x.png": images, attack: images}
    notes = v4.new_markdown_cell(f"Said: {at('notes')}")
    code = v4.new_code_cell(f"x = 1  # {attack}", outputs=outputs, execution_count=1)
    for cell in (prose, notes, code):
        cell.metadata = {"name": attack, "tags": [attack], "slideshow": {"slide_type": attack}}
    return [prose, notes, code]


@pytest.fixture(scope="module")
def notebook():
    every = " ".join(ATTACKS.values())

    def at(place):
        return f"{mark(place, 'all')} {every}"

    parameter = {"name": at("parameter"), "value": at("value"), "default": "", "help": at("help")}
    noted = {"run": at("run"), "finished": "2026-11-22T18:00:00+00:00", "notice": every}
    noted |= {"parameters": [parameter], "inputs": {at("folder"): every}, "commit": at("commit")}
    noted |= {"versions": {every: at("version")}, "machine": {"processor": at("processor")}}
    noted |= {"formats": [every, "pdf", "pptx"]}
    answer = v4.new_code_cell("x", outputs=[said("answer", {"text/markdown": at("answer")})])
    cells = [v4.new_markdown_cell(f"# {' '.join(at('title').split())}"), answer]
    cells += [cell for attack in ATTACKS.items() for cell in attacked_cells(*attack)]
    metadata = {METADATA_KEY: noted, "title": every, "authors": [{"name": every}]}
    metadata |= {"language_info": {"name": every}, "widgets": {"state": {every: every}}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


POLICY = (
    r"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    r"(script-src (?P<scripts>'sha256-[A-Za-z0-9+/=]{44}'( 'sha256-[A-Za-z0-9+/=]{44}')*); )?"
    r"base-uri 'none'; form-action 'none'"
)


def assert_inert(html):
    """That a page runs and fetches nothing, by what its elements and attributes say."""
    check_html(html)
    page = Elements(html)
    assert not {tag for tag, _ in page.found} & {
        *("iframe", "object", "embed", "form", "base", "image", "foreignobject", "video")
    }
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    allowed = re.fullmatch(POLICY, policy)["scripts"] or ""
    hashes = {hashlib.sha256(script.encode()).digest() for script in page.scripts}
    named = {f"'sha256-{base64.b64encode(each).decode()}'" for each in hashes}
    assert set(allowed.split()) == named
    names = {name for _, attributes in page.found for name in attributes}
    assert not [name for name in names if name.startswith("on")]
    assert [link["href"] for link in page.all("link")] == ["data:,"]
    links = [a["href"] for tag, a in page.found if tag != "link" and "href" in a]
    assert [v for v in links if not re.match(r"https?://|mailto:|#|(?![/\\])[^:\\]*$", v)] == []
    sources = page.values("src", "srcset", "data")
    assert [value for value in sources if not value.startswith("data:image/")] == []
    assert "alert(" not in "".join(page.scripts)
    assert not [v for v in page.values("style") if "url(" in v or "position" in v]
    return page


@pytest.mark.promise("Text in a web page is text, whatever a browser could read in it.")
def test_the_web_page_runs_and_fetches_nothing_and_shows_every_word(notebook):
    page = assert_inert(as_html(notebook))
    text = page.text + " ".join(page.values("alt"))
    assert missing(text) == []
    assert text.count("<script>alert(1)") >= 20
    assert "only plumbing" not in text
    assert not page.all("svg")
    assert len(set(page.scripts)) == 2
    assert ALLOWED in page.scripts[0]
    drawings = [unquote(source) for source in page.values("src") if "svg" in source]
    assert len(drawings) == 2 * len(ATTACKS)
    assert not [d for d in drawings if re.search("example|passwd|alert|ENTITY|x.svg", d)]


def quoted(attack):
    """An attack as an attribute's value."""
    return attack.replace("&", "&amp;").replace('"', "&quot;")


def line(attack):
    return " ".join(attack.split())


SVG_ADDRESS = f"data:image/svg+xml;base64,{base64.b64encode(DRAWING.encode()).decode()}"
DOORS = {
    "front matter": lambda a: f"---\ntitle: {json.dumps(a)}\nlang: {json.dumps(a)}\n---\n",
    "details": lambda a: f"<details><summary>{a}</summary>\n\n{a}\n\n</details>",
    "div": lambda a: f'<div class="{quoted(a)}" align="{quoted(a)}">\n\n{a}\n\n</div>',
    "style": lambda a: f'<p style="{quoted(a)}">x</p><font color="{quoted(a)}">x</font>',
    "html table": lambda a: f'<table><tr><td colspan="{quoted(a)}">{a}</td></tr></table>',
    "table": lambda a: f"x\n| {line(a)} | b |\n|---|---|\n| {line(a)} | {line(a)} |",
    "alert": lambda a: f"> [!NOTE]\n> {line(a)}",
    "box": lambda a: f'<div class="alert alert-{quoted(a)}">{a}</div>',
    "footnote": lambda a: f"x[^n]\n\n[^n]: {line(a)}",
    "far footnote": lambda a: f"x[^far]\n\n[^{line(a)}]: {line(a)}",
    "formula": lambda a: f"$ {line(a)} $ and\n\n$$\n{line(a)}\n$$",
    "environment": lambda a: f"\\begin{{align}}\n{line(a)} \\label{{{line(a)}}}\n\\end{{align}}",
    "macro": lambda a: f"$\\newcommand{{\\x}}{{{line(a)}}}$\n\n$\\x$ \\eqref{{{line(a)}}}",
    "heading": lambda a: f"<h2 id='{line(a)}'>{line(a)}</h2>\n\n[x](#{line(a)})",
    "anchor": lambda a: f'<a id="{quoted(a)}" name="{quoted(a)}">x</a>',
    "picture": lambda a: f'<img src="{quoted(a)}" alt="{quoted(a)}" width="{quoted(a)}">',
    "data": lambda a: f"![{line(a)}]({SVG_ADDRESS}) <img src='{SVG_ADDRESS}'>",
    "data as text": lambda a: f"![x](<data:image/svg+xml;utf8,{quote(DRAWING)}>)",
    "drawing": lambda a: DRAWING[DRAWING.index("<svg") :].replace(
        "<desc>", f"<text>{a}</text><desc>"
    ),
    "video": lambda a: (
        f'<video src="{quoted(a)}" poster="{quoted(a)}" title="{quoted(a)}">{a}</video>'
    ),
    "frame": lambda a: (
        f'<iframe src="{quoted(a)}" srcdoc="{quoted(a)}" title="{quoted(a)}"></iframe>'
    ),
    "link": lambda a: f"[x]({line(a)} '{line(a)}') [x]: <{line(a)}>\n\n[y]: {line(a)}",
}


def through_new_doors():
    """Each attack in each of the places that Markdown and raw cells have besides plain prose."""
    for make in DOORS.values():
        for attack in ATTACKS.values():
            yield v4.new_markdown_cell(make(attack))
    for attack in ATTACKS.values():
        for form in ("text/markdown", "text/html", "text/x-rst", ""):
            yield v4.new_raw_cell(attack, metadata={"raw_mimetype": form})
        states = {"text/html": DOORS["html table"](attack), "text/plain": "a table"}
        yield v4.new_code_cell("x", outputs=[displayed(states)])
        yield v4.new_code_cell("x", outputs=[displayed({"text/latex": f"\\[{attack}\\]"})])


@pytest.fixture(scope="module")
def doors():
    cells = [v4.new_markdown_cell(DOORS["front matter"](" ".join(ATTACKS.values())))]
    cells += through_new_doors()
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_nothing_runs_or_is_fetched_through_html_in_markdown_maths_and_raw_cells(doors):
    page = assert_inert(as_html(doors))
    drawings = [unquote(each) for each in page.values("src") if "svg" in each]
    plain = [base64.b64decode(each.partition(",")[2]).decode() for each in drawings]
    assert len(plain) >= 3 * len(ATTACKS)
    assert not [d for d in plain if re.search("a.example|passwd|alert|ENTITY|x.svg", d)]
    assert "root:x:" not in page.text


@pytest.mark.slow
def test_no_document_runs_or_reads_anything_through_them(doors):
    content = as_pdf(doors)
    check_pdf(content)
    document = pypdf.PdfReader(io.BytesIO(content))
    text = "".join(page.extract_text() for page in document.pages)
    assert "root:x:" not in text
    uris = re.findall(rb"/URI ?\((.*?)\)", content)
    assert [each for each in uris if not re.match(rb"https?://|mailto:", each)] == []
    check_pptx(as_pptx(doors))


EVERY = " ".join(ATTACKS.values())
DATA_BLOCK = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)


def page_of(data, **metadata):
    code = v4.new_code_cell("x", outputs=[displayed(data)])
    return as_html({"cells": [code], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.promise("What a live chart says is data to the page, whatever a browser reads in it.")
def test_a_live_chart_is_data(monkeypatch):
    for module in ("outputs.charts", "outputs.live_charts"):
        place = f"notebook_press.rendering.{module}.plotly_script"
        monkeypatch.setattr(place, lambda: Markup("draw();"))
    trace = {"type": "bar", "x": [EVERY], "text": list(ATTACKS.values()), EVERY: EVERY}
    figure = {"data": [trace], "layout": {"title": {"text": EVERY}, EVERY: EVERY}}
    html = page_of({"application/vnd.plotly.v1+json": figure | {"frames": [{"name": EVERY}]}})
    check_html(html)
    (block,) = DATA_BLOCK.findall(html)
    assert "<" not in block
    assert set(json.loads(block)) == {"data", "layout", "frames"}
    assert "draw();" in assert_inert(DATA_BLOCK.sub("", html)).scripts


def test_a_drawn_chart_is_a_picture():
    pytest.importorskip("vl_convert")
    values = [{"a": attack, "b": 1, "c": "javascript:alert(1)"} for attack in ATTACKS.values()]
    chart = {
        "data": {"values": values},
        "title": EVERY,
        "description": EVERY,
        "mark": "bar",
        "encoding": {"x": {"field": "a"}, "y": {"field": "b"}},
    }
    page = assert_inert(page_of({"application/vnd.vegalite.v5+json": chart}))
    assert [value for value in page.values("src") if "svg" in value]


def test_a_widget_is_text():
    states = {
        "w": ("Tab", {"children": [f"IPY_MODEL_{n}" for n in "abcd"], "titles": [EVERY] * 4}),
        "a": ("Text", {"value": EVERY, "description": EVERY}),
        "b": ("HTML", {"value": f"<p>{EVERY}</p>{LIVE}", "description": EVERY}),
        "c": ("Dropdown", {"index": 0, "_options_labels": [EVERY]}),
        "d": (EVERY, {"layout": EVERY}),
    }
    held = {
        name: {"model_name": f"{kind}Model", "model_module": EVERY, "state": state}
        for name, (kind, state) in states.items()
    }
    stored = {"application/vnd.jupyter.widget-state+json": {"state": held}}
    page = page_of({"application/vnd.jupyter.widget-view+json": {"model_id": "w"}}, widgets=stored)
    assert assert_inert(page).text.count("<script>alert(1)") >= 7


def test_the_pdf_runs_and_fetches_nothing_and_shows_every_word(notebook):
    content = as_pdf(notebook)
    check_pdf(content)
    document = pypdf.PdfReader(io.BytesIO(content))
    objects = [document.get_object(n) for n in range(1, int(document.trailer["/Size"]))]
    kept = [each for each in objects if isinstance(each, pypdf.generic.DictionaryObject)]
    assert not [
        each for each in kept if {"/JS", "/AA", "/EF", "/OpenAction", "/Launch"} & set(each)
    ]
    actions = [each for each in kept if each.get("/S") == "/URI"]
    assert [a["/URI"] for a in actions if not re.match("https?://|mailto:", a["/URI"])] == []
    text = "".join(page.extract_text() for page in document.pages).replace("\n", "")
    assert "root:x:" not in text
    assert text.count('#panic("run")') >= 8
    text += " ".join(str(each["/Alt"]) for each in kept if "/Alt" in each)
    assert missing(text, HIDDEN["pdf"]) == []


def test_the_slides_hold_nothing_from_outside_and_show_every_word(notebook):
    content = as_pptx(notebook)
    check_pptx(content)
    words = ""
    with zipfile.ZipFile(io.BytesIO(content)) as deck:
        for name in deck.namelist():
            assert not re.search("vba|embeddings|activeX|media/.*svg", name)
            if name.endswith((".xml", ".rels")):
                part = etree.fromstring(deck.read(name))
                assert not part.xpath("//*[@TargetMode='External']")
                assert not part.xpath("//*[local-name()='hlinkClick']")
                words += "".join(part.itertext()) + " ".join(part.xpath("//@descr"))
    assert missing(words, HIDDEN["pptx"]) == []
    assert mark("result", "html") in words
    assert "<script>alert(1)</script>" in words


def test_the_index_runs_and_fetches_nothing():
    manifests = []
    for attack in ATTACKS.values():
        parameter = {"name": attack, "value": attack, "default": attack, "help": attack}
        manifest = {"report": attack, "run": attack, "title": attack, "answer": attack}
        manifest |= {"notice": attack, "finished": "2026-11-22T18:00:00+00:00", "seconds": 1.0}
        manifest |= {"parameters": [parameter], "inputs": {attack: attack}}
        manifest |= {"files": {f"{attack}.html": {}}, "keys": {}, "results": {attack: 0.5}}
        manifest["key_figure"] = {"mime": "image/png", "content": "AAAA", "alt": attack}
        runs = (("b", 1), ("c", 2))
        manifests += [manifest | {"run": name, "results": {attack: x}} for name, x in runs]
        manifests.append(manifest)
    assert assert_inert(render_index(manifests)).text.count("<script>alert(1)") >= 4


@pytest.mark.promise("The notebook of a failed run quotes its error as plain text.")
def test_a_failed_notebook_says_what_was_raised_as_plain_text():
    plain = ["paragraph_open", "inline", "paragraph_close", "code_block"]
    for attack in ATTACKS.values():
        notebook = v4.new_notebook(cells=[v4.new_code_cell(attack)])
        error = failure(notebook, "story", 0, f"raised {attack}: {attack}")
        tokens = MarkdownIt().parse(error.partial.cells[0].source)
        assert [token.type for token in tokens] == plain
