"""What a notebook says to its page: marked outputs that JupyterLab can show too."""

import base64
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas
import pytest
from markdown_it import MarkdownIt
from matplotlib.figure import Figure

from notebook_press import author


@pytest.fixture
def displayed(monkeypatch):
    """The data and the press's metadata of each output, in order."""
    outputs = []

    def display(data, *, raw, metadata):
        assert raw
        outputs.append((data, metadata["notebook_press"]))

    monkeypatch.setattr("IPython.display.display", display)
    return outputs


NOT_FINITE = [float("nan"), float("inf"), np.float32("nan"), 1e301, 10**400]
NO_NUMBERS = [True, "0.5", None, np.bool_(True), 1j]
ROWS = [{"name": "a", "share": "50%"}, {"name": "b", "share": "none"}]


def drawing() -> Figure:
    fig = Figure(figsize=(2, 1))
    fig.subplots().plot([0, 1])
    return fig


@pytest.mark.parametrize("kind", ["answer", "say", "notice"])
def test_prose_is_markdown_marked_with_its_kind(displayed, kind):
    getattr(author, kind)("It is **42**.")
    assert displayed == [
        ({"text/markdown": "It is **42**.", "text/plain": "It is **42**."}, {"kind": kind})
    ]


@pytest.mark.parametrize("text", ["", "  \n", None, 42])
@pytest.mark.parametrize("kind", ["say", "progress"])
def test_empty_prose_is_refused(displayed, kind, text):
    with pytest.raises(ValueError, match=rf"{kind}\(\) expects text"):
        getattr(author, kind)(text)


def test_progress_is_plain_text_marked_as_such(displayed):
    author.progress("the third of nine")
    assert displayed == [({"text/plain": "the third of nine"}, {"kind": "progress"})]


def test_recorded_numbers_are_plain_ones_in_their_order(displayed):
    author.record(share=0.25, errors=np.int64(3), accuracy=np.float32(0.5))
    recorded = [data[author.RESULTS_TYPE] for data, _ in displayed]
    assert recorded == [{"share": 0.25}, {"errors": 3}, {"accuracy": 0.5}]
    types = [type(value) for result in recorded for value in result.values()]
    assert types == [float, int, float]


@pytest.mark.parametrize(
    ("results", "kind", "message"),
    [
        *[({"a": n}, ValueError, r"record\(a=…\) expects a finite number") for n in NOT_FINITE],
        *[({"a": value}, TypeError, r"record\(a=…\) expects a number") for value in NO_NUMBERS],
        ({}, ValueError, "at least one"),
    ],
)
def test_what_is_no_finite_number_is_refused(displayed, results, kind, message):
    with pytest.raises(kind, match=message):
        author.record(**results)


def test_an_estimate_is_recorded_with_its_interval_beside_plain_numbers(displayed):
    author.record(share=author.Estimate(np.float64(0.5), 0.25, 1, np.int64(40)), errors=3)
    (data, details), (plain, plain_details) = displayed
    assert data == {
        author.RESULTS_TYPE: {"share": 0.5},
        "text/plain": "share = 0.5 (0.25 to 1 of 40)",
    }
    assert details["estimate"] == {"value": 0.5, "low": 0.25, "high": 1, "n": 40}
    assert type(details["estimate"]["n"]) is int
    assert (plain[author.RESULTS_TYPE], plain_details) == ({"errors": 3}, {"kind": "results"})


@pytest.mark.parametrize(
    ("parts", "kind", "message"),
    [
        *[((n, 0, 1), ValueError, r"Estimate\(value=…\) expects a finite") for n in NOT_FINITE],
        *[((0, n, 1), TypeError, r"Estimate\(low=…\) expects a number") for n in NO_NUMBERS],
        ((2, 0, 1), ValueError, "expects a value from low to high, found 2 outside 0 to 1"),
        ((0, 1, 0), ValueError, "expects a value from low to high"),
        *[((0, 0, 1, n), ValueError, r"Estimate\(n=…\) expects a whole") for n in (0, -1, 2.5)],
        ((0, 0, 1, True), TypeError, r"Estimate\(n=…\) expects a number"),
    ],
)
def test_what_is_no_estimate_is_refused(parts, kind, message):
    with pytest.raises(kind, match=message):
        author.Estimate(*parts)


