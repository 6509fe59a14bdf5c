"""Expectations: their form, and what they say of recorded results."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from refusals import refusal

from notebook_press.errors import ExpectationError, UsageError
from notebook_press.expectations import check_expectations, parse_expectation
from notebook_press.publishing.manifest import Manifest

MANIFESTS = [
    SimpleNamespace(report="02_network", results={"test_accuracy": 0.98, "errors": 200}),
    SimpleNamespace(report="03_rivals", results={"test_accuracy": 0.97}),
    SimpleNamespace(report="Über 2. Cars (copy)", results={"price": 3}),
]


def check(*texts: str) -> None:
    check_expectations([parse_expectation(text) for text in texts], MANIFESTS)


@pytest.mark.parametrize(
    "text",
    [
        "test_accuracy>=0.97",
        "02_network.test_accuracy>=0.98",
        "errors==200",
        "03_rivals.test_accuracy!=0.98",
        "errors < 2.01e2",
        " Über 2. Cars (copy).price==3",
    ],
)
def test_expectations_that_hold_pass(text):
    check(text)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["test_accuracy>=0.98"], r"^03_rivals.test_accuracy is 0\.97, expected >= 0\.98$"),
        (["errors<100", "02_network.test_accuracy<0.5"], r"errors is 200.*; .*0\.98, expected < "),
    ],
)
def test_all_that_is_not_met_is_named(texts, message):
    with pytest.raises(ExpectationError, match=message):
        check(*texts)


def test_a_result_that_no_report_recorded_is_a_usage_error():
    with pytest.raises(UsageError, match=r"no report recorded it; recorded are 02_network.errors"):
        check("accuracy>=0.9")


def test_a_letter_that_only_looks_like_another_is_shown_as_what_it_is():
    with pytest.raises(UsageError, match=r"'err\\u043ers<1'"):
        parse_expectation("err\u043ers<1")


@pytest.mark.promise("A result that is no number meets no expectation.")
@pytest.mark.parametrize(
    "value", ['"0.98"', "null", "true", "[1]", '{"a": 1}', "NaN", "Infinity", "1" * 400]
)
def test_a_result_that_is_no_number_is_in_no_manifest(value):
    with pytest.raises(ValidationError) as caught:
        Manifest.model_validate_json(f'{{"results": {{"x": {value}}}}}')
    assert ("results", "x") in [error["loc"][:2] for error in caught.value.errors()]


def parse(text: str) -> None:
    found = parse_expectation(text)
    assert math.isfinite(found.bound)
    assert found.result.isidentifier()


@pytest.mark.parametrize(
    "text",
    [
        *["", "accuracy", "accuracy>=", "accuracy=>1", "accuracy>=nan", "a b>=1", ">=1"],
        *["x>=\uff11", "x>=1_0", "x>=010", "x" * 10_000, "x>=" + "9" * 10_000, "a." * 5_000],
        *[" " * 10_000, "a " * 5_000, ".x>=1"],
        "\x1b[31m\n>=1",
    ],
)
def test_a_malformed_expectation_is_refused_in_one_short_line(text):
    assert "expected [REPORT.]RESULT" in refusal(UsageError, parse, text)


@given(st.one_of(st.text(), st.text(alphabet="ab._0123456789<>=! e+-")))
def test_any_text_is_an_expectation_or_refused_in_one_short_line(text):
    refusal(UsageError, parse, text)
