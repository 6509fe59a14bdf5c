"""A page as slides."""
