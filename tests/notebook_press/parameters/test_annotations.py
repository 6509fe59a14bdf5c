"""Annotations: the types that their syntax spells, those of others, and what is refused."""

import ast
from datetime import date
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le, MaxLen, MinLen, MultipleOf
from refusals import refusal

from notebook_press.errors import ParameterError
from notebook_press.parameters.annotations import read_annotation


def annotation(text: str) -> Any:
    return read_annotation(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    "text",
    [
        "Annotated[int]",
        "Annotated[Literal[1], Ge(1)]",
        "Annotated[list[int], MinLen(1)]",
        "Annotated[Annotated[int, Ge(1)], Le(2)]",
        "Annotated[int, Ge]",
        "Annotated[int, Ge()]",
        "Annotated[int, Ge(1, 2)]",
        "Annotated[int, Ge(*[1])]",
        "Annotated[int, Ge(low=1)]",
        "Annotated[int, Ge(limit)]",
        "Annotated[int, Ge(1.5)]",
        "Annotated[int, Ge(True)]",
        "Annotated[int, Interval()]",
        "Annotated[str, Len('')]",
        "Annotated[int, Interval(ge='1')]",
        "Annotated[int, Ge(1), Ge(2)]",
        "Annotated[int, Ge(1), Gt(2)]",
        "Annotated[int, MinLen(1)]",
        "Annotated[int, MultipleOf(0)]",
        "Annotated[float, Le(1e999)]",
        "Annotated[float, Le(1" + "0" * 400 + ")]",
        "Annotated[int, Ge(0x1" + "0" * 5000 + ")]",
        "Annotated[str, Ge(1)]",
        "Annotated[str, MinLen(-1)]",
        "Annotated[str, MaxLen(1" + "0" * 40 + ")]",
        "Literal[None]",
        "Literal[()]",
        "Literal['a', 'a']",
        "Literal[1, 1.0]",
        "Literal[True, 'true']",
        "Literal[1e999]",
        "Literal['line\\nbreak']",
        "Literal['\\ud800']",
    ],
)
def test_an_annotation_that_misuses_a_known_one_is_refused_in_one_line(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(ParameterError, annotation, text)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[("bool", bool), ("builtins.int", int), ("typing.Literal[-1, 2]", Literal[-1, 2])],
        ("Literal['auto', 0, True]", Literal["auto", 0, True]),
        ("Annotated[int, Ge(1), Le(500)]", Annotated[int, Ge(1), Le(500)]),
        ("typing.Annotated[int, annotated_types.Ge(ge=1)]", Annotated[int, Ge(1)]),
        (
            "Annotated[int, MultipleOf(8), Interval(gt=0, le=64)]",
            Annotated[int, MultipleOf(8), Gt(0), Le(64)],
        ),
        ("Annotated[str, Len(2, 9)]", Annotated[str, MinLen(2), MaxLen(9)]),
        ("Annotated[int, Ge(1), 'words']", Annotated[int, Ge(1)]),
        *[("Annotated[int, 'words']", int), ("Annotated[date, Field(gt=0)]", date)],
        *[("date", date), ("datetime.date", date), ("list[int]", list[int])],
        ("typing.List[Annotated[int, Ge(1)]]", list[Annotated[int, Ge(1)]]),
        ("dict[str, list[float]]", dict[str, list[float]]),
        *[("int | None", int | None), ("None | str", str | None), ("Optional[date]", date | None)],
        ("typing.Union[Literal['a'], None]", Literal["a"] | None),
        ("Literal['a', None, 2]", Literal["a", 2] | None),
        ("Annotated[int | None, Ge(1)]", Annotated[int, Ge(1)] | None),
    ],
)
def test_an_annotation_is_built_from_its_syntax(text: str, expected: Any) -> None:
    found = annotation(text)
    assert found == expected
    assert (get_origin(found), get_args(found)) == (get_origin(expected), get_args(expected))


@pytest.mark.parametrize(
    "text",
    [
        *["np.int64", "typing.int", "print('executed')", "Literal", "Annotated", "Path", "'int'"],
        *["list", "dict[int, str]", "tuple[int, int]", "int | str", "list[Path]", "Path | None"],
        "Annotated[np.float64, Ge(0)]",
        *[
            "Callable[[int], int]",
            "Optional[int, str]",
            "set[int]",
            "list[" * 30 + "int" + "]" * 30,
        ],
    ],
)
def test_another_annotation_leaves_a_name_plain(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert annotation(text) is None
    assert capsys.readouterr().out == ""
