"""Formulas are found where JupyterLab finds them, and money is left alone."""

import re

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from notebook_press.rendering.outputs.foreign import clean
from notebook_press.rendering.prose.latex import from_latex
from notebook_press.rendering.prose.markdown import PREFIX, Piece, from_html, to_html
from notebook_press.rendering.prose.maths import Formulas

MARK = re.compile("@\ufdd0(\\d+)\ufdd1@")


def found(markdown):
    """The TeX of each formula in Markdown."""
    formulas = Formulas(PREFIX, [markdown])
    _, own = formulas.in_markdown(markdown)
    return [formula.tex for formula in formulas.resolved(own)]


def page_of(*texts, form="prose"):
    """What a page shows of texts that share macros and numbers, and what it books."""
    return to_html([Piece(text, form) for text in texts]).pieces[: len(texts)]


def paper_of(*texts, target="typst"):
    sources = [clean(each.source, "a test", is_prose=True).html for each in page_of(*texts)]
    return [each.source for each in from_html([*map(Piece, sources)], target)]


def test_each_way_to_write_a_formula_is_found():
    markdown = r"$a$ $ b $ $c $ $ d$ $$e$$ \\(f\\) \\[g\\] 2$\times$3 $h$th $1{,}000$ $5$"
    assert [tex.strip() for tex in found(markdown)] == [
        *"abcdefg",
        r"\times",
        "h",
        "1{,}000",
        "5",
    ]


@pytest.mark.parametrize("name", ["align", "equation", "gather", "multline", "eqnarray", "alignat"])
def test_a_bare_environment_is_a_formula_with_or_without_star(name):
    for starred in (name, f"{name}*"):
        (tex,) = found(
            f"text\n\\begin{{{starred}}}\n{{2}} a &= b \\\\\n\nc\n\\end{{{starred}}}\nmore"
        )
        assert tex.startswith("\\begin{")


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6",
        "between $5 and 10$",
        "100$/month or 200$/year",
        "US$ 5, CA$ 6",
        "| Price ($) | Cost ($) |",
        "$HOME and $PATH",
        "$1,000.50 to $2,000",
        r"\$5 and \$6",
        "one $ alone",
        "a $ for all of us $ sign",
    ],
)
def test_amounts_of_money_are_no_formulas(text):
    assert found(text) == []


def test_money_does_not_hide_a_formula_after_it():
    assert found(r"It costs $5. Then $x$, or $6 and $\alpha$.") == ["x", r"\alpha"]
    assert found(r"$HOME, and 3$\pm$1.") == [r"\pm"]


@pytest.mark.parametrize(
    "text",
    [
        "`$x$`",
        "``a ` $x$``",
        "```\n$x$\n```",
        "~~~ py\n$x$\n~~~",
        "- ```\n  $x$\n  ```",
        "> ```\n> $x$\n> ```",
        "<pre>$x$</pre>",
        "<!-- $x$ -->",
        '<a title="$x$">',
        "[a](b$c$d)",
        "$x\n\ny$",
        "$$x\n\ny$$",
    ],
)
def test_code_comments_tags_addresses_and_empty_lines_hold_no_formula(text):
    assert found(f"{text} and $y$") == ["y"]


def test_a_dollar_in_code_ends_no_formula():
    assert found("$5 for `$HOME` and $y$") == ["y"]


def test_braces_and_escapes_belong_to_their_formula():
    markdown = r"$\text{if {$x$} so}$ $\{a\}$ $$b \\$$ $a$$b$"
    assert found(markdown) == [
        r"\text{if {$x$} so}",
        r"\{a\}",
        r"\begin{gathered}b \\\end{gathered}",
        "a",
        "b",
    ]


@given(st.text(alphabet="$\\{}[]()`<>ab5 \n|*_^&-", max_size=60))
def test_what_is_no_formula_stays_as_it_was_written(text):
    marked, own = Formulas(PREFIX).in_markdown(text)
    assert [int(number) for number in MARK.findall(marked)] == [*range(1, len(own) + 1)]
    restored = MARK.sub(lambda mark: own[int(mark[1]) - 1].source, marked)
    assert restored == text


