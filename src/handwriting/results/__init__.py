"""Results that took long, kept, and the files that they and the data lie in."""
