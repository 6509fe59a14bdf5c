"""From an executed notebook to a page: HTML and PDF."""