def test_nobody_forges_a_mark():
    marked, _ = Formulas(PREFIX).in_markdown("@\ufdd01\ufdd1@ $x$")
    assert MARK.findall(marked) == ["1"]
    forged, after = page_of(r"@&#xFDD0;1&#64977;@ &#xfdd2; $\unicode{xfdd0} x$", "$y$")
    assert forged.source.count("<math") == after.source.count("<math") == 1
    html = "<math><semantics><mi>a</mi><annotation encoding='application/x-tex'>\ufdd0a"
    made = from_html(
        [Piece(f"{html}</annotation></semantics></math>"), Piece(after.source)], "typst"
    )
    assert "$y$" in made[1].source


@pytest.mark.parametrize(
    ("where", "around"),
    [
        ("| a |\n|---|\n| $|x|$ |", "<td><math"),
        ("- $x$", "<li><math"),
        ("> $x$", "<p><math"),
        ("**$x$**", "<strong><math"),
        ("<table><tr><td>$x$</td></tr></table>", "<td><math"),
        ("<details><summary>$x$</summary></details>", "<summary><math"),
        ("a[^1]\n\n[^1]: $x$", "<math"),
    ],
)
def test_formulas_are_shown_wherever_text_is(where, around):
    assert around in page_of(where)[0].source


def test_the_marks_of_a_quote_are_no_part_of_a_formula_in_it():
    quoted, _, plain = found(
        "> $$\n> x\n> > y\n> $$\n\n> \\begin{align}\n> a\n> \\end{align}\n\n$$a\n> b$$"
    )
    assert quoted.split() == ["x", "y"]
    assert plain.split() == ["a", ">", "b"]


def test_a_heading_with_a_formula_has_it_and_an_anchor_of_its_letters():
    (made,) = page_of("## The $x$ part")
    assert '<h2 id="the-x-part">The <math' in made.source
    assert made.headings[0].plain == "The x part"


def test_code_and_addresses_keep_the_dollars_that_they_were_written_with():
    (made,) = page_of("    $x$ in code\n\n[a](<b $y$>) <b title='$z$'>c</b>\n\n[r]\n\n[r]: /q$z$")
    assert ">$x$ in code</code>" in made.source
    assert "\ufdd0" not in made.source
    assert 'href="/q$z$"' in made.source


def test_macros_are_known_to_all_that_follows_them():
    define, used, html = (
        r"$\newcommand{\E}[2][x]{\mathbb{E}_{#1}[#2]} \def\R{\mathbb{R}}$",
        r"$\E{y} \in \R$",
        r"$$\renewcommand\R{\mathbf{R}} \DeclareMathOperator*{\argmax}{arg\,max} \argmax \R$$",
    )
    formulas = Formulas(PREFIX)
    assert formulas.in_markdown(define) == ("", [])
    assert formulas.in_markdown(used)[1][0].tex == r"\mathbb{E}_{x}[y] \in \mathbb{R}"
    tex = formulas.in_html(html)[1][0].tex
    assert tex.split() == [r"\operatorname*{arg\,max}", r"\mathbf{R}"]


def test_a_macro_that_is_defined_later_is_known_where_nothing_else_has_its_name():
    unknown, known, _ = page_of(
        r"$\later{x}$", r"$\vec{x}$", r"$\newcommand{\later}[1]{\bar{#1}} \def\vec#1{\mathbf{#1}}$"
    )
    assert "\\bar{x}" in unknown.source
    assert "\\vec{x}" in known.source
    assert unknown.lost == ()


def test_macros_may_stand_for_the_two_ends_of_an_environment():
    assert found(r"$$\def\be{\begin{cases}} \def\ee{\end{cases}}$$ $\be a \\ b \ee$") == [
        r"\begin{cases} a \\ b \end{cases}"
    ]


@pytest.mark.promise("A formula that grows without end, or would keep pandoc busy, is its source.")
@pytest.mark.parametrize(
    "tex",
    [
        r"\def\a{\a}\a",
        r"\def\a{\b\b}\def\b{\a\a}\a",
        r"\newcommand{\a}[1]{#1#1}" + r"\a{" * 30 + "x" + "}" * 30,
        "x^{" * 40 + "x" + "}" * 40,
        "{" * 2000 + "x" + "}" * 2000,
        r"\def\a{{\a}}\a",
        r"x^\left(" * 40 + "x" + r"\right)" * 40,
        "x + " * 20_000,
    ],
)
def test_a_hostile_formula_is_shown_as_it_was_written(tex):
    (made,) = page_of(f"$${tex}$$")
    assert "<math" not in made.source
    assert made.lost == (("Formula", "as its TeX source"),)


