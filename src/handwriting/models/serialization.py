"""Networks in files: written in one step, with their SHA-256, and read only where it matches.

A file holds a network's kind, its settings and its weights, as kept results are held (see
`results.store`), and nothing that could be run: a network is built by this package and given the
weights. Keras's own files are refused wherever they come from, since they may name any code to be
run when they are loaded, whether in safe mode or not.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.errors import HandwritingError, MeasurementError
from handwriting.results import files, store
from handwriting.results.files import PackedArray
from handwriting.results.store import Remembered

if TYPE_CHECKING:
    import keras

_MOST_WEIGHTS = 2**26


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
        from handwriting.models import networks  # here, since Keras takes seconds to import

        return networks.build(self.kind, self.image_shape, self.classes, self.settings, seed)


class SavedNetwork(pydantic.BaseModel, frozen=True):
    """A network as a file holds it.

    Attributes:
        blueprint: what it is built from.
        weights: its weights, float32, in Keras's order.
    """

    blueprint: Blueprint
    weights: tuple[PackedArray, ...]

    @classmethod
    def of(cls, network: keras.Model, blueprint: Blueprint) -> SavedNetwork:
        """Return a network that was built from a blueprint as a file holds it."""
        weights = tuple(map(PackedArray.of, network.get_weights()))
        return cls(blueprint=blueprint, weights=weights)

    def restored(self) -> keras.Model:
        """Return the network.

        Raises:
            MeasurementError: its weights do not fit its blueprint, or there is no such network.
        """
        try:
            arrays = self._arrays()
            network = self.blueprint.build()
            expected = [tuple(weight.shape) for weight in network.weights]
            if [each.shape for each in arrays] != expected:
                raise ValueError(f"weights of the shapes {expected} belong to it.")
            network.set_weights(arrays)
        except (HandwritingError, TypeError, ValueError) as error:
            raise _refusal(error) from error
        return network

    def _arrays(self) -> list[NDArray[np.float32]]:
        """The weights, where there are enough of them; before memory is taken for any others."""
        from handwriting.models import networks  # here, since Keras takes seconds to import

        needed = networks.weights_needed(**self.blueprint.model_dump())
        there = sum(each.size for each in self.weights)
        if not needed <= there <= _MOST_WEIGHTS:
            raise ValueError(f"{needed:,} weights belong to it, and there are {there:,}.")
        if {each.dtype for each in self.weights} != {"<f4"}:
            raise ValueError("float32 weights belong to it.")
        return [each.array() for each in self.weights]


_SAVED = pydantic.TypeAdapter(SavedNetwork)


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
    saved = Remembered(SavedNetwork.of(network, blueprint), "now", moment, {})
    store.write(path, [store.entry("network", {}, saved, _SAVED)])


def load(path: Path) -> keras.Model:
    """Return the network that a file holds: one that `save` wrote, or a run's in the cache.

    Raises:
        MeasurementError: there is no such file, it is damaged, or it is of another kind, such as
            one of Keras.
    """
    if path.suffix in {".keras", ".h5", ".hdf5"} or _is_archive(path):
        raise MeasurementError(
            f"{path}: expected a network that this package saved; found one of Keras's files or an "
            "archive. Such a file can run code when it is loaded, so it is refused. Train the "
            "network here, and save it with serialization.save."
        )
    found = store.read(path)
    if len(found) != 1:
        raise MeasurementError(
            f"{path}: expected one saved network; found {len(found) or 'no file'}. "
            "Look at the path, or train the network again."
        )
    described = found[0].content
    try:
        saved = _SAVED.validate_python(described.get("network", described))
    except ValueError as error:
        raise _refusal(error) from error
    return saved.restored()


def _is_archive(path: Path) -> bool:
    try:
        with files.opened(path) as file:
            return zipfile.is_zipfile(file)
    except OSError:
        return False


def _refusal(error: Exception) -> MeasurementError:
    why = " ".join(str(error).split())
    return MeasurementError(
        f"saved network: expected one that this package can build; found another: {why} "
        "Train it again."
    )
