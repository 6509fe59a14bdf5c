"""The press's house: which room may ask which, and where a name may be taken from."""

import ast
import functools
from pathlib import Path

import notebook_press

PRESS = Path(notebook_press.__file__).parent
MODULES = {
    ".".join(path.relative_to(PRESS).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PRESS.rglob("*.py"))
}
STOREYS = [
    {"errors", "exclusive", "mending"},
    {"messages"},
    {"digests", "scripts"},
    {"author"},
    {"notebook"},
    {"parameters"},
    {"project"},
    {"running", "rendering", "publishing"},
    {"events", "expectations", "finding", "provenance"},
    {"console", "keys"},
    {"request"},
    {"options", "plan", "runs"},
    {"clusters", "making"},
    {"builds", "comparing"},
    {"github", "starting", "sweeping"},
    {"api", "cli"},
    {"__init__"},
]
ALONE = {  # programs of their own, which import nothing of the press
    "rendering.outputs.plotly_worker",
    "rendering.outputs.vega_worker",
    "rendering.paper.typst_worker",
}


@functools.cache
def imports(path: Path) -> list[tuple[str, str]]:
    """What a file imports of the press, at its top or inside a function: modules and names."""
    return [
        ((node.module or "").removeprefix("notebook_press").removeprefix("."), alias.name)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("notebook_press")
        for alias in node.names
    ]


def imported_modules(path: Path) -> set[str]:
    named = {(module, f"{module}.{name}".removeprefix(".")) for module, name in imports(path)}
    return {whole if whole in MODULES else module for module, whole in named}


@functools.cache
def defined(path: Path) -> set[str]:
    """The names that a module makes itself, at its top."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {
                each.id for each in ast.walk(ast.Tuple(targets)) if isinstance(each, ast.Name)
            }
    return found


def storey(module: str) -> int:
    room = module.partition(".")[0]
    return next(number for number, rooms in enumerate(STOREYS) if room in rooms)


def test_each_room_asks_only_those_below_it():
    offenders = [
        f"{module} imports {other}"
        for module, path in MODULES.items()
        for other in imported_modules(path)
        if module and other and module.partition(".")[0] != other.partition(".")[0]
        if storey(other) >= storey(module) or module in ALONE
    ]
    assert offenders == []


def test_a_name_is_taken_from_the_module_that_makes_it():
    packages = {module for module, path in MODULES.items() if path.name == "__init__.py"}
    offenders = [
        f"{name} from {module} in {user}"
        for user, path in MODULES.items()
        for module, name in imports(path)
        if f"{module}.{name}".removeprefix(".") not in MODULES
        if module not in packages and name not in defined(MODULES[module])
    ]
    assert offenders == []


def test_only_a_package_lists_what_it_offers():
    offenders = [
        module
        for module, path in MODULES.items()
        if path.name != "__init__.py" and "__all__" in defined(path)
    ]
    assert offenders == []
