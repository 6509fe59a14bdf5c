"""Reading the parameters that a notebook declares, from its syntax, never by executing it.

A type is built from a fixed table and literal arguments.
"""

import ast
import contextlib
import io
import tokenize
import warnings
from collections.abc import Sequence
from dataclasses import astuple
from itertools import takewhile
from typing import Annotated, Any, Literal

from annotated_types import (
    Ge,
    GroupedMetadata,
    Gt,
    Interval,
    Le,
    Len,
    Lt,
    MaxLen,
    MinLen,
    MultipleOf,
)
from nbformat import NotebookNode

from notebook_press.errors import ParameterError, one_line
from notebook_press.messages import escaped, in_one_line, shown
from notebook_press.notebook import is_parameters
from notebook_press.parameters.types import (
    Scalar,
    check_value,
    in_words,
    spelt_by_several,
    trouble_with,
)
from notebook_press.parameters.values import A_NAME, Parameter, is_name

MOST_CHARACTERS = 20_000  # Python takes many seconds over what is longer and hostile
MOST_CHOICES = 100
LONGEST_TEXT = 1_000_000
FORM = "write each parameter as `name: type = value  # what it is for`"
UNDERSTOOD = (
    "understood are int, float, str, bool, Literal[...] of such values, and Annotated[T, ...] "
    "with Ge, Gt, Le, Lt, Interval, MultipleOf (of int or float), MinLen, MaxLen, Len (of str)"
)

_SCALARS: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_BOUNDS: dict[str, Any] = {
    each.__name__: each for each in (Ge, Gt, Le, Lt, Interval, MultipleOf, MinLen, MaxLen, Len)
}
_SIDES = ((Ge, Gt), (Le, Lt), (MultipleOf,), (MinLen,), (MaxLen,))
_LENGTH: Any = Annotated[int, Ge(0), Le(LONGEST_TEXT)]


def read_parameters(notebook: NotebookNode, where: str) -> tuple[Parameter, ...]:
    """Return the parameters that the cell tagged `parameters` declares; none without such a cell.

    Args:
        notebook: The notebook.
        where: What errors call it, such as its path.

    Raises:
        ParameterError: There are several such cells, or a line in it declares no parameter.
    """
    cells = [each for each in notebook.cells if is_parameters(each)]
    where = escaped(where)
    if not cells:
        return ()
    if len(cells) > 1:
        raise ParameterError(
            f"{where}: expected one cell tagged 'parameters', found {len(cells)}; "
            "keep the tag on the one that declares the parameters"
        )
    if cells[0].cell_type != "code":
        raise ParameterError(
            f"{where}: expected the tag 'parameters' on a code cell, found a "
            f"{escaped(cells[0].cell_type)} cell; move the tag to the cell that declares them"
        )
    source = cells[0].source.replace("\r\n", "\n").replace("\r", "\n")
    where = f"{where}, cell tagged 'parameters'"
    if len(source) > MOST_CHARACTERS:
        raise ParameterError(
            f"{where}: expected at most {MOST_CHARACTERS:,} characters, found {len(source):,}; "
            "move what declares no parameter to another cell"
        )
    return _Cell(source, where).parameters()


class _Cell:
    """A `parameters` cell's source, and what errors call it."""

    def __init__(self, source: str, where: str) -> None:
        self.source = source
        self.where = where

    def parameters(self) -> tuple[Parameter, ...]:
        statements = self._statements()
        comments = self._comments() if statements else {}
        found: dict[str, Parameter] = {}
        for statement in statements:
            try:
                parameter = self._read(statement, _help(statement, comments))
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
            line = error.lineno or self.source.partition("\0")[0].count("\n") + 1
            message = f"expected Python, found {in_one_line(error.msg)}; {FORM}"
            raise self._error(min(line, self.source.count("\n") + 1), message) from None
        except (ValueError, RecursionError, MemoryError):  # a ValueError of half a character
            complaint = "expected Python that can be parsed, found it nested too deeply or no text"
            raise ParameterError(f"{self.where}: {complaint}; {FORM}") from None

    def _comments(self) -> dict[int, tuple[str, bool]]:
        """Return each comment by its line, and whether it has the line to itself."""
        found = {}
        # What parses may still not tokenise; it then has no help, but is read.
        with contextlib.suppress(tokenize.TokenError, SyntaxError):
            for token in tokenize.generate_tokens(io.StringIO(self.source).readline):
                if token.type == tokenize.COMMENT:
                    text = (each if each.isprintable() else " " for each in token.string)
                    alone = not token.line[: token.start[1]].strip()
                    found[token.start[0]] = (one_line("".join(text).lstrip("#:")), alone)
        return found

    def _read(self, statement: ast.stmt, help_text: str) -> Parameter:
        match statement:
            case ast.AnnAssign(ast.Name(name), node, ast.expr() as value, 1):
                annotation, default = read_annotation(node), read_scalar(value)
                type_text = self._type_text(node)
            case ast.Assign([ast.Name(name)], value):
                default = read_scalar(value)
                annotation, type_text = type(default), type(default).__name__
            case ast.Import() | ast.ImportFrom():
                raise ParameterError(
                    f"expected a parameter, found an import; put it into the cell before; {FORM}"
                )
            case _:
                raise ParameterError(
                    f"expected a parameter with a default, found {source_of(statement)}; {FORM}"
                )
        if not is_name(name):
            raise ParameterError(
                f"expected {A_NAME}, found {shown(name)}; "
                "rename it or move the line to another cell"
            )
        try:
            default = check_value(annotation, default)
        except ValueError:
            raise ParameterError(
                f"the default of {name}: expected {in_words(annotation)}, found {shown(default)}; "
                "correct the default or the type"
            ) from None
        return Parameter(name, annotation, type_text, default, help_text, statement.lineno)

    def _type_text(self, node: ast.expr) -> str:
        text = ast.get_source_segment(self.source, node) or ""
        return escaped(text if text and "\n" not in text else ast.unparse(node))


