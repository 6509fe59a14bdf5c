"""For those who begin: first files, a first notebook, and a look at what comes of it."""
