import re

import pytest

from notebook_press.rendering.outputs.foreign import clean
from notebook_press.rendering.page import Image
from notebook_press.rendering.prose import markdown
from notebook_press.rendering.prose.markdown import Piece, from_html, to_html


def html(*texts, **options):
    """The HTML of each text, cleaned."""
    made = to_html([Piece(text, **options) for text in texts]).pieces[: len(texts)]
    return [clean(each.source, "a test", is_prose=True).html.strip() for each in made]


def typst(*texts):
    return [each.source for each in from_html([Piece(text) for text in html(*texts)], "typst")]


both = pytest.mark.parametrize("typeset", [html, typst])


@both
def test_what_one_piece_leaves_open_does_not_reach_the_next(typeset):
    unclosed = ("```python\nx = 1", "<div>", "<!-- ", "$$x", "> quoted", "[a](", "- item", "`code")
    each_before = [part for text in unclosed for part in (text, "The *next* piece.")]
    alone, *made = typeset("The *next* piece.", *each_before)
    assert made[1::2] == [alone] * len(unclosed)


def test_mathematics_becomes_mathml():
    assert re.search(r'<math display="inline".*<msup>', html("$x^2$")[0])


@both
def test_mathematics_that_pandoc_cannot_read_is_shown_as_tex(typeset):
    (odd,) = typeset(r"$\nosuchmacro{x}$")
    assert "nosuchmacro{x}" in odd


def test_every_equation_in_typst_has_its_tex_as_alternative_text():
    (source,) = typst('$x^2$ and $$\\text{"a"}$$')
    assert 'math.equation(alt: "x^2", block: false' in source
    assert r'math.equation(alt: "\\text{\"a\"}", block: true' in source


def test_scripts_go_with_what_they_hold_and_comments_vanish():
    raw = html("a <script>alert(1)</script> b", "<b onclick='x'>bold</b>", "<DIV>\nx\n</DIV>")
    assert "".join(raw).count("alert") == 0
    assert "<b>bold</b>" in raw[1]
    (comments,) = html("a <!-- hidden --> b\n\n<!-- hidden -->")
    assert "hidden" not in comments


def test_markdown_inside_of_html_is_read():
    (box,) = html("<div>\n\n**Note** a box\n\n</div>")
    assert re.fullmatch(r"<div>\s*<p><strong>Note</strong> a box</p>\s*</div>", box)


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
def test_links_that_run_or_read_something_keep_their_text_only(typeset):
    addresses = ("javascript:alert(1)", "JavaScript:x", "data:text/html,x", "file:///x", "#nowhere")
    for made in typeset(*(f"[text]({address})" for address in addresses)):
        assert "text" in made
        assert not re.search("link|href|nowhere", made)


@pytest.mark.parametrize("link", ["[text](#nowhere)", '<a href="#nowhere">text</a>'])
def test_a_link_that_leads_nowhere_is_said(link):
    (made,) = to_html([Piece(link)]).pieces
    assert made.lost == (("Link to #nowhere", "it leads nowhere here"),)
    assert "href" not in made.source


@pytest.mark.parametrize(
    "place",
    ['<a id="Here"></a>', "<a name='Here'></a>", "<p id=Here>x</p>", '<h2 id="Here">x</h2>'],
)
def test_a_link_to_what_an_author_named_survives(place):
    there, here = html("[text](#here) <a href=#Here>x</a>", place)
    assert re.findall('href="(.*?)"', there) == ["#Here", "#Here"]
    assert 'id="Here"' in here


def test_a_listing_of_html_keeps_its_anchors_and_links():
    listing = '<a name="x" href="#nowhere" id="y">'
    assert html(f"```\n{listing}\n```")[0].count(listing[1:-1]) == 1


@both
@pytest.mark.parametrize("address", ["#where-it-errs", "#Where-it-errs", "#Where-it%20errs"])
def test_a_link_to_a_heading_of_another_piece_survives(typeset, address):
    made, _ = typeset(f"See [below]({address.replace('%20', '-')}).", "## Where it errs")
    assert "where-it-errs" in made


