"""Photographs of sheets with digits in them, made by Pillow alone."""

import functools
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter
from sklearn.datasets import load_digits

from handwriting.data.photographs import sheet

DOTS = 5  # for each millimetre
PEN = (30, 40, 90)
SIZE = 1200, 1600
LYING = ((0.12, 0.08), (0.9, 0.1), (0.86, 0.93), (0.1, 0.9))
"""Where the paper's corners come to, shares of the photograph's sides, clockwise."""


def of_each(each: int = sheet.EACH, skip: int = 0) -> np.ndarray:
    """So many of each digit that scikit-learn ships, (10, each, height, width), 0-255, large."""
    images, labels = load_digits(return_X_y=True)
    picked = [images[labels == digit][skip : skip + each] for digit in range(10)]
    small = np.array(picked).reshape(10, each, 8, 8) * 255 / 16
    return np.array([[_large(image) for image in row] for row in small])


def _large(image: np.ndarray) -> np.ndarray:
    picture = Image.fromarray(image.astype(np.uint8)).resize((48, 60), Image.Resampling.BICUBIC)
    return np.asarray(picture.point(lambda value: max(0, min(255, int((value - 90) * 3)))))


def filled(digits: np.ndarray, paper: str = "a4") -> Image.Image:
    """The sheet with these digits in its boxes."""
    page = _empty(paper).copy()
    for digit, place in np.ndindex(digits.shape[:2]):
        left, top = upper_left(paper, *sheet.box(digit, place))
        mask = Image.fromarray(digits[digit, place])
        page.paste(PEN, (left + 8 + 3 * (place % 3), top + 9 + place), mask)
    return page


@functools.cache
def _empty(paper: str) -> Image.Image:
    stream = io.BytesIO()
    sheet.drawn(paper).savefig(stream, format="png", dpi=25.4 * DOTS)
    return Image.open(stream).convert("RGB")


def upper_left(paper: str, x: float, y: float) -> tuple[int, int]:
    """The pixel of the drawn sheet at a place of it."""
    sides = zip((x, y), sheet.PAPERS[paper], (sheet.WIDTH, sheet.HEIGHT), strict=True)
    right, down = (round((at + (side - inner) / 2) * DOTS) for at, side, inner in sides)
    return right, down


@dataclass(frozen=True)
class Conditions:
    """How a sheet is photographed.

    Attributes:
        corners: where the paper's corners come to, as `LYING`.
        quarters: how often the camera is turned by 90 degrees.
        light: how many times as bright the lightest corner is as the darkest.
        shadow: whether a shadow falls on a part of it.
        desk: `dark`, `bright` or `chequered`.
        bow: millimetres that the middle of the paper is bent downwards.
        noise: the standard deviation in grey levels.
        blur: the standard deviation in pixels.
    """

    corners: tuple[tuple[float, float], ...] = LYING
    quarters: int = 0
    light: float = 1.5
    shadow: bool = False
    desk: str = "dark"
    bow: float = 0.0
    noise: float = 3.0
    blur: float = 0.6


def photographed(page: Image.Image, how: Conditions = Conditions()) -> Image.Image:
    """A photograph of a page."""
    width, height = SIZE
    page = _bowed(page, how.bow)
    lying = [(width * x, height * y) for x, y in how.corners]
    coefficients = _coefficients(lying, page.size)
    seen, where = (
        each.transform(SIZE, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
        for each in (page, Image.new("L", page.size, 255))
    )
    picture = _desk(how.desk)
    picture.paste(seen, (0, 0), where)
    picture = picture.filter(ImageFilter.GaussianBlur(how.blur))
    down, right = np.mgrid[:height, :width] / max(SIZE)
    light = 1 - (1 - 1 / how.light) * (down + right) / (1 + width / height)
    if how.shadow:
        light = np.where(down + 0.4 * right > 0.6, 0.6 * light, light)
    rng = np.random.default_rng(0)
    lit = np.asarray(picture) * light[..., None] * (1, 0.96, 0.88)
    lit += rng.normal(0, how.noise, lit.shape)
    return Image.fromarray(lit.clip(0, 255).astype(np.uint8)).rotate(90 * how.quarters, expand=True)


def _bowed(page: Image.Image, bow: float) -> Image.Image:
    pixels = np.asarray(page)
    across = np.arange(page.width)
    down = np.rint(bow * DOTS * np.sin(np.pi * across / page.width)).astype(int)
    rows = (np.arange(page.height)[:, None] - down).clip(0, page.height - 1)
    return Image.fromarray(pixels[rows, across])


def _desk(kind: str) -> Image.Image:
    down, right = np.mgrid[: SIZE[1], : SIZE[0]] // 40
    grey = {"dark": 60, "bright": 235, "chequered": 40 + 190 * ((down + right) % 2)}[kind]
    return Image.fromarray(np.full(SIZE[::-1], grey, np.uint8)).convert("RGB")


def _coefficients(lying: list[tuple[float, float]], size: tuple[int, int]) -> list[float]:
    """What `Image.transform` takes to bring a picture's corners, clockwise, to these places."""
    (width, height), rows, values = size, [], []
    own = [(0, 0), (width, 0), (width, height), (0, height)]
    for (x, y), (u, v) in zip(lying, own, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.linalg.solve(rows, values).tolist()
