"""What tests promise by `@pytest.mark.promise("…")`, read from their source: none is run."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

TESTS = Path(__file__).parent.parent


@dataclass(frozen=True)
class Promise:
    """A mark of a test: what it is given, and where the test is."""

    arguments: tuple[object, ...]
    test: str
    path: Path

    @property
    def area(self) -> str:
        """The folder of the test, in words, or the file, where it lies in none."""
        folder = self.path.parent.as_posix().replace("/", ": ")
        return folder if folder != "." else self.path.stem.removeprefix("test_")


def promises(tests: Path = TESTS) -> Iterator[Promise]:
    """Yield the promises of all tests in a folder."""
    for path in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                for mark in node.decorator_list:
                    if (
                        isinstance(mark, ast.Call)
                        and ast.unparse(mark.func) == "pytest.mark.promise"
                    ):
                        given = tuple(ast.literal_eval(argument) for argument in mark.args)
                        yield Promise(given, node.name, path.relative_to(tests))


def listed(tests: Path = TESTS) -> str:
    """Return all promises by area, each with the tests that prove it."""
    lines = []
    found = sorted(promises(tests), key=lambda promise: promise.area)
    for area, group in groupby(found, key=lambda promise: promise.area):
        proofs: dict[object, list[str]] = {}
        for promise in group:
            proofs.setdefault(promise.arguments[0], []).append(f"{promise.path}::{promise.test}")
        lines += ["", area.replace("_", " ").upper(), ""]
        for sentence, proof in proofs.items():
            lines += [f"- {sentence}", *(f"    {test}" for test in proof)]
    return "\n".join(lines[1:])


if __name__ == "__main__":
    sys.stdout.write(f"{listed()}\n")
