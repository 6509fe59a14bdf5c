"""What changed between two runs, two reports folders or two reports."""
