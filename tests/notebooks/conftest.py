"""What the notebooks' tests share."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def write_idx() -> Callable[[Path, np.ndarray], None]:
    """A function that writes an array of uint8 as an IDX file."""

    def write(path: Path, array: np.ndarray) -> None:
        header = bytes([0, 0, 8, array.ndim]) + b"".join(
            size.to_bytes(4, "big") for size in array.shape
        )
        with gzip.open(path, "wb") as file:
            file.write(header + array.tobytes())

    return write


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache that the reports of a module share, in force while its own fixtures are made."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HANDWRITING_CACHE", str(folder))
        yield folder


@pytest.fixture
def shared_cache(own_cache: None, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test's reports use the cache of its module."""
    monkeypatch.setenv("HANDWRITING_CACHE", str(cache))
