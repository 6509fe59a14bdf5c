"""Data sets by name: images, labels, who wrote them, and where they come from."""
