"""Handwriting in photographs and scans: opened, found, cut out and framed as a data set's images are."""
