"""The press: turns any parameterised notebook into a report that a reader can trust."""

from notebook_press.api import build, sweep

__all__ = ["build", "sweep"]
