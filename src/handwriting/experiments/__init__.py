"""What each notebook runs: one module a notebook."""
