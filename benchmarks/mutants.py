"""Small faults put into the press's pure functions, one at a time: do the tests notice?

What decides whether a report is published, made again or left alone is a handful of pure functions.
A mutant is one of their modules with one change: a comparison turned round, an entry of a key left
out, a statement gone or exchanged with the next. A forked process imports the press with it and
runs a few quick tests; a mutant that passes them survives. Wording is left alone: text, and
whatever stands in a `raise`.

Survivors that are known stand in `benchmarks/README.md` with a reason each; others are called new.

    python benchmarks/mutants.py --jobs 2               all of them
    python benchmarks/mutants.py --only 'gate|damage'   those whose name matches
"""

import argparse
import ast
import difflib
import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import itertools
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import CodeType

from processes import end, new_mark, with_mark

ROOT = Path(__file__).parent.parent
README = ROOT / "benchmarks" / "README.md"
PATIENCE = 60  # seconds for the tests of a module at least, and
SLOWER = 10  # times as long as they take, for those of a mutant, which hangs perhaps
PASSED = 0  # pytest's exit code; others say that a test failed or that none could run
CONTEXT, LONGEST = 24, 90  # characters beside a change, and of all that is shown of it


@dataclass(frozen=True)
class Target:
    """A module, and the quick tests of what is pure in it.

    Attributes:
        module: The module's full name.
        tests: Names of test files, wherever they lie below `tests`.
        functions: A regular expression for the functions, classes and constants that are changed.
        keyword: What pytest's `-k` chooses of the tests.
    """

    module: str
    tests: tuple[str, ...]
    functions: str = ".*"
    keyword: str = ""


TARGETS = (
    Target("notebook_press.running.gate", ("test_gate.py", "test_verdict.py")),
    Target("notebook_press.keys", ("test_key_parts.py", "test_keys.py")),
    Target(
        "notebook_press.digests",
        ("test_digests.py", "test_key_parts.py", "test_keys.py"),
    ),
    Target(
        "notebook_press.publishing.manifest",
        ("test_manifest.py", "test_run_names.py", "test_publish.py"),
    ),
    Target("notebook_press.publishing.names", ("test_run_names.py", "test_manifest.py")),
    Target(
        "notebook_press.publishing.publish",
        ("test_publish.py",),
        functions=r"Reports\.(stage|publish|_put_in_place|finish_pending)|_read_staged",
    ),
)


@dataclass(frozen=True)
class Mutant:
    """A module with one change.

    Attributes:
        name: What was changed where; it names no line, so that it lasts while its function does.
        code: The compiled module.
    """

    target: Target
    name: str
    code: CodeType


# --- What is changed -------------------------------------------------------------------------

OPPOSITE: dict[type, type] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
TURNED = (
    ast.Compare,
    ast.BoolOp,
    ast.UnaryOp,
    ast.Constant,
)  # conditions with changes of their own
ACTS = (ast.Expr, ast.For, ast.If, ast.With, ast.AugAssign)  # may stand in another order
UNWRAPPED = ("sorted", "lower", "strip", "resolve")  # calls that give what they are given, mended
LEFT_ALONE = (ast.JoinedStr, ast.arguments, ast.Import, ast.ImportFrom)
UNSEEN = ("decorator_list", "returns")
ALWAYS = ast.Constant(True)

Place = tuple[ast.AST, str, int | None]  # a node, one of its fields, and where in a list


def without(elements: list, at: int) -> list:
    """Return the elements but one."""
    return [*elements[:at], *elements[at + 1 :]]


@functools.singledispatch
def replacements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in a node's place."""
    yield from ()


@replacements.register(ast.Expr)
@replacements.register(ast.For)
@replacements.register(ast.AugAssign)
@replacements.register(ast.Raise)
@replacements.register(ast.Continue)
@replacements.register(ast.Break)
def _(node: ast.stmt) -> Iterator[ast.AST]:
    if not is_docstring(node):
        yield ast.Pass()


@replacements.register
def _(node: ast.Assign) -> Iterator[ast.AST]:
    if not isinstance(node.targets[0], ast.Name | ast.Tuple):
        yield ast.Pass()


@replacements.register
def _(node: ast.Return) -> Iterator[ast.AST]:
    if not isinstance(node.value, ast.Constant | None):
        yield ast.Return(ast.Constant(None))