def test_what_an_author_names_wins_over_what_the_page_names():
    own, results = to_html(
        [Piece("[a](#results) [b](#figure-1)"), Piece("## Results")],
        ["report-results", "report-figure-1"],
    ).pieces
    assert re.findall('href="#(.*?)"', own.source) == ["results", "report-figure-1"]
    assert results.headings[0].identifier == "results"


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("[a](#within)", "within"),
        ("<a href='#within'>a</a>", "within"),
        ("<a href=#within>a</a>", "within"),
        ("""<a href="#What's-new?">a</a>""", "whats-new"),
        ('<a href="#Here-&amp;-there">a</a>', "here--there"),
    ],
)
def test_links_in_any_spelling_lead_to_anchors_in_headings_and_to_headings(link, target):
    heading = '<h2>Part <a name="within"></a></h2>'
    made, *_ = html(link, heading, "## What's new?", "## Here & there")
    assert re.findall('href="#(.*?)"', made) == [target]


@pytest.mark.parametrize("inside", ["- ", "> ", "1. > "])
@both
def test_a_link_to_a_heading_in_a_list_or_a_quotation_leads_there(typeset, inside):
    link, there = typeset("[a](#Right-here)", f"{inside}## Right here")
    assert "right-here" in link
    assert "right-here" in there


def test_headings_in_lists_share_the_anchors_of_all_and_are_in_no_contents():
    pieces = to_html([Piece("- # Same"), Piece("## Same"), Piece("[a](#Same)")]).pieces
    assert [re.findall('(?:id|href)="(.*?)"', each.source) for each in pieces] == [
        ["same"],
        ["same-1"],
        ["#same"],
    ]
    assert [[each.identifier for each in piece.headings] for piece in pieces] == [
        [],
        ["same-1"],
        [],
    ]


def test_links_in_an_output_lead_to_headings_too():
    output = Piece('<p><a href="#Here-it-is">a</a> <a href="#gone">b</a></p>', "html")
    made, _ = to_html([output, Piece("## Here it is")]).pieces
    assert re.findall('href="(.*?)"', made.source) == ["#here-it-is"]
    assert made.lost == (("Link to #gone", "it leads nowhere here"),)


@pytest.mark.parametrize(
    "address", ["/etc/passwd", "//other.org/x", "file:///x", "JavaScript:x()", r"\\\\host\\x"]
)
def test_a_link_that_no_page_may_have_is_told(address):
    (made,) = to_html([Piece(f"[a]({address})")]).pieces
    assert [note for _, note in made.lost] == ["it leads nowhere here"]


@pytest.mark.parametrize(
    "address", ["a.csv", "../b/c.csv", "https://x.org", "MAILTO:a@b.org", "?q=a:b"]
)
def test_a_link_that_a_page_may_have_loses_nothing(address):
    (made,) = to_html([Piece(f"[a]({address})")]).pieces
    assert made.lost == ()


def headings(*texts):
    made = to_html([Piece(text) for text in texts])
    return [heading for fragment in made.pieces for heading in fragment.headings]


def test_headings_with_the_same_text_get_anchors_of_their_own():
    made = headings("## Results", "## Results", '<a id="top"></a>', "## Top")
    assert [each.identifier for each in made] == ["results", "results-1", "top-1"]


def test_heading_levels_skip_none_and_leave_the_first_to_the_title():
    made = headings("# A\n\n#### B\n\n## C", "##### D\n\n###### E", "## <!-- hidden -->\n\ntext")
    assert [(each.level, each.plain) for each in made] == [(2, "B"), (2, "C"), (3, "D"), (4, "E")]


def test_several_headings_of_the_first_level_keep_their_order():
    made = headings("# Title\n\n## Part", "# Another\n\n## Below")
    assert [(each.level, each.plain) for each in made] == [
        (2, "Part"),
        (2, "Another"),
        (3, "Below"),
    ]


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        (["# A *title* #\n\ntext"], "A *title*"),
        (["A title\n=======\n\ntext"], "A title"),
        (["***\n\n# A title"], "A title"),
        (['<h1 align="center">A title</h1>', "text"], "A title"),
        (["<!-- hidden -->\n\n<a id='x'></a>\n\n![badge](x.svg)\n\n# A title"], "A title"),
        (["## Before\n\n# Not it"], ""),
        (["Words first.", "# Not it"], ""),
        (["```\n# in a fence\n```\n\n# Not it"], ""),
    ],
)
def test_the_title_is_a_heading_that_is_the_first_thing_said(texts, title):
    assert to_html([Piece(text) for text in texts]).title_markdown == title