def test_a_figure_is_a_drawing_with_caption_and_alternative_text(displayed):
    author.figure(drawing(), caption="A line.", alt="A line from 0 to 1.")
    (data, details), (caption, caption_details) = displayed
    assert data["image/svg+xml"].lstrip().startswith("<?xml")
    assert details == {"kind": "figure", "caption": "A line.", "alt": "A line from 0 to 1."}
    assert caption["text/markdown"] == "*A line.*"
    assert caption_details == {"kind": "caption"}


def test_the_same_figure_is_the_same_text(displayed):
    for _ in range(2):
        author.figure(drawing(), caption="A line.", alt="A line.")
    assert displayed[0][0]["image/svg+xml"] == displayed[2][0]["image/svg+xml"]


def test_a_figure_may_be_a_picture(displayed):
    author.figure(drawing(), caption="A line.", alt="A line.", format="png")
    assert base64.b64decode(displayed[0][0]["image/png"]).startswith(b"\x89PNG")


@pytest.mark.parametrize("show", [author.figure, partial(author.interactive, "<p>x</p>")])
def test_a_figure_may_be_meant_for_the_page_of_a_sweep_too(displayed, show):
    drawn = {"drawing": drawing()} if show is author.figure else {"fallback": drawing()}
    for sweep in (True, False):
        show(**drawn, caption="A line.", alt="A line.", sweep=sweep)
    assert [details.get("sweep") for _, details in displayed[::2]] == [True, None]


def test_what_results_were_measured_on_is_named(displayed):
    author.measured_on("seed 1", "seed 2")
    assert displayed == [
        ({"text/plain": "seed 1, seed 2"}, {"kind": "measured", "measured": ["seed 1", "seed 2"]})
    ]


def explore(html="<p>x</p>", caption="Explore.", alt="A line.", **parts):
    author.interactive(html, fallback=drawing(), caption=caption, alt=alt, **parts)


def test_an_interactive_figure_holds_its_parts_a_still_picture_and_words(displayed):
    parts = {"script": "root.hidden = false;", "style": ".x { color: red }"}
    explore(**parts)
    (data, details), (caption, _) = displayed
    assert data[author.INTERACTIVE_TYPE] == {"html": "<p>x</p>", **parts}
    assert "<svg" in data["image/svg+xml"]
    assert data["text/plain"] == "A line."
    assert details == {"kind": "interactive", "caption": "Explore.", "alt": "A line."}
    assert caption["text/plain"] == "Explore."


@pytest.mark.parametrize(
    ("parts", "html"),
    [
        ({}, "<div class='notebook-press-interactive'><p>x</p></div>"),
        (
            {"script": "root.hidden = false;", "style": ".x { color: red }"},
            "<style>.x { color: red }</style>"
            "<div class='notebook-press-interactive'><p>x</p></div>"
            "<script>((root) => {\nroot.hidden = false;\n})"
            "(document.currentScript.previousElementSibling);</script>",
        ),
    ],
)
def test_an_interactive_figure_works_in_jupyterlab(displayed, parts, html):
    explore(**parts)
    assert displayed[0][0]["text/html"] == html


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"script": "let a = '</SCRIPT>';"}, "</SCRIPT"),
        ({"script": "let a = '<!-- <script>';"}, "<!--"),
        ({"style": "p { color: red } </style>"}, "</"),
        ({"style": "@import 'x';"}, "@import"),
        ({"style": "p { background: url(https://a.example) }"}, "url("),
        ({"style": "p { background: u\\72 l('x.png') }"}, "url("),
        ({"style": "p { background: image-set('x.png' 1x) }"}, "image-set("),
    ],
)
def test_what_would_leave_its_element_or_load_something_is_refused(displayed, parts, found):
    with pytest.raises(ValueError, match=r"interactive\(\) expects") as caught:
        explore(**parts)
    assert repr(found) in str(caught.value)


def test_a_style_may_hold_its_own_pictures(displayed):
    explore(style="p { background: url( 'data:image/png;base64,AA==') }")
    assert len(displayed) == 2


