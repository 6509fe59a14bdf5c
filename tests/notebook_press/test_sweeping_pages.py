"""The page of a sweep: what it says is what its runs recorded."""

import base64
import io
import json
import re
import zlib
from dataclasses import replace
from statistics import fmean

import pypdf
import pytest
from manifests import put_report
from nbformat import v4
from pages import page_of_cells, said
from scipy import stats
from statsmodels.stats.multitest import multipletests
from swept import DRAWING, pictures, swept

from notebook_press.making import open_reports
from notebook_press.publishing.manifest import CARD
from notebook_press.rendering.checks import check_pdf
from notebook_press.sweeping import saying
from notebook_press.sweeping.drawing import Scale, round_numbers
from notebook_press.sweeping.figures import Kept
from notebook_press.sweeping.findings import Findings
from notebook_press.sweeping.pages import LARGEST, _shares, render, write_pages
from notebook_press.sweeping.results import Objective, PointOutcome
from notebook_press.sweeping.turning import sliders


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("noise", [0.001, 0.02])
def test_the_answer_is_that_of_other_code(largest, noise):
    sweep, outcomes = swept(objective=Objective("validation_accuracy", largest), noise=noise)
    findings = Findings(sweep, outcomes)
    values = {}
    for each in outcomes:
        key = each.point.values["units"], each.point.values["rate"]
        values.setdefault(key, []).append(each.results["validation_accuracy"])
    best = (max if largest else min)(values, key=lambda key: fmean(values[key]))
    assert tuple(findings.best.values.values()) == best
    others = [key for key in values if key != best]
    p = [stats.ttest_rel(values[best], values[key]).pvalue for key in others]
    expected = dict(zip(others, multipletests(p, method="holm")[1], strict=True))
    found = {tuple(each.setting.values.values()): each.p for each in findings.rivals}
    assert found == pytest.approx(expected)
    alike = sum(p >= 0.05 for p in expected.values())
    said = saying.answer(findings)
    assert (f"{alike} of the 5 others" in said) == bool(alike)
    assert f"`units` = `{best[0]}`, `rate` = `{best[1]}`" in said
    assert f"**{fmean(values[best]):#.4g}**" in said
    low, high = stats.ttest_1samp(values[best], 0).confidence_interval()
    assert f"95% interval {low:#.4g} to {high:#.4g}, 5 repeats" in said


def test_a_result_that_is_another_one_in_each_run_is_said_to_be_and_drawn_once():
    sweep, outcomes = swept()
    again = [
        replace(each, results={**each.results, "lowest": each.results["test_accuracy"]})
        for each in outcomes
    ]
    findings = Findings(sweep, again)
    assert findings.moving == Findings(sweep, outcomes).moving
    assert "In each run equal to `test_accuracy`: `lowest`." in saying.found(findings)
    assert "The same in all runs: `classes` 10." in saying.found(findings)


def broken(outcomes, *places):
    return [
        PointOutcome(each.point, "failed", why="cell 4: ValueError: three") if n in places else each
        for n, each in enumerate(outcomes)
    ]


CASES = {
    "of few repeats": (swept(seeds=4), {}, "takes 5 repeats of each, and there are 4"),
    "of one run": (swept(seeds=1), {}, "takes 5 repeats of each, and there is one"),
    "of repeats that repeat nothing": (swept(noise=0), {}, "came out the same"),
    "of repeats that share": (swept(), {"shares": True}, "share what they were measured on"),
}


@pytest.mark.parametrize("case", CASES)
def test_no_difference_is_claimed(case):
    given, options, why = CASES[case]
    findings = Findings(*given, **options)
    assert "is not claimed" in saying.answer(findings)
    assert why in saying.answer(findings)
    if case != "of few repeats":
        assert "interval 0" not in saying.answer(findings) + saying.found(findings)


def test_repeats_share_where_two_of_a_setting_name_the_same():
    sweep, outcomes = swept(seeds=2)
    alone = {o.point.name: Kept((), frozenset({f"{o.point.values['seed']}"})) for o in outcomes}
    assert not _shares(sweep, outcomes, alone)
    both = {**alone, outcomes[0].point.name: Kept((), frozenset({"0", "1"}))}
    assert _shares(sweep, outcomes, both)


def test_what_results_were_measured_on_is_on_no_page_of_a_report():
    shown = said("measured", {"text/plain": "seed 1"}, measured=["seed 1"])
    assert "seed 1" not in page_of_cells(v4.new_code_cell("", id="x", outputs=[shown]))


def test_a_setting_that_lacks_a_run_is_not_chosen():
    sweep, outcomes = swept(noise=0.001)
    findings = Findings(sweep, broken(outcomes, len(outcomes) - 1))
    assert findings.best.values != {"units": 64, "rate": 0.01}
    assert len(findings.compared) == 5
    assert "1 setting without all of the runs" in saying.found(findings)


def test_what_is_chosen_by_test_data_is_said_first():
    sweep, outcomes = swept(objective=Objective("test_accuracy"))
    (first, *_) = saying.notices(Findings(sweep, outcomes))
    assert "chose by a test result, `test_accuracy`" in first


def test_nothing_is_called_the_best_where_nothing_is_chosen_by():
    sweep, outcomes = swept(objective=None)
    assert "none is called the best" in saying.answer(Findings(sweep, outcomes))
    waiting = [PointOutcome(each.point, "waiting") for each in outcomes]
    sweep = replace(sweep, objective=Objective("validation_accuracy"))
    assert "no run recorded" in saying.answer(Findings(sweep, waiting))


