"""From an executed notebook to pages: HTML, PDF and slides."""

FORMATS: tuple[str, ...] = ("html", "pdf", "pptx")
"""What a notebook can be made, by the endings of the files."""
