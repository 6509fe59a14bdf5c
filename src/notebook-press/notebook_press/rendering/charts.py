"""Charts that a browser would draw: Plotly's live on the page, Vega's drawn, others named."""

from notebook_press.rendering.bundle import Bundle, Shown
from notebook_press.rendering.page import NotShown


def _named(what: str, advice: str) -> Shown:
    return Shown((NotShown(what, advice),), what, "not shown", advice)


def read_plotly(bundle: Bundle, mime: str) -> Shown:
    """A Plotly figure."""
    return _named("Plotly chart", 'store a picture with it, for instance fig.show("png")')


def read_vega(bundle: Bundle, mime: str) -> Shown:
    """A chart of Vega or Vega-Lite, such as Altair makes."""
    return _named("Vega chart", "install notebook-press[vega], which draws it")


def read_bokeh(bundle: Bundle, mime: str) -> Shown:
    """A plot of Bokeh or HoloViews, which only their own scripts can draw."""
    return _named("Bokeh plot", "store a picture of it, for instance with export_png")
