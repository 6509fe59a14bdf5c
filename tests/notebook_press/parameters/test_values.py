import math
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Interval, Le, MinLen, MultipleOf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notebook_press.errors import ParameterError
from notebook_press.messages import shown
from notebook_press.parameters.types import check_value
from notebook_press.parameters.values import (
    Given,
    Parameter,
    parse_assignments,
    read_value,
)

DEFAULTS: dict[Any, Any] = {
    int: 10,
    float: 0.5,
    bool: False,
    str: "auto",
    Literal["softmax", "sigmoid"]: "softmax",
    Literal["auto", 0, 0.5, True]: "auto",
}


def parameter(annotation: Any, default: Any = None) -> Parameter:
    return Parameter("size", annotation, "", DEFAULTS.get(annotation, default), "", 1)


def parse_text(declared, text):
    return read_value(declared, Given(text, "the command line"))


def validated(declared, values, given):
    return {"size": check_value(declared[0].annotation, values["size"])}


def refusal(annotation: Any, text: str) -> str:
    with pytest.raises(ParameterError) as caught:
        parse_text(parameter(annotation), text)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


@pytest.mark.parametrize(
    "text",
    [
        *[
            "010",
            "00",
            "1_000",
            "\uff11\uff12",
            "\u0663",
            "1.0",
            "1e3",
            "true",
            "True",
            "0x10",
            "--5",
            "+-5",
            "five",
            "nan",
            "inf",
            "1,000",
        ],
        *["", " ", " 5", "5 ", "5\n", "\x00", "1" * 5000, "__import__('os')"],
    ],
)
def test_text_that_is_no_whole_number_is_refused(text: str) -> None:
    assert "expected a whole number, found " in refusal(int, text)


@pytest.mark.parametrize(
    "text",
    [
        *[
            "nan",
            "NaN",
            "inf",
            "-inf",
            "Infinity",
            "1_0",
            "1_0.5",
            "\uff11.5",
            "010.5",
            "00",
            ".",
            "e5",
            "1e",
            "1e5.0",
            "1,5",
            "0x1p3",
            "1/2",
        ],
        *["", " 1.5", "1.5 ", "1.5\n", "true", "1e999", "-1e999", "1e-999", "1" * 5000],
    ],
)
def test_text_that_is_no_finite_number_is_refused(text: str) -> None:
    assert "expected a finite number, found " in refusal(float, text)


@pytest.mark.parametrize("text", ["", "no", "yes", "on", "off", "0", "1", "TRUE", "tRue", " true"])
def test_a_bool_is_true_or_false_and_nothing_else(text: str) -> None:
    message = refusal(bool, text)
    assert "expected true or false" in message
    assert "write true or false" in message


@pytest.mark.promise(
    "A value with a control character is refused, so that what papermill injects is the value"
    " that was given."
)
@pytest.mark.parametrize(
    "text", ["a\nb", "\x00", "\t", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ud800"]
)
def test_text_with_a_control_character_is_refused(text: str) -> None:
    assert "control character" in refusal(str, text)


@pytest.mark.parametrize("text", ["", "Softmax", "softmax ", "0", "'softmax'"])
def test_text_that_is_no_choice_is_refused_with_the_choices(text: str) -> None:
    assert "one of 'softmax', 'sigmoid'" in refusal(Literal["softmax", "sigmoid"], text)


@pytest.mark.parametrize("text", ["00", "False", "1", "AUTO", "0.50001", "nan"])
def test_text_that_is_no_choice_of_any_type_is_refused(text: str) -> None:
    assert "one of 'auto', 0, 0.5, true" in refusal(Literal["auto", 0, 0.5, True], text)


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (int, "0", 0),
        (int, "-0", 0),
        (int, "+5", 5),
        (int, "-12", -12),
        (Annotated[int, Ge(100)], "5", 5),
        (float, "5", 5.0),
        (float, "-.5", -0.5),
        (float, "5.", 5.0),
        (float, "1e-05", 0.00001),
        (float, "+2.5E+3", 2500.0),
        (float, "0e-999", 0.0),
        (bool, "true", True),
        (bool, "False", False),
        (str, "", ""),
        (str, "010", "010"),
        (str, "null", "null"),
        (str, "größe/ü", "größe/ü"),
        (str, "{x}; $(rm -rf /)", "{x}; $(rm -rf /)"),
        (Literal["softmax", "sigmoid"], "sigmoid", "sigmoid"),
        (Literal["auto", 0, 0.5, True], "0", 0),
        (Literal["auto", 0, 0.5, True], "5e-1", 0.5),
        (Literal["auto", 0, 0.5, True], "True", True),
    ],
)
def test_text_is_read_as_the_declared_type(annotation: Any, text: str, value: Any) -> None:
    found = parse_text(parameter(annotation), text)
    assert found == value
    assert type(found) is type(value)


@settings(deadline=None)
@given(st.sampled_from(list(DEFAULTS)), st.text())
@example(int, "1" * 4400)
@example(float, "1" * 400)
def test_any_text_is_a_value_of_the_type_or_refused_in_one_line(annotation: Any, text: str) -> None:
    declared = parameter(annotation)
    message = ""
    try:
        value = parse_text(declared, text)
        assert validated([declared], {"size": value}, {}) == {"size": value}
    except ParameterError as error:
        message = str(error)
    assert len(message.splitlines()) <= 1


