"""Annotations of parameters, read as syntax: types from a fixed table, with literal arguments."""

import ast
import contextlib
from collections.abc import Sequence
from dataclasses import astuple
from datetime import date
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

from notebook_press.errors import ParameterError
from notebook_press.messages import shown
from notebook_press.parameters.types import (
    DEEPEST,
    Scalar,
    check_value,
    spelt_by_several,
    trouble_with,
    without_none,
)

MOST_CHOICES = 100
LONGEST_TEXT = 1_000_000
UNDERSTOOD = (
    "understood are Literal[...] of values of int, float, str and bool, and Annotated[T, ...] of "
    "such a type with Ge, Gt, Le, Lt, Interval, MultipleOf (of int or float), MinLen, MaxLen, Len "
    "(of str)"
)

_DATETIME = ("datetime", "dt")
_SCALARS: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_BOUNDS: dict[str, Any] = {
    each.__name__: each for each in (Ge, Gt, Le, Lt, Interval, MultipleOf, MinLen, MaxLen, Len)
}
_SIDES = ((Ge, Gt), (Le, Lt), (MultipleOf,), (MinLen,), (MaxLen,))
_LIST: Any = list
_MAPPING: Any = dict
_LENGTH: Any = Annotated[int, Ge(0), Le(LONGEST_TEXT)]


def read_annotation(node: ast.expr, depth: int = 0) -> Any:
    """Return the typing object that an annotation's syntax spells; None if it is another's.

    Raises:
        ParameterError: The annotation means to be one of those understood, and is not.
    """
    if depth > DEEPEST:
        return None
    if kind := _SCALARS.get(_name_in(node, "builtins")):
        return kind
    if means_date(node):
        return date
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _read_union([node.left, node.right], depth)
    if not isinstance(node, ast.Subscript):
        return None
    arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    name = _name_in(node.value, "typing", "typing_extensions", "t")
    return _read_generic(node, name, arguments, depth)


def _read_generic(node: ast.expr, name: str, arguments: list[ast.expr], depth: int) -> Any:
    """The type that a name with arguments in brackets spells."""
    match name, arguments:
        case "Literal", [_, *_]:
            others = [each for each in arguments if not _is_none(each)]
            literal = _read_literal(others or arguments)
            return literal if others == arguments else literal | None
        case "Annotated", [first, _, *_]:
            bounds = [each for each in arguments[1:] if _is_bound(each)]
            kind = read_annotation(first, depth + 1)
            return _read_annotated(first, kind, bounds) if kind and bounds else kind
        case (("Literal" | "Annotated"), _):
            raise _not_understood(node)
        case (("list" | "List"), [item]):
            kind = read_annotation(item, depth + 1)
            return kind and _LIST[kind]
        case (("dict" | "Dict"), [ast.Name("str"), item]):
            kind = read_annotation(item, depth + 1)
            return kind and _MAPPING[str, kind]
        case "Optional", [item]:
            return _read_union([item, ast.Constant(None)], depth)
        case "Union", _:
            return _read_union(arguments, depth)
    return None


def _read_union(nodes: Sequence[ast.expr], depth: int) -> Any:
    """A type or None; any other union is another's."""
    others = [each for each in nodes if not _is_none(each)]
    if len(nodes) != 2 or len(others) != 1:
        return None
    kind = read_annotation(others[0], depth + 1)
    return kind and kind | None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _read_scalar(node: ast.expr) -> Scalar:
    """Return the value of a literal: a whole number, a number, text, True or False.

    Raises:
        ParameterError: The syntax is anything else.
    """
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        raise ParameterError(
            f"expected a literal value such as 10, 0.5, 'text' or True, found {_source_of(node)}; "
            "write one, or annotate the parameter with its plain type"
        ) from None
    if trouble := trouble_with(value):
        raise ParameterError(f"a parameter can't have the value {_source_of(node)}: {trouble}")
    return value  # type: ignore[no-any-return]


def _source_of(node: ast.AST) -> str:
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
    values = [_read_scalar(each) for each in nodes]
    if (text := spelt_by_several(values)) is not None:
        raise ParameterError(
            f"Literal holds {shown(text)} more than once, so that text can't tell which is meant; "
            "keep one of them"
        )
    literal: Any = Literal
    return literal[tuple(values)]


def _is_bound(node: ast.expr) -> bool:
    """Whether it is named as a bound is, rightly used or not; what else annotates is ignored."""
    return _name_in(node.func if isinstance(node, ast.Call) else node, "annotated_types") in _BOUNDS


def _read_annotated(first: ast.expr, plain: Any, nodes: Sequence[ast.expr]) -> Any:
    kind, may_be_none = without_none(plain)
    if kind not in (int, float, str):
        raise _not_understood(first)
    bounds = [bound for each in nodes for bound in _read_bounds(each, kind)]
    for side in _SIDES:
        if sum(isinstance(each, side) for each in bounds) > 1:
            names = " or ".join(each.__name__ for each in side)
            raise ParameterError(f"Annotated has more than one {names}; keep one of them")
    annotated: Any = Annotated
    bounded = annotated[(kind, *bounds)]
    return bounded | None if may_be_none else bounded


def _read_bounds(node: ast.expr, kind: type) -> list[Any]:
    """The bounds that a call spells: of `Interval(ge=1, lt=5)` there are two."""
    bounds: list[Any] = []
    if isinstance(node, ast.Call) and (make := _BOUNDS.get(_name_in(node.func, "annotated_types"))):
        positional = [_read_scalar(each) for each in node.args]
        named = {each.arg or "": _read_scalar(each.value) for each in node.keywords}
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


def means_date(node: ast.expr) -> bool:
    """Return whether a name is that of `datetime.date`."""
    return _name_in(node, *_DATETIME) == "date"


def _name_in(node: ast.expr, *modules: str) -> str:
    """The name that stands alone or behind one of the modules, or nothing."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=module), attr=name) if module in modules:
            return name
    return ""


def _not_understood(node: ast.expr) -> ParameterError:
    return ParameterError(f"the annotation {_source_of(node)} is not understood; {UNDERSTOOD}")