@replacements.register
def _(node: ast.If) -> Iterator[ast.AST]:
    if not isinstance(node.test, TURNED):
        yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


@replacements.register
def _(node: ast.With) -> Iterator[ast.AST]:
    if not any(item.optional_vars for item in node.items):
        yield ast.If(ALWAYS, node.body, [])


@replacements.register
def _(node: ast.Try) -> Iterator[ast.AST]:
    for at in range(len(node.handlers)):
        left = without(node.handlers, at)
        bare = ast.If(ALWAYS, [*node.body, *node.orelse], [])
        handled = ast.Try(node.body, left, node.orelse if left else [], node.finalbody)
        yield handled if left or node.finalbody else bare
    if node.finalbody:
        yield ast.Try(node.body, node.handlers, node.orelse, [ast.Pass()])


@replacements.register
def _(node: ast.Compare) -> Iterator[ast.AST]:
    first, *more = node.ops
    if other := OPPOSITE.get(type(first)):
        yield ast.Compare(node.left, [other(), *more], node.comparators)


@replacements.register
def _(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(OPPOSITE[type(node.op)](), node.values)


@replacements.register
def _(node: ast.BinOp) -> Iterator[ast.AST]:
    if other := OPPOSITE.get(type(node.op)):
        yield ast.BinOp(node.left, other(), node.right)


@replacements.register
def _(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.Not):
        yield node.operand


@replacements.register
def _(node: ast.IfExp) -> Iterator[ast.AST]:
    if not isinstance(node.test, TURNED):
        yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


@replacements.register
def _(node: ast.comprehension) -> Iterator[ast.AST]:
    for at in range(len(node.ifs)):
        yield ast.comprehension(node.target, node.iter, without(node.ifs, at), node.is_async)


@replacements.register
def _(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)


@replacements.register
def _(node: ast.Dict) -> Iterator[ast.AST]:
    for at in range(len(node.keys)):
        yield ast.Dict(without(node.keys, at), without(node.values, at))


@replacements.register(ast.Tuple)
@replacements.register(ast.List)
def _(node: ast.Tuple | ast.List) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        for at in range(len(node.elts)):
            yield type(node)(without(node.elts, at), ast.Load())


@replacements.register
def _(node: ast.Subscript) -> Iterator[ast.AST]:
    match node:
        case ast.Subscript(value, ast.Slice(), ast.Load()):
            yield value
        case ast.Subscript(ast.Name("Annotated"), ast.Tuple([kind, _])):
            yield kind  # without its condition


@replacements.register
def _(node: ast.Call) -> Iterator[ast.AST]:
    match node:
        case ast.Call(ast.Name(name), [inside, *_]) if name in UNWRAPPED:
            yield inside
        case ast.Call(ast.Attribute(inside, name), []) if name in UNWRAPPED:
            yield inside
        case _:
            for at in range(len(node.keywords)):
                yield ast.Call(node.func, node.args, without(node.keywords, at))


def places(node: ast.AST) -> Iterator[tuple[Place, ast.AST]]:
    """Yield each node below one that may be changed, with where it stands."""
    for field, value in ast.iter_fields(node):
        for at, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST) or isinstance(child, LEFT_ALONE) or field in UNSEEN:
                continue
            if not (isinstance(node, ast.Subscript) and isinstance(child, ast.Tuple)):
                yield (node, field, at if isinstance(value, list) else None), child
            if not isinstance(child, ast.Raise):
                yield from places(child)


def acts(node: ast.AST) -> bool:
    """Return whether something is done that could be done sooner or later."""
    return isinstance(node, ACTS) and not is_docstring(node)


