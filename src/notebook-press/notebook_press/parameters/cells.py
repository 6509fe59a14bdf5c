"""Reading the parameters that a notebook declares, from its syntax, never by executing it.

Whatever a cell assigns to a name is a parameter. One that is annotated with a type that is known
to `annotations` is checked.
"""

import ast
import contextlib
import io
import re
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import takewhile
from typing import Any

from nbformat import NotebookNode

from notebook_press.errors import ParameterError, one_line
from notebook_press.messages import cut_short, escaped, in_one_line, shown
from notebook_press.notebook import is_parameters, language_of
from notebook_press.parameters.annotations import means_date, read_annotation
from notebook_press.parameters.types import (
    Code,
    check_value,
    in_words,
    json_like,
    parse_value,
    trouble_with,
    without_none,
)
from notebook_press.parameters.values import Parameter, is_name

MOST_CHARACTERS = 20_000  # Python takes many seconds over what is longer and hostile
FORM = "write each parameter as `name: type = value  # what it is for`"
LONGEST_CODE = 200
SHORT = 2_000  # characters of a cell whose code is told as it is written, for that takes time
MOST_MAGICS = 50

_ASSIGNMENT = re.compile(
    r"^[ \t]*(?:(?:export|val|var|let|const|local)[ \t]+)?"
    r"([A-Za-z_]\w*)[ \t]*(?::[^=\n]*)?(?:<-|=(?!=))(.*)",
    re.MULTILINE,
)
_MAGIC = re.compile(r"^\s*[%!?]|[?][ \t]*$|=[ \t]*[%!]", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*%%(\w*).*\n?")
_IN_PLACE = ("capture", "prun", "time")  # what they run stays in the notebook


def read_parameters(notebook: NotebookNode, where: str) -> tuple[Parameter, ...]:
    """Return the parameters that the first cell tagged `parameters` declares.

    There are none without such a cell, or where it holds no code. In other languages than Python a
    parameter is a line that assigns to a name.

    Args:
        notebook: The notebook.
        where: What errors call it, such as its path.

    Raises:
        ParameterError: The cell is no Python, or what it declares contradicts itself.
    """
    cell = next(filter(is_parameters, notebook.cells), None)
    if cell is None or cell.cell_type != "code":
        return ()
    source = cell.source.replace("\r\n", "\n").replace("\r", "\n")
    where = f"{escaped(where)}, cell tagged 'parameters'"
    if len(source) > MOST_CHARACTERS:
        raise ParameterError(
            f"{where}: expected at most {MOST_CHARACTERS:,} characters, found {len(source):,}; "
            "move what declares no parameter to another cell"
        )
    if language_of(notebook) != "python":
        return tuple(_assigned(source))
    return _Cell(source, where).parameters()


def _assigned(source: str) -> Iterator[Parameter]:
    """Yield what a cell in another language assigns, each name once."""
    lines = {match[1]: match for match in _ASSIGNMENT.finditer(source) if is_name(match[1])}
    for line, (name, match) in enumerate(lines.items(), start=1):
        yield Parameter(name, None, "", _code(match[2]), "", line)


def _code(text: str) -> Code:
    return Code(cut_short(in_one_line(text), LONGEST_CODE))


class _Cell:
    """A `parameters` cell's source, and what errors call it."""

    def __init__(self, source: str, where: str) -> None:
        self.source = source
        self.where = where

    def parameters(self) -> tuple[Parameter, ...]:
        statements = self._statements()
        comments = self._comments() if statements else {}
        found: dict[str, Parameter] = {}
        for statement, inner in _statements_in(statements):
            try:
                for each in self._read(statement, _help(statement, comments)):
                    found[each.name] = _latest(found.get(each.name), each, inner)
            except RecursionError:
                raise self._error(statement.lineno, "is nested too deeply; simplify it") from None
            except ParameterError as error:
                raise self._error(statement.lineno, str(error)) from None
        return tuple(found.values())

    def _error(self, line: int, complaint: str) -> ParameterError:
        return ParameterError(f"{self.where}, line {line}: {complaint}")

    def _statements(self) -> list[ast.stmt]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    return ast.parse(self.source).body
                except SyntaxError:
                    self.source = self._without_magics()
                    return ast.parse(self.source).body
        except SyntaxError as error:
            # Python gives no line for a null character.
            line = error.lineno or self.source.partition("\0")[0].count("\n") + 1
            message = f"expected Python, found {in_one_line(error.msg)}; {FORM}"
            raise self._error(min(line, self.source.count("\n") + 1), message) from None
        except (ValueError, RecursionError, MemoryError):  # a ValueError of half a character
            complaint = "expected Python that can be parsed, found it nested too deeply or no text"
            raise ParameterError(f"{self.where}: {complaint}; {FORM}") from None

    def _without_magics(self) -> str:
        """The source as IPython would run it, with what it asks of a shell as calls."""
        if len(_MAGIC.findall(self.source)) > MOST_MAGICS:  # each takes a pass over the cell
            raise self._error(1, f"expected at most {MOST_MAGICS} lines for IPython; move them")
        if cell_magic := _CELL_MAGIC.match(self.source):
            lines = "\n" * cell_magic[0].count("\n")
            return lines + self.source[cell_magic.end() :] if cell_magic[1] in _IN_PLACE else ""
        from IPython.core.inputtransformer2 import TransformerManager  # slow to import

        try:
            return str(TransformerManager().transform_cell(self.source))  # type: ignore[no-untyped-call]
        except Exception:  # it is not meant for what is no code
            return self.source

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

    def _read(self, statement: ast.stmt, help_text: str) -> Iterator[Parameter]:
        """Yield a parameter for each name that a statement binds, with the value it has then."""
        line = statement.lineno
        match statement:
            case ast.AnnAssign(ast.Name(name), node, value):
                if is_name(name):
                    annotation = read_annotation(node)
                    default = self._default(value) if value is not None else Code("")
                    type_text = self._code(node).text
                    annotation, default = _typed(name, annotation, default)
                    yield Parameter(name, annotation, type_text, default, help_text, line)
            case ast.Assign(targets, value):
                for name, own in (pair for each in targets for pair in _bound(each, value)):
                    if is_name(name):
                        default = self._default(own) if own else self._code(statement)
                        kind = "" if isinstance(default, Code) else type(default).__name__
                        yield Parameter(name, None, kind, default, help_text, line)
            case ast.AugAssign(ast.Name(name)) if is_name(name):
                yield Parameter(name, None, "", self._code(statement), help_text, line)

    def _default(self, node: ast.expr) -> Any:
        """The value that an expression spells, or the expression."""
        match node:
            case ast.Call(function, arguments, []) if means_date(function):
                with contextlib.suppress(ValueError, TypeError, OverflowError):
                    return date(*map(ast.literal_eval, arguments))
        with contextlib.suppress(ValueError, TypeError, SyntaxError, MemoryError):
            value = ast.literal_eval(node)
            if json_like(value) == value:  # but for names that are no text
                return value
        return self._code(node)

    def _code(self, node: ast.AST) -> Code:
        text = ast.get_source_segment(self.source, node) if len(self.source) < SHORT else None
        if text is None or "\n" in text:
            try:
                text = ast.unparse(node)
            except ValueError:  # a hexadecimal number of more digits than Python writes
                text = "a number of very many digits"
        return _code(text)


def _statements_in(
    statements: Sequence[ast.AST], inner: bool = False
) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield each statement that the cell itself runs, and whether that depends on another."""
    for statement in statements:
        if isinstance(statement, ast.stmt):  # and no case or handler, which only hold some
            yield statement, inner
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for part in ("body", "orelse", "finalbody", "handlers", "cases"):
                yield from _statements_in(getattr(statement, part, ()), True)


def _bound(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield each name that an assignment binds, with its own expression if it has one."""
    sides = (target, value)
    if isinstance(target, ast.Name):
        yield target.id, value
    elif (
        all(isinstance(side, ast.Tuple | ast.List) for side in sides)
        and len(target.elts) == len(value.elts)  # type: ignore[attr-defined]
        and not any(isinstance(each, ast.Starred) for side in sides for each in side.elts)  # type: ignore[attr-defined]
    ):
        for part, of_it in zip(target.elts, value.elts, strict=True):  # type: ignore[attr-defined]
            yield from _bound(part, of_it)
    else:
        names = (each for each in ast.walk(target) if isinstance(each, ast.Name))
        yield from ((each.id, None) for each in names if isinstance(each.ctx, ast.Store))


def _typed(name: str, annotation: Any, default: Any) -> tuple[Any, Any]:
    """The annotation and the default, as one of its type where the cell tells it."""
    if annotation is None or isinstance(default, Code):
        return annotation, default
    inner, _ = without_none(annotation)
    if default is None:  # as in `path: str = None`
        return annotation if annotation is not inner else annotation | None, None
    try:
        if inner is date and isinstance(default, str):
            return annotation, parse_value(date, default)
        if trouble := isinstance(default, str | float) and trouble_with(default):
            raise ParameterError(f"{name} can't have the value {shown(default)}: {trouble}")
        return annotation, check_value(annotation, default)
    except ValueError:
        raise ParameterError(
            f"the default of {name}: expected {in_words(annotation)}, found {shown(default)}; "
            "correct the default or the type"
        ) from None


def _latest(before: Parameter | None, now: Parameter, inner: bool) -> Parameter:
    """What is known of a name after another statement that binds it, maybe or in any case."""
    if inner:
        now = replace(now, default=_as_code(now.default))
    if before is None:
        return now
    if now.annotation is None and (before.annotation or isinstance(now.default, Code)):
        return replace(
            before, default=Code(f"{_as_code(before.default).text.removesuffix(' …')} …")
        )
    return replace(now, help=now.help or before.help)


def _as_code(default: Any) -> Code:
    return default if isinstance(default, Code) else _code(repr(default))


def _help(statement: ast.stmt, comments: dict[int, tuple[str, bool]]) -> str:
    last = statement.end_lineno or statement.lineno
    if last in comments:
        return comments[last][0]
    before = range(statement.lineno - 1, 0, -1)
    above = takewhile(lambda line: line in comments and comments[line][1], before)
    return " ".join(comments[line][0] for line in reversed([*above]))
