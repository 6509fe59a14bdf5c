"""The page of a sweep, as its readers see it and turn its sliders."""

import itertools
import re
import time
from urllib.parse import unquote

import pytest
from looking import COLOURS, violations
from swept import pictures, swept

from notebook_press.sweeping.findings import Findings
from notebook_press.sweeping.pages import render
from notebook_press.sweeping.results import PointOutcome

SLIDERS = "document.querySelectorAll('.turn input')"


@pytest.fixture(scope="module")
def runs():
    """A sweep of three parameters of which one run failed."""
    sweep, outcomes = swept({"units": (16, 32, 64), "rate": (0.003, 0.01), "last": ("a", "b")})
    outcomes[4] = PointOutcome(
        outcomes[4].point, "failed", why="cell 4: ValueError: no <such> thing"
    )
    return sweep, outcomes


@pytest.fixture(scope="module")
def path(runs, tmp_path_factory):
    """Its page."""
    sweep, outcomes = runs
    kept = pictures([each for each in outcomes if each.finished])
    found = tmp_path_factory.mktemp("sweep") / "index.html"
    found.write_bytes(render(Findings(sweep, outcomes), kept)["index.html"])
    return found


def seen_run(page):
    """What the page shows of the run that is turned to: its values, numbers and figures."""
    values = page.locator(".turn output").all_text_contents()
    rows = page.locator(".turn-results tbody tr").all()
    numbers = {row.locator("th").text_content(): row.locator("td").text_content() for row in rows}
    page.locator(".turn-figures:not([aria-busy])").wait_for(state="attached")
    images = page.locator(".turn-figure img").all()
    drawn = [unquote(image.get_attribute("src")).partition(",")[2] for image in images]
    return values, numbers, drawn, page.locator(".turn-words").text_content()


def test_sliders_show_the_numbers_and_the_figures_of_the_very_run(visit, path, runs):
    _, outcomes = runs
    page = visit(path).page
    kept = pictures([each for each in outcomes if each.finished])
    expected = {tuple(map(str, each.point.values.values())): each for each in outcomes}
    counts = page.evaluate(f"[...{SLIDERS}].map((slider) => Number(slider.max) + 1)")
    assert len(expected) == 60
    for at in itertools.product(*map(range, counts)):
        page.evaluate(
            f"at => {SLIDERS}.forEach((slider, n) => {{ slider.value = at[n]; "
            "slider.dispatchEvent(new Event('input')); })",
            list(at),
        )
        values, numbers, drawn, words = seen_run(page)
        outcome = expected.pop(tuple(values))
        if outcome.state == "failed":
            assert (set(numbers.values()), drawn) == ({"\N{EN DASH}"}, [])
            assert "ValueError: no <such> thing" in words
            continue
        assert numbers == {name: f"{value:.6g}" for name, value in outcome.results.items()}
        own = [each.image.content.decode() for each in kept[outcome.point.name].pictures]
        assert [re.search(r'<rect width="(\d+)"', each)[1] for each in own] == [
            re.search(r'<rect width="(\d+)"', each)[1] for each in drawn
        ]
    assert expected == {}


def test_sliders_are_turned_by_keyboard_and_say_their_values(visit, path):
    page = visit(path).page
    slider = page.get_by_label("units", exact=True)
    assert (slider.get_attribute("aria-valuetext"), slider.input_value()) == ("64", "2")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "32"
    assert page.locator(".turn output").first.text_content() == "32"
    page.keyboard.press("Home")
    assert "units = 16" in page.locator(".turn-words").text_content()


def seconds_of_a_turn(page):
    """How long the first slider takes to show another run, its figures unpacked, on average."""
    return page.evaluate(
        f"""async () => {{
          const slider = {SLIDERS}[0], figures = document.querySelector(".turn-figures");
          const start = performance.now();
          for (let turn = 0; turn < 20; turn += 1) {{
            slider.value = turn % 3;
            slider.dispatchEvent(new Event("input"));
            while (figures.hasAttribute("aria-busy")) await new Promise(requestAnimationFrame);
            document.body.getBoundingClientRect();
          }}
          return (performance.now() - start) / 20_000;
        }}"""
    )


def test_a_slider_answers_within_100_ms(visit, path):
    assert seconds_of_a_turn(visit(path).page) < 0.1


@pytest.mark.slow
def test_a_page_of_1000_runs_is_made_in_10_s_and_answers_in_100_ms(visit, tmp_path):
    grid = {"units": range(20), "rate": tuple(range(5)), "last": ("a", "b")}
    sweep, outcomes = swept(grid)
    kept = pictures(outcomes, size=8_000)
    start = time.perf_counter()
    (tmp_path / "index.html").write_bytes(render(Findings(sweep, outcomes), kept)["index.html"])
    assert time.perf_counter() - start < 10
    page = visit(tmp_path / "index.html").page
    assert page.locator("figure.tabular").last.locator("tbody tr").count() == 1000
    assert seconds_of_a_turn(page) < 0.1


@pytest.mark.parametrize(
    ("asked", "count"),
    [("", 60), ("units=64", 20), ("units=64 seed<2", 8), ("failed", 1), ("rate>=0.01 last=b", 15)],
)
def test_the_table_of_runs_is_filtered(visit, path, asked, count):
    page = visit(path).page
    page.get_by_label("Only rows with").fill(asked)
    assert page.locator("figure.tabular").last.locator("tbody tr:visible").count() == count
    assert page.locator(".sweep-filter [role=status]").text_content() == f"{count} of 60 runs"


def test_the_table_of_runs_is_sorted(visit, path):
    page = visit(path).page
    table = page.locator("figure.tabular").last
    table.get_by_role("button", name="seconds").click()
    column = page.evaluate(
        "[...document.querySelectorAll('figure.tabular:last-of-type tbody tr')]"
        ".map((row) => Number(row.cells[row.cells.length - 2].dataset.number ?? Infinity))"
    )
    assert len(column) == 60
    assert column == sorted(column)


@pytest.mark.parametrize("width", [360, 1280, 1600])
def test_it_is_as_wide_as_the_screen_and_requests_nothing(visit, path, width):
    seen = visit(path, width=width)
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    requested = [each for each in seen.requests if not each.startswith("data:")]
    assert (requested, seen.messages) == ([path.as_uri()], [])


def test_axe_finds_nothing_to_complain_of(visit, path):
    seen = visit(path, color_scheme="light", bypass_csp=True)
    seen.open_everything()
    assert violations(seen) == []
    seen.page.emulate_media(color_scheme="dark")
    assert violations(seen, runOnly=COLOURS) == []


def test_axe_finds_nothing_too_small_on_a_phone(visit, path):
    seen = visit(path, width=360, has_touch=True, bypass_csp=True)
    rules = {"target-size": {"enabled": True}, "color-contrast": {"enabled": False}}
    assert violations(seen, rules=rules) == []


def test_without_scripts_the_best_run_and_its_figures_stand_still(visit, path, runs):
    page = visit(path, java_script_enabled=False).page
    assert not page.locator(".turn input").first.is_visible()
    assert page.locator(".turn-figure img").count() == 2
    assert "units = 64, rate = 0.01, last = b" in page.locator(".turn-words").text_content()
    assert page.locator("figure.tabular").last.locator("tbody tr").count() == len(runs[1])


def test_in_print_the_run_in_view_is_seen_without_its_sliders(visit, path):
    page = visit(path).page
    page.emulate_media(media="print")
    assert page.locator(".turn-results").is_visible()
    assert page.locator(".turn-figure img").first.is_visible()
    assert not page.locator(".turn input").first.is_visible()
