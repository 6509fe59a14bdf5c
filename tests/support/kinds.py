"""A notebook with every kind of thing that notebooks show."""

import nbformat.v4 as v4
from report_notebooks import SVG, code, displayed, encoded, notebook, picture, prose, stream

OBJECT = "<a.Thing object at 0x7f03c2a41d90>"
PLOTLY, VEGA = "application/vnd.plotly.v1+json", "application/vnd.vegalite.v5+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
PNG = {"image/png": encoded(picture())}
FAR = "far-away-" * 20
DATA_PNG = f"data:image/png;base64,{encoded(picture())}"
TABLE = (
    "<div><style>.x { color: red }</style><table border='1' class='dataframe'><thead><tr><th>"
    "</th><th>name</th><th>size</th></tr></thead><tbody><tr><th>0</th><td>first</td><td>1.5</td></tr>"
    "<tr><th>1</th><td rowspan='2'>second</td><td>2.5</td></tr></tbody></table><p>2 rows</p></div>"
)
BUNDLES = {
    "text": {"text/plain": "plain words"},
    "an object": {"text/plain": OBJECT},
    "several objects": {"text/plain": f"[{OBJECT}, 3]"},
    "html": {"text/html": "<p>some <b>bold</b> words</p>", "text/plain": OBJECT},
    "a table": {"text/html": TABLE, "text/plain": "   name  size\n0 first 1.5"},
    "a list": {"text/html": "<ul><li>one<li>two<ol><li>three</ol></ul>"},
    "a picture in html": {"text/html": f"<p>before <img src='{DATA_PNG}'> after</p>"},
    "a remote picture": {"text/html": "<p>before <img src='https://a.example/b.png'> after</p>"},
    "a drawing in html": {"text/html": f"<div>drawn: {SVG}</div>"},
    "controls": {"text/html": "<form>Name <input value='x'><button>Go</button></form> after"},
    "presentation": {"text/html": "<center><font color=red>old <tt>ways</tt></font></center>"},
    "a definition list": {"text/html": "<dl><dt>term<dd>meaning</dl>"},
    "a formula in html": {"text/html": "<p>for $x_1$ or \\(x_2\\) it holds</p>"},
    "mathml": {"text/html": "so <math><mi>x</mi></math> it is"},
    "markdown": {"text/markdown": "**bold** and $x^2$\n\n- item\n\n| a |\n|-|\n| cell |"},
    "latex": {"text/latex": "$\\displaystyle \\int x\\,dx$", "text/plain": "Integral(x)"},
    "a bracketed formula": {"text/latex": "\\[ a + b \\]"},
    "an environment": {"text/latex": "\\begin{equation*}c = d\\end{equation*}"},
    "text with a formula": {"text/latex": "the sum $m + n$ of two"},
    "latex beside a picture": {"text/latex": "$y_1$", **PNG},
    "png": {**PNG, "text/plain": "<Figure size 640x480 with 1 Axes>"},
    "svg": {"image/svg+xml": SVG},
    "jpeg": {"image/jpeg": encoded(picture("JPEG"))},
    "gif": {"image/gif": encoded(picture("GIF"))},
    "webp": {"image/webp": encoded(picture("WEBP"))},
    "bmp": {"image/bmp": encoded(picture("BMP"))},
    "a damaged picture": {"image/png": "AAAA"},
    "a pdf that is none": {"application/pdf": "AAAA"},
    "json of another kind": {"application/x.v1+json": {"key": "its value"}, "text/plain": OBJECT},
    "json": {"application/json": {"key": [1, {"deep": "value"}]}, "text/plain": OBJECT},
    "geojson": {"application/geo+json": {"type": "Point", "coordinates": [1, 2]}},
    "a script": {"application/javascript": "draw()", "text/plain": OBJECT},
    "a script with words": {"application/javascript": "draw()", "text/plain": "what it says"},
    "plotly without a script": {PLOTLY: {"data": [{"type": "bar", "y": [1]}], "layout": {}}},
    "plotly with a picture": {PLOTLY: {"data": [{"type": "choropleth"}]}, **PNG},
    "a map by plotly": {PLOTLY: {"data": [{"type": "scattergeo"}]}, "text/plain": OBJECT},
    "vega that asks for data": {VEGA: {"data": {"url": "https://a.example/d.csv"}, "mark": "bar"}},
    "bokeh": {
        "text/html": "<div id='p1'></div><script>Bokeh.embed_item({}, 'p1')</script>",
        "application/vnd.bokehjs_exec.v0+json": "",
    },
    "a widget of which nothing is known": {WIDGET: {"model_id": "none"}, "text/plain": "A(x=1)"},
    "a widget": {WIDGET: {"model_id": "w"}, "text/plain": "Box(children=(Label(),))"},
    "a video": {"text/html": "<video controls><source src='https://a.example/v.mp4'></video>"},
    "a video with a poster": {"text/html": f"<video poster='{DATA_PNG}' src='v.mp4'></video>"},
    "a video with a poster elsewhere": {"text/html": "<video poster='//a.example/p.png'></video>"},
    "a picture behind": {"text/html": "<p style='background: url(//a.example/p.png)'></p> after"},
    "a video's data": {"video/mp4": "AAAA", "text/plain": OBJECT},
    "sound": {"text/html": "<audio controls src='data:audio/wav;base64,UklGRg=='></audio>"},
    "another page": {"text/html": "<iframe src='https://a.example' title='a map'></iframe>"},
    "a page in a page": {"text/html": "<iframe srcdoc='&lt;p&gt;inside&lt;/p&gt;'></iframe> below"},
    "a sheet": {"text/html": "<canvas id='c'></canvas><script>draw('c')</script>"},
    "mermaid": {"text/vnd.mermaid": "graph TD; A-->B", "text/plain": OBJECT},
    "an unknown type": {"application/x-unknown": "?"},
    "an unknown type with text": {"application/x-unknown": "?", "text/plain": "words for it"},
    "code": {"text/x-python": "a = 1"},
    "nothing": {},
}
EMPTIED = {  # in the eyes of a sanitiser, that is
    "a script": "<script>run()</script>",
    "a style sheet": "<style>p { color: red }</style>",
    "a comment": "<!-- said in secret -->",
    "what is not displayed": "<div style='display: none'>kept from the readers</div>",
    "what a sheet hides": "<style>.secret { display:none }</style><p class='secret'>kept away</p>",
    "an empty frame": "<iframe></iframe>",
    "a film": "<video><track></video>",
    "a plug-in": "<object data='x.swf'></object>",
    "a form": "<form action='https://a.example'><input type='hidden' value='x'></form>",
    "a place for a script": "<div id='here'></div><script>show('here')</script>",
    "an excuse": "<video src='v.mp4'>Your browser does not support the video tag.</video>",
    "waiting": "<div id='b7'>Loading BokehJS ...</div><script>load('b7')</script>",
    "blanks": "  \n&nbsp;",
    "a link to nowhere": "<a name='x'></a>",
    "a meta element": "<meta http-equiv='refresh' content='0'><base href='/'><link href='x'>",
    "an unknown element": "<my-chart data='1,2'></my-chart>",
}
MARKDOWN = {
    "emphasis": "some *slanted*, **bold** and `coded` words, ~~struck~~",
    "html": "H<sub>2</sub>O, x<sup>2</sup>, <kbd>Ctrl</kbd> <mark>this</mark><br>next <u>line</u>",
    "markdown in html": "<div align='center'>\n\n**bold** inside\n\n</div>",
    "details": "<details><summary>More</summary>\n\nfolded *away*\n\n</details>",
    "an html table": "<table><tr><td>left</td><td>right</td></tr></table>",
    "a table": "text before\n| a | b |\n|---|--:|\n| one `|` | $x$ |",
    "lists": "1. one\n   - inner\n\n     ```python\n     code = 1\n     ```\n2. two\n- [x] done",
    "quotes": "> outer\n> > inner\n>\n> - item",
    "an alert": "> [!NOTE]\n> heed this",
    "a box": '<div class="alert alert-info">\n<b>Tip:</b> told\n</div>',
    "formulas": "$a$ and $$b = c$$ and \\\\(d\\\\) and \\\\[ e \\\\]",
    "an environment": "\\begin{align}\nf &= g \\\\\nh &= i\n\\end{align}",
    "a long formula": f"so that ${' + '.join(f'x_{{{n}}}' for n in range(40))} = 0$ holds",
    "a formula in a list": "- where $k_1 < k_2$ holds",
    "placeholders": "call List<int>, then open <path> and say <title> of it\n\nthe end of it",
    "what is no formula": "it costs $5 and $6",
    "macros": "$\\newcommand{\\half}{\\frac12}$\n\nthen $\\half + 1$",
    "a formula beyond typesetters": "$\\notacommand{x} + 1$",
    "code": "```python\nif a < b:\n    print('<br>')\n```\n\n    indented $x$",
    "links": "[words](https://a.example/b?c=d) <https://b.example> [to](#nowhere) [r]\n\n[r]: x.md",
    "pictures": f"![of a dot]({DATA_PNG}) ![far](https://a.example/{FAR}.png) ![lost](nowhere.png)",
    "an attachment": "![x](attachment:x.png) ![y](<attachment:a b.png>) ![z](attachment:z.png)",
    "footnotes": "a claim[^1]\n\n[^1]: its source",
    "a comment": "before <!-- never said --> after",
    "a script": "before <script>alert(1)</script> after <style>p {}</style>",
    "headings": "# Again\n\nSetext\n---\n\n### With `code` and $x$",
    "straight text": '"quotes" -- and dashes... it\'s (c)',
    "other writing": "ברוכים הבאים\n\n日本語の文章 🎉",
    "entities": "&copy; &lt;tag&gt; &amp;amp; \\*stars\\*",
    "what is not displayed": "<div style='display:none'>kept from readers</div>seen",
}
STREAMS = {
    "lines": "one\ntwo  \n\n\tthree\n",
    "a bar": "".join(f"\r{n * 20}% {'#' * n}" for n in range(6)) + "\n",
    "bars in bars": "outer 0%\n\rinner 50%\x1b[A\router 100%\n\rinner 100%\n",
    "backspaces": "abc\b\b\bxyz\n",
    "colours": "\x1b[31mred\x1b[0m plain\n",
    "markup": "<b>text</b> & <br>\n",
}
STATES = {
    "w": {
        "model_name": "TabModel",
        "state": {
            "children": ["IPY_MODEL_a", "IPY_MODEL_o"],
            "titles": ["first tab", "second tab"],
        },
    },
    "a": {"model_name": "TextModel", "state": {"description": "label", "value": "typed words"}},
    "o": {
        "model_name": "OutputModel",
        "state": {
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "in a widget\n"}]
        },
    },
}
HELD = {"application/vnd.jupyter.widget-state+json": {"state": STATES}}