@pytest.mark.slow
def test_the_pages_have_each_run_each_failure_and_what_is_left_out():
    sweep, outcomes = swept({"units": range(10), "rate": range(4), "more": (True, None)}, 3)
    outcomes = broken(outcomes, 7)
    kept = pictures(outcomes, size=40_000)
    found = render(Findings(sweep, outcomes), kept)
    html = found["index.html"].decode()
    assert LARGEST * 0.9 < len(found["index.html"]) <= LARGEST
    left = re.search(r"holds the figures of (\d+) of\s+239 runs", html)
    assert 0 < int(left[1]) < 239
    assert html.count('<tr><th scope="row" class="left" data-number=') == 240
    assert "cell 4: ValueError: three" in html
    paper = pypdf.PdfReader(io.BytesIO(found["index.pdf"]))
    text = "".join(page.extract_text() for page in paper.pages)
    assert "cell 4: ValueError: three" in text
    assert "The first 200 runs" in text


def test_each_run_has_a_place_of_the_sliders():
    sweep, outcomes = swept()
    found, positions = sliders(Findings(sweep, outcomes))
    assert [(each.name, len(each.values)) for each in found] == [
        ("units", 3),
        ("rate", 2),
        ("seed", 5),
    ]
    for each in outcomes:
        words = [s.values[at] for s, at in zip(found, positions[each.point.name], strict=True)]
        assert words == [str(value) for value in each.point.values.values()]


def test_of_drawn_settings_one_slider_leads_from_the_best_on():
    sweep, outcomes = swept()
    drawn = [each for each in outcomes if each.point.values != outcomes[0].point.values][5:]
    findings = Findings(replace(sweep, points=tuple(each.point for each in drawn)), drawn)
    found, positions = sliders(findings)
    assert [each.name for each in found] == ["setting", "seed"]
    assert found[0].values[0] == "units = 64, rate = 0.01"
    assert len({tuple(each) for each in positions.values()}) == len(drawn)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([64, 16, 16, 32], ["16", "32", "64"]),
        ([True, None, [1, 2]], ["True", "None", "[1, 2]"]),
        (["softmax", "a name that is long"], ["softmax", "a name that…"]),
    ],
)
def test_values_of_a_grid_stand_side_by_side(values, labels):
    assert [label for _, label in Scale(values, named=True).ticks] == labels


def test_numbers_lie_on_a_scale_which_is_logarithmic_where_they_span_much():
    scale = Scale([0.0001, 0.01, 1.0])
    assert [scale.at(value) for value in (0.0001, 0.01, 1.0)] == pytest.approx([0, 0.5, 1])
    assert [label for _, label in scale.ticks] == ["0.0001", "0.001", "0.01", "0.1", "1"]
    assert round_numbers(0.912, 0.973) == [0.92, 0.94, 0.96]
    assert Scale([5, 5]).at(5) == pytest.approx(0.5)


def notebooks(folder, sweep, outcomes):
    """Leave what each run published, with a figure of its own and one that all share."""
    for place, each in enumerate(outcomes, start=1):
        drawings = [DRAWING.format(place), DRAWING.format(500)]
        shown = [
            said("figure", {"image/svg+xml": drawing}, caption="Of it.", alt="A bar", sweep=True)
            for drawing in drawings
        ]
        left = said("figure", {"image/svg+xml": DRAWING.format(999)}, caption="Not.", alt="No")
        cell = v4.new_code_cell("x", id="x", outputs=[*shown, left])
        put_report(folder / each.point.name, cell, report=sweep.report)


def test_pages_hold_the_figures_that_runs_chose_those_that_are_equal_once(tmp_path):
    sweep, outcomes = swept(seeds=1)
    folder = tmp_path / "reports" / "sweeps" / sweep.name
    notebooks(folder, sweep, outcomes)
    (folder / outcomes[1].point.name / f"{sweep.report}.ipynb").write_text('{"sweep": true')
    write_pages(folder, sweep, outcomes)
    html = (folder / "index.html").read_text()
    data = json.loads(re.search(r"const data = (.*);", html)[1])
    assert [len(each["figures"]) for each in data["runs"]] == [2, 0, 2, 2, 2, 2]
    assert len(data["pictures"]) == 6
    drawn = [zlib.decompress(base64.b64decode(each[5:])).decode() for each in data["pictures"]]
    assert [re.search(r'<rect width="(\d+)"', each)[1] for each in drawn] == [
        *("1", "500"),
        *map(str, range(3, 7)),
    ]
    check_pdf((folder / "index.pdf").read_bytes())
    reports = open_reports(tmp_path / "reports")
    reports.write_index()
    index = (tmp_path / "reports" / "index.html").read_text()
    assert 'href="sweeps/width/index.html"' in index
    assert "has the highest <code>validation_accuracy</code>" in index
    card = folder / CARD
    for damaged in ('{"sweep": "other"}', "{", card.read_text().replace("width", "other")):
        card.write_text(damaged)
        reports.write_index()
        assert "sweeps/width" not in (tmp_path / "reports" / "index.html").read_text()


HOSTILE = {"<b>`x`*": ("</script>", None, True), "a|b": ([1], [1, 2])}


def of_one(**changes):
    """A sweep, each outcome with something changed."""
    sweep, outcomes = swept(seeds=1)
    return sweep, [replace(each, **changes) for each in outcomes]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (of_one(state="failed", why="cell 1 <i>", finished="", results={}), "6 failed"),
        (of_one(results={}), "no run recorded"),
        (of_one(results={"validation_accuracy": 0.5}), "validation_accuracy"),
        (swept({"units": (1,)}, seeds=1), "no other setting"),
        (swept({}, seeds=6), "no other setting"),
        (swept(HOSTILE, seeds=5), "has the highest"),
    ],
)
def test_a_page_is_made_whatever_came_of_a_sweep(given, said):
    html = render(Findings(*given), {})["index.html"].decode()
    assert said in re.sub(r"<[^>]*>", "", html).replace("\n", " ")
