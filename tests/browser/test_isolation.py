"""One file, offline: nothing is fetched, nothing runs that is not ours, nothing complains."""

import base64
import itertools

import nbformat.v4 as v4
import numpy as np
import pytest
from looking import outside
from pages import (
    INTERACTIVE_TYPE,
    RESULTS_TYPE,
    TABLE_TYPE,
    index_of,
    noted,
    page_of_cells,
    page_of_explorers,
    said,
    shown,
)

from handwriting import explorer
from handwriting.evaluation.classification import classification
from handwriting.models.dense_network import Layers

MOST_BYTES = 1_500_000
OUTSIDE = "http://127.0.0.1:9/pixel.png"  # nobody listens there
MARKUP = (
    f"<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
    f"<img src='{OUTSIDE}'><svg onload='window.hacked = 3'></svg>"
    f"<iframe src='{OUTSIDE}'></iframe><style>body {{ background: url({OUTSIDE}) }}</style>"
    f"<a href='javascript:window.hacked = 4'>a link</a>"
    f"<details open ontoggle='window.hacked = 5'><summary>more</summary></details>"
)
MARKDOWN = f"{MARKUP}\n\n![a pixel]({OUTSIDE}) [a link](javascript:window.hacked=6)"
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60" onload="window.hacked = 7">'
    f'<script>window.hacked = 8</script><image href="{OUTSIDE}"/>'
    '<a href="javascript:window.hacked = 9"><text y="20">a link</text></a>'
    '<foreignObject width="9" height="9"><img xmlns="http://www.w3.org/1999/xhtml" '
    f'src="{OUTSIDE}" onerror="window.hacked = 10"/></foreignObject></svg>'
)


def test_opening_a_page_fetches_nothing_and_raises_no_complaint(visit, path):
    seen = visit(path)
    seen.open_everything()
    seen.page.mouse.wheel(0, 100_000)
    seen.page.wait_for_load_state("networkidle")
    assert (outside(seen), seen.messages) == ([], [])


@pytest.fixture(scope="module")
def opened(chromium, path):
    """The page, opened once for those who only look at it."""
    page = chromium.new_page()
    page.goto(path.as_uri())
    yield page
    page.close()


def test_a_policy_stands_before_everything_that_it_governs(opened):
    policy = opened.evaluate(
        "document.querySelector('meta[charset] + meta[http-equiv=Content-Security-Policy]').content"
    )
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert (parts["default-src"], parts["img-src"]) == ("'none'", "data:")
    scripts = parts.get("script-src", "'none'").split()
    assert scripts == ["'none'"] or all(each.startswith("'sha256-") for each in scripts)


def test_a_page_is_light(path):
    assert path.stat().st_size <= MOST_BYTES


def test_files_named_beside_a_report_are_there(opened, path):
    links = opened.eval_on_selector_all(
        "a[href]", "links => links.map(link => link.getAttribute('href'))"
    )
    beside = {link.split("#")[0] for link in links if not link.startswith(("#", "http"))}
    assert [link for link in beside if not (path.parent / link).is_file()] == []


def test_every_place_that_a_page_points_to_exists(opened):
    lost = opened.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(link => link.hash.slice(1))"
        ".filter(name => name && !document.getElementById(decodeURIComponent(name)))"
    )
    assert lost == []


@pytest.fixture
def hostile_report(tmp_path):
    """A report whose every text and picture tries to run or to fetch something."""
    table = {"columns": [{"name": MARKUP, "align": "left"}], "rows": [[MARKUP]], "caption": MARKUP}
    outputs = [
        *(said(kind, {"text/markdown": MARKDOWN}) for kind in ("answer", "notice", "say")),
        said("figure", {"image/svg+xml": DRAWING}, caption=MARKDOWN, alt=MARKUP),
        said("table", {TABLE_TYPE: table}),
        said("results", {RESULTS_TYPE: {MARKUP: 0.98}}),
        v4.new_output("stream", name="stdout", text=f"\x1b[31m{MARKUP}\x1b[0m"),
        *(shown({kind: MARKDOWN}) for kind in ("text/html", "text/plain", "text/markdown")),
        shown({"text/latex": MARKUP}),
        shown({"image/svg+xml": DRAWING}),
        v4.new_output("error", ename=MARKUP, evalue=MARKUP, traceback=[MARKUP]),
    ]
    metadata = {
        "run": MARKUP,
        "finished": "2026-11-22T18:00:00+00:00",
        "seconds": 81.3,
        "parameters": [
            {"name": MARKUP, "value": MARKUP, "default": MARKUP, "type": "str", "help": MARKDOWN}
        ],
        "inputs": {MARKUP: "0" * 64},
        "notice": MARKDOWN,
        "commit": MARKUP,
        "versions": {"python": MARKUP},
        "machine": {"processor": MARKUP, "cores": 2, "memory_gib": 7.8, "system": MARKUP},
    }
    cells = [
        v4.new_markdown_cell(f"# {MARKUP}\n\n{MARKDOWN}\n\n## {MARKUP}\n\n${MARKUP}$"),
        v4.new_code_cell(f"# {MARKUP}", outputs=outputs, execution_count=1),
        v4.new_raw_cell(MARKUP),
    ]
    path = tmp_path / "hostile.html"
    html = page_of_cells(*cells, name="02_network", **noted(metadata))
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture
def hostile_index(tmp_path):
    """An index of runs whose every word tries to run or to fetch something."""
    manifests = [
        {
            "press": 1,
            "report": name,
            "run": run,
            "title": MARKUP,
            "answer": MARKDOWN,
            "notice": MARKDOWN,
            "finished": "2026-11-22T18:00:00+00:00",
            "seconds": 81.3,
            "parameters": [
                {"name": MARKUP, "value": MARKUP, "default": "0", "type": "str", "help": MARKUP}
            ],
            "inputs": {MARKUP: "0" * 64},
            "results": {MARKUP: 0.98},
            "commit": MARKUP,
            "versions": {"python": MARKUP},
            "machine": {"processor": MARKUP, "cores": 2, "memory_gib": 7.8, "system": MARKUP},
            "keys": {"run": "0", "render": "0"},
            "files": {f"{name}.html": {"sha256": "0", "bytes": 1}},
        }
        for name, run in itertools.product(("02_network", MARKUP), ("default", MARKUP))
    ]
    path = tmp_path / "index.html"
    path.write_text(index_of(manifests), encoding="utf-8")
    return path


