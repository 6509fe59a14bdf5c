import re

from notebook_press.rendering.checks import check_html
from notebook_press.rendering.index import render_index


def manifest(report="02_network", run="default", **changes):
    return {
        "press": 1,
        "report": report,
        "run": run,
        "title": f"Title of {report}",
        "answer": "It is **98%**.",
        "notice": None,
        "finished": "2026-11-22T18:00:00+00:00",
        "files": {f"{report}.{ending}": {} for ending in ("pdf", "ipynb", "html")},
        **changes,
    }


def test_an_index_without_reports_is_whole():
    html = render_index([])
    check_html(html)
    assert "Nothing has been published yet" in html


def test_a_card_has_title_answer_date_and_links_to_the_formats():
    html = render_index([manifest()])
    check_html(html)
    assert '<h3><a href="default/02_network.html">Title of 02_network</a></h3>' in html
    assert "<p>It is <strong>98%</strong>.</p>" in html
    assert "22 November 2026, 18:00 UTC" in html
    links = re.findall(r'href="(default/[^"]*)" aria-label="[^"]*: ([^"]*)"', html)
    assert links == [
        ("default/02_network.html", "Web page"),
        ("default/02_network.pdf", "PDF"),
        ("default/02_network.ipynb", "Notebook"),
    ]


def test_the_default_run_comes_first_and_then_the_newest():
    html = render_index(
        [
            manifest(run="old", finished="2026-01-01T00:00:00+00:00"),
            manifest(run="new", finished="2026-12-01T00:00:00+00:00"),
            manifest(run="default", finished="2025-01-01T00:00:00+00:00"),
        ]
    )
    assert re.findall(r"Run (\w+)</h2>", html) == ["default", "new", "old"]


def test_reports_of_a_run_are_in_order():
    html = render_index([manifest("02_b"), manifest("01_a")])
    assert html.index("Title of 01_a") < html.index("Title of 02_b")


def test_hostile_titles_answers_and_notices_are_shown_and_not_run():
    hostile = "<script>alert(1)</script>"
    html = render_index([manifest(title=hostile, answer=hostile, notice=hostile, run=hostile)])
    check_html(html)
    assert html.count("&lt;script&gt;alert(1)") >= 4


def test_a_notice_is_shown():
    assert "On <em>digits</em>." in render_index([manifest(notice="On *digits*.")])
