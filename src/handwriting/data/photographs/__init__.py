"""Photographs of handwritten digits: opened, their digits found, cut out and framed as MNIST's."""
