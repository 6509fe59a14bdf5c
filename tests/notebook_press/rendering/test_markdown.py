import re

import pytest

from notebook_press.rendering.markdown import Piece, typeset


def html(markdown, **options):
    return typeset([Piece(markdown, **options)], "html")[0].source


def typst(markdown, **options):
    return typeset([Piece(markdown, **options)], "typst")[0].source


@pytest.mark.parametrize(
    "unclosed", ["```python\nx = 1", "<div>", "<!-- ", "$$x", "> quoted", "[a](", "- item", "`code"]
)
@pytest.mark.parametrize("target", ["html", "typst"])
def test_what_one_piece_leaves_open_does_not_reach_the_next(unclosed, target):
    alone = typeset([Piece("The *next* piece.")], target)[0]
    assert typeset([Piece(unclosed), Piece("The *next* piece.")], target)[1] == alone


def test_mathematics_becomes_mathml():
    assert re.search(r'<math display="inline".*<msup>', html("$x^2$"))


@pytest.mark.parametrize("target", ["html", "typst"])
def test_mathematics_that_pandoc_cannot_read_is_shown_as_tex(target):
    assert "nosuchmacro{x}" in typeset([Piece(r"$\nosuchmacro{x}$")], target)[0].source


def test_every_equation_in_typst_has_its_tex_as_alternative_text():
    source = typst('$x^2$ and $$\\text{"a"}$$')
    assert 'math.equation(alt: "x^2", block: false' in source
    assert r'math.equation(alt: "\\text{\"a\"}", block: true' in source


@pytest.mark.parametrize(
    "markup", ["<script>alert(1)</script>", "<b onclick='x'>", "<DIV>\nx\n</DIV>"]
)
def test_raw_html_is_shown_as_text(markup):
    assert re.sub(r"<p>|</p>", "", html(markup)).count("<") == 0


def test_comments_are_left_out():
    assert html("a <!-- hidden --> b\n\n<!-- hidden -->") == "<p>a  b</p>"


@pytest.mark.promise("Text in a PDF is text, whatever Typst could read in it.")
def test_text_in_typst_is_always_a_string():
    assert typst("#read(x) = $5 \\* @a") == '#"#read(x)"; #"="; #"$5"; #"*"; #"@a";'


def test_code_in_typst_is_always_a_string():
    assert typst('`#a"` ') == '#raw("#a\\"");'


@pytest.mark.parametrize("address", ["https://a.example/b", "mailto:a@b.example", "02_other.html"])
def test_links_survive_in_html(address):
    assert f'href="{address}"' in html(f"[text]({address})")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "file:///x"]
)
@pytest.mark.parametrize("target", ["html", "typst"])
def test_links_that_run_or_read_something_keep_their_text_only(address, target):
    source = typeset([Piece(f"[text]({address})")], target)[0].source
    assert "text" in source
    assert "link" not in source
    assert "href" not in source


@pytest.mark.parametrize("target", ["html", "typst"])
def test_a_link_to_a_heading_of_another_piece_survives(target):
    pieces = [Piece("See [below](#where-it-errs)."), Piece("## Where it errs")]
    assert "where-it-errs" in typeset(pieces, target)[0].source


@pytest.mark.parametrize("target", ["html", "typst"])
def test_a_link_to_no_anchor_keeps_its_text_only(target):
    assert "nowhere" not in typeset([Piece("[text](#nowhere)")], target)[0].source


def test_headings_with_the_same_text_get_anchors_of_their_own():
    pieces = [Piece("## Results"), Piece("## Results"), Piece("## Main")]
    anchors = [
        heading.identifier
        for fragment in typeset(pieces, "html", identifiers=["main"])
        for heading in fragment.headings
    ]
    assert anchors == ["results", "results-1", "main-1"]


def test_heading_levels_skip_none_and_leave_the_first_to_the_title():
    pieces = [Piece("# A\n\n#### B\n\n## C"), Piece("##### D\n\n###### E")]
    levels = [h.level for fragment in typeset(pieces, "html") for h in fragment.headings]
    assert levels == [2, 3, 2, 3, 4]


def test_a_heading_inside_a_quotation_is_bold_text():
    assert "<strong>A</strong>" in html("> # A")


@pytest.mark.promise("A picture that a notebook does not hold is not read.")
@pytest.mark.parametrize(
    "address", ["https://a.example/x.png", "x.png", "/etc/passwd", "file:///x.png"]
)
@pytest.mark.parametrize("target", ["html", "typst"])
def test_an_image_that_is_not_supplied_becomes_its_alternative_text(address, target):
    source = typeset([Piece(f"![a digit]({address})")], target)[0].source
    assert "digit" in source
    assert address not in source


def test_a_supplied_image_is_shown_with_its_alternative_text():
    source = html(
        "![a digit](attachment:x.png)", images={"attachment:x.png": "data:image/png;base64,AA=="}
    )
    assert source == '<p><img src="data:image/png;base64,AA==" alt="a digit" /></p>'


def test_an_inline_piece_has_no_paragraph():
    assert html("An *answer*.", form="inline") == "An <em>answer</em>."


def test_a_title_holds_no_link():
    assert html("A [link](https://a.example)", form="title") == "A link"


def test_a_table_keeps_its_last_row():
    assert html("| a |\n| - |\n| 1 |\n| 2 |").count("<tr>") == 3


def test_quotation_marks_and_dashes_are_set_as_in_print():
    assert html('"a" -- don\'t') == "<p>“a” – don’t</p>"  # noqa: RUF001


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"$$F_1 = \frac{2 \cdot \text{a}}{\text{b} + c}$$", "F₁ = (2 ⋅ a)/(b + c)"),
        (r"$\frac{x_i}{2}$", "x_i/2"),
        ("$1{,}000$", "1,000"),
    ],
)
def test_an_equation_in_plain_text_can_be_read_aloud(tex, said):
    words = typeset([Piece(tex)], "plain")[0].source.split()  # spaces are of several widths
    assert " ".join(words) == said


def test_plain_text_has_no_markup():
    assert typeset([Piece("*a* `b` $c$")], "html")[0].plain == "a b c"


def test_a_label_in_an_equation_does_not_reach_typst():
    assert typst("$$x \\label{eq}$$") == '#math.equation(alt: "x", block: true, $ x $);'


@pytest.mark.parametrize("target", ["html", "typst"])
def test_an_equation_without_content_is_left_out(target):
    assert typeset([Piece("$$ $$")], target)[0].source == ""


def test_a_heading_without_words_is_no_heading():
    assert typeset([Piece("## <!-- hidden -->\n\ntext")], "html")[0].headings == ()
