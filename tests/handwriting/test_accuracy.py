"""Accuracies of 12 images by three people, each number worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.evaluation import accuracy
from handwriting.evaluation.accuracy import (
    AccuracyEstimate,
    AccuracyEstimates,
    GroupShare,
    GroupShares,
)
from handwriting.evaluation.intervals import Interval, bootstrap, wilson

WRITERS = np.array([5, 5, 5, 5, 7, 7, 7, 7, 9, 9, 9, 9], np.int32)
SERIES = np.array([4] * 8 + [0] * 4, np.int32)
RIGHT = np.ones(12, bool)
RIGHT[[1, 2, 11]] = False
NONE = np.zeros(12, bool)


def test_images_are_independent_where_nobody_knows_the_writers():
    (found,) = accuracy.estimate("small", RIGHT, None, NONE).ways
    case = "images are independent"
    assert found == AccuracyEstimate(case, 0.75, wilson(9, 12), "images", 12, None)


def test_known_writers_are_resampled_too_and_estimates_have_a_row_each():
    """Writer 5 is misread in 2 of 4, 7 in none, 9 in 1: the variance is (1 + 1 + 0) / 96."""
    found = accuracy.estimate("small", RIGHT, WRITERS, NONE)
    plainly, by_writer = found.ways
    assert plainly.interval == wilson(9, 12)
    assert (by_writer.accuracy, by_writer.unit) == (0.75, "writers")
    assert by_writer.design_effect == pytest.approx(2 / 96 / (0.75 * 0.25 / 12))
    table = accuracy.estimate_table([replace(found, network="dense"), found])
    assert table["Network"].tolist() == ["dense", "dense", "small", "small"]
    assert table["Design effect"].isna().tolist() == [True, False, True, False]


@pytest.mark.parametrize(("writers", "unit"), [(WRITERS, "writers"), (None, "images")])
def test_disputed_labels_count_for_a_network_and_then_against_it(writers, unit):
    """Of images 1 and 3, whose labels are disputed, the first is misread; so are 2 and 11."""
    found = accuracy.estimate("small", RIGHT, writers, np.isin(np.arange(12), [1, 3]))
    for_it, against_it = found.ways[-2:]
    assert (for_it.accuracy, against_it.accuracy) == (10 / 12, 8 / 12)
    assert {for_it.unit, against_it.unit} == {unit}
    assert f"{found.bounds:,.0f}" == "2 to 4"
    assert found.quoted.accuracy == 0.75


def estimate(case, effect=None, interval=(0.8, 0.95)):
    return AccuracyEstimate(case, 0.9, Interval(*interval), "images", 100, effect)


def test_the_accuracy_to_quote_leaves_nothing_out():
    plainly, by_writer, without = estimate("a"), estimate("b", 0.0), estimate("c", 2.0)
    assert AccuracyEstimates("small", (plainly, by_writer, without)).quoted is by_writer
    assert AccuracyEstimates("small", (plainly, estimate("without"))).quoted is plainly


def data_of(writers=WRITERS, series=SERIES):
    labels = (np.arange(12) % 3 == 0).astype(np.uint8)
    split = Split(np.zeros((12, 2, 2), np.uint8), labels, writers, series)
    return Dataset("t", "Tiny", split, split, ("no", "yes", "never"), Origin((), {}, "", ""))


def test_series_of_one_writer_and_those_that_nobody_knows_are_left_out():
    assert {name: here.sum() for name, here in accuracy.series(data_of()).items()} == {"hsf_4": 8}
    assert accuracy.series(data_of(None, None)) == {}


def test_classes_without_an_image_are_left_out():
    found = accuracy.classes(data_of())
    assert {name: here.sum() for name, here in found.items()} == {"no": 8, "yes": 4}


def test_each_group_has_its_share_with_writers_drawn_anew():
    found = accuracy.by_group("small", RIGHT, accuracy.series(data_of()), WRITERS, 0.75)
    interval, _ = bootstrap(RIGHT[:8], WRITERS[:8])
    assert found == GroupShares("small", 0.75, (GroupShare("hsf_4", 8, 2, 0.75, interval),))
    row = accuracy.series_table([found]).to_dict("records")[0]
    assert (row["Accuracy"], row["Misread"], row["Writers"]) == (0.75, 2, 2)


def test_groups_of_nobody_knows_whom_have_wilsons_intervals():
    found = accuracy.by_group("small", RIGHT, accuracy.classes(data_of()), None, 0.5)
    assert [each.interval for each in found.groups] == [wilson(5, 8), wilson(4, 4)]
    assert (found.lowest.name, found.highest.name) == ("no", "yes")


@pytest.mark.parametrize(
    ("expected", "below", "above"),
    [(0.95, ("a", "b"), ()), (0.5, ("a",), ("c",)), (0.25, (), ("c",)), (0.1, (), ("b", "c"))],
)
def test_groups_are_named_whose_interval_does_not_hold_what_is_expected(expected, below, above):
    ends = {"a": (0.0, 0.3), "b": (0.2, 0.7), "c": (0.6, 1.0)}
    groups = (GroupShare(name, 9, None, sum(of) / 2, Interval(*of)) for name, of in ends.items())
    found = GroupShares("small", expected, tuple(groups))
    assert (found.below, found.above) == (below, above)


def test_a_group_of_one_writer_has_wilsons_interval():
    assert accuracy.share_interval(RIGHT[:4], WRITERS[:4]) == wilson(2, 4)


def test_the_mean_of_shares_has_the_interval_of_a_clustered_mean():
    """statsmodels' standard error of a mean, by writer."""
    rng = np.random.default_rng(0)
    writers = np.repeat(np.arange(100), 10)
    share = np.clip(rng.beta(4, 4, 100)[writers] + rng.normal(0, 0.1, 1000), 0, 1)
    fitted = statsmodels.api.OLS(share, np.ones(1000)).fit(
        cov_type="cluster", cov_kwds={"groups": writers}
    )
    found = accuracy.share_interval(share, writers)
    np.testing.assert_allclose([found.low, found.high], fitted.conf_int()[0], atol=0.003)
