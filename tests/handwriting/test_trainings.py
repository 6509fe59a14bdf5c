"""Do intervals and verdicts allow for other seeds and other writers?"""

import numpy as np
import pytest
from scipy import special, stats
from statsmodels.stats.multitest import multipletests

from handwriting.evaluation import trainings
from handwriting.evaluation.trainings import Trainings, compare


def method(name, right, *, random=False):
    return Trainings(name, np.atleast_2d(np.asarray(right, bool)), random)


def fixed(name, share, images=4000, seed=0):
    return method(name, np.random.default_rng(seed).random(images) < share)


def test_the_interval_of_a_difference_is_scipys_bootstrap_where_nothing_has_a_seed():
    first, second = fixed("first", 0.9), fixed("second", 0.92, seed=1)
    found = compare(first, [second]).differences[0]
    apart = second.right[0].astype(float) - first.right[0]
    expected = stats.bootstrap(
        (apart,), np.mean, method="percentile", rng=np.random.default_rng(5), batch=100
    ).confidence_interval
    assert found.difference == pytest.approx(apart.mean())
    assert [found.interval.low, found.interval.high] == pytest.approx(list(expected), abs=4e-4)


def test_the_least_detectable_difference_is_that_of_a_paired_test_with_80_percent_power():
    first, second = fixed("first", 0.9), fixed("second", 0.92, seed=1)
    found = compare(first, [second]).differences[0]
    error = (second.right[0].astype(float) - first.right[0]).std() / np.sqrt(4000)
    power = stats.norm.sf(stats.norm.isf(0.025) - found.least_detectable / error)
    assert power == pytest.approx(0.8, abs=0.01)


def test_images_of_one_writer_are_drawn_together():
    writers = np.repeat(np.arange(50), 20)
    right = np.random.default_rng(0).random(50).repeat(20) < 0.8  # all of a writer, or none
    alone, together = (
        compare(method("one", right), [method("other", ~right)], each).accuracies[0].interval
        for each in (None, writers)
    )
    assert together.width > 3 * alone.width


def test_a_seed_that_matters_widens_the_interval():
    rng = np.random.default_rng(0)
    shares = np.array([0.85, 0.9, 0.95])
    lively = method("lively", rng.random((3, 4000)) < shares[:, None], random=True)
    found = compare(lively, [fixed("fixed", 0.9)])
    reach = stats.sem(lively.accuracies) * stats.t.ppf(0.975, 2)
    assert found.accuracy("lively").interval.width == pytest.approx(2 * reach, rel=0.05)
    assert found.accuracy("fixed").interval.width < 0.03


def test_what_a_seed_changes_in_single_images_alone_is_counted_once():
    rng = np.random.default_rng(0)
    noisy = method("noisy", rng.random((20, 4000)) < 0.9, random=True)
    assert compare(noisy, [fixed("fixed", 0.9)]).accuracies[0].interval.width < 0.006


def test_p_values_are_corrected_by_holm():
    reference = fixed("reference", 0.9)
    others = [fixed(str(number), 0.9 + number / 200, seed=number + 1) for number in range(4)]
    found = compare(reference, others).differences
    alone = [compare(reference, [other]).differences[0].p_value for other in others]
    expected = multipletests(alone, method="holm")[1]
    assert [each.p_value for each in found] == pytest.approx(expected, rel=0.1, abs=0.02)


@pytest.mark.parametrize(
    ("share", "relation"),
    [(0.97, "better"), (0.8, "worse"), (0.905, "not told apart")],
)
def test_what_can_be_said_of_a_method(share, relation):
    found = compare(fixed("reference", 0.9), [fixed("other", share, seed=1)])
    assert [each.relation for each in found.differences] == [relation]
    assert [each.name for each in found.related(relation)] == ["other"]


def test_methods_that_answer_almost_alike_are_equivalent():
    right = np.random.default_rng(0).random(4000) < 0.9
    other = right.copy()
    other[:2] = ~other[:2]
    assert compare(method("one", right), [method("two", other)]).differences[0].relation == (
        "equivalent"
    )


def test_methods_that_answer_alike_are_not_told_apart_by_luck():
    one, two = fixed("one", 0.9), fixed("two", 0.9)
    found = compare(one, [two]).differences[0]
    assert (found.difference, found.p_value, found.least_detectable) == (0, 1, 0)


def test_what_is_excluded_lies_beyond_the_interval():
    found = compare(fixed("one", 0.9), [fixed("two", 0.905, seed=1)]).differences[0]
    assert found.excluded == pytest.approx(max(-found.interval.low, found.interval.high))


def test_the_place_is_certain_where_all_lie_far_apart_and_open_between_equals():
    shares = (0.7, 0.8, 0.95)
    apart = [fixed(str(share), share, seed=number) for number, share in enumerate(shares, 1)]
    assert compare(fixed("reference", 0.9), apart).ranks == (2, 2)
    alike = [fixed(str(number), 0.9, seed=number) for number in range(1, 4)]
    low, high = compare(fixed("reference", 0.9), alike).ranks
    assert low < high


def crossed(rng, methods, writers=120, images=20):
    """What methods of several seeds read: writers, images and seeds all matter, and meet."""
    many = writers * images
    common = rng.normal(0, 0.7, writers).repeat(images) + rng.normal(0, 1.5, many)
    read = []
    for level, seeds in methods:
        own = rng.normal(0, 0.5, writers).repeat(images)
        meeting = rng.normal(0, 0.3, (seeds, writers)).repeat(images, axis=1)
        scores = level + common + own + meeting + rng.normal(0, 0.15, (seeds, 1))
        read.append(rng.random(scores.shape) < special.expit(scores))
    return read, np.arange(writers).repeat(images)


def true_accuracy(level):
    points, weights = np.polynomial.hermite_e.hermegauss(80)
    spread = np.sqrt(0.7**2 + 1.5**2 + 0.5**2 + 0.3**2 + 0.15**2)
    return float((special.expit(level + spread * points) * weights).sum() / weights.sum())


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [(10, 5), (10, 10), (5, 3)])
def test_intervals_cover_the_true_difference_in_95_of_100_worlds(seeds):
    levels = (3.2, 3.4)
    truth = true_accuracy(levels[1]) - true_accuracy(levels[0])
    covered = 0
    for world in range(500):
        methods = list(zip(levels, seeds, strict=True))
        (first, second), writers = crossed(np.random.default_rng(world), methods)
        both = method("first", first, random=True), method("second", second, random=True)
        covered += truth in compare(both[0], [both[1]], writers, draws=999).differences[0].interval
    assert 0.93 <= covered / 500 <= 0.97


def test_a_margin_and_a_level_are_set_beforehand():
    assert (trainings.MARGIN, trainings.SIGNIFICANCE, trainings.POWER) == (0.002, 0.05, 0.8)
