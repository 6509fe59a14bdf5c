"""From an executed notebook to a page: HTML and PDF."""

__all__: list[str] = []
