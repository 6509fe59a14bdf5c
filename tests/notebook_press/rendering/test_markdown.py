import re

import pytest

from notebook_press.rendering import markdown
from notebook_press.rendering.markdown import Piece, typeset


def html(*texts, **options):
    return [each.source for each in typeset([Piece(text, **options) for text in texts], "html")]


def typst(*texts):
    return [each.source for each in typeset([Piece(text) for text in texts], "typst")]


both = pytest.mark.parametrize("target", ["html", "typst"])


@both
def test_what_one_piece_leaves_open_does_not_reach_the_next(target):
    unclosed = ("```python\nx = 1", "<div>", "<!-- ", "$$x", "> quoted", "[a](", "- item", "`code")
    alone, *made = typeset(
        [Piece("The *next* piece.")]
        + [piece for text in unclosed for piece in (Piece(text), Piece("The *next* piece."))],
        target,
    )
    assert made[1::2] == [alone] * len(unclosed)


def test_mathematics_becomes_mathml():
    assert re.search(r'<math display="inline".*<msup>', html("$x^2$")[0])


@both
def test_mathematics_that_pandoc_cannot_read_is_shown_as_tex(target):
    odd, empty = typeset([Piece(r"$\nosuchmacro{x}$"), Piece("$$ $$")], target)
    assert "nosuchmacro{x}" in odd.source
    assert empty.source == ""


def test_every_equation_in_typst_has_its_tex_as_alternative_text_without_labels():
    source, labelled = typst('$x^2$ and $$\\text{"a"}$$', "$$x \\label{eq}$$")
    assert 'math.equation(alt: "x^2", block: false' in source
    assert r'math.equation(alt: "\\text{\"a\"}", block: true' in source
    assert labelled == '#math.equation(alt: "x", block: true, $ x $);'


def test_raw_html_is_shown_as_text_and_comments_are_left_out():
    *raw, comments = html(
        *("<script>alert(1)</script>", "<b onclick='x'>", "<DIV>\nx\n</DIV>"),
        "a <!-- hidden --> b\n\n<!-- hidden -->",
    )
    assert re.sub(r"<p>|</p>", "", "".join(raw)).count("<") == 0
    assert comments == "<p>a  b</p>"


@pytest.mark.promise("Text in a PDF is text, whatever Typst could read in it.")
def test_text_and_code_in_typst_are_always_strings():
    assert typst("#read(x) = $5 \\* @a", '`#a"` ') == [
        '#"#read(x)"; #"="; #"$5"; #"*"; #"@a";',
        '#raw("#a\\"");',
    ]


def test_links_survive_in_html():
    addresses = ("https://a.example/b", "mailto:a@b.example", "02_other.html")
    made = html(*(f"[text]({address})" for address in addresses))
    assert [re.search('href="(.*?)"', each)[1] for each in made] == list(addresses)


@both
def test_links_that_run_or_read_something_keep_their_text_only(target):
    addresses = ("javascript:alert(1)", "JavaScript:x", "data:text/html,x", "file:///x", "#nowhere")
    for made in typeset([Piece(f"[text]({address})") for address in addresses], target):
        assert "text" in made.source
        assert not re.search("link|href|nowhere", made.source)


@both
def test_a_link_to_a_heading_of_another_piece_survives(target):
    pieces = [Piece("See [below](#where-it-errs)."), Piece("## Where it errs")]
    assert "where-it-errs" in typeset(pieces, target)[0].source


def headings(*texts, identifiers=()):
    made = typeset([Piece(text) for text in texts], "html", identifiers)
    return [heading for fragment in made for heading in fragment.headings]


def test_headings_with_the_same_text_get_anchors_of_their_own():
    made = headings("## Results", "## Results", "## Main", identifiers=["main"])
    assert [each.identifier for each in made] == ["results", "results-1", "main-1"]


def test_heading_levels_skip_none_and_leave_the_first_to_the_title():
    made = headings("# A\n\n#### B\n\n## C", "##### D\n\n###### E", "## <!-- hidden -->\n\ntext")
    assert [each.level for each in made] == [2, 3, 2, 3, 4]


def test_what_was_typeset_before_is_typeset_again_where_its_place_is_another(monkeypatch):
    asked = []
    run = markdown._run_pandoc
    monkeypatch.setattr(markdown, "_run_pandoc", lambda text: asked.append(text) or run(text))
    markdown._typeset.clear()
    pieces = ["# A *title*", "## Part", "### Results", "See [it](#results).", "$x^2$ ends"]
    first = headings(*pieces)
    again = headings(*pieces, identifiers=["part"])
    assert [each.identifier for each in again] == ["a-title", "part-1", "results"]
    assert headings("#### Results", *pieces)[-1].identifier == "results-1"
    assert headings(*pieces) == first
    assert ["known" in text for text in asked] == [False, True, True, True]


@pytest.mark.promise("A picture that a notebook does not hold is not read.")
@both
def test_an_image_that_is_not_supplied_becomes_its_alternative_text(target):
    addresses = ("https://a.example/x.png", "x.png", "/etc/passwd", "file:///x.png")
    made = typeset([Piece(f"![a digit]({address})") for address in addresses], target)
    assert all("digit" in each.source for each in made)
    assert not [a for a, each in zip(addresses, made, strict=True) if a in each.source]


def test_a_supplied_image_is_shown_with_its_alternative_text():
    address = "data:image/png;base64,AA=="
    made = html("![a digit](attachment:x.png)", images={"attachment:x.png": address})
    assert made == [f'<p><img src="{address}" alt="a digit" /></p>']


def test_an_inline_piece_has_no_paragraph_and_a_title_no_link():
    assert html("An *answer*.", form="inline") == ["An <em>answer</em>."]
    assert html("A [link](https://a.example)", form="title") == ["A link"]


def test_tables_quotations_and_dashes_are_set_as_in_print():
    table, quoted, dashes = html("| a |\n| - |\n| 1 |\n| 2 |", "> # A", '"a" -- don\'t')
    assert table.count("<tr>") == 3
    assert "<strong>A</strong>" in quoted
    assert dashes == "<p>“a” – don’t</p>"  # noqa: RUF001


def test_plain_text_has_no_markup_and_equations_that_can_be_read_aloud():
    said = {
        r"$$F_1 = \frac{2 \cdot \text{a}}{\text{b} + c}$$": "F₁ = (2 ⋅ a)/(b + c)",
        r"$\frac{x_i}{2}$": "x_i/2",
        "$1{,}000$": "1,000",
    }
    made = typeset([Piece(tex) for tex in said], "plain")
    assert [" ".join(each.source.split()) for each in made] == list(said.values())
    assert typeset([Piece("*a* `b` $c$")], "html")[0].plain == "a b c"
