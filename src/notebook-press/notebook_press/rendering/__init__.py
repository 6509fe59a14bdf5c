"""From an executed notebook to its pages: HTML, PDF and slides."""

FORMATS: tuple[str, ...] = ("html", "pdf", "pptx")
"""The formats that a report can have, by the endings of their files."""
