"""The page of a comparison, as its readers see it."""

import base64
import io

import pytest
from looking import COLOURS, violations
from manifests import put_report
from nbformat import v4
from pages import said
from PIL import Image

from notebook_press.comparing.comparison import compare
from notebook_press.comparing.forms import render_page

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="{}" height="9"/>'


def picture(turn):
    drawn = io.BytesIO()
    Image.new("RGB", (800, 200), (turn, 0, 0)).save(drawn, "PNG")
    return base64.b64encode(drawn.getvalue()).decode()


def sides(folder):
    for turn, side in enumerate("ab"):
        words = {"caption": "A figure.", "alt": "What it shows."}
        figures = [
            said("figure", {"image/png": picture(turn)}, **words),
            said("figure", {"image/svg+xml": f"{SVG.format(turn + 1)}</svg>"}, **words),
        ]
        cells = (
            v4.new_markdown_cell(f"{'A sentence that is long. ' * 20}{turn}", id="prose"),
            v4.new_code_cell(f"x{'x' * 300} = {turn}", id="code", outputs=figures),
        )
        facts = {
            "results": {"a_result_with_a_name" * 3: turn, "other": 1},
            "answer": f"It is {turn}.",
        }
        for report in ("story", "a_report_with_a_name_that_is_long" * 3):
            put_report(folder / side, *cells, report=report, versions={"x": f"{turn}"}, **facts)
    return folder / "a", folder / "b"


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    folder = tmp_path_factory.mktemp("comparison")
    path = folder / "compare.html"
    path.write_text(render_page(compare(*sides(folder))))
    return path


def test_axe_finds_nothing_to_complain_of(visit, comparison):
    seen = visit(comparison, color_scheme="light", bypass_csp=True)
    seen.open_everything()
    assert violations(seen) == []
    seen.page.emulate_media(color_scheme="dark")
    assert violations(seen, runOnly=COLOURS) == []


@pytest.mark.parametrize("width", [360, 1280, 1600])
def test_it_is_as_wide_as_the_screen_and_requests_nothing(visit, comparison, width):
    seen = visit(comparison, width=width)
    seen.open_everything()
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    requested = [each for each in seen.requests if not each.startswith("data:")]
    assert (requested, seen.messages) == ([comparison.as_uri()], [])


def test_pictures_are_laid_over_each_other_without_a_script(visit, comparison):
    page = visit(comparison, java_script_enabled=False).page
    figure = page.locator(".figure").first
    figure.get_by_role("checkbox").check()
    before, after = (figure.locator(f".{side}").bounding_box() for side in ("before", "after"))
    assert before == after
