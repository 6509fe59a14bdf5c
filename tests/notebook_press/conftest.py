"""What takes the place of a kernel and of rendering, where neither is what a test is about."""

import pytest
from from_memory import KERNEL, RENDERING


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run cells in this process."""
    for place, instead in KERNEL.items():
        monkeypatch.setattr(place, instead)


@pytest.fixture
def no_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each page the executed notebook as it stands."""
    for place, instead in RENDERING.items():
        monkeypatch.setattr(place, instead)
