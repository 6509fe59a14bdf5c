"""Photographs that are made: what is written on them lies where they say."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handwriting.data.photographs import made
from handwriting.data.photographs.made import MODERATE, Conditions

PLAIN = Conditions(rotation=0, perspective=0, blur=0, light=1, ruling=0, noise=0)
ROOM = Path(made.__file__).parent


def strokes(count: int) -> np.ndarray:
    """Images of one upright stroke each, as high as MNIST's digits."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 255
    return images


def test_the_same_seed_makes_the_same_photograph():
    first, again, other = (made.photograph(strokes(3), 2, MODERATE, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.photograph.pixels, again.photograph.pixels)
    assert first.photograph.sha256 == again.photograph.sha256 != other.photograph.sha256


@pytest.mark.parametrize("conditions", [PLAIN, replace(PLAIN, rotation=20, perspective=0.2)])
def test_all_ink_lies_in_boxes_and_each_box_holds_some(conditions):
    found = made.photograph(strokes(7), 3, conditions, 0)
    dark = found.photograph.pixels.max(axis=2) < 150
    held = np.zeros_like(dark)
    for top, left, bottom, right in found.boxes:
        assert dark[top:bottom, left:right].sum() > 20
        held[top - 1 : bottom + 1, left - 1 : right + 1] = True
    assert not (dark & ~held).any()


def test_digits_are_as_high_as_asked():
    boxes = made.photograph(strokes(20), 5, PLAIN, 0).boxes
    heights = boxes[:, 2] - boxes[:, 0]
    assert 28 <= heights.min() < 40
    assert 50 < heights.max() <= 62


@pytest.mark.parametrize("seed", range(5))
def test_digits_without_space_between_them_stay_on_the_paper(seed):
    crowded = replace(PLAIN, lowest=60, space=0.0)
    found = made.photograph(strokes(3), 3, crowded, seed)
    assert (found.boxes[:, 2] - found.boxes[:, 0]).min() >= 55


def test_digits_stand_in_the_order_of_reading():
    boxes = made.photograph(strokes(6), 3, PLAIN, 0).boxes
    assert (np.diff(boxes[:3, 1]) > 0).all()
    assert boxes[:3, 2].max() < boxes[3:, 0].min()


def test_light_falls_off_by_as_much_as_asked():
    pixels = made.photograph(strokes(1), 1, replace(PLAIN, light=4), 0).photograph.pixels
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]].max(axis=1)
    assert corners.max() / corners.min() == pytest.approx(4, rel=0.05)


def test_lines_are_printed_as_far_apart_as_asked():
    pixels = made.photograph(strokes(1), 1, replace(PLAIN, ruling=5), 0).photograph.pixels
    printed = np.flatnonzero(pixels[:, 0, 0] < 200)
    starts = printed[np.insert(np.diff(printed) > 1, 0, True)]
    assert np.diff(starts) == pytest.approx(5 * 7.5, abs=1)


def test_making_and_reading_photographs_share_nothing_but_what_one_is():
    imports = {
        path.stem: {
            alias.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and "photographs" in (node.module or "")
            for alias in node.names
        }
        for path in ROOM.glob("*.py")
    }
    assert imports.pop("made") == {"Photograph"}
    assert [name for name, names in imports.items() if "made" in names] == []
