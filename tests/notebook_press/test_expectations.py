"""Expectations: their form, and what they say of recorded results."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_press.errors import ExpectationError, UsageError
from notebook_press.plan import check_expectations, parse_expectation

MANIFESTS = [
    {"report": "02_network", "results": {"test_accuracy": 0.98, "errors": 200}},
    {"report": "03_rivals", "results": {"test_accuracy": 0.97}},
]


def check(*texts: str) -> None:
    check_expectations([parse_expectation(text) for text in texts], MANIFESTS)


@pytest.mark.parametrize(
    "text",
    [
        "test_accuracy>=0.97",
        "02_network.test_accuracy > 0.97",
        "errors<=200",
        "errors==200",
        "03_rivals.test_accuracy!=0.98",
        "errors < 2.01e2",
    ],
)
def test_expectations_that_hold_pass(text):
    check(text)


def test_a_bound_on_every_report_is_checked_in_each():
    with pytest.raises(
        ExpectationError, match=r"03_rivals.test_accuracy is 0.97, expected >= 0.98"
    ):
        check("test_accuracy>=0.98")


def test_a_bound_on_one_report_leaves_the_others_alone():
    check("02_network.test_accuracy>=0.98")


def test_all_unmet_expectations_are_named():
    with pytest.raises(ExpectationError, match=r"errors is 200.*; .*0\.98, expected < 0\.5"):
        check("errors<100", "02_network.test_accuracy<0.5")


def test_a_result_that_no_report_recorded_is_a_usage_error():
    with pytest.raises(UsageError, match=r"no report recorded it; recorded are 02_network.errors"):
        check("accuracy>=0.9")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "accuracy",
        "accuracy>=",
        "accuracy=>1",
        "accuracy>=nan",
        "a b>=1",
        ">=1",
        "x>=\uff11",
        "x>=1_0",
        "x>=010",
    ],
)
def test_a_malformed_expectation_is_a_usage_error(text):
    with pytest.raises(UsageError, match="expected"):
        parse_expectation(text)


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "x>=" + "9" * 10_000, "a." * 5_000, "\x1b[31m\n>=1"]
)
def test_a_malformed_expectation_is_refused_in_one_short_line(text):
    with pytest.raises(UsageError) as caught:
        parse_expectation(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_a_letter_that_only_looks_like_another_is_shown_as_what_it_is():
    with pytest.raises(UsageError, match=r"'err\\u043ers<1'"):
        parse_expectation("err\u043ers<1")


@pytest.mark.promise("A result that is no number meets no expectation.")
@pytest.mark.parametrize("value", ["0.98", None, True, [1], {"a": 1}, math.nan])
@pytest.mark.parametrize("comparison", [">=", "<", "!="])
def test_a_result_that_is_no_number_meets_no_expectation(value, comparison):
    manifests = [{"report": "story", "results": {"x": value}}]
    with pytest.raises(ExpectationError, match=r"^story\.x is "):
        check_expectations([parse_expectation(f"x{comparison}0.5")], manifests)


def test_a_result_of_many_digits_is_compared_as_it_is():
    manifests = [{"report": "story", "results": {"x": 10**400}}]
    check_expectations([parse_expectation("x>1e300")], manifests)
    with pytest.raises(ExpectationError) as caught:
        check_expectations([parse_expectation("x<1e300")], manifests)
    assert len(str(caught.value)) < 200


def test_many_recorded_results_are_not_all_named():
    manifests = [{"report": "story", "results": {f"result_{n}": n for n in range(5_000)}}]
    with pytest.raises(UsageError, match=r"\(5,000 in all\)") as caught:
        check_expectations([parse_expectation("y>1")], manifests)
    assert len(str(caught.value)) < 500


@given(st.one_of(st.text(), st.text(alphabet="ab._0123456789<>=! e+-")))
def test_any_text_is_an_expectation_or_refused_in_one_short_line(text):
    message = ""
    try:
        found = parse_expectation(text)
        assert math.isfinite(found.bound)
        assert found.result.isidentifier()
    except UsageError as error:
        message = str(error)
    assert message.isprintable()
    assert len(message) < 400
