from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handwriting.evaluation import origins

MORNING = datetime(2026, 11, 25, 4, 5, 6, tzinfo=UTC)


def test_where_results_come_from(results):
    found = origins.of(results)
    assert (found.now.count, found.cache.count, found.kept.count) == (2, 1, 1)
    assert found.kept == origins.Group(1, MORNING, MORNING, ("abacus, 2 cores",))


def test_moments_are_told_in_utc_from_the_first_to_the_last(results):
    later = replace(results[1], moment="2026-11-25T06:15:00+01:00")
    found = origins.of([results[0], later]).now
    assert (found.first, found.last) == (MORNING, datetime(2026, 11, 25, 5, 15, tzinfo=UTC))


def test_of_no_result_there_is_no_moment():
    nothing = origins.of([]).kept
    assert nothing == origins.Group(0, None, None, ())
    assert nothing.period == ""


@pytest.mark.parametrize(
    ("last", "period"),
    [
        (MORNING, "on 25 November 2026, at 04:05 UTC"),
        (MORNING.replace(hour=6), "on 25 November 2026, from 04:05 to 06:05 UTC"),
        (MORNING.replace(day=26), "from 25 November 2026, 04:05, to 26 November 2026, 04:05 UTC"),
    ],
)
def test_a_period_names_a_day_and_a_minute_once(last, period):
    assert origins.Group(2, MORNING, last, ()).period == period


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, "an unnamed machine"),
        ({"machine: processor": "abacus"}, "abacus"),
        ({"machine: processor": "abacus", "machine: cores": "1"}, "abacus, 1 core"),
        ({"machine: cores": "2", "machine: system": "Linux"}, "2 cores"),
    ],
)
def test_a_machine_is_named_as_far_as_it_is_known(known, expected):
    assert origins.machine(known) == expected


def test_a_machines_system_is_told_where_it_is_asked_for():
    assert origins.machine({"machine: system": "Linux"}, system=True) == "Linux"
