"""What a cell displayed, of every kind, made parts of a page."""
