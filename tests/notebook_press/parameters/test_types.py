import ast
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Interval, Le, Len, Lt, MaxLen, MinLen, MultipleOf

from notebook_press.errors import ParameterError
from notebook_press.parameters.cells import read_annotation
from notebook_press.parameters.types import in_words


def read(text: str) -> Any:
    return read_annotation(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    "text",
    [
        "list",
        "None",
        "list[int]",
        "int | None",
        "Optional[int]",
        "complex",
        "np.int64",
        "os.int",
        "typing.int",
        "typing.Ge",
        "annotated_types.Literal",
        "'int'",
        "print('executed')",
        "Literal",
        "Annotated",
        "Annotated[int]",
        "Annotated[Literal[1], Ge(1)]",
        "Annotated[bool, Ge(1)]",
        "Annotated[Annotated[int, Ge(1)], Le(2)]",
        "Annotated[int, 'a description']",
        "Annotated[int, Ge]",
        "Annotated[int, Ge()]",
        "Annotated[int, Ge(1, 2)]",
        "Annotated[int, Ge(*[1])]",
        "Annotated[int, Ge(**{'ge': 1})]",
        "Annotated[int, Ge(low=1)]",
        "Annotated[int, Ge(print('executed'))]",
        "Annotated[int, Ge(limit)]",
        "Annotated[int, Ge(1.5)]",
        "Annotated[int, Ge(True)]",
        "Annotated[int, Ge(None)]",
        "Annotated[int, Interval()]",
        "Annotated[int, Interval(1, 2)]",
        "Annotated[str, Len('')]",
        "Annotated[int, Interval(ge='1')]",
        "Annotated[int, Ge(1), Ge(2)]",
        "Annotated[int, Ge(1), Gt(2)]",
        "Annotated[int, Interval(le=3), Lt(2)]",
        "Annotated[int, MinLen(1)]",
        "Annotated[int, MultipleOf(0)]",
        "Annotated[int, Predicate(str.islower)]",
        "Annotated[float, Le(1e999)]",
        "Annotated[float, Le(1" + "0" * 400 + ")]",
        "Annotated[int, Ge(0x1" + "0" * 5000 + ")]",
        "Annotated[str, Ge(1)]",
        "Annotated[str, MinLen(-1)]",
        "Annotated[str, MinLen(1.0)]",
        "Annotated[str, MaxLen(1" + "0" * 40 + ")]",
        "Literal[None]",
        "Literal[()]",
        "Literal[b'a']",
        "Literal[name]",
        "Literal[print('executed')]",
        "Literal['a', 'a']",
        "Literal[1, '1']",
        "Literal[1, 1.0]",
        "Literal[True, 'true']",
        "Literal[1e999]",
        "Literal['line\\nbreak']",
        "Literal['\\ud800']",
    ],
)
def test_an_annotation_outside_the_list_is_refused_in_one_line(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ParameterError) as caught:
        read(text)
    assert len(str(caught.value).splitlines()) == 1
    assert capsys.readouterr().out == ""


def test_a_refused_annotation_lists_those_that_are_understood() -> None:
    with pytest.raises(ParameterError, match=r"'list\[int\]'.* int, float, str, bool, Literal"):
        read("list[int]")


@pytest.mark.parametrize(
    ("text", "annotation", "words"),
    [
        ("int", int, "a whole number"),
        ("float", float, "a finite number"),
        ("str", str, "text"),
        ("bool", bool, "true or false"),
        ("builtins.int", int, "a whole number"),
        (
            "Literal['softmax', 'sigmoid']",
            Literal["softmax", "sigmoid"],
            "one of 'softmax', 'sigmoid'",
        ),
        ("typing.Literal[-1, 2]", Literal[-1, 2], "one of -1, 2"),
        ("Literal['auto', 0, True]", Literal["auto", 0, True], "one of 'auto', 0, true"),
        ("Literal['']", Literal[""], "''"),
        (
            "Annotated[int, Ge(1), Le(500)]",
            Annotated[int, Ge(1), Le(500)],
            "a whole number from 1 to 500",
        ),
        (
            "typing.Annotated[int, annotated_types.Ge(ge=1)]",
            Annotated[int, Ge(1)],
            "a whole number of at least 1",
        ),
        (
            "Annotated[int, MultipleOf(8), Interval(gt=0, le=64)]",
            Annotated[int, MultipleOf(8), Interval(gt=0, le=64)],
            "a multiple of 8 above 0 and at most 64",
        ),
        (
            "Annotated[float, Gt(-1), Lt(1)]",
            Annotated[float, Gt(-1), Lt(1)],
            "a finite number above -1 and below 1",
        ),
        ("Annotated[str, MinLen(1)]", Annotated[str, MinLen(1)], "text of at least 1 character"),
        ("Annotated[str, MaxLen(9)]", Annotated[str, MaxLen(9)], "text of at most 9 characters"),
        ("Annotated[str, Len(2, 9)]", Annotated[str, Len(2, 9)], "text of 2 to 9 characters"),
    ],
)
def test_an_annotation_is_built_and_put_into_words(text: str, annotation: Any, words: str) -> None:
    found = read(text)
    assert (get_origin(found), get_args(found)) == (get_origin(annotation), get_args(annotation))
    assert in_words(found) == words
