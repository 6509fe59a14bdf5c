"""How a comparison is told: the page, Markdown and the exit code."""

import json
import re
import sys
from html.parser import HTMLParser

import pypandoc
import pytest
from nbformat import v4
from pages import said

from notebook_press.cli import main
from notebook_press.comparing import forms
from notebook_press.comparing.comparison import compare
from notebook_press.comparing.forms import LONGEST, code, lines, render_markdown, render_page
from notebook_press.rendering.checks import check_html

WEB = "https://a.example/x"
ATTACKS = [
    f"<script>alert(1)</script><img src='{WEB}' onerror=alert(1)></pre></code></title></style>",
    f"![x]({WEB}) [x](javascript:alert(1)) @somebody #12 {WEB} www.a.example a@a.example $x$ |x|",
    "``` ` ```` ~~~ | \\| <!-- ]]> &lt; \\` {{ 7 * 7 }} {% raw %} **x**\n```\n# x\n- x\n\n<b>x",
    "a\x00b\x1b[31m\x07\u2028\u202eetorw\u2066x\u200b\ufeff\U000e0001",
]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><text>{}</text></svg>'


def attacked(attack, turn):
    """Cells and facts with an attack wherever a notebook or a manifest holds words."""
    text = attack + "x" * turn
    figure = said("figure", {"image/svg+xml": SVG.format(turn)}, caption=text, alt=text)
    outputs = [v4.new_output("stream", text=text), figure, said("say", {"text/markdown": text})]
    cells = [
        v4.new_markdown_cell(text, id="prose"),
        v4.new_code_cell(text, id="code", outputs=outputs, execution_count=1),
    ]
    facts = {
        "answer": text,
        "notice": text,
        "commit": text,
        "results": {attack: turn},
        "estimates": {attack: {"value": turn, "low": 0, "high": 9, "n": None}},
        "parameters": [{"name": attack, "value": text}],
        "inputs": {attack: text},
        "versions": {attack: text},
        "machine": {attack: text},
        "keys": {"run": {attack: text}, "render": {}},
    }
    return cells, facts


@pytest.fixture(params=ATTACKS, ids=["html", "markdown", "fences", "characters"])
def attack(request, publish):
    sides = [
        publish(side, *cells, **facts)
        for side, (cells, facts) in zip(
            "ab", (attacked(request.param, turn) for turn in (1, 2)), strict=True
        )
    ]
    return compare(*sides)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag, attributes):
        self.found |= {tag, *(name for name, _ in attributes)}


def test_nothing_of_a_notebook_is_markup_on_the_page(attack):
    html = render_page(attack)
    check_html(html)
    tags = Tags()
    tags.feed(html)
    assert not {"script", "b", "form", "iframe", "onerror", "onload"} & tags.found
    assert "\u202e" not in html


def test_nothing_of_a_notebook_is_markup_in_markdown(attack):
    written = render_markdown(attack)
    tags = Tags()
    tags.feed(pypandoc.convert_text(written, "html", format="gfm"))
    plain = {"h3", "h4", "p", "table", "thead", "tbody", "tr", "th", "td", "pre", "code", "span"}
    assert tags.found <= plain | {
        "class",
        "id",
        "ul",
        "li",
        "div",
        "a",
        "href",
        "aria-hidden",
        "tabindex",
        "strong",
    }
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", written)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b", "`a_b`"),
        ("a|b`", "<code>a&#124;b&#96;</code>"),
        ("", "\N{EN DASH}"),
        ("a\nb", "`a b`"),
    ],
)
def test_a_text_in_markdown_is_code_in_one_line(text, expected):
    assert code(text) == expected


def test_markdown_fits_a_comment_and_says_what_is_left_out(publish):
    for side in "ab":
        for report in range(40):
            cells = (v4.new_code_cell(f"{side}{n}\n" * 90, id=f"c{n}") for n in range(9))
            folder = publish(side, *cells, report=f"story{report}", results={"r": ord(side)})
    written = render_markdown(compare(folder.parent.parent / "a" / "default", folder))
    assert len(written) <= LONGEST
    assert re.search(r"\*[\d,]+ parts of this comparison are left out", written)
    assert written.count("| `r` | 97 | 98 | +1 (+1.03%) |") == 40