def test_what_was_typeset_for_the_page_before_is_not_typeset_again(monkeypatch):
    asked = []
    answer = markdown._answer
    monkeypatch.setattr(markdown, "_answer", lambda *a: asked.append(a[1]["pieces"]) or answer(*a))
    markdown._typeset.clear()
    first = from_html([Piece("<p>a</p>"), Piece("<p>b</p>")], "typst")
    again = from_html([Piece("<p>b</p>"), Piece("<p>c</p>"), Piece("<p>a</p>")], "typst")
    assert [len(pieces) for pieces in asked] == [2, 1]
    assert [again[2], again[0]] == first


@pytest.mark.promise("A picture that a notebook does not hold is not read.")
@both
def test_an_image_that_is_not_supplied_becomes_its_alternative_text(typeset):
    addresses = ("x.png", "/etc/passwd", "file:///x.png")
    made = typeset(*(f"![a digit]({address})" for address in addresses))
    assert all("digit" in each for each in made)
    assert not [a for a, each in zip(addresses, made, strict=True) if f'src="{a}' in each]
    assert not [each for each in made if "image(" in each]


def test_a_supplied_image_is_shown_with_its_alternative_text():
    picture = Image("image/png", b"\0")
    found = {"attachment:x.png": picture}
    (source,) = to_html([Piece("![a digit](attachment:x.png)")]).pieces
    made = clean(source.source, "a test", is_prose=True, find_picture=found.__getitem__).html
    assert 'src="data:image/png;base64,AA=="' in made
    assert 'alt="a digit"' in made


def test_an_inline_piece_has_no_paragraph_and_a_title_no_link():
    assert html("An *answer*.", form="inline") == ["An <em>answer</em>."]
    assert html("A [link](https://a.example)", form="title") == ["A link"]


def test_text_stays_as_it_was_written():
    assert html('"a" -- don\'t --- 1...') == ['<p>"a" -- don\'t --- 1...</p>']


def test_tables_and_quotations_are_kept():
    table, quoted = html("| a |\n| - |\n| 1 |\n| 2 |", "> # A")
    assert table.count("<tr>") == 3
    assert "<strong>A</strong>" in quoted


def test_headings_in_html_belong_to_the_page():
    first, second = to_html(
        [Piece('<center>\n<h2 align="right">A <b>b</b></h2>\n</center>'), Piece("<h4>C</h4>\n<p>")]
    ).pieces
    assert [(each.level, each.plain) for each in (*first.headings, *second.headings)] == [
        (2, "A b"),
        (3, "C"),
    ]
    assert '<h2 style="text-align: right" id="a-b">A <strong>b</strong></h2>' in first.source


@pytest.mark.parametrize("hidden", ["<!-- <h2>a</h2> -->", "<script>'<h2>a</h2>'</script>"])
def test_headings_that_nobody_sees_are_none(hidden):
    assert headings(hidden) == []


def test_a_diagram_that_a_script_would_draw_is_booked():
    (made,) = to_html([Piece("```mermaid\ngraph TD\n```")]).pieces
    assert made.lost == (("Mermaid diagram", "as its source"),)


def test_alerts_are_boxes():
    (page,), (paper,) = html("> [!WARNING]\n> Hot."), typst("> [!WARNING]\n> Hot.")
    assert '<div class="alert alert-warning">' in page
    assert "#aside(warning)[" in paper


def test_what_is_folded_on_a_page_is_open_in_typst():
    (made,) = typst("<details><summary>More</summary>\n\nHidden.\n\n</details>")
    assert made.split() == ['#strong[#"More";]', '#"Hidden.";']


def test_tables_in_typst_have_their_spans_sides_and_captions():
    rows = "<tr><th rowspan=2>a</th><th>b</th></tr><tr><th>c</th></tr>"
    body = "<tr><td>d</td><td>1</td></tr><tr><td colspan=9>e</td></tr>"
    (made,) = typst(f"<table><caption>f</caption><thead>{rows}</thead><tbody>{body}</table>")
    assert made.startswith('#typeset-table([#"f";], (auto, right, ')
    assert 'table.cell(rowspan: 2)[#strong[#"a";]]' in made
    assert 'table.cell(colspan: 9)[#"e";]' in made


