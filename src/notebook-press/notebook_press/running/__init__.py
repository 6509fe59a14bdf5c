"""Running a notebook: checked before, watched while it runs, and judged by a gate."""
