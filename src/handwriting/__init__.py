"""The analysis of handwritten digits: what the notebooks import."""

__all__: list[str] = []
