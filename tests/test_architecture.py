"""The house: which room of `handwriting` may ask which; that of the press has a test of its own."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"
PACKAGES = [SOURCE / "handwriting", SOURCE / "notebook-press" / "notebook_press"]
FILES = [path for package in PACKAGES for path in sorted(package.rglob("*.py"))]

# A module of `handwriting` may import those on the floors below its own.
FLOORS = [
    {"errors", "files"},
    {"idx"},
    {"caches", "downloads", "splits"},
    {"archives", "bundled_digits", "idx_folders"},
    {"published", "writers"},
    {"foreign"},
    {"datasets", "deskewing", "measured", "packing", "plans", "timing"},
    {"network_parts"},
    {"lenet"},
    {
        *("augmentation", "compiling", "networks", "metrics", "intervals", "explanation"),
        *("classical", "corruptions", "disputed", "neighbours", "validation"),
    },
    {
        "abstention",
        "calibration",
        "datasheet",
        "mislabelled",
        "prediction_sets",
        "resampling",
        "robustness",
    },
    {"training", "export", "inspection", "recipes", "saving"},
    {"entrants", "trials"},
    {"contest", "judges"},
    {"ensembles", "findings", "inquiries", "shared_mistakes", "standings", "trust"},
    {"study"},
    {"wording"},
    {"explorer", "figures"},
]
NEEDS_KERAS = {
    *("augmentation", "compiling", "lenet", "network_parts", "networks", "saving", "training")
}


def name_of(path: Path) -> str:
    package = next(package for package in PACKAGES if path.is_relative_to(package))
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports_of(path: Path) -> set[str]:
    """The modules that a file names in its imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


IMPORTS = {name_of(path): imports_of(path) for path in FILES}


def arrows() -> list[tuple[str, str]]:
    """Each module with each name that it imports."""
    return [(module, name) for module, names in IMPORTS.items() for name in sorted(names)]


def package_of(name: str) -> str:
    return name.split(".")[0]


def room_of(name: str) -> str:
    return [*name.split("."), ""][1]


def floor_of(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room_of(name) in rooms)


def test_there_are_modules_of_both_packages():
    assert {module.split(".")[0] for module in IMPORTS} == {"handwriting", "notebook_press"}


def test_the_two_packages_never_import_each_other():
    other = {"handwriting": "notebook_press", "notebook_press": "handwriting"}
    assert [
        (module, name) for module, name in arrows() if package_of(name) == other[package_of(module)]
    ] == []


def test_arrows_point_downward():
    within = [
        (module, name)
        for module, name in arrows()
        if module.startswith("handwriting.") and name.startswith("handwriting.")
    ]
    assert [
        (module, name)
        for module, name in within
        if room_of(module) != room_of(name) and floor_of(module) <= floor_of(name)
    ] == []


def test_keras_is_imported_where_networks_are_and_nowhere_else():
    assert [
        (module, name)
        for module, name in arrows()
        if package_of(name) in {"keras", "tensorflow"} and room_of(module) not in NEEDS_KERAS
    ] == []


def test_every_module_can_be_the_first_to_be_imported():
    light = [module for module in IMPORTS if module.startswith("notebook_press.")]
    forget = "[sys.modules.pop(n) for n in list(sys.modules) if n.startswith('notebook_press')]"
    steps = "; ".join(f"import {name}; {forget}" for name in light)
    subprocess.run([sys.executable, "-c", f"import sys; {steps}"], check=True)


def test_a_module_offers_what_it_says_and_says_what_it_offers():
    modules = [
        importlib.import_module(name) for name in IMPORTS if package_of(name) == "handwriting"
    ]
    assert [module.__name__ for module in modules if not hasattr(module, "__all__")] == []
    assert [
        (module.__name__, name)
        for module in modules
        for name in module.__all__
        if not hasattr(module, name)
    ] == []


# Modules that find data and verify them by SHA-256, or keep results, and change none.
OF_NO_ACCOUNT = {
    *("archives", "caches", "downloads", "errors", "foreign", "measured", "published"),
}
KEPT = {
    "datasheet": set(),
    "trials": {"recipes"},  # each is part of what was measured
    # The network that is asked has a fingerprint, wherever it comes from.
    "inquiries": {
        *("calibration", "intervals", "lenet", "packing", "recipes", "saving", "trials"),
    },
}


@pytest.mark.promise("What is kept depends on the source of all that it was made with.")
@pytest.mark.parametrize("module", KEPT)
def test_what_is_kept_depends_on_the_source_of_all_that_it_was_made_with(module):
    asked, ahead = set(), {module}
    while ahead:
        asked.add(each := ahead.pop())
        named = IMPORTS[f"handwriting.{each}"]
        names = {room_of(name) for name in named if package_of(name) == "handwriting"}
        ahead |= {name for name in names if f"handwriting.{name}" in IMPORTS} - asked
    listed = set(importlib.import_module(f"handwriting.{module}")._MODULES)
    assert asked - listed <= OF_NO_ACCOUNT | KEPT[module]
