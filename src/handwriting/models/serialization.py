"""Networks in files: written in one step, with their SHA-256, and read only where it matches.

A file holds a network's kind, its settings and its weights, as kept results are held (see
`measured`), and nothing that could be run: a network is built by this package and given the
weights. Keras's own files are refused wherever they come from, since they may name any code to be
run when they are loaded, whether in safe mode or not.
"""

from __future__ import annotations

import base64
import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.errors import HandwritingError, MeasurementError
from handwriting.models import networks
from handwriting.results import files, store
from handwriting.results.store import Measured


class Blueprint(pydantic.BaseModel, frozen=True):
    """What a network is built from, but for its weights.

    Attributes:
        kind: `dense`, `convolutional` or `lenet_5`.
        image_shape: height and width of an image, in pixels.
        classes: how many classes there are.
        settings: the other settings of that kind, by name.
    """

    kind: str
    image_shape: tuple[int, int]
    classes: int
    settings: dict[str, Any]

    def build(self, seed: int = 0) -> keras.Model:
        """Return the network with initial weights.

        Raises:
            SettingError: there is no such kind or setting, or one is out of its range.
        """
        return networks.build(self.kind, self.image_shape, self.classes, self.settings, seed)


class _Weights(pydantic.BaseModel):
    shape: tuple[int, ...]
    float32: str


class _Network(pydantic.BaseModel):
    blueprint: Blueprint
    weights: list[_Weights]


def save(path: Path, network: keras.Model, blueprint: Blueprint, moment: str) -> None:
    """Write a network into a file, in one step: a reader finds the old file or the new one.

    Args:
        path: the file, whose folder is made where there is none.
        network: built as the blueprint says.
        blueprint: what it is built from.
        moment: when it was trained, ISO 8601 with its offset from UTC.

    Raises:
        OSError: the disk refuses it; the old file is as it was.
    """
    store.write(path, [Measured("network", {}, {}, moment, content(network, blueprint))])


def load(path: Path) -> keras.Model:
    """Return the network that a file holds: one that `save` wrote, or a trial's in the cache.

    Raises:
        MeasurementError: there is no such file, it is damaged, or it is of another kind, such as
            one of Keras.
    """
    if path.suffix in {".keras", ".h5", ".hdf5"} or _is_archive(path):
        raise MeasurementError(
            f"{path}: expected a network that this package saved; found one of Keras's files or an "
            "archive. Such a file can run code when it is loaded, so it is refused. Train the "
            "network here, and save it with saving.save."
        )
    found = store.read(path)
    if len(found) != 1:
        raise MeasurementError(
            f"{path}: expected one saved network; found {len(found) or 'no file'}. "
            "Look at the path, or train the network again."
        )
    described = found[0].content
    return restored(described.get("network", described))


def _is_archive(path: Path) -> bool:
    try:
        with files.opened(path) as file:
            return zipfile.is_zipfile(file)
    except OSError:
        return False


def content(network: keras.Model, blueprint: Blueprint) -> dict[str, Any]:
    """Return a network as what JSON can hold; its weights are float32, little-endian, in base64."""
    weights = [
        _Weights(
            shape=array.shape,
            float32=base64.b64encode(array.astype("<f4").tobytes()).decode("ascii"),
        )
        for array in network.get_weights()
    ]
    return _Network(blueprint=blueprint, weights=weights).model_dump(mode="json")


def restored(found: Mapping[str, Any]) -> keras.Model:
    """Return the network that `content` described.

    Raises:
        MeasurementError: it is no such description, or its weights do not fit the network.
    """
    try:
        described = _Network.model_validate(found)
        _require_room(described)
        network = described.blueprint.build()
        network.set_weights(_fitting(network, described.weights))
    except (HandwritingError, TypeError, ValueError) as error:
        why = " ".join(str(error).split())
        raise MeasurementError(
            f"saved network: expected one that this package can build; found another: {why} "
            "Train it again."
        ) from error
    return network


def _require_room(described: _Network) -> None:
    """Refuse a blueprint of more weights than are there, before memory is taken for them."""
    there = sum(len(weights.float32) for weights in described.weights) * 3 // 16
    blueprint = described.blueprint
    needed = networks.weights_needed(
        blueprint.kind, blueprint.image_shape, blueprint.classes, blueprint.settings
    )
    if needed > there:
        raise ValueError(f"{needed:,} weights belong to it, and there are no more than {there:,}.")


def _fitting(network: keras.Model, found: Sequence[_Weights]) -> list[NDArray[np.float32]]:
    """The weights as arrays, where they are as many and as large as the network's, and finite."""
    expected = [tuple(weight.shape) for weight in network.weights]
    if [weights.shape for weights in found] != expected:
        raise ValueError(f"weights of the shapes {expected} belong to it.")
    arrays = []
    for weights in found:
        binary = base64.b64decode(weights.float32, validate=True)
        if len(binary) != 4 * math.prod(weights.shape):
            raise ValueError(f"{len(binary)} bytes are no weights of the shape {weights.shape}.")
        array = np.frombuffer(binary, "<f4").reshape(weights.shape)
        if not np.isfinite(array).all():
            raise ValueError("some weights are not finite.")
        arrays.append(array)
    return arrays
