"""The values of all parameters of a build: assigned by name, described, given to a kernel."""

import ast
import re
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Le
from hypothesis import example, given
from hypothesis import strategies as st
from nbformat.v4 import new_notebook
from refusals import refusal

from notebook_press.errors import ParameterError
from notebook_press.parameters import (
    Given,
    Parameter,
    assign,
    defaults,
    describe,
    parse_assignments,
    resolve,
)
from notebook_press.parameters.types import Code
from notebook_press.running.translating import as_injected

PYTHON = {"name": "python3", "display_name": "Python", "language": "python"}

EPOCHS = Parameter("epochs", Annotated[int, Ge(1), Le(500)], "", 10, "passes over the images", 1)
RATE = Parameter("learning_rate", float, "float", 0.001, "", 2)
ACTIVATION = Parameter("activation", Literal["softmax", "sigmoid"], "", "softmax", "", 3)
DATASET = Parameter("dataset", str, "str", "auto", "data set name", 4)
ALL = (EPOCHS, RATE, ACTIVATION, DATASET)


def from_command_line(**texts: str) -> dict[str, Given]:
    return {name: Given(text, "the command line") for name, text in texts.items()}


def test_an_unknown_name_suggests_the_nearest_and_lists_all() -> None:
    assert refusal(ParameterError, resolve, ALL, from_command_line(epoch="20")) == (
        "unknown parameter 'epoch' (the command line): did you mean epochs? "
        "The parameters are activation, dataset, epochs, learning_rate"
    )


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
    assert assign({"a.ipynb": ()}, {}) == {"a.ipynb": {}}


TWO = {"a.ipynb": (DATASET,), "b.ipynb": (EPOCHS,)}


@pytest.mark.parametrize(
    ("notebooks", "given_values", "message"),
    [
        (TWO, {"data_set": "mnist"}, r"did you mean dataset.* are dataset, epochs$"),
        (TWO, {"epochs": "0"}, r"^b\.ipynb: parameter e"),
        (
            {"a.ipynb": (), "b.ipynb": ()},
            {"seed": "1"},
            r"^a\.ipynb, b\.ipynb have no .*'seed'",
        ),
        (
            {"a.ipynb": ()},
            {"epochs": "20"},
            r"^a\.ipynb has no parameters that could take 'epochs'",
        ),
        ({f"{n}.ipynb": () for n in range(5_000)}, {"epochs": "1"}, r"\(5,000 in all\) have no"),
    ],
)
def test_what_no_notebook_can_be_given_is_refused(
    notebooks: dict[str, tuple[Parameter, ...]], given_values: dict[str, str], message: str
) -> None:
    found = refusal(ParameterError, assign, notebooks, from_command_line(**given_values))
    assert re.search(message, found)


def test_parameters_are_described_in_columns_as_they_are_typed() -> None:
    odd = Parameter("title", str, "str", "two words", "", 5)
    switch = Parameter("silent", bool, "bool", True, "say nothing", 6)
    plain = Parameter("folder", None, "", Code('Path("x")'), "", 7)
    sizes = Parameter("sizes", list[int], "", [1, 2], "", 8)
    assert describe((plain, sizes)) == [
        'folder  any value                              Path("x")',
        "sizes   a list of values, each a whole number  '[1, 2]'",
    ]
    assert describe((EPOCHS, odd, switch)) == [
        "epochs  a whole number from 1 to 500  10           passes over the images",
        "title   text                          'two words'",
        "silent  true or false                 true         say nothing",
    ]
    assert describe(()) == []


ONE = {"n.ipynb": ALL}
CODE = [
    *["x=open('/tmp/owned','w')", "__import__('os').system('touch /tmp/owned')", "a.b", "1a"],
    *["-p", "a-b", "=" * 10_000, " ", "class", "a b"],
    *["epochs;b", "epochs\nb", "epochs=3", "epochs ", "{epochs}", "{{", "epochs{0.__class__}"],
    *["\u0435pochs", "ｅｐｏｃｈｓ", "epo\u200bchs", "e\u0301pochs", "\u202eshcope"],  # noqa: RUF001
    *["e" * 10_000, "epochs" * 2_000, "\ud800", "\x00", "", "__class__", "lambda", "None"],
]
VALUES = [
    *["", "1", "+1", "01", "1_0", "501", "0", "-0", "9" * 1_000, "9" * 10_000, "0x1", "1e3"],
    *["nan", "inf", "-inf", "1e999", "1e-999", "true", "True", "yes", "no", "on", "1.", ".5"],
    *["'", '"', "\\", '\\"', "'''", '"""', "a\nb", "\r", "\x00", "\x1b[31m", "\ud800", "\u2028"],
    *["\u202eabc", "\u2066", "{}", "{{", "{epochs}", "{0.__class__}", "%s", "$(id)", "`id`"],
    *["x" * 10_000, "é" * 10_000, "auto", "AUTO", "all ", "２", "٣", "\ufeff1", "#", "x  # y"],  # noqa: RUF001
]


