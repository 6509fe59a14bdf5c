"""The type annotations that a parameter can have: read from syntax, and put into words.

An annotation is built from a fixed table and literal arguments. Nothing of it is ever evaluated.
"""

import ast
import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from typing import Annotated, Any, Literal, get_args, get_origin

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
from notebook_press.messages import escaped, listed, shown
from notebook_press.parameters.scalars import Scalar, as_text, parse_scalar, trouble_with

UNDERSTOOD = (
    "understood are int, float, str, bool, Literal[...] of such values, and Annotated[T, ...] "
    "with Ge, Gt, Le, Lt, Interval, MultipleOf (of int or float), MinLen, MaxLen, Len (of str)"
)
LONGEST = 1_000_000
MOST_CHOICES = 100

_SCALARS: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_BOUNDS: dict[str, Any] = {
    each.__name__: each for each in (Ge, Gt, Le, Lt, Interval, MultipleOf, MinLen, MaxLen, Len)
}
_LENGTHS = (MinLen, MaxLen)
_SIDES = ((Ge, Gt), (Le, Lt), (MultipleOf,), (MinLen,), (MaxLen,))


def read_annotation(node: ast.expr) -> Any:
    """Return the typing object that an annotation's syntax spells.

    Raises:
        ParameterError: The annotation is not one of those understood; lists them.
    """
    if isinstance(node, ast.Subscript):
        name = _name_in(node.value, ("typing", "typing_extensions"))
        is_tuple = isinstance(node.slice, ast.Tuple)
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Literal" and arguments:
            return _read_literal(arguments)
        if name == "Annotated" and is_tuple and len(arguments) > 1:
            return _read_annotated(arguments[0], arguments[1:])
    elif (name := _name_in(node, ("builtins",))) in _SCALARS:
        return _SCALARS[name]
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
        return escaped(shown(ast.unparse(node)))
    except ValueError:
        # A hexadecimal literal can hold more digits than Python converts to decimal text.
        return "a number of very many digits"


def kind_of(annotation: Any) -> Any:
    """Return `int`, `float`, `str`, `bool` or `Literal`: the annotation without its arguments."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return get_args(annotation)[0]
    return origin or annotation


def choices_in(annotation: Any) -> tuple[Scalar, ...]:
    """Return the values of a `Literal`."""
    return get_args(annotation)


def matching_choices(choices: Iterable[Scalar], text: str) -> list[Scalar]:
    """Return those values that the text spells, each read as its own type."""
    found = []
    for choice in choices:
        try:
            value = parse_scalar(type(choice), text)
        except ValueError:
            continue
        if value == choice:
            found.append(choice)
    return found


def in_words(annotation: Any) -> str:
    """Return what an annotation allows, as in "a whole number from 1 to 500"."""
    kind = kind_of(annotation)
    if kind is Literal:
        choices = [
            as_text(each) if isinstance(each, bool) else shown(each)
            for each in choices_in(annotation)
        ]
        return choices[0] if len(choices) == 1 else f"one of {listed(choices)}"
    if kind is bool:
        return "true or false"
    bounds = _flat(get_args(annotation)[1:])
    return _length_in_words(bounds) if kind is str else _range_in_words(kind, bounds)


def _range_in_words(kind: type, bounds: Sequence[Any]) -> str:
    steps = [each.multiple_of for each in bounds if isinstance(each, MultipleOf)]
    noun = "a whole number" if kind is int else "a finite number"
    noun = f"a multiple of {shown(steps[0])}" if steps else noun
    limits = {type(each): shown(*astuple(each)) for each in bounds}
    if Ge in limits and Le in limits:
        return f"{noun} from {limits[Ge]} to {limits[Le]}"
    words = {Ge: "of at least", Gt: "above", Le: "at most", Lt: "below"}
    described = [f"{word} {limits[bound]}" for bound, word in words.items() if bound in limits]
    return f"{noun} {' and '.join(described)}" if described else noun


def _length_in_words(bounds: Sequence[Any]) -> str:
    least = next((each.min_length for each in bounds if isinstance(each, MinLen)), 0)
    most = next((each.max_length for each in bounds if isinstance(each, MaxLen)), None)
    if not least and most is None:
        return "text"
    last = least if most is None else most
    noun = "character" if last == 1 else "characters"
    if most is None:
        return f"text of at least {least} {noun}"
    return f"text of {least} to {most} {noun}" if least else f"text of at most {most} {noun}"


def _read_literal(nodes: Sequence[ast.expr]) -> Any:
    if len(nodes) > MOST_CHOICES:
        raise ParameterError(
            f"expected at most {MOST_CHOICES} values in Literal, found {len(nodes):,}; use str"
        )
    values = [read_scalar(each) for each in nodes]
    for value in values:
        if len(matching_choices(values, as_text(value))) > 1:
            raise ParameterError(
                f"Literal holds {shown(as_text(value))} more than once, so that text "
                "can't tell which is meant; keep one of them"
            )
    literal: Any = Literal
    return literal[tuple(values)]


def _read_annotated(first: ast.expr, others: Sequence[ast.expr]) -> Any:
    kind = _SCALARS.get(_name_in(first, ("builtins",)))
    if kind is None or kind is bool:
        raise _not_understood(first)
    metadata = [_read_bound(each, kind) for each in others]
    bounds = _flat(metadata)
    for side in _SIDES:
        if sum(isinstance(each, side) for each in bounds) > 1:
            names = " or ".join(each.__name__ for each in side)
            raise ParameterError(f"Annotated has more than one {names}; keep one of them")
    annotated: Any = Annotated
    return annotated[(kind, *metadata)]


def _read_bound(node: ast.expr, kind: type) -> Any:
    name = _name_in(node.func, ("annotated_types",)) if isinstance(node, ast.Call) else ""
    if not isinstance(node, ast.Call) or name not in _BOUNDS:
        raise _not_understood(node)
    positional = [read_scalar(each) for each in node.args]
    named = {each.arg or "": read_scalar(each.value) for each in node.keywords}
    try:
        bound = _BOUNDS[name](*positional, **named)
        single = _flat([bound])
    except TypeError:
        raise _not_understood(node) from None
    if not single or not all(_is_sound(each, kind) for each in single):
        raise _not_understood(node)
    return bound


def _is_sound(bound: Any, kind: type) -> bool:
    (value,) = astuple(bound)
    if isinstance(bound, _LENGTHS):
        return kind is str and type(value) is int and 0 <= value <= LONGEST
    if kind is str or type(value) not in (int, kind):
        return False
    if kind is float and not _is_finite(value):
        return False
    return value > 0 if isinstance(bound, MultipleOf) else True


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _flat(metadata: Iterable[Any]) -> list[Any]:
    return [
        single
        for each in metadata
        for single in (each if isinstance(each, GroupedMetadata) else [each])
    ]


def _name_in(node: ast.expr, modules: tuple[str, ...]) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr if node.value.id in modules else ""
    return ""


def _not_understood(node: ast.expr) -> ParameterError:
    return ParameterError(f"the annotation {source_of(node)} is not understood; {UNDERSTOOD}")
