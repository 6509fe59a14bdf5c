from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Le
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from notebook_press.errors import ParameterError
from notebook_press.parameters.cells import read_parameters
from notebook_press.parameters.values import Parameter

TAGGED = {"tags": ["parameters"]}


def notebook(source: str) -> NotebookNode:
    return new_notebook(cells=[new_code_cell("import os"), new_code_cell(source, metadata=TAGGED)])


def read(source: str) -> tuple[Parameter, ...]:
    return read_parameters(notebook(source), "report.ipynb")


def refusal(source: str) -> str:
    with pytest.raises(ParameterError) as caught:
        read(source)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith("report.ipynb, cell tagged 'parameters', line ")
    return message


@pytest.mark.parametrize(
    "statement",
    [
        "print('executed')",
        "import os",
        "from typing import Literal",
        "for i in range(3): epochs = i",
        "if True: epochs = 3",
        "def epochs(): ...",
        "'a docstring'",
        "pass",
        "epochs: int",
        "epochs += 1",
        "epochs = batch = 1",
        "epochs = batch = 0x1" + "0" * 5000,
        "epochs, batch = 1, 2",
        "(epochs): int = 1",
        "[epochs] = [1]",
        "settings.epochs = 1",
        "settings['epochs'] = 1",
        "settings.epochs: int = 1",
        "epochs = print('executed')",
        "epochs = 5 * 2",
        "epochs = other",
        "epochs = f'{other}'",
        "epochs = [1, 2]",
        "epochs = (1, 2)",
        "epochs = {'a': 1}",
        "epochs = None",
        "epochs = ...",
        "epochs = b'bytes'",
        "epochs = 1j",
        "epochs = 1 + 2j",
        "epochs = set()",
        "epochs = 1e999",
        "epochs = 'line\\nbreak'",
        "epochs = '\\ud800'",
        "epochs = 0x1" + "0" * 5000,
        "_epochs = 1",
        "__epochs__ = 1",
        "class = 1",
        "True = 1",
        "epochs = 1; epochs = 2",
        "%matplotlib inline",
        "!ls",
        "epochs = 010",
        "epochs = (",
        "epochs = 'unclosed",
        "epochs = \x00",
        "epochs = " + "(" * 5000 + ")" * 5000,
        "epochs = " + "9" * 5000,
        "epochs: list[int] = 1",
        "epochs: print('executed') = 1",
        "epochs: Annotated[int, Ge(print('executed'))] = 1",
        "epochs: int = 1.0",
        "epochs: int = True",
        "epochs: int = '1'",
        "epochs: Annotated[int, Ge(1)] = 0",
        "epochs: float = True",
        "epochs: float = 1" + "0" * 400,
        "epochs: Literal['a', 'b'] = 'c'",
        "epochs: Literal[1] = True",
        "epochs: bool = 1",
        "epochs: str = 1",
    ],
)
def test_a_statement_that_declares_no_parameter_is_refused_with_its_line(
    statement: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "line 2: " in refusal(f"dataset = 'auto'\n{statement}")
    assert capsys.readouterr().out == ""


def test_a_value_nested_too_deeply_is_refused_in_one_line() -> None:
    with pytest.raises(ParameterError, match=r"^report\.ipynb, cell tagged 'parameters'") as caught:
        read("epochs = " + "-" * 5000 + "1")
    assert len(str(caught.value).splitlines()) == 1


def test_an_annotation_nested_too_deeply_is_refused_in_one_line() -> None:
    with pytest.raises(ParameterError, match=r"^report\.ipynb, cell tagged 'parameters'") as caught:
        read("epochs: a" + ".b" * 5000 + " = 1")
    assert len(str(caught.value)) < 300


def test_a_duplicate_names_the_line_of_the_first() -> None:
    assert "line 3: epochs is declared twice, first in line 1" in refusal(
        "epochs = 1\n\nepochs = 2"
    )


def test_a_default_outside_its_range_names_range_and_value() -> None:
    message = refusal("epochs: Annotated[int, Ge(1), Le(500)] = 0")
    assert "the default of epochs: expected a whole number from 1 to 500, found 0" in message


def test_an_import_is_told_where_it_belongs() -> None:
    assert "put it into the cell before" in refusal("from typing import Literal\nepochs = 1")


def test_two_parameter_cells_are_refused() -> None:
    cells = [new_code_cell("epochs = 1", metadata=TAGGED) for _ in range(2)]
    with pytest.raises(ParameterError, match=r"report\.ipynb.*one cell.*found 2"):
        read_parameters(new_notebook(cells=cells), "report.ipynb")


def test_a_tagged_markdown_cell_is_refused_because_papermill_would_inject_after_it() -> None:
    cells = [new_markdown_cell("# Title", metadata=TAGGED)]
    with pytest.raises(ParameterError, match=r"code cell.*found a markdown cell"):
        read_parameters(new_notebook(cells=cells), "report.ipynb")


def test_an_odd_notebook_name_stays_in_one_line() -> None:
    with pytest.raises(ParameterError) as caught:
        read_parameters(notebook("import os"), "a\nb\x1b.ipynb")
    assert str(caught.value).isprintable()


PIECES = [
    "epochs",
    ":",
    "=",
    "int",
    "float",
    "str",
    "bool",
    "Literal",
    "[",
    "]",
    "(",
    ")",
    "Annotated",
    ",",
    "Ge",
    "Interval",
    "ge",
    "'a'",
    "''",
    "1",
    "0.5",
    "True",
    "-",
    "#",
    "help",
    "\n",
    ";",
    "import",
    "\\",
    "\t",
]


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join)))
@example("a: int = 1\x0c\nb = 2")
@example("a = 1\rb = 2")
@example("a = '\\d'")
@example("a = 1is 2")
@example("if 1:\n\ta = 1\n        b = 2")
@example("a = 1 \\\n")
@example("# é\na = 1 # ü")
def test_any_source_is_read_or_refused_in_one_line(source: str) -> None:
    message = ""
    try:
        read(source)
    except ParameterError as error:
        message = str(error)
    assert len(message.splitlines()) <= 1


