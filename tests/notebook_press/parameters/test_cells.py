"""Parameters as their cell declares them: read from syntax or refused, and never executed."""

import ast
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le, MaxLen, MinLen, MultipleOf
from hypothesis import example, given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from refusals import refusal

from notebook_press.errors import ParameterError
from notebook_press.parameters.cells import read_annotation, read_parameters
from notebook_press.parameters.values import Parameter

TAGGED = {"tags": ["parameters"]}


def notebook(source: str) -> NotebookNode:
    cell = new_code_cell("", metadata=TAGGED)
    cell["source"] = source  # whatever it is: nbformat would refuse half a character
    return new_notebook(cells=[new_code_cell("import os"), cell])


def read(source: str) -> tuple[Parameter, ...]:
    return read_parameters(notebook(source), "report.ipynb")


def complaint_of(source: str) -> str:
    start = "report.ipynb, cell tagged 'parameters'"
    found, _, complaint = refusal(ParameterError, read, source).partition(start)
    assert (found, complaint != "") == ("", True)
    return complaint


@pytest.mark.parametrize(
    "statement",
    [
        "print('executed')",
        "import os",
        "for i in range(3): epochs = i",
        "if True: epochs = 3",
        "'a docstring'",
        "pass",
        "epochs: int",
        "epochs += 1",
        "epochs = batch = 1",
        "epochs = batch = 0x1" + "0" * 5000,
        "epochs, batch = 1, 2",
        "(epochs): int = 1",
        "settings.epochs = 1",
        "epochs = 5 * 2",
        "epochs = other",
        "epochs = f'{other}'",
        "epochs = [1, 2]",
        "epochs = None",
        "epochs = ...",
        "epochs = set()",
        "epochs = 1e999",
        "epochs = 'line\\nbreak'",
        "_epochs = 1",
        "class = 1",
        "epochs = 1; epochs = 2",
        "!ls",
        "epochs = (",
        "epochs = \x00",
        "epochs = " + "9" * 5000,
        "epochs: list[int] = 1",
        "epochs: int = 1.0",
        "epochs: int = True",
        "epochs: int = '1'",
        "epochs: Annotated[int, Ge(1)] = 0",
        "epochs: float = 1" + "0" * 400,
        "epochs: Literal['a', 'b'] = 'c'",
        "epochs: Literal[1] = True",
    ],
)
def test_a_statement_that_declares_no_parameter_is_refused_with_its_line(
    statement: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "line 2: " in complaint_of(f"dataset = 'auto'\n{statement}")
    assert capsys.readouterr().out == ""


HOSTILE = {
    "a call": "epochs: int = __import__('pathlib').Path('owned').touch()",
    "a call in the annotation": "epochs: __import__('pathlib').Path('owned').touch() = 1",
    "a call in a bound": "epochs: Annotated[int, Ge(__import__('os').mkdir('owned'))] = 1",
    "a walrus": "epochs = (other := 1)",
    "a decorator": "@__import__('os').mkdir\ndef epochs(): ...",
    "a class": "class epochs(metaclass=__import__('os').mkdir): ...",
    "a power": "epochs = 10**10**10",
    "a large hexadecimal number": "epochs = 0x" + "f" * 10_000,
    "brackets": "epochs = " + "(" * 9_000 + "1" + ")" * 9_000,
    "signs": "epochs = " + "-" * 19_000 + "1",
    "fewer signs": "epochs = " + "-" * 900 + "1",
    "attributes": "epochs: a" + ".b" * 9_000 + " = 1",
    "sums": "epochs = " + "1+" * 9_000 + "1",
    "blocks": "\n".join(" " * depth + "if 1:" for depth in range(190)),
    "much text": "epochs = '" + "x" * 1_000_000 + "'",
    "many choices": "epochs: Literal[" + ",".join(map(str, range(3_000))) + "] = 1",
    "long choices": f"mode: Literal[{', '.join(repr(each * 500) for each in 'abcdefgh')}] = 'a'",
    "half a character": "epochs = '\ud800'",
    "a long name": "e" * 5_000 + " = 1",
    "a name declared twice, once by a ligature": "file = 1\nﬁle = 2",
    "magic": "%run owned.py",
}


@pytest.mark.promise("A parameter cell that would take Python minutes to read is refused at once.")
@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_cell_is_refused_in_one_short_line_and_never_executed(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    complaint_of(source)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("written", ["ﬁle", "ｆｉｌｅ", "𝐟𝐢𝐥𝐞"])  # noqa: RUF001
def test_a_name_is_the_one_that_python_makes_of_it(written: str) -> None:
    assert [each.name for each in read(f"{written} = 1")] == ["file"]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("epochs = 1\n\nepochs = 2", "line 3: epochs is declared twice, first in line 1"),
        (
            "epochs: Annotated[int, Ge(1), Le(500)] = 0",
            "the default of epochs: expected a whole number from 1 to 500, found 0",
        ),
        ("from typing import Literal\nepochs = 1", "put it into the cell before"),
        ("epochs: list[int] = 1", "'list[int]' is not understood; understood are int, float, str"),
    ],
)
def test_a_refusal_says_what_is_wrong(source: str, complaint: str) -> None:
    assert complaint in complaint_of(source)


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        ([new_code_cell("", metadata=TAGGED) for _ in "ab"], "expected one cell .*, found 2"),
        ([new_markdown_cell("", metadata=TAGGED)], "expected .* on a code cell, found a markdown"),
    ],
)
def test_a_tag_where_papermill_would_not_look_for_it_is_refused(
    cells: list[NotebookNode], complaint: str
) -> None:
    with pytest.raises(ParameterError, match=rf"^a\\nb\\x1b\.ipynb: {complaint}"):
        read_parameters(new_notebook(cells=cells), "a\nb\x1b.ipynb")