@pytest.fixture
def hostile_explorers(tmp_path):
    """Figures to explore whose classes are called something that tries to run or to fetch."""
    images, names = np.zeros((4, 28, 28), np.uint8), [MARKUP, MARKUP]
    read = classification([0, 0, 1, 1], [[0.9, 0.1], [0.1, 0.9]] * 2, names)
    weights = Layers(np.ones((784, 1)), np.zeros(1), np.ones((1, 2)), np.zeros(2))
    path = tmp_path / "explorers.html"
    path.write_text(
        page_of_explorers(
            explorer.confusion(images, read, score_name=MARKUP),
            explorer.gallery(images, read, score_name=MARKUP),
            explorer.drawing(weights, images, names),
        ),
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(
    "bypass",
    [
        pytest.param(True, id="without its policy"),
        pytest.param(False, id="as it is", marks=pytest.mark.slow),  # one guard more
    ],
)
@pytest.mark.parametrize("page", ["hostile_report", "hostile_index", "hostile_explorers"])
def test_hostile_markup_neither_runs_nor_fetches(visit, request, page, bypass):
    seen = visit(request.getfixturevalue(page), bypass_csp=bypass)
    seen.open_everything()
    for link in seen.page.locator("a:has-text('a link')").all():
        link.evaluate("link => link.protocol == 'javascript:' && link.click()")
    for button in seen.page.locator(".explorer button:visible").all():
        button.click()
    for canvas in seen.page.locator("canvas.ink").all():
        canvas.click()
    seen.page.wait_for_load_state("networkidle")
    assert seen.page.evaluate("window.hacked") is None
    assert (outside(seen), seen.messages) == ([], [])


OVERLAY = (
    "<p style='position:fixed;inset:0;z-index:9;background:red'>over</p>"
    "<p style='margin-top:-9999px;height:99999px;background:red'>over</p>"
    "<p style='po\\73ition:absolute;inset:0;box-shadow:0 0 0 99em red'>over</p>"
    "<img alt='' style='transform:scale(999)' src='data:image/svg+xml;base64,{}'>"
)


def test_no_html_of_a_cell_lies_over_the_words_of_the_page(visit, tmp_path):
    drawing = base64.b64encode(DRAWING.encode()).decode()
    content = {"html": OVERLAY.format(drawing), "script": "", "style": ""}
    live = {INTERACTIVE_TYPE: content, "image/svg+xml": DRAWING}
    outputs = [said("interactive", live, caption="c", alt="a"), shown({"text/html": OVERLAY})]
    cells = [v4.new_markdown_cell("# A title"), v4.new_code_cell("x", outputs=outputs)]
    path = tmp_path / "overlaid.html"
    path.write_text(page_of_cells(*cells), encoding="utf-8")
    seen = visit(path)
    on_top = seen.page.evaluate(
        "(() => { const box = document.querySelector('h1').getBoundingClientRect();"
        " return document.elementFromPoint(box.x + 5, box.y + 5).tagName })()"
    )
    assert on_top == "H1"
    assert (outside(seen), seen.messages) == ([], [])


def test_the_watch_would_notice_a_script_and_a_request(visit, tmp_path):
    path = tmp_path / "unguarded.html"
    path.write_text(f"<!doctype html>{MARKUP}")
    seen = visit(path)
    seen.page.wait_for_load_state("networkidle")
    assert seen.page.evaluate("window.hacked")
    assert OUTSIDE in outside(seen)
    assert seen.messages