def is_docstring(node: ast.AST) -> bool:
    """Return whether a statement only says something."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def put(place: Place, child: ast.AST) -> None:
    """Put a node where another one stands."""
    parent, field, at = place
    if at is None:
        setattr(parent, field, child)
    else:
        getattr(parent, field)[at] = child


def changed(tree: ast.AST) -> Iterator[str]:
    """Change a tree in one way after the other, and yield how; each is undone before the next.

    The change is told where the text of the tree does not show it: statements in another order.
    """
    for place, child in [*places(tree)]:
        for other in replacements(child):
            put(place, other)
            yield ""
            put(place, child)
        parent, field, at = place
        after = getattr(parent, field)[at + 1 : at + 2] if at is not None else []
        if acts(child) and after and acts(after[0]):
            put(place, after[0])
            put((parent, field, at + 1), child)
            first, second = (ast.unparse(each).splitlines()[0] for each in (child, after[0]))
            yield f"{second} before {first}"
            put(place, child)
            put((parent, field, at + 1), after[0])


def difference(before: str, after: str) -> str:
    """Return what differs between two texts of a function, with a few words beside it."""
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))
    old, new = (
        "; ".join(line[1:].strip() for line in lines[2:] if line.startswith(sign)) for sign in "-+"
    )
    start = old.rfind(" ", 0, max(alike(old, new) - CONTEXT, 0)) + 1
    old, new = old[start:], new[start:]
    cut = max(alike(old[::-1], new[::-1]) - CONTEXT, 0)
    return f"{excerpt(old, start, cut)} -> {excerpt(new, start, cut)}"


def alike(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    return sum(
        1
        for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )


def excerpt(text: str, start: int, cut: int) -> str:
    """Return a text without its end; it lost its start before."""
    end = min(len(text) - cut, LONGEST)
    return f"{'…' if start else ''}{text[:end]}{'…' if end < len(text) else ''}"


def units(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield the functions, methods and other statements of a module, each by a name."""
    for statement in tree.body:
        name = getattr(statement, "name", "") or ast.unparse(statement).split()[0].rstrip(":")
        if isinstance(statement, ast.ClassDef):
            for each in statement.body:
                yield f"{name}.{each.name}" if hasattr(each, "name") else name, each
        else:
            yield name, statement


def mutants(target: Target) -> list[Mutant]:
    """Return a module as it is, without a name, and then its mutants in the order of its source."""
    path = importlib.util.find_spec(target.module).origin
    tree = ast.parse(Path(path).read_bytes())
    _, _, module = target.module.partition(".")
    found, named = [Mutant(target, "", compile(tree, path, "exec"))], Counter()
    for name, unit in units(tree):
        if not re.fullmatch(target.functions, name):
            continue
        before = ast.unparse(unit)
        for order in changed(unit):
            after = ast.unparse(unit)
            if after == before:
                continue  # a float that is as large as before
            how = order or difference(before, after)
            full = f"{module or target.module}.{name}: {how}"
            named[full] += 1
            full += f" ({named[full]})" if named[full] > 1 else ""
            code = compile(ast.fix_missing_locations(tree), path, "exec")
            found.append(Mutant(target, full, code))
    if not named:
        sys.exit(f"{target.module}: expected {target.functions} there, found none; see TARGETS")
    return found


# --- What comes of it ------------------------------------------------------------------------


class Instead(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Has a mutant imported in the place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name, path, target=None):
        """Return how to import the one module that is changed."""
        if name != self.mutant.target.module:
            return None
        return importlib.util.spec_from_file_location(
            name, self.mutant.code.co_filename, loader=self
        )

    def get_code(self, name):
        """Return what is run in the module's place."""
        return self.mutant.code

    def get_source(self, name):
        """Return nothing: the file holds something else."""
        return


def prepare(targets: list[Target]) -> None:
    """Import what each mutant needs, but for what is changed and whatever imports that."""
    importlib.import_module("pytest")
    importlib.import_module("hypothesis")
    for target in targets:
        importlib.import_module(target.module)
    packages = {target.module.split(".")[0] for target in targets}
    for name in [name for name in sys.modules if name.split(".")[0] in packages]:
        del sys.modules[name]


def test_files(target: Target, root: Path) -> list[str]:
    """Return where the tests of a target are."""
    found = []
    for name in target.tests:
        paths = sorted((root / "tests").rglob(name))
        if len(paths) != 1:
            sys.exit(f"{name}: expected one such file below tests, found {len(paths)}; see TARGETS")
        found.append(str(paths[0]))
    return found


