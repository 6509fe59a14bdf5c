import base64
import re

import numpy as np
import pytest

from notebook_press.errors import RenderingError
from notebook_press.rendering import index
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
        "parameters": [{"name": "epochs", "value": 10, "default": 10}],
        "results": {"test_accuracy": 0.98},
        "files": {f"{report}.{ending}": {} for ending in ("pdf", "ipynb", "html")},
        **changes,
    }


def test_an_index_without_reports_is_whole():
    html = render_index([])
    check_html(html)
    assert "Nothing has been published yet" in html


CARD = {
    "sweep": "wïde",
    "report": "02_network",
    "title": "What <b>units</b> do",
    "answer": "Of 8 settings, `units` = `64`.\n\n<script>alert(1)</script>",
    "notice": "Chosen by a test result.",
    "runs": 1200,
    "finished": "2026-11-22T18:00:00+00:00",
}


@pytest.mark.parametrize("manifests", [[], [manifest()]])
def test_a_sweep_has_a_card_that_leads_to_its_page(manifests):
    html = render_index(manifests, [CARD, {**CARD, "sweep": "second", "finished": None}])
    check_html(html)
    assert 'href="sweeps/w%C3%AFde/index.html"' in html
    assert 'href="sweeps/second/index.html"' in html
    assert "Of 8 settings, <code>units</code> = <code>64</code>." in html
    assert "Sweep wïde, 1,200 runs, 22 November 2026, 18:00 UTC" in html
    assert "<script>" not in html
    assert "Nothing has been published yet" not in html


def test_a_card_has_title_answer_date_and_links_to_the_formats():
    html = render_index([manifest()])
    check_html(html)
    assert '<h2><a href="default/02_network.html">Title of 02_network</a></h2>' in html
    assert "<p>It is <strong>98%</strong>.</p>" in html
    assert "22 November 2026, 18:00 UTC" in html
    links = re.findall(r'href="(default/[^"]*)" aria-label="[^"]*: ([^"]*)"', html)
    assert links == [
        ("default/02_network.html", "Web page"),
        ("default/02_network.pdf", "PDF"),
        ("default/02_network.ipynb", "Notebook"),
        ("default/02_network.json", "JSON"),
    ]


def runs(*results):
    """A report's runs a, b, …, each a day after the one before."""
    return [
        manifest(
            run="abc"[day],
            finished=f"2026-11-0{day + 1}T18:00:00+00:00",
            results={"test_accuracy": accuracy},
            parameters=[{"name": "epochs", "value": day, "default": 2}],
        )
        for day, accuracy in enumerate(results)
    ]


@pytest.fixture(scope="module")
def three():
    return render_index(runs(0.97, 0.98, 0.96))


def cells(html, name):
    """The texts of the row that a name heads, in the table of runs."""
    row = re.search(rf'<th scope="row">(?:<code>)?{name}<.*?</tr>', html)[0]
    return [re.sub("<.*?>", "", cell) for cell in re.findall("<td>(.*?)</td>", row)]


def test_a_report_has_one_card_with_its_newest_run(three):
    assert three.count('<li class="card">') == 1
    assert "Run c, 3 November 2026" in three
    assert "<dt>test accuracy</dt><dd>96.00%</dd>" in three


def test_a_card_shows_the_key_figure_that_its_manifest_holds():
    content = base64.b64encode(b"<svg><rect/></svg>").decode()
    figure = {"mime": "image/svg+xml", "content": content, "alt": "98% <right>"}
    html = render_index([manifest(key_figure=figure)])
    assert 'src="data:image/svg+xml,%3Csvg%3E%3Crect/%3E%3C/svg%3E"' in html
    assert 'alt="98% &lt;right&gt;"' in html


def test_a_key_figure_that_follows_the_theme_stands_on_paper_that_does():
    figure = {"mime": "image/svg+xml", "content": "PHN2Zy8+", "alt": "98%", "themed": True}
    assert '<div class="paper themed"><img' in render_index([manifest(key_figure=figure)])


def test_a_trial_under_another_name_does_not_displace_the_default_run():
    older = manifest(run="default", finished="2026-11-01T00:00:00+00:00")
    newer = manifest(run="trial", finished="2026-11-09T00:00:00+00:00")
    assert "Run default, 1 November 2026" in render_index([older, newer])


def test_runs_on_other_data_are_not_compared():
    first, other, last = runs(0.97, 0.5, 0.98)
    other["inputs"] = {"another": "file"}
    found = cells(render_index([first, other, last]), "test accuracy")
    assert found == ["98.00% +1.00 points", "50.00%", "97.00%"]