def test_what_pandoc_cannot_read_stands_in_a_box_as_it_was_written():
    block, line = page_of(r"$$\ce{H2O < x}$$", r"a $\ce{x}$ b")
    assert re.fullmatch(r"<pre><code.*>\\ce\{H2O &lt; x\}</code></pre>", block.source)
    assert r"a <code" in line.source
    assert r"\ce{x}</code> b" in line.source
    assert block.lost == line.lost == (("Formula", "as its TeX source"),)


@pytest.mark.parametrize(
    "tex",
    [
        r"{\rm d}x \bf y",
        r"{a \over b + c}",
        r"\textcolor{red}{x} \style{color:red}{y} \bbox[red]{z}",
        r"\hspace{-1em} \hskip 2cm plus \kern3pt x \mkern 2mu",
        r"\unicode{x263a} \degree \LaTeX",
        r"\matrix{a & b \cr c & d} \begin{dcases}1\\2\end{dcases} \begin{rcases}1\\2\end{rcases}",
        r"\bra{x}\ket{y} \cfrac[l]{1}{2} \smash[b]{x} \Bbb R",
        r"a &= b \\ &= c",
        r"a \\ b",
        r"x &lt; y",
        r"\require{cancel} \cancel{x} \Large y % a comment",
        r"\begin{equation}\begin{split}a &= b\\ &= c\end{split}\end{equation}",
        r"\left( a \over b \right) \fbox{x} \AA \surd",
        r"{n \choose k} \left\{\begin{array}{ll} a & b\end{array}\right.",
    ],
)
def test_what_mathjax_reads_and_pandoc_does_not_is_renewed(tex):
    (made,) = page_of(f"$${tex}$$")
    assert "<math" in made.source
    assert made.lost == ()


def test_a_link_in_a_formula_leads_nowhere():
    (made,) = page_of(r"$\href{javascript:alert(1)}{x}$ $\text{</math><script>alert(1)</script>}$")
    html = clean(made.source, "a test", is_prose=True).html
    assert "javascript" not in html
    assert "<script" not in html


def test_equations_that_something_refers_to_are_numbered_before_and_after():
    before, equations, after = page_of(
        r"See \eqref{b}.",
        r"\begin{align} a &= 1 \label{a} \\ b &= 2 \nonumber \\ c &= 3 \label{b}\end{align}"
        "\n\n"
        r"\begin{equation} d \tag{$\star$} \label{d} \end{equation}",
        r"\ref{a} and $x = \eqref{d}$, \eqref{no}",
    )
    target = f'href="#{PREFIX}equation-1"'
    assert f"<a {target}>(2)</a>" in before.source
    assert equations.source.count(f'id="{PREFIX}equation-') == 2
    assert [*re.findall(r"<mtext[^>]*>\((\d)\)</mtext>", equations.source)] == ["1", "2"]
    assert f"<a {target}>1</a>" in after.source
    assert after.lost == (("Formula", "as its TeX source"),)


@pytest.mark.parametrize(
    "tex", [r"\begin{align}a\\b\end{align}", r"\begin{equation}a \label{a}\end{equation}", "$$a$$"]
)
def test_nothing_is_numbered_that_its_author_has_not_tagged_and_nothing_refers_to(tex):
    (made,) = page_of(tex)
    assert "(1)" not in made.source


def test_a_label_deep_in_an_equation_is_that_of_the_equation():
    deep = r"\begin{equation}\begin{aligned}a &= 1\\b &= 2 \label{d}\end{aligned}\end{equation}"
    assert "(1)</a>" in page_of(deep, r"\eqref{d}")[1].source


def test_a_tag_with_a_star_stands_without_brackets():
    assert found(r"$$a \tag*{Euler}$$") == [r"a \qquad\text{Euler}"]


def test_aligned_pairs_stand_apart_and_three_columns_become_two():
    spaced, three = found(
        r"$$\begin{aligned}a&=b&c&=d\end{aligned}$$ \begin{eqnarray*}a&=&b\end{eqnarray*}"
    )
    assert r"&\quad c" in spaced
    assert three == r"\begin{align*}a&=b\end{align*}"


