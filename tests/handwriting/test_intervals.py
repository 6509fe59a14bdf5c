import math

import pytest

from handwriting.errors import SettingError
from handwriting.evaluation import intervals


def closed_form(successes, trials, z):
    """Return Wilson's interval as his paper has it: the roots of (p - share)^2 = z^2 p(1-p)/n."""
    share = successes / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    spread = math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    half = z * spread / (1 + z * z / trials)
    return centre - half, centre + half


@pytest.mark.parametrize(("successes", "trials"), [(9727, 10_000), (1, 7), (0, 12), (12, 12)])
def test_wilson_agrees_with_the_closed_form(successes, trials):
    found = intervals.wilson(successes, trials)
    expected = closed_form(successes, trials, z=1.959963984540054)
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-9)


def test_wilson_gives_the_published_interval():
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, method 3.
    found = intervals.wilson(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


def test_a_higher_level_gives_a_wider_interval():
    narrow, wide = intervals.wilson(90, 100, level=0.8), intervals.wilson(90, 100, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_an_interval_knows_what_lies_within():
    interval = intervals.Interval(0.97, 0.98, level=0.95)
    assert 0.975 in interval
    assert 0.969 not in interval


@pytest.mark.parametrize(("successes", "trials"), [(1, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(successes, trials):
    with pytest.raises(SettingError, match=f"found {successes} of {trials}"):
        intervals.wilson(successes, trials)


@pytest.mark.parametrize("level", [0, 1, 95, math.nan])
def test_an_impossible_level_is_refused(level):
    with pytest.raises(SettingError, match="level: expected"):
        intervals.wilson(1, 2, level)


def test_repeated_accuracy_has_mean_and_range():
    repeated = intervals.RepeatedAccuracy.of([0.97, 0.99, 0.98], trials=1000)
    assert repeated.mean == pytest.approx(0.98)
    assert (repeated.lowest, repeated.highest) == (0.97, 0.99)


def test_the_interval_of_a_mean_is_as_wide_as_that_of_one_network():
    repeated = intervals.RepeatedAccuracy.of([0.97, 0.99], trials=100)
    assert repeated.interval == intervals.wilson(98, 100)


@pytest.mark.parametrize(("values", "trials"), [([], 10), ([1.2], 10), ([math.nan], 10), ([1], 0)])
def test_impossible_accuracies_are_refused(values, trials):
    with pytest.raises(SettingError, match="expected"):
        intervals.RepeatedAccuracy.of(values, trials)


def test_mcnemar_counts_who_alone_is_wrong_and_gives_the_exact_p_value():
    truths = [0] * 10
    first = [1, 0, 0, 0, 0, 0, 2, 0, 0, 0]  # alone wrong about one, with the other about one
    second = [0, 1, 1, 1, 1, 1, 1, 0, 0, 0]  # alone wrong about five
    found = intervals.mcnemar(truths, first, second)
    assert (found.first_only, found.second_only, found.both) == (1, 5, 1)
    # Of 6 that tell them apart, 0, 1, 5 or 6 would be as uneven: (1 + 6 + 6 + 1) / 2^6.
    assert found.p_value == pytest.approx(14 / 64)


def test_two_that_err_alike_do_not_differ():
    assert intervals.mcnemar([0, 1, 2], [0, 2, 2], [0, 0, 2]).p_value == 1


def test_mcnemar_is_symmetric():
    first, second = intervals.mcnemar([0] * 4, [1, 1, 1, 0], [0] * 4), None
    second = intervals.mcnemar([0] * 4, [0] * 4, [1, 1, 1, 0])
    assert first.p_value == second.p_value == pytest.approx(2 / 8)


@pytest.mark.parametrize("shapes", [([0], [0, 1], [0]), ([], [], []), ([[0]], [[0]], [[0]])])
def test_predictions_of_other_examples_are_refused(shapes):
    with pytest.raises(SettingError, match="of one length"):
        intervals.mcnemar(*shapes)


def test_holm_agrees_with_a_case_worked_by_hand():
    # Sorted: 0.005 x 4, 0.01 x 3, 0.03 x 2, 0.04 x 1, and none below the one before it.
    assert intervals.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


def test_a_corrected_p_value_is_at_most_1_and_a_single_one_stays_as_it_is():
    assert intervals.holm([0.6, 0.7]) == (1, 1)
    assert intervals.holm([0.02]) == (0.02,)
    assert intervals.holm([]) == ()


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_an_impossible_p_value_is_refused(value):
    with pytest.raises(SettingError, match="p-values"):
        intervals.holm([0.5, value])


def test_students_interval_of_three_values_is_the_one_worked_out_by_hand():
    """Mean 2, standard error 1 / sqrt(3), and the table's t of 4.303 for two degrees of freedom."""
    found = intervals.mean_interval([1, 2, 3])
    assert (found.low, found.high) == pytest.approx((2 - 4.303 / 3**0.5, 2 + 4.303 / 3**0.5), 1e-3)


def test_equal_values_have_an_interval_without_width():
    found = intervals.mean_interval([0.5, 0.5, 0.5])
    assert found.low == found.high == 0.5


def test_one_value_has_no_spread():
    with pytest.raises(SettingError, match="at least two"):
        intervals.mean_interval([0.5])


def test_a_level_out_of_range_is_refused_for_a_mean_too():
    with pytest.raises(SettingError, match="level"):
        intervals.mean_interval([0.5, 0.6], level=1.0)


def test_students_test_of_three_values_is_the_one_worked_out_by_hand():
    """Mean 2 and standard error 1 / sqrt(3): t = 2 sqrt(3) with two degrees of freedom.

    With two degrees, p = 1 - t / sqrt(t^2 + 2).
    """
    t = 2 * 3**0.5
    assert intervals.mean_test([1, 2, 3]) == pytest.approx(1 - t / (t * t + 2) ** 0.5)


@pytest.mark.parametrize(("value", "expected"), [(0.0, 1.0), (0.1, 0.0)])
def test_values_that_are_all_the_same_leave_no_room_for_chance(value, expected):
    assert intervals.mean_test([value] * 3) == expected


def test_one_value_cannot_be_tested():
    with pytest.raises(SettingError, match="at least two"):
        intervals.mean_test([0.5])


@pytest.mark.parametrize(
    ("reported", "expected"),
    [(0.9, (10, True, False)), (0.999, (0.1, True, True)), (1.0, (0, True, True))],
)
def test_an_accuracy_that_is_reported_is_met_or_not_and_within_the_interval_or_not(
    reported, expected
):
    found = intervals.RepeatedAccuracy.of([1.0, 1.0], 1000).beside(reported)
    assert (found.points, found.met, found.included) == (pytest.approx(expected[0]), *expected[1:])
    assert not intervals.RepeatedAccuracy.of([0.8], 1000).beside(reported).met