def _help(statement: ast.stmt, comments: dict[int, tuple[str, bool]]) -> str:
    last = statement.end_lineno or statement.lineno
    if last in comments:
        return comments[last][0]
    before = range(statement.lineno - 1, 0, -1)
    above = takewhile(lambda line: line in comments and comments[line][1], before)
    return " ".join(comments[line][0] for line in reversed([*above]))


def read_annotation(node: ast.expr) -> Any:
    """Return the typing object that an annotation's syntax spells.

    Raises:
        ParameterError: The annotation is not one of those understood; lists them.
    """
    if kind := _SCALARS.get(_name_in(node, "builtins")):
        return kind
    if isinstance(node, ast.Subscript):
        name = _name_in(node.value, "typing", "typing_extensions")
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Literal" and arguments:
            return _read_literal(arguments)
        if name == "Annotated" and len(arguments) > 1:
            return _read_annotated(*arguments)
    raise _not_understood(node)


def read_scalar(node: ast.expr) -> Scalar:
    """Return the value of a literal: a whole number, a number, text, True or False.

    Raises:
        ParameterError: The syntax is anything else.
    """
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        raise ParameterError(
            "expected a literal value such as 10, 0.5, 'text' or True, "
            f"found {source_of(node)}; compute it in a later cell"
        ) from None
    if trouble := trouble_with(value):
        raise ParameterError(f"a parameter can't have the value {source_of(node)}: {trouble}")
    return value  # type: ignore[no-any-return]


def source_of(node: ast.AST) -> str:
    """Return a syntax tree's source as an error shows it."""
    try:
        return shown(ast.unparse(node))
    except ValueError:
        # A hexadecimal literal can hold more digits than Python converts to decimal text.
        return "a number of very many digits"


def _read_literal(nodes: Sequence[ast.expr]) -> Any:
    if len(nodes) > MOST_CHOICES:
        raise ParameterError(
            f"expected at most {MOST_CHOICES} values in Literal, found {len(nodes):,}; use str"
        )
    values = [read_scalar(each) for each in nodes]
    if (text := spelt_by_several(values)) is not None:
        raise ParameterError(
            f"Literal holds {shown(text)} more than once, so that text can't tell which is meant; "
            "keep one of them"
        )
    literal: Any = Literal
    return literal[tuple(values)]


def _read_annotated(first: ast.expr, *others: ast.expr) -> Any:
    kind = _SCALARS.get(_name_in(first, "builtins"), bool)
    if kind is bool:
        raise _not_understood(first)
    bounds = [bound for each in others for bound in _read_bounds(each, kind)]
    for side in _SIDES:
        if sum(isinstance(each, side) for each in bounds) > 1:
            names = " or ".join(each.__name__ for each in side)
            raise ParameterError(f"Annotated has more than one {names}; keep one of them")
    annotated: Any = Annotated
    return annotated[(kind, *bounds)]


def _read_bounds(node: ast.expr, kind: type) -> list[Any]:
    """The bounds that a call spells: of `Interval(ge=1, lt=5)` there are two."""
    bounds: list[Any] = []
    if isinstance(node, ast.Call) and (make := _BOUNDS.get(_name_in(node.func, "annotated_types"))):
        positional = [read_scalar(each) for each in node.args]
        named = {each.arg or "": read_scalar(each.value) for each in node.keywords}
        with contextlib.suppress(TypeError):  # these are not its arguments
            bound = make(*positional, **named)
            bounds = list(bound) if isinstance(bound, GroupedMetadata) else [bound]
    if not bounds or not all(_is_sound(each, kind) for each in bounds):
        raise _not_understood(node)
    return bounds


def _is_sound(bound: Any, kind: type) -> bool:
    (value,) = astuple(bound)
    is_length = isinstance(bound, MinLen | MaxLen)
    try:
        check_value(_LENGTH if is_length else kind, value)
    except ValueError:
        return False
    return is_length == (kind is str) and (value > 0 or not isinstance(bound, MultipleOf))


def _name_in(node: ast.expr, *modules: str) -> str:
    """The name that stands alone or behind one of the modules, or nothing."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=module), attr=name) if module in modules:
            return name
    return ""


def _not_understood(node: ast.expr) -> ParameterError:
    return ParameterError(f"the annotation {source_of(node)} is not understood; {UNDERSTOOD}")
