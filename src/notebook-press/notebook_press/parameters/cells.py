"""Reading the parameters that a notebook declares, from its syntax, never by executing it."""

from __future__ import annotations

import ast
import contextlib
import io
import keyword
import tokenize
import warnings
from typing import TYPE_CHECKING, Any

from notebook_press.errors import ParameterError
from notebook_press.messages import escaped, shown
from notebook_press.parameters.types import in_words, read_annotation, read_scalar, source_of
from notebook_press.parameters.values import LONGEST_NAME, Parameter, validated

if TYPE_CHECKING:
    from nbformat import NotebookNode


TAG = "parameters"
LONGEST_CAUSE = 200
MOST_CHARACTERS = 20_000  # Python takes many seconds over what is longer and hostile
FORM = "write each parameter as `name: type = value  # what it is for`"


def read_parameters(notebook: NotebookNode, where: str) -> tuple[Parameter, ...]:
    """Return the parameters that the cell tagged `parameters` declares; none without such a cell.

    Args:
        notebook: The notebook.
        where: What errors call it, such as its path.

    Raises:
        ParameterError: There are several such cells, or a line in it declares no parameter.
    """
    cells = [each for each in notebook.cells if _is_tagged(each)]
    where = escaped(where)
    if not cells:
        return ()
    if len(cells) > 1:
        raise ParameterError(
            f"{where}: expected one cell tagged '{TAG}', found {len(cells)}; "
            "keep the tag on the one that declares the parameters"
        )
    if cells[0].cell_type != "code":
        raise ParameterError(
            f"{where}: expected the tag '{TAG}' on a code cell, found a "
            f"{escaped(cells[0].cell_type)} cell; move the tag to the cell that declares them"
        )
    source = cells[0].source.replace("\r\n", "\n").replace("\r", "\n")
    where = f"{where}, cell tagged '{TAG}'"
    if len(source) > MOST_CHARACTERS:
        raise ParameterError(
            f"{where}: expected at most {MOST_CHARACTERS:,} characters, found {len(source):,}; "
            "move what declares no parameter to another cell"
        )
    return _Cell(source, where).parameters()


def _is_tagged(cell: Any) -> bool:
    tags = cell.get("metadata", {}).get("tags", [])
    return isinstance(tags, list) and TAG in tags


class _Cell:
    """A `parameters` cell's source, and what errors call it."""

    def __init__(self, source: str, where: str) -> None:
        self.source = source
        self.where = where

    def parameters(self) -> tuple[Parameter, ...]:
        statements = self._statements()
        comments = self._comments(statements)
        found: dict[str, Parameter] = {}
        for statement in statements:
            try:
                parameter = self._read(statement, comments)
            except RecursionError:
                raise self._error(statement.lineno, "is nested too deeply; simplify it") from None
            except ParameterError as error:
                raise self._error(statement.lineno, str(error)) from None
            if parameter.name in found:
                first = found[parameter.name].line
                complaint = f"{parameter.name} is declared twice, first in line {first}; keep one"
                raise self._error(statement.lineno, complaint)
            found[parameter.name] = parameter
        return tuple(found.values())

    def _error(self, line: int, complaint: str) -> ParameterError:
        return ParameterError(f"{self.where}, line {line}: {complaint}")

    def _statements(self) -> list[ast.stmt]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self.source).body
        except SyntaxError as error:
            # Python gives no line for a null character.
            before = self.source.partition("\0")[0].count("\n") + 1
            line = min(error.lineno or before, self.source.count("\n") + 1)
            message = f"expected Python, found {escaped(error.msg)[:LONGEST_CAUSE]}; {FORM}"
            raise self._error(line, message) from None
        except UnicodeEncodeError as error:
            line = self.source[: error.start].count("\n") + 1
            complaint = f"expected text, found half a character, {error.object[error.start]!a}"
            raise self._error(line, f"{complaint}; take it out") from None
        except (ValueError, RecursionError, MemoryError):
            complaint = f"expected Python that can be parsed, found it nested too deeply; {FORM}"
            raise ParameterError(f"{self.where}: {complaint}") from None

    def _comments(self, statements: list[ast.stmt]) -> dict[int, tuple[str, bool]]:
        """Return each comment by its line, and whether it has the line to itself."""
        if not statements:
            return {}
        found = {}
        # What parses may still not tokenise; it then has no help, but is read.
        with contextlib.suppress(tokenize.TokenError, SyntaxError):
            for token in tokenize.generate_tokens(io.StringIO(self.source).readline):
                if token.type == tokenize.COMMENT:
                    text = token.string.lstrip("#:")
                    text = "".join(each if each.isprintable() else " " for each in text)
                    alone = not token.line[: token.start[1]].strip()
                    found[token.start[0]] = (" ".join(text.split()), alone)
        return found

    def _read(self, statement: ast.stmt, comments: dict[int, tuple[str, bool]]) -> Parameter:
        target: ast.expr
        if isinstance(statement, ast.AnnAssign) and statement.simple and statement.value:
            target, value = statement.target, statement.value
            annotation = read_annotation(statement.annotation)
            type_text = self._type_text(statement.annotation)
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
        else:
            raise ParameterError(_complaint(statement))
        if not isinstance(target, ast.Name):
            raise ParameterError(_complaint(statement))
        if target.id.startswith("_") or keyword.iskeyword(target.id):
            raise ParameterError(
                f"expected a public name, found {shown(target.id)}; "
                "take the leading underscore away or move the line to another cell"
            )
        if len(target.id) > LONGEST_NAME:
            raise ParameterError(
                f"expected a name of at most {LONGEST_NAME} characters, found {shown(target.id)}; "
                "shorten it"
            )
        default = read_scalar(value)
        if isinstance(statement, ast.Assign):
            annotation, type_text = type(default), type(default).__name__
        help_text = _help(statement, comments)
        declared = Parameter(target.id, annotation, type_text, default, help_text, statement.lineno)
        return _with_default_checked(declared)

    def _type_text(self, node: ast.expr) -> str:
        text = ast.get_source_segment(self.source, node) or ""
        return escaped(text if text and "\n" not in text else ast.unparse(node))


def _complaint(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return f"expected a parameter, found an import; put it into the cell before; {FORM}"
    return f"expected a parameter with a default, found {source_of(statement)}; {FORM}"


def _help(statement: ast.stmt, comments: dict[int, tuple[str, bool]]) -> str:
    last = statement.end_lineno or statement.lineno
    if last in comments:
        return comments[last][0]
    above: list[str] = []
    line = statement.lineno - 1
    while line in comments and comments[line][1]:
        above.insert(0, comments[line][0])
        line -= 1
    return " ".join(above)


def _with_default_checked(declared: Parameter) -> Parameter:
    name, annotation, default = declared.name, declared.annotation, declared.default
    try:
        value = validated([declared], {name: default}, {})[name]
    except ParameterError:
        raise ParameterError(
            f"the default of {name}: expected {in_words(annotation)}, found {shown(default)}; "
            "correct the default or the type"
        ) from None
    return Parameter(name, annotation, declared.type_text, value, declared.help, declared.line)