def every_kind():
    """A notebook with a cell for each of them, numbered by words of its own."""
    cells = [prose("# What is shown?")]
    for number, data in enumerate(
        [*BUNDLES.values(), *({"text/html": h} for h in EMPTIED.values())]
    ):
        cells.append(code(displayed(data), source=f"show({number})"))
    cells += [code(stream(text), source=f"print({name!r})") for name, text in STREAMS.items()]
    cells.append(code(stream("plumbing", "stderr"), displayed(PNG), source="warn()"))
    error = v4.new_output(
        "error", ename="ValueError", evalue="too small", traceback=["line 1", "x"]
    )
    cells.append(code(error, source="fail()"))
    for name, text in MARKDOWN.items():
        cells += [code(source=f"about({name!r})"), prose(text)]
        if name == "an attachment":
            cells[-1]["attachments"] = {"x.png": PNG, "a b.png": PNG}
    for form in ("text/markdown", "text/html", "", "text/latex"):
        cells.append(v4.new_raw_cell("raw <i>words</i>", metadata={"raw_mimetype": form}))
    hide = {"metadata": {"tags": ["remove-output"]}}
    cells.append(code(displayed({"text/plain": "out of sight"}), source="hide()") | hide)
    made = notebook(*cells)
    made.metadata["widgets"] = HELD
    return made