PIECES = [
    *["epochs", ":", "=", "int", "float", "str", "bool", "Literal", "[", "]", "(", ")"],
    *["Annotated", ",", "Ge", "Interval", "ge", "'a'", "''", "1", "0.5", "True", "-", "#"],
    *["help", "\n", ";", "import", "\\", "\t"],
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join)))
@example("a: int = 1\x0c\nb = 2")
@example("a = 1\rb = 2")
@example("a = '\\d'")
@example("a = 1is 2")
@example("if 1:\n\ta = 1\n        b = 2")
@example("a = 1 \\\n")
@example("# é\na = 1 # ü")
def test_any_source_is_read_or_refused_in_one_line(source: str) -> None:
    refusal(ParameterError, read, source)


@pytest.mark.parametrize(
    ("source", "tags"),
    [("a = 1", []), ("a = 1", "parameters"), ("", ["parameters"]), ("# none", ["parameters"])],
)
def test_without_a_tag_or_a_statement_there_are_no_parameters(source: str, tags: Any) -> None:
    found = notebook(source)
    found.cells[1].metadata["tags"] = tags
    assert read_parameters(found, "a.ipynb") == ()


def test_each_parameter_has_its_type_default_help_and_line() -> None:
    source = 'dataset: str = "auto"    # a name\nepochs: Annotated[int, Ge(1), Le(500)] = 10'
    annotation = "Annotated[int, Ge(1), Le(500)]"
    assert read(source) == (
        Parameter("dataset", str, "str", "auto", "a name", 1),
        Parameter("epochs", Annotated[int, Ge(1), Le(500)], annotation, 10, "", 2),
    )


@pytest.mark.parametrize(
    ("source", "type_text", "default"),
    [
        *[("size = 5", "int", 5), ("size = -5", "int", -5), ("size = 0.5", "float", 0.5)],
        *[("size = True", "bool", True), ("size = 'a' 'b'", "str", "ab")],
        ("size: float = 5", "float", 5.0),
        ("size: Annotated[\n    float,  # any\n    Gt(0),\n] = 1", "Annotated[float, Gt(0)]", 1.0),
    ],
)
def test_type_and_default_come_from_the_statement(
    source: str, type_text: str, default: Any
) -> None:
    (found,) = read(source)
    assert (found.type_text, found.default) == (type_text, default)
    assert type(found.default) is type(default)


@pytest.mark.parametrize(
    ("source", "help_text"),
    [
        ("size = 1  # how many", "how many"),
        ("size = 1  #: how many", "how many"),
        ("# how many\nsize = 1", "how many"),
        ("# how many\n# of them\nsize = 1", "how many of them"),
        ("# heading\n\nsize = 1", ""),
        ("# above\nsize = 1  # beside", "beside"),
        ("size: Annotated[\n    int, Ge(1)\n] = 1  # how many", "how many"),
        ("size = '# no comment'", ""),
        ("size = 1  # red \x1b[31m\ttab", "red [31m tab"),
        ("a = 1  # first\nb = 2", ""),
    ],
)
def test_the_comment_is_the_help(source: str, help_text: str) -> None:
    assert read(source)[-1].help == help_text


def annotation(text: str) -> Any:
    return read_annotation(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    "text",
    [
        "list[int]",
        "int | None",
        "np.int64",
        "typing.int",
        "print('executed')",
        "Literal",
        "Annotated",
        "Annotated[int]",
        "Annotated[Literal[1], Ge(1)]",
        "Annotated[Annotated[int, Ge(1)], Le(2)]",
        "Annotated[int, 'a description']",
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
        "Annotated[int, Predicate(str.islower)]",
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
def test_an_annotation_outside_the_list_is_refused_in_one_line(
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
    ],
)
def test_an_annotation_is_built_from_its_syntax(text: str, expected: Any) -> None:
    found = annotation(text)
    assert found == expected
    assert (get_origin(found), get_args(found)) == (get_origin(expected), get_args(expected))
