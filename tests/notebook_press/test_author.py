"""What a notebook says to its page: marked outputs that JupyterLab can show too."""

import numpy as np
import pytest
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
def test_empty_prose_is_refused(displayed, text):
    with pytest.raises(ValueError, match=r"say\(\) expects text"):
        author.say(text)


def test_recorded_numbers_are_plain_ones_in_their_order(displayed):
    author.record(share=0.25, errors=np.int64(3), accuracy=np.float32(0.5))
    recorded = [data[author.RESULTS_TYPE] for data, _ in displayed]
    assert recorded == [{"share": 0.25}, {"errors": 3}, {"accuracy": 0.5}]
    types = [type(value) for result in recorded for value in result.values()]
    assert types == [float, int, float]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32("nan")])
def test_a_number_that_is_not_finite_is_refused(displayed, value):
    with pytest.raises(ValueError, match=r"record\(accuracy=…\) expects a finite number"):
        author.record(accuracy=value)


@pytest.mark.parametrize("value", [True, "0.5", None, np.bool_(True), 1j])
def test_what_is_no_number_is_refused(displayed, value):
    with pytest.raises(TypeError, match="expects a number"):
        author.record(accuracy=value)


def test_recording_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        author.record()


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


@pytest.mark.parametrize("words", [{"caption": "", "alt": "x"}, {"caption": "x", "alt": " "}])
def test_a_figure_without_words_is_refused(displayed, words):
    with pytest.raises(ValueError, match="a figure's"):
        author.figure(drawing(), **words)


def explore(html="<p>x</p>", caption="Explore.", alt="A line.", **parts):
    author.interactive(html, fallback=drawing(), caption=caption, alt=alt, **parts)


def test_an_interactive_figure_holds_its_parts_a_still_picture_and_words(displayed):
    explore(script="root.hidden = false;", style=".x { color: red }")
    (data, details), (caption, _) = displayed
    assert data[author.INTERACTIVE_TYPE] == {
        "html": "<p>x</p>",
        "script": "root.hidden = false;",
        "style": ".x { color: red }",
    }
    assert "<svg" in data["image/svg+xml"]
    assert data["text/plain"] == "A line."
    assert details == {"kind": "interactive", "caption": "Explore.", "alt": "A line."}
    assert caption["text/plain"] == "Explore."


def test_an_interactive_figure_works_in_jupyterlab(displayed):
    explore(script="root.hidden = false;", style=".x { color: red }")
    assert displayed[0][0]["text/html"] == (
        "<style>.x { color: red }</style>"
        "<div class='notebook-press-interactive'><p>x</p></div>"
        "<script>((root) => {\nroot.hidden = false;\n})"
        "(document.currentScript.previousElementSibling);</script>"
    )


def test_an_interactive_figure_without_a_script_has_no_script_element(displayed):
    explore()
    assert "<script" not in displayed[0][0]["text/html"]


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


@pytest.mark.parametrize("words", [{"html": " "}, {"caption": ""}, {"alt": ""}])
def test_an_interactive_figure_without_html_or_words_is_refused(displayed, words):
    with pytest.raises(ValueError, match="expects text that is not empty"):
        explore(**words)


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


@pytest.mark.parametrize("rows", [[], [{"a": 1}, {"b": 1}]])
def test_a_table_without_rows_or_with_other_columns_is_refused(displayed, rows):
    with pytest.raises(ValueError, match=r"table\(\) expects"):
        author.table(rows, caption="None.")


def test_progress_is_plain_text_marked_as_such(displayed):
    author.progress("the third of nine")
    assert displayed == [({"text/plain": "the third of nine"}, {"kind": "progress"})]


ROWS = [{"name": "a", "share": "50%"}, {"name": "b", "share": "none"}]


def test_a_table_may_say_what_its_columns_are_sorted_by(displayed):
    author.table(ROWS, caption="Two", sort_by={"share": [0.5, float("nan")]})
    columns = displayed[0][0][author.TABLE_TYPE]["columns"]
    assert columns[1]["numbers"] == [0.5, None]
    assert "numbers" not in columns[0]


@pytest.mark.parametrize("sort_by", [{"share": [0.5]}, {"other": [1, 2]}])
def test_numbers_to_sort_by_have_to_fit_the_table(displayed, sort_by):
    with pytest.raises(ValueError, match="2 numbers to sort by"):
        author.table(ROWS, caption="Two", sort_by=sort_by)
