"""Pictures of digits on paper, as a camera may see them; nothing here reads any."""

import numpy as np
from PIL import Image, ImageFilter

PENS = np.array([[20, 20, 20], [30, 40, 140], [160, 30, 40], [80, 80, 90]])
SIDE = 420  # pixels, to which the page scales a picture down


def picture(digit, rng):
    """(height, width, 4) uint8: a digit written by a pen, under light that comes from a side."""
    size = 28 * int(rng.integers(60, 300)) // 20
    drawn = Image.fromarray(digit).resize((size, size), Image.Resampling.BICUBIC)
    drawn = drawn.rotate(float(rng.uniform(-5, 5)))
    ink = np.clip((np.asarray(drawn) / 255 - 0.3) / 0.3, 0, 1)
    ink = np.pad(ink, int(rng.integers(60)))[..., None]
    paper = np.array([235, 230, 220]) * rng.uniform(0.7, 1)
    light = 1 - rng.uniform(0, 0.4) * np.linspace(0, 1, len(ink))[None, :, None]
    seen = (ink * rng.choice(PENS) + (1 - ink) * paper) * light
    seen += rng.normal(0, 5, (*ink.shape[:2], 1))
    shown = Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))
    shown = shown.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 1.5))))
    shown.thumbnail((SIDE, SIDE))
    return np.asarray(shown.convert("RGBA"))
