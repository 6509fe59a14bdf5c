"""What a screen reader, a keyboard and a reader with a scheme of their own find."""

import pytest
from kinds import every_kind
from looking import COLOURS, violations
from report_notebooks import as_html


def test_axe_finds_nothing_to_complain_of_in_light_and_in_dark(visit, path):
    # The page's own policy would keep axe from the parts that it adds in order to look.
    seen = visit(path, color_scheme="light", reduced_motion="reduce", bypass_csp=True)
    seen.open_everything()
    assert violations(seen) == []
    seen.page.emulate_media(color_scheme="dark")
    assert violations(seen, runOnly=COLOURS) == []


def test_axe_finds_nothing_too_small_or_out_of_reach_on_a_phone(visit, path):
    seen = visit(path, width=360, has_touch=True, bypass_csp=True)
    seen.open_everything()
    # axe leaves out the first rule unless asked; colours, which take it long, are the same here.
    rules = {"target-size": {"enabled": True}, "color-contrast": {"enabled": False}}
    assert violations(seen, rules=rules) == []


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """A page with every kind of output, and all of Markdown."""
    path = tmp_path_factory.mktemp("kinds") / "kinds.html"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("notebook_press.rendering.outputs.drawings.draws_stills", lambda: False)
        path.write_text(as_html(every_kind(), "kinds"))
    return path


def test_axe_finds_nothing_to_complain_of_in_any_kind_of_output(visit, kinds):
    seen = visit(kinds, color_scheme="light", bypass_csp=True)
    seen.open_everything()
    assert violations(seen) == []
    seen.page.emulate_media(color_scheme="dark")
    assert violations(seen, runOnly=COLOURS) == []


def test_no_kind_of_output_widens_a_page_on_a_phone(visit, kinds):
    seen = visit(kinds, width=360)
    seen.open_everything()
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 360


def test_axe_would_find_a_fault(visit, tmp_path):
    faulty = tmp_path / "faulty.html"
    faulty.write_text(
        "<!doctype html><title>A page</title><img src='data:,'><p style='color: #ddd'>pale</p>"
    )
    seen = visit(faulty)
    assert any(line.startswith("image-alt") for line in violations(seen))
    coloured = violations(seen, runOnly=COLOURS)
    assert [line.split(":")[0] for line in coloured] == ["color-contrast"]


def test_the_first_stop_of_the_keyboard_leads_past_the_contents(visit, path):
    page = visit(path).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#report-main"


def test_what_has_the_focus_is_seen_to_have_it(visit, report):
    page = visit(report).page
    for _ in range(12):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.evaluate("element => getComputedStyle(element).outlineStyle") != "none"
        assert focused.is_visible()


def test_motion_is_left_out_for_those_who_ask(visit, report):
    page = visit(report, reduced_motion="reduce").page
    moving = "element => getComputedStyle(element).transitionDuration.split(',').some(parseFloat)"
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate(f"[...document.querySelectorAll('*')].filter({moving}).length") == 0