@settings(deadline=None)
@given(st.integers(-(10**999), 10**999))
def test_a_whole_number_survives_the_way_through_text(number: int) -> None:
    assert parse_text(parameter(int), str(number)) == number


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_the_way_through_text(number: float) -> None:
    found = parse_text(parameter(float), repr(number))
    assert found == number
    assert math.copysign(1, found) == math.copysign(1, number)


@pytest.mark.parametrize("annotation", [int, float, bool])
def test_a_quoted_value_is_text_and_no_number(annotation: Any) -> None:
    with pytest.raises(ParameterError, match=r"in quotation marks.* take the quotation marks away"):
        read_value(parameter(annotation), Given("1", "run.yaml:3", quoted=True))


def test_a_quoted_value_is_a_text_choice_only() -> None:
    choice = parameter(Literal["auto", 0, 0.5, True])
    assert read_value(choice, Given("auto", "run.yaml:1", quoted=True)) == "auto"
    with pytest.raises(ParameterError, match="quotation marks"):
        read_value(choice, Given("0", "run.yaml:1", quoted=True))


def test_a_refusal_names_parameter_expectation_value_source_and_remedy() -> None:
    epochs = Parameter("epochs", Annotated[int, Ge(1), Le(500)], "", 10, "", 3)
    with pytest.raises(ParameterError) as caught:
        read_value(epochs, Given("ten", "quick.yaml:7"))
    assert str(caught.value) == (
        "parameter epochs: expected a whole number from 1 to 500, found 'ten' (quick.yaml:7); "
        "use the digits 0 to 9 without leading zeros, points or spaces, as in 10"
    )


@pytest.mark.parametrize(
    ("annotation", "default", "value"),
    [
        (Annotated[int, Ge(1), Le(500)], 10, 0),
        (Annotated[int, Ge(1), Le(500)], 10, 501),
        (Annotated[int, MultipleOf(8)], 8, 12),
        (Annotated[float, Interval(gt=0, lt=1)], 0.5, 1.0),
        (Annotated[str, MinLen(1)], "a", ""),
        (int, 10, True),
        (int, 10, 10.0),
        (int, 10, "10"),
        (float, 0.5, True),
        (float, 0.5, "0.5"),
        (float, 0.5, math.nan),
        (float, 0.5, math.inf),
        (float, 0.5, 10**400),
        (bool, True, 1),
        (bool, True, "true"),
        (str, "auto", 5),
        (Literal[1, 2], 1, True),
        (Literal[1, 2], 1, 1.0),
        (Literal[True], True, 1),
    ],
)
def test_a_value_outside_the_declared_type_or_range_is_refused(
    annotation: Any, default: Any, value: Any
) -> None:
    declared = parameter(annotation, default)
    with pytest.raises(ParameterError, match="parameter size: expected"):
        validated([declared], {"size": value}, {})


def test_a_whole_number_is_a_number() -> None:
    value = validated([parameter(float)], {"size": 5}, {})["size"]
    assert (value, type(value)) == (5.0, float)


@pytest.mark.parametrize("name", ["model_config", "json", "copy", "model_dump", "schema", "self"])
def test_a_parameter_may_have_a_name_that_pydantic_uses(name: str) -> None:
    declared = Parameter(name, int, "int", 1, "", 1)
    assert validated([declared], {name: 2}, {}) == {name: 2}


def test_assignments_are_kept_with_where_they_come_from() -> None:
    found = parse_assignments([("epochs", "20"), ("dataset", "")])
    assert found == {
        "epochs": Given("20", "the command line"),
        "dataset": Given("", "the command line"),
    }


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"'epochs' is given twice.*'20' and '30'"):
        parse_assignments([("epochs", "20"), ("epochs", "30")])


@pytest.mark.promise("A name that is code, or only looks like a parameter's, is no parameter.")
@pytest.mark.parametrize(
    "name",
    [
        *[
            "x=open('/etc/passwd')",
            "a.b",
            "1a",
            "-p",
            "a-b",
            "__class__",
            "_private",
            "class",
            "None",
        ],
        *["", " ", "epochs ", "a b", "a\nb", "\ud800", "\x00", "=" * 10_000],
    ],
)
def test_a_name_that_no_parameter_can_have_is_refused_in_one_short_line(name: str) -> None:
    with pytest.raises(ParameterError, match="unknown parameter") as caught:
        parse_assignments([(name, "1")])
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 300
    assert message.isprintable()


def test_a_name_with_an_equals_sign_is_told_the_right_way() -> None:
    with pytest.raises(ParameterError, match="write -p epochs 20"):
        parse_assignments([("epochs=20", "--name")])


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(), st.text())))
def test_any_assignments_are_kept_or_refused_in_one_line(pairs: list[tuple[str, str]]) -> None:
    message = ""
    try:
        found = parse_assignments(pairs)
        assert {name: value.text for name, value in found.items()} == dict(pairs)
    except ParameterError as error:
        message = str(error)
    assert len(message.splitlines()) <= 1


def test_long_text_is_shown_short() -> None:
    assert shown("x" * 10_000) == "'" + "x" * 57 + "…' (10,000 characters)"
