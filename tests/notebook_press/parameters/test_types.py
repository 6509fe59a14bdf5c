"""What types allow: in words, and as values that text spells."""

import ast
import contextlib
import math
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Interval, Le, Len, Lt, MaxLen, MinLen, MultipleOf
from hypothesis import example, given
from hypothesis import strategies as st

from notebook_press.parameters.types import as_data, check_value, in_words, json_like, parse_value

CHOICES = Literal["auto", 0, 0.5, True]
TYPES: list[Any] = [int, float, bool, str, Literal["softmax", "sigmoid"], CHOICES]


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        *[(int, "a whole number"), (float, "a finite number"), (bool, "true or false")],
        *[(str, "text"), (Literal[""], "''"), (CHOICES, "one of 'auto', 0, 0.5, true")],
        (Annotated[int, Ge(1), Le(500)], "a whole number from 1 to 500"),
        (Annotated[int, Ge(1)], "a whole number of at least 1"),
        (
            Annotated[int, MultipleOf(8), Interval(gt=0, le=64)],
            "a multiple of 8 above 0 and at most 64",
        ),
        (Annotated[float, Gt(-1), Lt(1)], "a finite number above -1 and below 1"),
        (Annotated[str, MinLen(1)], "text of at least 1 character"),
        (Annotated[str, MaxLen(9)], "text of at most 9 characters"),
        (Annotated[str, Len(2, 9)], "text of 2 to 9 characters"),
        *[(date, "a date"), (int | None, "a whole number, or null"), (None, "any value")],
        (list[Annotated[int, Ge(1)]], "a list of values, each a whole number of at least 1"),
        (dict[str, float], "a mapping of values, each a finite number"),
    ],
)
def test_a_type_is_put_into_words(annotation: Any, words: str) -> None:
    assert in_words(annotation) == words


SPELT_WRONG = {
    int: (
        *["010", "00", "1_000", "\uff11\uff12", "\u0663", "1.0", "1e3", "True", "0x10", "--5"],
        *["+-5", "five", "nan", "1,000", "", " 5", "5 ", "5\n", "\x00", "9" * 10_000, "print()"],
    ),
    float: (
        *["nan", "NaN", "-inf", "Infinity", "1_0.5", "\uff11.5", "010.5", "00", ".", "e5", "1e"],
        *["1e5.0", "1,5", "0x1p3", "1/2", "", " 1.5", "1.5\n", "true", "1e999", "-1e999"],
        *["1e-999", "9" * 10_000],
    ),
    bool: ("", "no", "yes", "on", "0", "1", "TRUE", "tRue", " true"),
    Literal["softmax", "sigmoid"]: ("", "Softmax", "softmax ", "0", "'softmax'"),
    CHOICES: ("00", "False", "1", "AUTO", "0.50001", "nan"),
    Annotated[int, Ge(1), Le(500)]: ("0", "501"),
    date: ("2024-02-30", "20240131", "2024-W01-1", "31.1.2024", "", "today", "\uff12024-01-31"),
    int | None: ("none", "", "1.5", "nan"),
}


@pytest.mark.parametrize(
    ("annotation", "text"), [(kind, text) for kind, texts in SPELT_WRONG.items() for text in texts]
)
def test_text_that_spells_no_value_of_the_type_is_refused(annotation: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"^(use|write) "):
        parse_value(annotation, text)


@pytest.mark.promise(
    "A value with a control character is refused, so that what papermill injects is the value"
    " that was given."
)
@pytest.mark.parametrize(
    "text", ["a\nb", "\x00", "\t", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ud800"]
)
def test_text_with_a_control_character_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        parse_value(str, text)


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        *[(int, "0", 0), (int, "-0", 0), (int, "+5", 5), (int, "-12", -12)],
        *[(float, "5", 5.0), (float, "-.5", -0.5), (float, "5.", 5.0), (float, "1e-05", 0.00001)],
        *[(float, "+2.5E+3", 2500.0), (float, "0e-999", 0.0)],
        *[(bool, "true", True), (bool, "False", False)],
        *[(str, "", ""), (str, "010", "010"), (str, "null", "null"), (str, "größe/ü", "größe/ü")],
        (str, "{x}; $(rm -rf /)", "{x}; $(rm -rf /)"),
        (Literal["softmax", "sigmoid"], "sigmoid", "sigmoid"),
        *[(CHOICES, "0", 0), (CHOICES, "5e-1", 0.5), (CHOICES, "True", True)],
        *[(date, "2024-02-29", date(2024, 2, 29)), (int | None, "5", 5)],
        *[(str | None, text, None) for text in ("None", "null", "~")],
    ],
)
def test_text_is_read_as_the_declared_type(annotation: Any, text: str, value: Any) -> None:
    found = parse_value(annotation, text)
    assert (found, type(found)) == (value, type(value))


