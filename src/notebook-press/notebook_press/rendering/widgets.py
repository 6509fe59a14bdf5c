"""Jupyter's widgets: what was printed in them, their labels and values as text, or their names."""

from notebook_press.rendering.bundle import Bundle, Shown
from notebook_press.rendering.page import NotShown


def read_widget(bundle: Bundle, mime: str) -> Shown:
    """A widget as it was when the notebook was saved."""
    return Shown((NotShown("Widget"),), "Widget", "not shown")
