"""The house: which room may ask which, and what each says that it offers."""

import ast
import functools
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"
FILES = sorted(path for path in SOURCE.glob("*/**/*.py") if ".egg-info" not in str(path))

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
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@functools.cache
def imports_of(path: Path) -> set[str]:
    """The modules that a file names in its imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def floor_of(module: str) -> int:
    room = module.split(".")[1]
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_two_packages_never_import_each_other(path):
    package = name_of(path).split(".")[0]
    other = {"handwriting": "notebook_press", "notebook_press": "handwriting"}[package]
    assert not {name for name in imports_of(path) if name.split(".")[0] == other}


@pytest.mark.parametrize(
    "path", [path for path in FILES if name_of(path).startswith("handwriting.")], ids=name_of
)
def test_arrows_point_downward(path):
    module = name_of(path)
    asked = {name for name in imports_of(path) if name.startswith("handwriting.")}
    others = {name for name in asked if name.split(".")[1] != module.split(".")[1]}
    assert not {name for name in others if floor_of(name) >= floor_of(module)}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_keras_is_imported_where_networks_are_and_nowhere_else(path):
    heavy = {name for name in imports_of(path) if name.split(".")[0] in {"keras", "tensorflow"}}
    assert not heavy or name_of(path).split(".")[1] in NEEDS_KERAS


def test_every_module_can_be_the_first_to_be_imported():
    light = [name_of(path) for path in FILES if name_of(path).startswith("notebook_press.")]
    forget = "[sys.modules.pop(n) for n in list(sys.modules) if n.startswith('notebook_press')]"
    steps = "; ".join(f"import {name}; {forget}" for name in light)
    subprocess.run([sys.executable, "-c", f"import sys; {steps}"], check=True)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_module_offers_what_it_says_and_says_what_it_offers(path):
    module = importlib.import_module(name_of(path))
    assert all(hasattr(module, name) for name in module.__all__)


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
        path = SOURCE / "handwriting" / f"{ahead.pop()}.py"
        asked.add(path.stem)
        names = {name.removeprefix("handwriting.").split(".")[0] for name in imports_of(path)}
        ahead |= {name for name in names if path.with_stem(name).is_file()} - asked
    listed = set(importlib.import_module(f"handwriting.{module}")._MODULES)
    assert asked - listed <= OF_NO_ACCOUNT | KEPT[module]