def test_formulas_in_html_are_found_in_its_text_alone():
    source = (
        '<table><tr title="a > $b$"><td>$x_1$</td><td>$5</td><td>$6 &amp; <i>$</i></td>'
        r"<td>\(y &lt; z\)</td></tr></table><pre>$c$</pre>"
    )
    (made,) = page_of(source, form="html")
    assert made.source.count("<math") == 2
    assert '<tr title="a > $b$">' in made.source
    assert "<td>$5</td><td>$6 &amp; <i>$</i></td>" in made.source
    assert "<pre>$c$</pre>" in made.source


def test_html_without_formulas_is_not_typeset_again():
    (made,) = page_of("<b>$5</b>", form="html")
    assert made.source == ""


@pytest.mark.parametrize(
    ("latex", "maths", "words"),
    [
        ("The slope_ is $m = 2$.", 1, "The slope_ is "),
        (r"\[ x = 1 \]", 1, ""),
        (r"$\displaystyle x^{2}$", 1, ""),
        ("\\begin{equation}\nE = mc^2 \\label{e}\n\\end{equation}", 1, ""),
        (r"\(a\) # not *a* heading", 1, " # not *a* heading"),
        (r"\frac{a}{b}", 1, ""),
        ("x^2", 1, ""),
        (r"This is \LaTeX{} text.", 0, "This is LaTeX text."),
        (r"costs $5 and $6", 0, "costs $5 and $6"),
        ("    four blanks", 0, "four blanks"),
        ("$$a\n\\\\[2pt] b$$", 1, ""),
        ("\\[a\n\n+ b\\]", 1, ""),
    ],
)
def test_latex_is_text_with_formulas(latex, maths, words):
    (made,) = page_of(from_latex(latex.strip()))
    assert made.source.count("<math") == maths
    assert words.strip() in re.sub("<math.*?</math>|<[^>]*>", "", made.source, flags=re.DOTALL)
    assert made.lost == ()


def test_commands_in_text_of_latex_stand_as_code():
    (made,) = page_of(from_latex(r"a \vspace{1cm} b $x$"))
    assert r"<code>\vspace{1cm}</code>" in made.source


@pytest.mark.parametrize("target", ["html", "typst"])
def test_the_title_has_letters_for_its_formulas(target):
    (made,) = page_of(r"On $\hat{x}^2$", form="title")
    if target == "typst":
        (made,) = from_html([Piece(made.source, "title")], target)
    assert made.plain == "On x\u0302²"


def test_paper_has_the_formula_of_the_page():
    (made,) = paper_of(r"$x^2$ and $$1{,}000 \cap \text{cap sect} \sqrt{y}$$")
    assert '#math.equation(alt: "x^2", block: false, $x^2$);' in made
    assert '$ 1","000 ∩ upright("cap sect") sqrt(y) $' in made


def test_typst_reads_each_equation_that_pandoc_writes():
    symbols = "\u2039\u203a«»ħϏϗ₣∩⊓⊖⊗⊙⊜⊝⋂⋒⟦⟧⟬⟭⟴⦃⦄⦅⦆⦜⦡⦦⦶⦷⦸⦹⧀⧁⨀⨂⨅⨙⨸⩀⩄⩎√∛∜"
    odd = [r"\begin{vmatrix}a\\b\end{vmatrix}", r"\begin{Vmatrix}a\\b\end{Vmatrix}", r"\sqrt"]
    odd += [
        r"\begin{pmatrix}a & \{ b \\ c\end{pmatrix}",
        r"\text{#x}",
        r"a\#b",
        r"\binom{n}{} \mathbb{}",
        r"\sqrt\lbrace x \rbrace",
        r"\left]0, 1\right[ \left[x\right| \left(x\right|",
        r"a\phantom{{}_i *[} \big* \big[ b \big]",
    ]
    made = paper_of(*(f"$${tex}$$" for tex in [" ".join(symbols), *odd]))
    assert all("#math.equation" in each for each in made)
    assert typst.compile("\n\n".join(made).encode())


def test_slides_have_the_lines_of_a_formula_one_after_the_other():
    (made,) = paper_of(
        r"$$\begin{align*}a &= \frac{b}{2} \\ c &= d^2\end{align*}$$", target="plain"
    )
    assert made == "a = b/2; c = d^2"