def test_a_notebook_without_a_tagged_cell_has_no_parameters() -> None:
    assert read_parameters(new_notebook(cells=[new_code_cell("epochs = 1")]), "a.ipynb") == ()


@pytest.mark.parametrize("source", ["", "\n\n", "# only a comment"])
def test_an_empty_cell_has_no_parameters(source: str) -> None:
    assert read(source) == ()


def test_a_string_in_place_of_the_list_of_tags_is_no_tag() -> None:
    odd = notebook("epochs = 1")
    odd.cells[1].metadata["tags"] = "parameters"
    assert read_parameters(odd, "a.ipynb") == ()


def test_the_documented_cell_is_read_whole() -> None:
    source = (
        'dataset: str = "auto"    # data set name, or a folder of IDX files\n'
        'output_activation: Literal["softmax", "sigmoid"] = "softmax"   # the output layer\n'
        "epochs: Annotated[int, Ge(1), Le(500)] = 10"
    )
    activation = 'Literal["softmax", "sigmoid"]'
    epochs = "Annotated[int, Ge(1), Le(500)]"
    assert read(source) == (
        Parameter("dataset", str, "str", "auto", "data set name, or a folder of IDX files", 1),
        Parameter(
            "output_activation",
            Literal["softmax", "sigmoid"],
            activation,
            "softmax",
            "the output layer",
            2,
        ),
        Parameter("epochs", Annotated[int, Ge(1), Le(500)], epochs, 10, "", 3),
    )


@pytest.mark.parametrize(
    ("source", "annotation", "default"),
    [
        ("size = 5", int, 5),
        ("size = -5", int, -5),
        ("size = 0.5", float, 0.5),
        ("size = True", bool, True),
        ("size = 'a' 'b'", str, "ab"),
        ("size: float = 5", float, 5.0),
        ("size: Annotated[float, Gt(0)] = 1", None, 1.0),
    ],
)
def test_type_and_default_come_from_the_statement(
    source: str, annotation: Any, default: Any
) -> None:
    (found,) = read(source)
    assert (found.default, type(found.default)) == (default, type(default))
    if ":" not in source:
        assert found.annotation is annotation
        assert found.type_text == annotation.__name__


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
    ],
)
def test_the_comment_is_the_help(source: str, help_text: str) -> None:
    assert read(source)[-1].help == help_text


def test_a_comment_beside_one_parameter_is_not_the_help_of_the_next() -> None:
    assert [each.help for each in read("a = 1  # first\nb = 2")] == ["first", ""]


def test_a_type_over_several_lines_is_shown_in_one() -> None:
    (found,) = read("size: Annotated[\n    int,  # whole\n    Ge(1),\n] = 1")
    assert found.type_text == "Annotated[int, Ge(1)]"