def spelt(value: Any, text: str) -> bool:
    """Whether the text spells just this value, by Python's own reading of it."""
    if isinstance(value, str):
        return value == text
    if isinstance(value, bool):
        return text in (str(value), str(value).lower())
    number = ast.literal_eval(text.lstrip("+"))
    # A whole number beyond 2**53 is the float nearest to it.
    return type(number) in (int, type(value)) and type(value)(number) == value


@given(
    st.sampled_from(TYPES),
    st.one_of(st.text(), st.text("0123456789.e+-_ "), st.integers().map(str)),
)
@example(int, "1" * 4_400)
@example(float, "1" * 400)
def test_any_text_is_just_the_value_that_it_spells_or_refused(annotation: Any, text: str) -> None:
    with contextlib.suppress(ValueError):
        assert spelt(parse_value(annotation, text), text)


@pytest.mark.parametrize(
    ("annotation", "text"), [(int, "1"), (float, "1"), (bool, "true"), (CHOICES, "0")]
)
def test_text_in_quotation_marks_is_no_number(annotation: Any, text: str) -> None:
    with pytest.raises(ValueError, match="take the quotation marks away"):
        parse_value(annotation, text, quoted=True)


@pytest.mark.parametrize("annotation", [str, CHOICES])
def test_text_in_quotation_marks_is_text(annotation: Any) -> None:
    assert parse_value(annotation, "auto", quoted=True) == "auto"


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        *[(Annotated[int, Ge(1), Le(500)], 0), (Annotated[int, Ge(1), Le(500)], 501)],
        *[(Annotated[int, MultipleOf(8)], 12), (Annotated[str, MinLen(1)], "")],
        (Annotated[float, Interval(gt=0, lt=1)], 1.0),
        *[(int, True), (int, 10.0), (int, "10"), (float, True), (float, "0.5"), (float, math.nan)],
        *[(float, math.inf), (float, 10**400), (bool, 1), (bool, "true"), (str, 5)],
        *[(Literal[1, 2], True), (Literal[1, 2], 1.0), (Literal[True], 1)],
        *[(list[int], [1.0]), (list[int], ["1"]), (list[int], 1), (list[int], {}), (int, [1])],
        *[(dict[str, float], {"a": "1"}), (dict[str, float], []), (list[float], [math.nan])],
        *[(list[date], ["31.1.2024"]), (date, "2024-01-31"), (list[int | None], ["a"])],
    ],
)
def test_a_value_outside_the_type_or_its_range_is_refused(annotation: Any, value: Any) -> None:
    with pytest.raises(ValueError, match="write one"):
        check_value(annotation, value)


def test_a_whole_number_is_a_number() -> None:
    value = check_value(float, 5)
    assert (value, type(value)) == (5.0, float)


def bomb() -> list[object]:
    found: list[object] = [1]
    for _ in range(15):
        found = [found] * 10
    return found


CIRCLE: list[object] = []
CIRCLE.append(CIRCLE)


@pytest.mark.promise("A short parameter file that stands for millions of values is refused.")
@pytest.mark.parametrize(
    "value",
    [bomb(), CIRCLE, {"a": {1, 2}}, (1, 2), b"a", 10**1_000, "\ud800", {"\ud800": 1}, 1j, [date]],
    ids=lambda value: type(value).__name__,
)
def test_what_no_notebook_can_be_given_is_no_value(value: object) -> None:
    with pytest.raises(ValueError, match=r"^it (holds|is|has) "):
        json_like(value)


def test_names_in_a_mapping_are_text_as_papermill_writes_them() -> None:
    assert json_like({1: {None: True}}) == {"1": {"None": True}}


def test_a_value_that_json_does_not_know_is_told_as_text() -> None:
    odd = {"when": date(2024, 1, 31), "sizes": [math.inf, 1.5, math.nan]}
    assert as_data(odd) == {"when": "2024-01-31", "sizes": ["inf", 1.5, "nan"]}