def test_a_page_whose_pictures_are_too_large_names_them(publish, monkeypatch):
    monkeypatch.setattr(forms, "MOST_OF_PICTURES", 100)
    sides = [publish(side, *attacked("x", turn)[0]) for turn, side in enumerate("ab")]
    assert "Not shown: the pictures of this page are too large" in render_page(compare(*sides))


def test_of_a_line_that_changed_the_other_words_are_marked():
    found = list(lines([" same", "-it is 98% here", "+it is 99% here"]))
    assert [marked for _, marked, _ in found] == ["", "98%", "99%"]
    assert ["".join(each) for each in found] == [" same", "-it is 98% here", "+it is 99% here"]


@pytest.mark.parametrize(
    ("before", "after"),
    [(["-a b"], ["+a b c"]), (["-"], ["+x"]), (["-x x"], ["+x x x"]), (["-ab"], ["+b"])],
)
def test_marks_leave_each_line_as_it_is(before, after):
    found = list(lines([*before, *after]))
    assert ["".join(each) for each in found] == [*before, *after]


def test_that_nothing_differs_is_said_plainly(publish):
    found = compare(publish("a"), publish("b"))
    assert "Nothing differs in the report." in render_markdown(found)
    assert "Nothing differs in the report." in render_page(found)


def test_another_making_is_no_difference_in_what_is_shown(publish):
    found = compare(publish("a"), publish("b", versions={"numpy": "2"}, seconds=7))
    told = render_markdown(found)
    assert "Nothing differs in what the report shows, only in the making." in told
    assert "| `time` | `1.5 s` | `7.0 s` |" in told


@pytest.fixture
def press(monkeypatch, capsys, tmp_path, publish):
    """A function that runs the command on two runs: exit code, stdout and stderr."""
    publish("a", results={"share": 0.98})
    publish("b", results={"share": 0.97})
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        command = ["notebook-press", "compare", "a/default", "b/default", *arguments]
        monkeypatch.setattr(sys, "argv", command)
        monkeypatch.setattr("notebook_press.running.signals.listen", lambda: None)
        monkeypatch.setattr("notebook_press.running.signals.finish", lambda: None)
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return run


def test_a_page_is_written_where_it_is_asked_for(press, tmp_path):
    assert press() == (0, "compare.html: The report differs in what is shown.\n", "")
    assert "-0.01 (-1.02%)" in (tmp_path / "compare.html").read_text()
    assert press("-o", "other.html")[0] == 0
    assert (tmp_path / "other.html").read_text() == (tmp_path / "compare.html").read_text()


def test_markdown_and_json_go_to_the_terminal_or_a_file(press, tmp_path):
    code, out, _ = press("--to", "md")
    assert (code, out.splitlines()[0]) == (0, "### What changed: `a/default` → `b/default`")
    assert json.loads(press("--json")[1])["reports"][0]["results"][0]["change"] == -0.01
    press("--to", "md", "-o", "told.md")
    assert (tmp_path / "told.md").read_text() == out
    assert not (tmp_path / "compare.html").exists()


@pytest.mark.promise(
    "A comparison ends with 6 if a result moved as --fail-on refuses, and is told."
)
def test_a_result_that_moved_too_far_ends_with_6_after_all_is_told(press):
    bounds = ["--fail-on", "story.share<-0.002", "--fail-on", "share>1"]
    code, out, err = press("--json", *bounds)
    assert code == 6
    assert "story.share moved by -0.01, from 0.98 to 0.97" in err
    assert json.loads(out)["failed"][0].startswith("story.share moved by")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fail-on", "share"], "--fail-on 'share': expected [REPORT.]RESULT"),
        (["--fail-on", "loss<0"], "both recorded story.share"),
        (["--to", "pdf"], "'pdf'"),
    ],
)
def test_what_can_not_be_asked_for_ends_with_2(press, tmp_path, arguments, message):
    code, _, err = press(*arguments)
    assert (code, message in err) == (2, True)
    assert not (tmp_path / "compare.html").exists()


def test_a_page_that_can_not_be_written_ends_with_7(press):
    code, _, err = press("-o", "no/such/folder.html")
    assert code == 7
    assert "no/such/folder.html" in err
