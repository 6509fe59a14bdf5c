"""Sweeps: one notebook run at many points, each a report of its own, and all of them in a table."""
