import subprocess
import sys
from typing import Annotated, Literal

import pytest
from annotated_types import Ge, Le

from notebook_press.errors import ParameterError
from notebook_press.parameters import Given, Parameter, assign, describe, resolve

EPOCHS = Parameter("epochs", Annotated[int, Ge(1), Le(500)], "", 10, "passes over the images", 1)
RATE = Parameter("learning_rate", float, "float", 0.001, "", 2)
ACTIVATION = Parameter("activation", Literal["softmax", "sigmoid"], "", "softmax", "", 3)
DATASET = Parameter("dataset", str, "str", "auto", "data set name", 4)
ALL = (EPOCHS, RATE, ACTIVATION, DATASET)


def from_command_line(**texts: str) -> dict[str, Given]:
    return {name: Given(text, "the command line") for name, text in texts.items()}


def test_an_unknown_name_suggests_the_nearest_and_lists_all() -> None:
    with pytest.raises(ParameterError) as caught:
        resolve(ALL, from_command_line(epoch="20"))
    assert str(caught.value) == (
        "unknown parameter 'epoch' (the command line): did you mean epochs? "
        "The parameters are activation, dataset, epochs, learning_rate"
    )


@pytest.mark.parametrize("name", ["\u0435pochs", "ｅｐｏｃｈｓ", "EPOCHS", "z" * 10_000, "a\nb"])  # noqa: RUF001
def test_a_name_that_only_looks_alike_is_unknown(name: str) -> None:
    with pytest.raises(ParameterError, match="unknown parameter") as caught:
        resolve(ALL, from_command_line(**{name: "20"}))
    assert str(caught.value).isascii()
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("epochs", "0"),
        ("epochs", "501"),
        ("epochs", "true"),
        ("epochs", "1.0"),
        ("learning_rate", "nan"),
        ("learning_rate", "fast"),
        ("activation", "relu"),
    ],
)
def test_a_bad_value_is_refused_with_where_it_comes_from(name: str, text: str) -> None:
    with pytest.raises(ParameterError, match=rf"{name}: expected .* '{text}' \(the command line\)"):
        resolve(ALL, from_command_line(**{name: text}))


def test_given_values_replace_defaults_in_the_order_of_declaration() -> None:
    values = resolve(ALL, from_command_line(dataset="mnist", epochs="20", learning_rate="1"))
    assert list(values.items()) == [
        ("epochs", 20),
        ("learning_rate", 1.0),
        ("activation", "softmax"),
        ("dataset", "mnist"),
    ]


def test_each_notebook_gets_only_what_it_declares() -> None:
    values = assign(
        {"a.ipynb": (EPOCHS, DATASET), "b.ipynb": (DATASET,), "c.ipynb": ()},
        from_command_line(epochs="20", dataset="mnist"),
    )
    assert values == {
        "a.ipynb": {"epochs": 20, "dataset": "mnist"},
        "b.ipynb": {"dataset": "mnist"},
        "c.ipynb": {},
    }


def test_a_name_that_no_notebook_declares_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"did you mean dataset.* are dataset, epochs$"):
        assign({"a.ipynb": (EPOCHS,), "b.ipynb": (DATASET,)}, from_command_line(data_set="mnist"))


def test_a_bad_value_names_the_notebook_that_refuses_it() -> None:
    with pytest.raises(ParameterError, match=r"^b\.ipynb: parameter epochs: "):
        assign(
            {"a.ipynb": (Parameter("epochs", str, "", "", "", 1),), "b.ipynb": (EPOCHS,)},
            from_command_line(epochs="many"),
        )


def test_notebooks_without_parameters_refuse_any() -> None:
    with pytest.raises(ParameterError) as caught:
        assign({"a.ipynb": (), "b.ipynb": ()}, from_command_line(epochs="20"))
    message = str(caught.value)
    assert "a.ipynb, b.ipynb" in message
    assert "no cell tagged 'parameters'" in message
    assert "epochs" in message


def test_one_notebook_without_parameters_is_named() -> None:
    with pytest.raises(ParameterError, match=r"^a\.ipynb has no cell tagged 'parameters'"):
        assign({"a.ipynb": ()}, from_command_line(epochs="20"))


def test_notebooks_without_parameters_are_fine_when_none_is_given() -> None:
    assert assign({"a.ipynb": ()}, {}) == {"a.ipynb": {}}


def test_parameters_are_described_in_columns_as_they_are_typed() -> None:
    odd = Parameter("title", str, "str", "two words", "", 5)
    switch = Parameter("silent", bool, "bool", True, "say nothing", 6)
    assert describe((EPOCHS, odd, switch)) == [
        "epochs  a whole number from 1 to 500  10           passes over the images",
        "title   text                          'two words'",
        "silent  true or false                 true         say nothing",
    ]


def test_no_parameters_are_no_lines() -> None:
    assert describe(()) == []


def test_the_module_imports_neither_pydantic_nor_yaml_nor_nbformat() -> None:
    code = (
        "import sys, notebook_press.parameters; "
        "print({'pydantic', 'yaml', 'nbformat'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"
