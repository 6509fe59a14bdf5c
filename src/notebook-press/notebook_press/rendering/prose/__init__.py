"""Markdown and its formulas, made HTML that any page can hold."""
