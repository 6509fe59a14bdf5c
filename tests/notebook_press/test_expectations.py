"""Expectations: their form, and what they say of recorded results."""

import pytest

from notebook_press.errors import ExpectationError, UsageError
from notebook_press.expectations import check_expectations, parse_expectation

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
    ["", "accuracy", "accuracy>=", "accuracy=>1", "accuracy>=nan", "a b>=1", ">=1", "x>=\uff11"],
)
def test_a_malformed_expectation_is_a_usage_error(text):
    with pytest.raises(UsageError, match="expected"):
        parse_expectation(text)
