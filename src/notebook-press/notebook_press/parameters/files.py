"""Values of parameters that stand in YAML files, each with its line."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from notebook_press.errors import ParameterError, one_line
from notebook_press.messages import escaped, shown
from notebook_press.parameters.types import json_like
from notebook_press.parameters.values import Given, Loader, check_name

MOST_BYTES = 100_000  # PyYAML reads them in about 0.3 s
FORM = "write one `name: value` a line"
PROFILE_FORM = "write a notebook's name and a colon; below it, indented, one `name: value` a line"
_TAG = re.compile(r"(?:&\S*\s+)?(!\S*)")
_NODES = {"scalar": "a single value", "sequence": "a list", "mapping": "a mapping"}


def read_parameter_file(path: Path) -> dict[str, Given]:
    """Return what a parameter file gives, by name; nothing where it holds nothing.

    Raises:
        ParameterError: The file can't be read, or is anything but one mapping of names to values.
    """
    file = _File(path, FORM)
    return file.values(file.root(), "a mapping")


def read_profile(path: Path) -> dict[str, dict[str, Given]]:
    """Return what a profile gives each notebook: by the notebook's name, then by the parameter's.

    Raises:
        ParameterError: The file can't be read, or is anything but a mapping of names to such
            mappings as a parameter file holds.
    """
    file = _File(path, PROFILE_FORM)
    return {
        name.value: file.values(node, f"the parameters of {shown(name.value)}")
        for name, node in file.pairs(file.root(), "a mapping", "a notebook's name")
    }


class _File:
    """A YAML file's text, what errors call it, and how it is to be written."""

    def __init__(self, path: Path, form: str) -> None:
        self.where = escaped(path)
        self.form = form
        self.text = self._read(path)
        self.loader: Any = None

    def error(self, line: int, complaint: str) -> ParameterError:
        return ParameterError(f"{self.where}:{line}: {complaint}")

    def root(self) -> Any:
        """What YAML is before it builds an object; None of nothing."""
        try:
            self.loader = Loader(self.text)
            return self.loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            problem = escaped(error.problem or "an error")
        except yaml.reader.ReaderError as error:
            line = self.text[: error.position].count("\n") + 1
            problem = "found a character that can't be in a text file"
        except (ValueError, OverflowError, RecursionError):
            # PyYAML lets Python's own errors through for escapes such as "\U99999999".
            line, problem = 1, "found an escape or a directive out of range, or too deep a nesting"
        raise self.error(line, f"expected YAML: {problem}; {self.form}")

    def values(self, node: Any, what: str) -> dict[str, Given]:
        """The values of a mapping by name, each with its line."""
        found = {}
        for key, value in self.pairs(node, what, "a parameter's name"):
            name, line = key.value, _line(value)
            check_name(name, f"{self.where}:{_line(key)}", FORM)
            self.refuse_tag(value)
            source = f"{self.where}:{line}"
            if value.id == "scalar":
                found[name] = Given(value.value, source, quoted=bool(value.style))
            else:
                found[name] = Given("", source, items=self.items(value, name))
        return found

    def items(self, node: Any, name: str) -> Any:
        """The list or the mapping that a node is."""
        try:
            return json_like(self.loader.construct_object(node, deep=True))
        except yaml.MarkedYAMLError as error:
            problem = escaped(error.problem or "an error")
        except (ValueError, TypeError, RecursionError) as error:
            problem = escaped(one_line(error))
        raise self.error(_line(node), f"{name} can't be given to a notebook: {problem}; {FORM}")

    def pairs(self, node: Any, what: str, keys: str) -> Iterator[tuple[Any, Any]]:
        """The names of a mapping, no two alike, each with what stands behind it."""
        lines: dict[str, int] = {}
        if node is None:
            return
        for name, value in self.expect(node, "mapping", what).value:
            line = _line(self.expect(name, "scalar", keys))
            if first := lines.get(name.value):
                complaint = f"{shown(name.value)} is named twice, first in line {first}"
                raise self.error(line, f"{complaint}; keep one of them")
            lines[name.value] = line
            yield name, value

    def expect(self, node: Any, kind: str, what: str) -> Any:
        """The node, if it is of the kind and has no tag."""
        self.refuse_tag(node)
        if node.id != kind:
            complaint = f"expected {what}, found {_NODES[node.id]}; {self.form}"
            raise self.error(_line(node), complaint)
        return node

    def refuse_tag(self, node: Any) -> None:
        if found := _TAG.match(self.text, node.start_mark.index):
            complaint = f"found the tag {shown(found[1])}; take it away: {self.form}"
            raise self.error(_line(node), complaint)

    def _read(self, path: Path) -> str:
        try:
            if not path.is_file():
                found = "a folder" if path.is_dir() else "no file"
                raise ParameterError(
                    f"expected a parameter file {self.where}, found {found}; check its path"
                )
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ParameterError(
                f"can't read the parameter file {self.where}: {reason}; check its path"
            ) from None
        if len(content) > MOST_BYTES:
            raise self.error(1, f"expected at most {MOST_BYTES:,} bytes; is it a parameter file?")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise self.error(line, "expected UTF-8 text; save the file as UTF-8") from None


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1