def run_tests(mutant: Mutant, tests: list[str], folder: Path, mark: str) -> None:
    """Run the tests of a mutant in this process, which ends with pytest's exit code."""
    import pytest

    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.update(with_mark(mark, {"HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "examples")}))
    with (folder / "log").open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    sys.meta_path.insert(0, Instead(mutant))
    options = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-m", "not slow"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of plugins that are at hand
    own = ["--basetemp", str(folder / "tests"), "-k", mutant.target.keyword]
    code = pytest.main([*options, *own, *tests])
    sys.stdout.flush()
    os._exit(code)


class Run:
    """The tests of a mutant at work in a process of their own."""

    def __init__(self, mutant: Mutant, tests: list[str], patience: float) -> None:
        self.mutant = mutant
        self.mark = new_mark()
        self.folder = Path(tempfile.mkdtemp(prefix="mutant-"))
        self.limit = time.monotonic() + patience
        self.process: BaseProcess = multiprocessing.get_context("fork").Process(
            target=run_tests, args=(mutant, tests, self.folder, self.mark)
        )
        self.process.start()

    @property
    def is_over(self) -> bool:
        """Whether the tests have ended, or their time is up."""
        return not self.process.is_alive() or time.monotonic() > self.limit

    def finish(self) -> tuple[int, str]:
        """End whatever still runs; return pytest's exit code and what it printed."""
        if self.process.is_alive():
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.join()
        end(self.mark)
        log = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.process.exitcode, log


def survivors(found: list[Mutant], tests: list[str], jobs: int, patience: float) -> list[str]:
    """Return the names of the mutants that tests pass with, in their order."""
    ahead, running, living = iter(found), [], set()
    try:
        while True:
            while len(running) < jobs and (mutant := next(ahead, None)):
                running.append(Run(mutant, tests, patience))
            if not running:
                return [mutant.name for mutant in found if mutant.name in living]
            wait([trial.process.sentinel for trial in running], timeout=1)
            for trial in [trial for trial in running if trial.is_over]:
                running.remove(trial)
                if trial.finish()[0] == PASSED:
                    living.add(trial.mutant.name)
    finally:
        for trial in running:
            trial.finish()


def known(page: str) -> dict[str, str]:
    """Return the survivors that README.md lists, each with its reason.

    They stand in the block of code below the script's heading, reasons indented below them.
    """
    section = re.search(r"^## `mutants\.py`.*?^```\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    reasons, names = {}, []
    for line in section[1].splitlines() if section else []:
        if line.startswith(" "):
            for name in names:
                reasons[name] = f"{reasons.get(name, '')} {line.strip()}".strip()
        elif line:
            names = [*names, line] if names and names[-1] not in reasons else [line]
    return reasons


def examine(whole: Mutant, found: list[Mutant], root: Path, jobs: int) -> list[str]:
    """Print a line of the table for a module, and return its survivors."""
    module, start = whole.target.module, time.monotonic()
    tests = test_files(whole.target, root)
    trial = Run(whole, tests, SLOWER * PATIENCE)
    trial.process.join(SLOWER * PATIENCE)
    code, log = trial.finish()
    if code != PASSED:
        sys.exit(f"{log}\n{module}: its tests have to pass before anything is changed")
    seconds = time.monotonic() - start
    living = survivors(found, tests, jobs, max(PATIENCE, SLOWER * seconds))
    counts = f"{len(found)} | {len(found) - len(living)} | {len(living)}"
    took = time.monotonic() - start
    print(f"| `{module}` | {counts} | {seconds:.1f} | {took:.0f} |", flush=True)
    return living


def main() -> None:
    """Print how many mutants of each module survive, and which."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="PATTERN", help="a regular expression")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="mutants at once")
    parser.add_argument("--module", help="another module, such as notebook_press.notebook")
    parser.add_argument("--tests", nargs="+", metavar="FILE", help="its tests: names of files")
    parser.add_argument("--keyword", default="", help="which of them, as pytest's -k chooses")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if bool(arguments.module) != bool(arguments.tests):
        parser.error("expected --module and --tests together")
    targets = list(TARGETS)
    if arguments.module:
        targets = [Target(arguments.module, tuple(arguments.tests), keyword=arguments.keyword)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that trials are ended with it
    os.chdir(arguments.root)
    prepare(targets)
    print("| module | mutants | killed | survived | s of its tests | s |", flush=True)
    print("| --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    living = []
    for target in targets:
        whole, *found = mutants(target)
        found = [mutant for mutant in found if re.search(arguments.only, mutant.name)]
        living += examine(whole, found, arguments.root, arguments.jobs) if found else []
    reasons = known(README.read_text(encoding="utf-8"))
    for name in living:
        print(f"\n{name}\n    {reasons.get(name, 'NEW')}")
    if not arguments.module and not arguments.only:
        for name in sorted({*reasons} - {*living}):
            print(f"\n{name}\n    stands in benchmarks/README.md, and survives no more")


if __name__ == "__main__":
    main()