def test_only_heads_of_rows_are_strong_in_typst_whatever_spans_them():
    heads = "<tr><th rowspan=2>a</th><th>b</th><td>1</td></tr><tr><th>c</th><td>2</td></tr>"
    made = typst_of(f"<table><tbody>{heads}</tbody></table>")
    assert [each in made for each in ("[#strong[", '[#strong[#"c";]]', '[#"2";]')] == [True] * 3
    assert '[#strong[#"2";]]' not in made


FILLS = {
    "background-color:#ff0000": 'fill: rgb("#ff0000")',
    "background:linear-gradient(90deg, #ff0000 40%, transparent 40%)": "fill: gradient.linear(("
    'rgb("#ff0000"), 0%), (rgb("#ff0000"), 40%), (rgb("#ffffff"), 40%), (rgb("#ffffff"), 100%))',
    "color:#00ff00": '[#set text(fill: rgb("#00ff00"));',
    "color:light-dark(#0000ff, #aaaaff)": '[#set text(fill: rgb("#0000ff"));',
}


@pytest.mark.parametrize(("style", "expected"), FILLS.items())
def test_cells_in_typst_have_their_colours_and_bars(style, expected):
    made = typst_of(f'<table><tr><td style="{style}">a</td></tr></table>')
    assert expected in made


@pytest.mark.parametrize(
    "style",
    [
        *("color:red", "color:#12345", "color:#1234567", "background-color:#(panic())"),
        "background:linear-gradient(90deg, #ff0000 40%, #00ff00 20%)",
        "background:linear-gradient(90deg, #ff0000 4000%)",
        "background:linear-gradient(90deg, panic() 4%)",
    ],
)
def test_what_typst_could_take_for_no_colour_is_left_out(style):
    made = typst_of(f'<table><tr><td style="{style}">a</td></tr></table>')
    assert not re.search("fill|panic", made)


def test_a_long_line_of_a_listing_in_typst_can_be_broken():
    assert "\u200b" in typst_of(f"<pre>{'─' * 100}</pre>")


def test_a_picture_in_typst_is_described_and_has_its_width():
    drawn = '<img src="1.png" alt="a &quot;digit&quot;" width="80">'
    assert typst_of(drawn) == r'#in-line("1.png", "a \"digit\"", width: 60.0pt);'
    assert ", height: 9.0pt)" in typst_of('<img src="1.png" alt="x" height="12px">')
    assert ", width: 50%" in typst_of('<img src="1.png" alt="x" style="width: 50%">')


def typst_of(html):
    return from_html([Piece(html)], "typst")[0].source


def test_a_table_straight_after_a_line_of_text_is_one():
    (made,) = html("Results of *it*:\n| a | b |\n|---|--:|\n| 1 | 2 |")
    assert re.search(r"<p>Results of <em>it</em>:</p>.*<table", made, re.DOTALL)
    (code,) = html("```\ntext\n| a | b |\n|---|---|\n```")
    assert "text\n| a | b |" in code


def test_notes_stand_below_their_piece_and_their_anchors_differ():
    first, second = html("a[^1]\n\n[^1]: One.", "b[^1]\n\n[^1]: Two.")
    assert "One." in first
    assert "Two." in second
    assert not set(re.findall('id="(.*?)"', first)) & set(re.findall('id="(.*?)"', second))


def test_nothing_leads_back_from_a_note_where_nothing_can_be_followed():
    (made,) = from_html([Piece(each) for each in html("a[^1]\n\n[^1]: One.")], "plain")
    assert made.source.endswith("One.")


def test_plain_text_has_no_markup_and_equations_that_can_be_read_aloud():
    said = {
        r"$$F_1 = \frac{2 \cdot \text{a}}{\text{b} + c}$$": "F₁ = (2 ⋅ a)/(b + c)",
        r"$\frac{x_i}{2}$": "x_i/2",
        "$1{,}000$": "1,000",
        "**a** *b* `c`": "a b c",
    }
    made = from_html([Piece(each) for each in html(*said)], "plain")
    assert [" ".join(each.source.split()) for each in made] == list(said.values())
    assert to_html([Piece("*a* `b` $c$", "inline")]).pieces[0].plain == "a b c"


def test_a_footnote_of_the_title_stands_where_the_title_was():
    made = to_html([Piece("# Title[^1]\n\nWords.\n\n[^1]: More of it.")])
    assert made.title.source == "Title"
    assert "More of it." in made.pieces[0].source
