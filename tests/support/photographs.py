"""Digits as if cut out of photographs and read, made up."""

import numpy as np

from handwriting.data.photographs.finding import CutOut, Page
from handwriting.data.photographs.opening import Photograph
from handwriting.evaluation.readings import Reading, Stroke
from handwriting.experiments.yours import ReadPhotograph


def cut_out(top=0, left=0, bottom=40, right=30, line=0, place=0):
    """A cut-out whose box has ink in its middle."""
    ink = np.zeros((bottom - top, right - left), np.uint8)
    ink[2:-2, 2:-2] = 255
    return CutOut(top, left, bottom, right, line, place, ink)


def reading(
    answer=0,
    truth=None,
    refusal="",
    probabilities=None,
    contrast=0.8,
    height=40,
    nearest=0,
    apart=30.0,
    sure=0.99,
    cut=None,
):
    """A reading of ten classes, unless its probabilities are given."""
    if probabilities is None:
        probabilities = np.full(10, (1 - sure) / 9)
        probabilities[answer] = sure
    return Reading(
        cut or cut_out(),
        Stroke(contrast, height, 1.0),
        np.full((28, 28), 100, np.uint8),
        np.array(probabilities),
        refusal,
        nearest,
        apart,
        truth,
    )


def page(readings, stated=(), turns=0, remarks=(), number=1):
    """A photograph of a blank sheet in which that was read."""
    pixels = np.full((120, 200, 3), 230, np.uint8)
    photograph = Photograph("desk.jpg", pixels, 1, "0" * 64)
    found = Page(tuple(each.cut for each in readings), 120, 200, tuple(remarks))
    return ReadPhotograph(number, photograph, found, turns, tuple(readings), tuple(stated))
