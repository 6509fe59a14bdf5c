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

# A module of `handwriting` may import those of its own storey and of those below it.
STOREYS = [
    {"errors"},
    {"results"},
    {"data"},
    {"models", "baselines"},
    {"evaluation"},
    {"experiments"},
    {"figures", "explorer", "verdicts", "__main__"},
]


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


def storey_of(name: str) -> int:
    return next(number for number, rooms in enumerate(STOREYS) if room_of(name) in rooms)


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
        if name.startswith("handwriting.") and room_of(module)
    ]
    assert [(module, name) for module, name in within if storey_of(module) < storey_of(name)] == []


def test_keras_is_imported_where_networks_are_and_nowhere_else():
    assert [
        (module, name)
        for module, name in arrows()
        if package_of(name) in {"keras", "tensorflow"} and room_of(module) != "models"
    ] == []


@pytest.mark.slow
def test_every_module_can_be_the_first_to_be_imported():
    light = [module for module in IMPORTS if module.startswith("notebook_press.")]
    forget = "[sys.modules.pop(n) for n in list(sys.modules) if n.startswith('notebook_press')]"
    steps = "; ".join(f"import {name}; {forget}" for name in light)
    subprocess.run([sys.executable, "-c", f"import sys; {steps}"], check=True)


def test_only_a_package_names_what_it_offers_and_offers_what_it_names():
    named = {
        module: importlib.import_module(module)
        for module, path in zip(IMPORTS, FILES, strict=True)
        if package_of(module) == "handwriting" and "__all__" in path.read_text(encoding="utf-8")
    }
    assert [name for name, module in named.items() if not hasattr(module, "__path__")] == []
    assert [
        (module.__name__, name)
        for module in named.values()
        for name in module.__all__
        if not hasattr(module, name)
    ] == []


DRAWING = [path for path in FILES if {"figures", "explorer"} & set(path.parts)]
STATISTICS = ("scipy", "sklearn", "handwriting.evaluation.metrics", "handwriting.evaluation.cali")


def test_what_draws_computes_no_statistic():
    """Nothing of SciPy, scikit-learn, metrics or calibration is called, by whatever name."""
    called = []
    for path in DRAWING:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        ours = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                stem = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                ours |= {a.asname or a.name.split(".")[0]: stem + a.name for a in node.names}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name, _, rest = ast.unparse(node.func).partition(".")
                full = f"{ours.get(name, name)}.{rest}".rstrip(".")
                called += [(path.name, full)] if full.startswith(STATISTICS) else []
    assert called == []
