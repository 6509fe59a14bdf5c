"""A notebook's parameters: their values before any kernel starts, or one line that says no.

A notebook declares them in one code cell tagged `parameters`, as in

    epochs: Annotated[int, Ge(1), Le(500)] = 10    # passes over the training images
    folder = Path("images")

What is annotated is checked; any other name takes whatever papermill can write. The cell is read
as syntax, what the user gives as text. Neither is ever executed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from notebook_press.errors import ParameterError
from notebook_press.messages import did_you_mean, escaped, listed, shown
from notebook_press.parameters.cells import read_parameters
from notebook_press.parameters.files import read_parameter_file, read_profile
from notebook_press.parameters.types import Code, as_typed, in_words
from notebook_press.parameters.values import Given, Parameter, parse_assignments, read_value

__all__ = [
    "Given",
    "Parameter",
    "assign",
    "defaults",
    "describe",
    "parse_assignments",
    "read_parameter_file",
    "read_parameters",
    "read_profile",
    "resolve",
]


def resolve(parameters: Sequence[Parameter], given: Mapping[str, Given]) -> dict[str, Any]:
    """Return the values to be given to the kernel by name, in order.

    These are what was given, and the defaults of declared types, which are then of that type.

    Raises:
        ParameterError: A name is unknown, or a value is of the wrong type or out of range.
    """
    _refuse_unknown({each.name for each in parameters}, given)
    return {
        each.name: read_value(each, given[each.name]) if each.name in given else each.default
        for each in parameters
        if each.name in given or each.is_settled
    }


def defaults(parameters: Iterable[Parameter]) -> dict[str, Any]:
    """Return the defaults that are known without the kernel."""
    return {each.name: each.default for each in parameters if not isinstance(each.default, Code)}


def assign(
    notebooks: Mapping[str, Sequence[Parameter]],
    given: Mapping[str, Given],
    own: Mapping[str, Mapping[str, Given]] | None = None,
) -> dict[str, dict[str, Any]]:
    """Return what `resolve` does by notebook; a notebook gets only what it declares.

    Args:
        notebooks: The parameters of each notebook, by what errors call it, such as its path.
        given: What the user gave for the whole build.
        own: What a profile gives each notebook; weaker than what the user gave.

    Raises:
        ParameterError: No notebook declares a name, or one refuses its value.
    """
    names = {each.name for parameters in notebooks.values() for each in parameters}
    if given and not names:
        verb = "has" if len(notebooks) == 1 else "have"
        raise ParameterError(
            f"{listed(map(escaped, notebooks))} {verb} no parameters that could take "
            f"{listed(shown(name, in_ascii=True) for name in given)}; tag the code cell that "
            "assigns to these names 'parameters', or give none"
        )
    _refuse_unknown(names, given)
    values = {}
    for notebook, parameters in notebooks.items():
        declared = {each.name for each in parameters}
        mine = dict((own or {}).get(notebook, {}))
        mine |= {name: value for name, value in given.items() if name in declared}
        try:
            values[notebook] = resolve(parameters, mine)
        except ParameterError as error:
            raise ParameterError(f"{escaped(notebook)}: {error}") from None
    return values


def describe(parameters: Iterable[Parameter]) -> list[str]:
    """Return a line a parameter, in columns: name, type in words, default as typed, help."""
    rows = [
        (each.name, in_words(each.annotation), as_typed(each.default), each.help)
        for each in parameters
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _refuse_unknown(names: set[str], given: Mapping[str, Given]) -> None:
    for name, value in given.items():
        if name not in names:
            known = f"The parameters are {listed(sorted(names))}" if names else "There are none"
            raise ParameterError(
                f"unknown parameter {shown(name, in_ascii=True)} ({value.source}): "
                f"{did_you_mean(name, names)}{known}"
            )
