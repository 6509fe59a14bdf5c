"""The account of what a page shows, as the terminal and the manifest tell it."""

from notebook_press.rendering.account import MOST_LINES, MOST_NAMED, counts, lines
from notebook_press.rendering.page import Booked

CHART = Booked(2, "Chart", "not shown", "store a picture")
SCRIPT = Booked(3, "JavaScript", "not run")
OTHERS = [Booked(1, "Text", "shown"), Booked(1, "Code", "hidden"), Booked(1, "JSON", "lesser", "x")]


def test_each_fate_but_shown_is_counted():
    assert counts([CHART, CHART, SCRIPT, *OTHERS]) == {
        "not_shown": 2,
        "lesser_forms": 1,
        "scripts_not_run": 1,
        "hidden": 1,
    }


def test_what_is_shown_or_hidden_is_not_told():
    assert lines(OTHERS[:2]) == []


def test_lesser_forms_share_a_line_that_says_which_and_where():
    link = Booked(4, "Link to #x", "lesser", "it leads nowhere here")
    json = [Booked(cell, "JSON", "lesser", "as text") for cell in (2, 2, 5)]
    assert lines([link, *json, Booked(6, "Estimator", "lesser")]) == [
        "in a lesser form: Link to #x (cell 4): it leads nowhere here; "
        "JSON (cell 2 and others): as text; Estimator (cell 6)"
    ]
    many = [Booked(cell, f"Thing {cell}", "lesser") for cell in range(1, 31)]
    assert lines(many)[0].endswith(f"; {30 - MOST_NAMED} more")


def test_what_is_not_shown_is_told_with_its_cell_and_what_helps():
    bare = Booked(4, "Widget", "not shown")
    assert lines([CHART, bare]) == [
        "cell 2: Chart: not shown; store a picture",
        "cell 4: Widget: not shown",
    ]


def test_the_same_in_one_cell_is_told_once():
    assert lines([CHART] * 3) == ["cell 2: Chart (3 times): not shown; store a picture"]


def test_scripts_are_told_in_one_line():
    assert lines([SCRIPT]) == ["1 script not run"]
    assert lines([SCRIPT] * 2000) == ["2,000 scripts not run"]


def test_of_very_many_the_first_are_told_and_the_rest_counted():
    told = lines([Booked(cell, "Chart", "not shown") for cell in range(100)])
    assert told[MOST_LINES:] == ["… and 80 more that are not shown"]


def test_a_line_is_one_line_that_steers_no_terminal():
    (line,) = lines([Booked(1, "Output of the type a/\x1b[2J\nb", "not shown", "x" * 9999)])
    assert line.isprintable()
    assert len(line) < 1000
