from dataclasses import replace

import pytest

from handwriting.evaluation import origins


def test_where_results_come_from(results):
    now, cache, kept = origins.of(results)
    assert (now.count, cache.count, kept.count) == (2, 1, 1)
    period = "on 25 November 2026, at 04:05 UTC"
    assert kept == origins.Group(1, period, ("abacus, 2 cores",))


def test_of_no_result_there_is_no_moment():
    assert origins.of([]) == (origins.Group(0, "", ()),) * 3


@pytest.mark.parametrize(
    ("other", "period"),
    [
        ("2026-11-25T05:05:59+01:00", "on 25 November 2026, at 04:05 UTC"),
        ("2026-11-25T07:15:00+01:00", "on 25 November 2026, from 04:05 to 06:15 UTC"),
        (
            "2026-11-24T23:00:00+00:00",
            "from 24 November 2026, 23:00, to 25 November 2026, 04:05 UTC",
        ),
    ],
)
def test_a_period_in_utc_names_a_day_and_a_minute_once(results, other, period):
    now, _, _ = origins.of([results[0], replace(results[1], moment=other)])
    assert now.period == period


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
