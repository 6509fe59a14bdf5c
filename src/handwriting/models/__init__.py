"""Networks: how they are built, trained, kept and read."""
