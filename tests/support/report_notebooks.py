"""Executed notebooks, made on the spot, and the pages that they become."""

import base64
import io
from html.parser import HTMLParser

import nbformat.v4 as v4
import PIL.Image

from notebook_press.author import METADATA_KEY, RESULTS_TYPE, TABLE_TYPE
from notebook_press.rendering.html import render_html
from notebook_press.rendering.paper.pdf import render_pdf
from notebook_press.rendering.reading import read_page
from notebook_press.rendering.slides.pptx import render_pptx

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60">'
    '<rect width="90" height="60" fill="teal"/></svg>'
)


def as_html(notebook, stem="02_network"):
    return render_html(read_page(notebook, stem))


def as_pdf(notebook, stem="02_network"):
    return render_pdf(read_page(notebook, stem))


def as_pptx(notebook, stem="02_network"):
    return render_pptx(read_page(notebook, stem))


def said(kind, data, **details):
    """An output as `author` makes it."""
    noted = {METADATA_KEY: {"kind": kind, **details}}
    return v4.new_output("display_data", data=data, metadata=noted)


def displayed(data):
    """An output of anybody's."""
    return v4.new_output("display_data", data=data)


def stream(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


def figure(alt="what it shows", caption="A *caption*", svg=SVG):
    return said("figure", {"image/svg+xml": svg}, caption=caption, alt=alt)


def prose(markdown, slide_type=None):
    return v4.new_markdown_cell(markdown, metadata=_slideshow(slide_type))


def code(*outputs, source="x", slide_type=None):
    metadata = _slideshow(slide_type)
    return v4.new_code_cell(source, outputs=list(outputs), execution_count=1, metadata=metadata)


def _slideshow(slide_type):
    return {"slideshow": {"slide_type": slide_type}} if slide_type else {}


def notebook(*cells, **noted):
    """A notebook of cells, with what the press noted of its run."""
    metadata = {METADATA_KEY: noted} if noted else {}
    return v4.new_notebook(cells=list(cells), metadata=metadata)


def picture(kind="PNG"):
    """A picture of one pixel."""
    made = io.BytesIO()
    PIL.Image.new("L", (1, 1)).save(made, kind)
    return made.getvalue()


def encoded(content):
    return base64.b64encode(content).decode()


def report(title="A title", words="Words", cell="4", svg=SVG):
    """A notebook that uses every kind of block, with the given texts in all of them."""
    table = {
        "columns": [{"name": cell, "align": "left"}, {"name": "b", "align": "right"}],
        "rows": [[cell, "1"]] * 3,
        "caption": words,
    }
    outputs = [
        said("answer", {"text/markdown": words}),
        said("notice", {"text/markdown": words}),
        said("say", {"text/markdown": f"#### {words}\n\n$x^2$\n\n| a |\n| - |\n| {words} |"}),
        figure(words, words, svg),
        said("caption", {"text/markdown": "repeated"}),
        said("table", {TABLE_TYPE: table}),
        said("results", {RESULTS_TYPE: {"test_accuracy": 0.98123, "images": 10000}}),
        displayed({"image/png": encoded(picture())}),
        stream(words),
        displayed({"text/html": words, "text/plain": words}),
        v4.new_output("error", ename=words, evalue=words, traceback=[words]),
    ]
    opening = prose(
        f"# {title}\n\n{words} ![a dot](attachment:x.png)\n\n## Part\n\n"
        "$$\\sum_i \\frac{x_i}{2}$$\n\n[above](#part) and [beyond](https://a.example/b?c=d)\n\n"
        "---\n\n> quoted\n\n1. one\n\n- [x] a"
    )
    opening["attachments"] = {"x.png": {"image/png": encoded(picture())}}
    return notebook(
        opening,
        code(*outputs, source=f"words = {words!r}"),
        run=words,
        finished="2026-11-22T18:00:00+00:00",
        seconds=81.3,
        parameters=[{"name": words, "value": words, "default": "auto", "help": words}],
        inputs={words: "0" * 64},
        commit=words,
        versions={"python": words},
        machine={"processor": words, "cores": 2, "memory_gib": 7.8, "system": "Linux"},
    )


class Elements(HTMLParser):
    """A page's elements with their attributes, its text, and the texts of its scripts."""

    def __init__(self, html):
        super().__init__()
        self.found, self.text, self.scripts, self._inside = [], "", [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, {name: value or "" for name, value in attributes}))
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "script":
            self.scripts.append(data)
        self.text += data

    def all(self, *tags):
        """The attributes of each such element."""
        return [attributes for tag, attributes in self.found if tag in tags]

    def values(self, *names):
        """The values of such attributes, wherever they are."""
        return [each[name] for _, each in self.found for name in names if name in each]
