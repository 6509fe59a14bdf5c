"""What is installed here is read once: no test of this room installs anything."""

import functools
import importlib.metadata

import pytest

packages_distributions_once = functools.cache(importlib.metadata.packages_distributions)


@pytest.fixture(autouse=True)
def installed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare each test the reading of all that is installed, which takes it longest."""
    place = "notebook_press.starting.wants.packages_distributions"
    monkeypatch.setattr(place, packages_distributions_once)
