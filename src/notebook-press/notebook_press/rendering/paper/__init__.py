"""A page as a PDF, by Typst."""
