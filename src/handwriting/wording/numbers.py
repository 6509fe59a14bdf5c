"""How numbers and their names are written."""

import re

import numpy as np

__all__ = ["counted", "plain", "score_name", "share", "signed", "times"]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it needs one: `1 image`, `2 images`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def plain(text: str) -> str:
    """Return Markdown that shows the text as it stands, whatever marks are in it."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def score_name(output_activation: str) -> str:
    """Return what a network's outputs are called: only those of softmax are probabilities."""
    return "probability" if output_activation == "softmax" else "score"


def share(value: float) -> str:
    """Return a fraction in percent, or a dash for NaN."""
    return "\N{EN DASH}" if np.isnan(value) else f"{value:.2%}"


def signed(value: float, decimals: int = 2) -> str:
    """Return a number with a true minus sign where it is negative."""
    return f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def times(number: int) -> str:
    """Return how often something happened: `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")