@pytest.mark.promise("A name that is code, or only looks like a parameter's, is no parameter.")
@pytest.mark.parametrize("name", CODE, ids=lambda name: ascii(name[:20]))
def test_a_name_that_is_code_or_looks_alike_is_no_parameter(name: str) -> None:
    message = refusal(ParameterError, lambda: assign(ONE, parse_assignments([(name, "1")])))
    assert message.startswith("unknown parameter ")
    assert message.isascii()


@pytest.mark.promise("A refusal never lists thousands of names.")
def test_a_refusal_of_one_among_many_parameters_stays_short() -> None:
    many = [Parameter(f"parameter_{number}", int, "int", 1, "", 1) for number in range(1_000)]
    wrong = parse_assignments([("parametr_1", "1")])
    message = refusal(ParameterError, assign, {"story.ipynb": many}, wrong)
    assert message.endswith("… (1,000 in all)")


@given(
    st.one_of(
        st.booleans(),
        st.integers(-(10**999), 10**999),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
        st.sampled_from(VALUES),
    )
)
@example(-0.0)
@example(5e-324)
@example('"""\\')
@example("\u202e{{}}\\N{DIGIT ONE}\\x41")
@example('{epochs} {{0}} \\ " \' %s $(id) é \N{GRINNING FACE} # """')
def test_what_papermill_injects_is_exactly_the_value_that_passed(value: Any) -> None:
    declared = Parameter("value", type(value), "", type(value)(), "", 1)
    text = value if isinstance(value, str) else repr(value)
    try:
        passed = assign({"n.ipynb": [declared]}, parse_assignments([("value", text)]))["n.ipynb"]
    except ParameterError:
        assert isinstance(value, str)  # control characters; numbers and truths all pass
        return
    found = injected(passed["value"])
    assert (repr(found), type(found)) == (repr(value), type(value))


def injected(value: Any) -> Any:
    """What a kernel has, given a value."""
    notebook = new_notebook(cells=[], metadata={"kernelspec": PYTHON})
    (statement,) = ast.parse(as_injected(notebook, {"value": value})).body
    names = {"__builtins__": {"float": float, "__import__": __import__}}
    return eval(ast.unparse(statement.value), names)  # type: ignore[attr-defined]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**999), 10**999) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
@example([None, True, {"a": [1, {"b": float("-inf")}], 'q"\\': "\n\x00'"}, 10**998])
def test_any_value_of_json_reaches_the_kernel_as_it_was_given(value: Any) -> None:
    plain = Parameter("value", None, "", Code("f()"), "", 1)
    given_here = Given("", "run.yaml:1", items=[value])
    assert repr(injected(resolve([plain], {"value": given_here})["value"])) == repr([value])


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (date, "2024-01-31", date(2024, 1, 31)),
        (date | None, "2024-01-31", date(2024, 1, 31)),
        (date | None, "None", None),
        (list[date], "[2024-01-31, '2024-02-29']", [date(2024, 1, 31), date(2024, 2, 29)]),
        (dict[str, float], "{a: 1, b: 0.5}", {"a": 1.0, "b": 0.5}),
    ],
)
def test_a_value_reaches_the_kernel_as_its_annotation_says(annotation, text, value) -> None:
    declared = Parameter("value", annotation, "", Code("f()"), "", 1)
    passed = resolve([declared], from_command_line(value=text))["value"]
    assert repr(injected(passed)) == repr(value)


def test_a_plain_name_that_is_not_given_is_left_to_the_notebook() -> None:
    plain = Parameter("folder", None, "", Code('Path("x")'), "", 1)
    items = Parameter("sizes", list[int], "list[int]", [1], "", 2)
    assert resolve([plain, items, EPOCHS], {}) == {"epochs": 10}
    assert defaults([plain, items, EPOCHS]) == {"sizes": [1], "epochs": 10}