def test_runs_stand_side_by_side_the_newest_first(three):
    assert re.findall(r'<th scope="col"><a href="[^"]*">(\w)</a>', three) == ["c", "b", "a"]
    assert cells(three, "epochs") == ["2", "1 changed", "0 changed"]


def test_each_result_says_how_far_it_moved_from_the_run_before(three):
    assert cells(three, "test accuracy") == [
        "96.00% \N{MINUS SIGN}2.00 points",
        "98.00% +1.00 points",
        "97.00%",
    ]


def test_what_a_run_does_not_have_is_a_dash():
    html = render_index(
        [*runs(0.97, 0.98), manifest(finished="2026-12-01T00:00:00+00:00", results={})]
    )
    assert cells(html, "test accuracy") == ["\N{EN DASH}", "98.00% +1.00 points", "97.00%"]


def test_the_curve_of_a_result_is_told_in_words(three):
    check_html(three)
    words = "test accuracy over 3 runs: from 96.00% to 98.00%, 96.00% in the last"
    assert f'role="img" aria-label="{words}"' in three


def past(values, **changed):
    """What is kept of runs, each a minute after the one before."""
    return [
        {
            "report": "02_network",
            "run": "default",
            "finished": f"2026-11-01T18:{minute:02}:00+00:00",
            "results": {"test_accuracy": value},
            "inputs": {},
            **changed,
        }
        for minute, value in enumerate(values)
    ]


STEADY = [0.97, 0.971] * 6


def test_a_run_that_left_the_band_of_the_ten_before_is_marked_and_told():
    last = manifest(results={"test_accuracy": 0.97})
    html = render_index([last], [], past([*STEADY, 0.9]))
    check_html(html)
    assert html.count('<circle class="outside"') == 1
    assert (
        "test accuracy over 14 runs: from 90.00% to 97.10%, 97.00% in the last; 90.00% in run "
        "default of 1 November 2026, 18:12 UTC is outside the band of the ten before"
    ) in html


def test_a_run_that_is_kept_and_published_is_one():
    kept = past(STEADY)
    html = render_index([manifest(**kept[-1])], [], kept)
    assert "over 12 runs" in html


@pytest.mark.parametrize(
    "others", [past(STEADY, inputs={"other": "data"}), past(STEADY, report="01_data")]
)
def test_runs_on_other_data_and_of_other_reports_are_not_in_the_line(others):
    assert "<svg" not in render_index([manifest()], [], others)


def test_a_result_that_never_moved_has_no_line():
    assert "<svg" not in render_index([manifest()], [], past([0.98] * 12))


@pytest.mark.parametrize("seed", range(5))
def test_the_band_is_that_of_other_code(seed):
    values = np.random.default_rng(seed).normal(size=60)
    values[30] += 9
    before = np.lib.stride_tricks.sliding_window_view(values, 10)[:-1]
    outside = abs(values[10:] - before.mean(axis=1)) > 3 * before.std(axis=1, ddof=1)
    found = index.left_the_band(values.tolist())
    assert found == (10 + np.flatnonzero(outside)).tolist()
    assert 30 in found


@pytest.mark.parametrize(("last", "found"), [(0.1, []), (0.1000001, [10])])
def test_what_never_moved_leaves_its_band_by_any_move(last, found):
    assert index.left_the_band([0.1] * 10 + [last]) == found


def test_moments_are_compared_wherever_they_were_noted():
    early, late = "2026-11-22T20:00:00+05:00", "2026-11-22T16:00:00+00:00"
    html = render_index(
        [manifest(run="early", finished=early), manifest(run="late", finished=late)]
    )
    assert "Run late, 22 November" in html


def test_reports_are_in_order():
    html = render_index([manifest("02_b"), manifest("01_a")])
    assert html.index("Title of 01_a") < html.index("Title of 02_b")


def test_a_notice_is_shown():
    assert "On <em>digits</em>." in render_index([manifest(notice="On *digits*.")])


@pytest.mark.promise("An index that is not fit to publish is not published.")
def test_an_index_that_is_not_fit_to_publish_is_refused(monkeypatch):
    page = render_index([]).replace("</main>", "<script>run()</script></main>")
    monkeypatch.setattr(index, "_rendered", lambda *_: page)
    with pytest.raises(RenderingError, match="expected scripts of the page's policy"):
        render_index([])


def test_a_name_in_an_address_leads_to_no_other_host():
    html = render_index([manifest("/a.example/x", run="/")])
    assert 'href="%2F/%2Fa.example%2Fx.html"' in html
