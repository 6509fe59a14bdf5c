"""How images lie in their frames."""

import numpy as np

from handwriting.data import registry
from handwriting.explorer.canvas import Framing, framing


def frames(*places, shape=(28, 28), ink=((255, 0), (255, 255))):
    """Images, blank but for a corner of ink at each place."""
    images = np.zeros((len(places), *shape), np.uint8)
    for image, (top, left) in zip(images, places, strict=True):
        image[top : top + len(ink), left : left + len(ink[0])] = ink
    return images


def test_mnist_is_framed_as_its_makers_say(mnist):
    images = mnist.train.images
    assert framing(images) == Framing(box=20 / 28, by_mass=True, row=14, column=14)


def test_small_digits_fill_their_frame():
    found = framing(registry.load("digits").train.images)
    assert (found.box, found.by_mass, found.row, found.column) == (1, False, 3.5, 3.5)


def test_the_longer_direction_counts():
    assert framing(frames((0, 0), shape=(4, 8))).box == 0.5


def test_what_lies_still_is_what_images_are_placed_by():
    corner = ((255, 0), (255, 255))
    turned = ((255, 255), (0, 255))
    images = np.concatenate([frames((4, 6), ink=corner), frames((4, 6), ink=turned)])
    assert framing(images) == Framing(box=2 / 28, by_mass=False, row=4.5, column=6.5)


def test_without_ink_images_are_framed_as_in_mnist():
    assert framing(np.zeros((3, 28, 28), np.uint8)) == Framing(20 / 28, True, 14, 14)