WORDLESS = [
    lambda: explore(html=" "),
    lambda: explore(caption=""),
    lambda: explore(alt=""),
    lambda: author.figure(drawing(), caption="", alt="x"),
    lambda: author.figure(drawing(), caption="x", alt=" "),
    lambda: author.table(ROWS, caption=""),
]


@pytest.mark.parametrize("display", WORDLESS)
def test_what_is_shown_without_its_words_is_refused(displayed, display):
    with pytest.raises(ValueError, match="expects text that is not empty"):
        display()
    assert displayed == []


def test_a_table_has_columns_rows_and_a_caption(displayed):
    author.table([{"digit": 3, "precision": "98%"}], caption="By digit.")
    ((data, details),) = displayed
    assert data[author.TABLE_TYPE] == {
        "columns": [{"name": "digit", "align": "left"}, {"name": "precision", "align": "right"}],
        "rows": [["3", "98%"]],
        "caption": "By digit.",
    }
    assert details == {"kind": "table"}


def test_a_table_is_readable_in_jupyterlab_whatever_its_cells_hold(displayed):
    author.table([{"name": "a|b\nc"}], caption="Odd.")
    assert "| a\\|b c |" in displayed[0][0]["text/markdown"]


def test_marks_in_a_table_are_shown_and_not_obeyed(displayed):
    author.table([{"Class": "*a_ <b> $c$ `d`"}], caption="Marks.")
    shown = MarkdownIt("commonmark").enable("table").render(displayed[0][0]["text/markdown"])
    assert '<td style="text-align:left">*a_ &lt;b&gt; $c$ `d`</td>' in shown


class Measured(SimpleNamespace):
    def __float__(self):
        return self.value


def test_a_number_with_its_interval_is_sorted_by_the_number(displayed):
    rows = [{"share": Measured(value=0.5, high=0.7)}, {"share": None}]
    formats = {"share": lambda share: f"{share.value} (to {share.high})"}
    author.table(rows, caption="Two", formats=formats, sort=True)
    table = displayed[0][0][author.TABLE_TYPE]
    assert table["rows"] == [["0.5 (to 0.7)"], ["\N{EN DASH}"]]
    assert table["columns"][0]["numbers"] == [0.5, None]


CLASSES = pandas.DataFrame(
    {"Digit": ["0", "1", "2"], "Recall": [0.5, float("nan"), 1], "Images": [1200, 3, 40]}
)


def test_a_frame_is_a_table_of_its_numbers_as_they_are_formatted(displayed):
    formats = {"Recall": "{:.1%}", "Images": lambda images: f"{images:,}"}
    author.table(CLASSES, caption="Recall.", formats=formats, sort=True)
    table = displayed[0][0][author.TABLE_TYPE]
    assert table["rows"] == [
        ["0", "50.0%", "1,200"],
        ["1", "\N{EN DASH}", "3"],
        ["2", "100.0%", "40"],
    ]
    assert [column.get("numbers") for column in table["columns"]] == [
        None,
        [0.5, None, 1.0],
        [1200.0, 3.0, 40.0],
    ]


def test_a_format_for_no_column_is_refused():
    with pytest.raises(ValueError, match="Recal'"):
        author.table(CLASSES, caption="Recall.", formats={"Recal": "{:.1%}"})


def test_a_drawing_may_say_what_it_shows_and_keep_the_numbers_behind_it(displayed):
    line = SimpleNamespace(figure=drawing(), alt="A line from 0 to 1.")
    author.figure(line, caption="A line.", data=CLASSES)
    said = displayed[0][1]
    assert said["alt"] == "A line from 0 to 1."
    assert said["data"] == {
        "columns": ["Digit", "Recall", "Images"],
        "rows": [["0", 0.5, 1200], ["1", None, 3], ["2", 1.0, 40]],
    }


def test_a_finding_may_have_a_name_for_slides(displayed):
    author.say("It reads 97% of them.", slide="97% are read")
    assert displayed[0][1] == {"kind": "say", "slide": "97% are read"}


@pytest.mark.parametrize(
    ("rows", "message"), [([], "at least one row"), ([{"a": 1}, {"b": 1}], "in row 1")]
)
def test_a_table_that_does_not_fit_together_is_refused(displayed, rows, message):
    with pytest.raises(ValueError, match=rf"table\(\) expects .*{message}"):
        author.table(rows, caption="None.")
