"""Draw a digit, or bring a picture of one: a canvas, and the network that reads it, in the page.

What is on it is framed as the network's images are, and its weights are rounded to a byte each.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from handwriting.data.photographs.framing import framing
from handwriting.errors import SettingError
from handwriting.explorer.parts import Interactive, assembled, bars
from handwriting.models.dense_network import Layers

_LARGEST = 750_000  # bytes of weights that a page can hold
_HEIGHT = 420  # of the canvas, in its own pixels
_LARGEST_WEIGHT = 127


def drawing(
    weights: Layers,
    images: NDArray[np.uint8],
    class_names: Sequence[str],
    output_activation: str = "softmax",
) -> Interactive:
    """Return a canvas on which a reader draws or drops a picture, and the network that answers.

    A picture never leaves the page. A drawing is scaled and placed as the images are that the
    network was trained on. The weights are rounded to a byte each. Of a network too large for a
    page there is a sentence instead.

    Args:
        weights: The network.
        images: (n, height, width) uint8, 0-255, what it was trained on.
        class_names: What to call each class; it may contain markup, which is shown as it is.
        output_activation: `softmax` or `sigmoid`.

    Raises:
        SettingError: Images or class names do not fit the network.
    """
    height, width = images.shape[1:]
    if height * width != weights.pixels or len(class_names) != weights.classes:
        raise SettingError(
            f"images, class_names: expected {weights.pixels} pixels and {weights.classes} "
            f"names, found {height} x {width} and {len(class_names)}; give those of the data set "
            "that the network was trained on"
        )
    quantised = quantise(weights)
    if quantised.size > _LARGEST:
        html = f"<p>This network has {weights.parameters:,} weights, too many for a page.</p>"
        return Interactive(html, "", "")
    facts = {
        "height": height,
        "width": width,
        "names": list(class_names),
        "activation": output_activation,
        **asdict(framing(images)),
        **quantised.encoded(),
    }
    data = json.dumps(facts).replace("<", r"\u003c")
    script = f"const network = {data};\n"
    return assembled(
        _page((height, width), class_names),
        script,
        "drawing.css",
        "reading.js",
        "picture.js",
        "drawing.js",
    )


def _page(image_shape: tuple[int, int], class_names: Sequence[str]) -> str:
    height, width = image_shape
    names = ", ".join(map(escape, class_names))
    keys = (
        f"Drawing area for one of {names}. Draw with a mouse, finger or pen. "
        "By keyboard: the arrow keys move the pen, the space bar puts it down and lifts it, "
        "Delete clears. A picture of one can be chosen, dropped or pasted instead."
    )
    return (
        '<div class="explorer draw-a-digit needs-scripts" data-lm-suppress-shortcuts="true">'
        '<p class="without">Drawing needs scripts, which are switched off here.</p>'
        '<div class="scripted board"><div class="sheet">'
        f'<canvas class="ink" width="{_HEIGHT * width // height}" height="{_HEIGHT}" '
        f'tabindex="0" role="application" aria-label="{keys}"></canvas>'
        '<div class="below"><button type="button" class="clear">Clear</button>'
        '<button type="button" class="choose">Choose a picture</button>'
        '<span class="keys">Keys: arrows, space, Delete</span></div></div>'
        '<div class="verdict"><output aria-live="polite">Draw here, or drop a picture.</output>'
        f"{bars([(name, 0, '') for name in class_names])}"
        f'<div class="seen"><canvas class="pixels" width="{width}" height="{height}" role="img" '
        f'aria-label="What the network sees, in {height} rows of {width} pixels"></canvas>'
        f"<span>What the network sees: {height}\N{MULTIPLICATION SIGN}{width} pixels</span></div>"
        "</div></div></div>"
    )


@dataclass(frozen=True, eq=False)
class Quantised:
    """The weights of a network with one hidden layer, each kernel's columns scaled one by one.

    Attributes:
        hidden_kernel: (pixels, hidden units) int8, -127 to 127.
        hidden_scale: (hidden units,) float32, what a column is to be multiplied by.
        hidden_bias: (hidden units,) float32.
        output_kernel: (hidden units, classes) int8, -127 to 127.
        output_scale: (classes,) float32, what a column is to be multiplied by.
        output_bias: (classes,) float32.
    """

    hidden_kernel: NDArray[np.int8]
    hidden_scale: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    output_kernel: NDArray[np.int8]
    output_scale: NDArray[np.float32]
    output_bias: NDArray[np.float32]

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return sum(array.nbytes for array in vars(self).values())

    def encoded(self) -> dict[str, str]:
        """Return each array's bytes, little-endian and row after row, as base64."""
        return {
            name: base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode()
            for name, array in vars(self).items()
        }


def quantise(weights: Layers) -> Quantised:
    """Return a network's weights rounded to 255 steps of each column's largest weight."""
    hidden, output = _columns(weights.hidden_kernel), _columns(weights.output_kernel)
    biases = (weights.hidden_bias.astype(np.float32), weights.output_bias.astype(np.float32))
    return Quantised(*hidden, biases[0], *output, biases[1])


def _columns(kernel: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Whole numbers, and the scale of each column."""
    largest = np.abs(kernel).max(axis=0)
    scale = np.where(largest > 0, largest / _LARGEST_WEIGHT, 1).astype(np.float32)
    return np.rint(kernel / scale).astype(np.int8), scale
