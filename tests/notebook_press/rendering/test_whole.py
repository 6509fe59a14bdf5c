"""Nothing that a notebook shows is lost in silence: each kind of thing, and a check of that."""

import re

import pytest
from kinds import every_kind
from report_notebooks import as_html
from whole import silent_losses


@pytest.fixture(scope="module")
def shown():
    made = every_kind()
    with pytest.MonkeyPatch.context() as patched:  # the processes that draw have tests of their own
        patched.setattr("notebook_press.rendering.outputs.drawings.draws_stills", lambda: False)
        return made, as_html(made, "whole")


@pytest.mark.promise("Nothing that a notebook shows is lost in silence.")
def test_no_kind_of_thing_is_lost_in_silence(shown):
    assert silent_losses(*shown) == []


LOSSES = {
    "a line of html": r"<p>some <strong>|some <b>bold</b> words",
    "a table's cell": r"<td>first</td>",
    "a picture": r'<img src="data:image/jpeg[^>]*>',
    "a drawing": r'<img src="data:image/svg[^>]*>',
    "printed text": r'<pre class="printed[^>]*>one.*?</pre>',
    "json": r"&#34;deep&#34;: &#34;value&#34;",
    "the line of an unknown type": r'<p class="not-shown[^>]*>[^<]*x-unknown[^<]*</p>',
    "the line of a video": r'<p class="not-shown[^>]*>Video.*?</p>',
    "an item": r"\binner\b",
    "a formula": r'<math display="block".*?</math>',
    "an error": r"too small",
    "a footnote": r"its source",
    "text in a widget": r"in a widget",
    "code": r'<span class="t-n">warn</span>',
}


@pytest.mark.parametrize("pattern", LOSSES.values(), ids=LOSSES)
def test_the_check_would_tell(shown, pattern):
    made, html = shown
    start = html.index("</header>")
    found = re.search(pattern, html[start:], re.DOTALL)
    assert silent_losses(made, html[:start] + html[start:].replace(found[0], "", 1))


INTRUDERS = {
    "an address in memory": "&lt;a.Thing object at 0x7f03c2a41d90&gt;",
    "a plea": "Your browser does not support the video tag.",
    "tags as text": "&lt;br&gt;&lt;div class='x'&gt;",
    "raw TeX": "\\begin{align}x\\end{align}",
    "what was not displayed": "kept from the readers",
}


@pytest.mark.parametrize("words", INTRUDERS.values(), ids=INTRUDERS)
def test_the_check_tells_what_may_stand_on_no_page(shown, words):
    made, html = shown
    assert silent_losses(made, html.replace("</main>", f"<p>{words}</p></main>"))
