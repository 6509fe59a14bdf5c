"""Do intervals and verdicts allow for other seeds and other writers?"""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import special, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from handwriting.evaluation import intervals, method_comparison, trainings
from handwriting.evaluation.intervals import wilson
from handwriting.evaluation.method_comparison import compare
from handwriting.evaluation.trainings import Trainings, mean_accuracy


def method(name, right, *, random=False):
    return Trainings(name, np.atleast_2d(np.asarray(right, bool)), random)


def width(interval):
    return interval.high - interval.low


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
    assert width(together) > 3 * width(alone)


def test_a_seed_that_matters_widens_the_interval():
    rng = np.random.default_rng(0)
    shares = np.array([0.75, 0.8, 0.85])
    lively = method("lively", rng.random((3, 4000)) < shares[:, None], random=True)
    found = compare(lively, [fixed("fixed", 0.9)])
    reach = stats.sem(lively.accuracies) * stats.t.ppf(0.975, 2)
    assert width(found.accuracy("lively").interval) == pytest.approx(2 * reach, rel=0.05)
    assert width(found.accuracy("fixed").interval) < 0.03


def test_what_a_seed_changes_in_single_images_alone_is_counted_once():
    rng = np.random.default_rng(0)
    noisy = method("noisy", rng.random((20, 4000)) < 0.9, random=True)
    assert width(compare(noisy, [fixed("fixed", 0.9)]).accuracies[0].interval) < 0.006


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


@pytest.mark.parametrize(
    ("images", "each_writer", "relation"),
    [(360, 1, "not told apart"), (4000, 1, "equivalent"), (4000, 10, "not told apart")],
)
@pytest.mark.parametrize("share", [1.0, 0.9])
def test_methods_that_answer_alike_have_an_interval_as_wide_as_their_writers_are_few(
    images, each_writer, relation, share
):
    one, two = fixed("one", share, images), fixed("two", share, images)
    found = compare(one, [two], np.arange(images) // each_writer).differences[0]
    _, most = proportion_confint(0, images // each_writer, method="wilson")
    assert (found.difference, found.p_value, found.relation) == (0, 1, relation)
    assert [found.interval.low, found.interval.high] == pytest.approx([-most, most])
    assert found.least_detectable > found.excluded


@pytest.mark.parametrize("better", [True, False])
@pytest.mark.parametrize("images", [4, 40])
def test_a_difference_that_every_image_shows_has_the_sign_tests_p_value(better, images):
    poor, good = (method(name, np.full(images, name == "good")) for name in ("poor", "good"))
    found = compare(*([poor, [good]] if better else [good, [poor]])).differences[0]
    least, _ = proportion_confint(images, images, method="wilson")
    ends = sorted([found.interval.low, found.interval.high], key=abs)
    assert ends == pytest.approx([least, 1] if better else [-least, -1])
    assert found.p_value == pytest.approx(stats.binomtest(images, images).pvalue)
    known = "better" if better else "worse"
    assert found.relation == (known if images == 40 else "not told apart")


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
    assert (method_comparison.MARGIN, intervals.SIGNIFICANCE, method_comparison.POWER) == (
        0.002,
        0.05,
        0.8,
    )


def test_the_interval_of_one_methods_mean_is_scipys_bootstrap_of_writers():
    writers = np.repeat(np.arange(100), 20)
    hands = np.random.default_rng(0).beta(9, 1, 100).repeat(20)
    right = np.random.default_rng(1).random(2000) < hands
    found = mean_accuracy(method("one", right), writers)
    expected = stats.bootstrap(
        (right.reshape(100, 20).mean(axis=1),), np.mean, method="percentile", batch=100,
        rng=np.random.default_rng(5),
    ).confidence_interval  # fmt: skip
    assert found.mean == right.mean()
    assert [found.interval.low, found.interval.high] == pytest.approx(list(expected), abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 10])
def test_intervals_of_a_mean_cover_the_true_one_in_95_of_100_worlds(seeds):
    covered = 0
    for world in range(500):
        (right,), writers = crossed(np.random.default_rng(world), [(3.2, seeds)])
        one = method("one", right, random=True)
        covered += true_accuracy(3.2) in mean_accuracy(one, writers, draws=999).interval
    assert 0.93 <= covered / 500 <= 0.97


def test_where_nothing_is_misread_the_interval_is_wilson_s():
    perfect = method("perfect", np.ones((2, 1000)), random=True)
    assert mean_accuracy(perfect).interval == wilson(1000, 1000)
    assert compare(perfect, []).accuracies[0].interval == wilson(1000, 1000)


def test_of_few_seeds_far_draws_do_not_hide_what_is_found():
    """Student's t of two degrees of freedom has no variance, and an interval all the same."""
    rng = np.random.default_rng(0)
    first, second = (
        method(name, rng.random((3, 4000)) < share, random=True)
        for name, share in (("first", 0.9), ("second", 0.95))
    )
    found = compare(first, [second]).differences[0]
    assert found.interval.low > 0
    assert found.relation == "better"


@pytest.mark.parametrize(
    ("relation", "excluded", "words"),
    [
        ("better", 0.00341, "better"),
        ("equivalent", 0.00341, "equivalent within 0.20"),
        ("not told apart", 0.00341, "not told apart (more than 0.34 can be excluded)"),
        ("not told apart", 1.1, "not told apart"),
    ],
)
def test_what_can_be_said_is_said_with_its_bound(relation, excluded, words):
    assert method_comparison.told(relation, excluded) == words


def test_no_interval_leaves_what_an_accuracy_can_be():
    nearly = np.ones((2, 60), bool)
    nearly[0, :2] = False
    found = mean_accuracy(method("nearly", nearly, random=True)).interval
    assert 0 <= found.low < found.high == 1


def test_two_readings_of_the_same_images_are_compared_as_they_are():
    rng = np.random.default_rng(0)
    often, right, writers = rng.random(900), rng.random(900) < 0.8, rng.integers(90, size=900)
    found = method_comparison.paired(often, right, writers)
    fit = sm.OLS(right - often, np.ones(900)).fit(cov_type="cluster", cov_kwds={"groups": writers})
    assert found.difference == pytest.approx(fit.params[0])
    ends = found.interval.low, found.interval.high
    assert ends == pytest.approx(fit.conf_int()[0], abs=0.1 * width(found.interval))
    assert (found.relation, found.p_value < 1e-9) == ("better", True)


def test_the_ratio_of_mistakes_has_the_interval_of_its_logarithm():
    first, second = fixed("first", 0.9, images=9000), fixed("second", 0.97, images=9000, seed=1)
    found = trainings.error_ratio(first, second)
    wrong = [(~each.right).sum() for each in (first, second)]
    both = (~first.right & ~second.right).sum()
    # By the delta method, of two counts in the same images.
    error = np.sqrt(1 / wrong[0] + 1 / wrong[1] - 2 * both / wrong[0] / wrong[1])
    expected = wrong[0] / wrong[1] * np.exp([-1.96 * error, 1.96 * error])
    assert found.ratio == pytest.approx(wrong[0] / wrong[1])
    assert [found.interval.low, found.interval.high] == pytest.approx(expected, rel=0.02)


def test_seeds_widen_the_interval_of_a_ratio():
    rng, shares = np.random.default_rng(0), np.array([0.85, 0.9, 0.95])
    lively = method("lively", rng.random((3, 4000)) < shares[:, None], random=True)
    other = fixed("other", 0.9)
    alone = trainings.error_ratio(method("one", lively.right[1]), other)
    assert width(trainings.error_ratio(lively, other).interval) > 3 * width(alone.interval)


@pytest.mark.parametrize("share", [0.999, 1])
def test_few_mistakes_have_no_ratio(share):
    assert trainings.error_ratio(fixed("first", 0.9), fixed("second", share)) is None


@pytest.mark.parametrize("degrees", [(0, 0), (9, 0), (9, 4), (1, 0), (2, 2)])
def test_a_p_value_is_the_tail_of_a_normal_and_of_students_errors(degrees):
    rng = np.random.default_rng(0)
    errors = np.array([0.002 if each else 0.0 for each in degrees])
    by_writers = rng.normal(0, 0.003, (9_999, 2)) * [0, 1]
    drawn = trainings.Draws(by_writers, by_writers, errors, np.array(degrees), 300)
    thrown = rng.normal(0, by_writers[:, 1].std(), 2_000_000)
    for error, freedom in zip(errors, degrees, strict=True):
        thrown += error * rng.standard_t(freedom, len(thrown)) if error else 0
    for difference in (0.004, -0.009):
        expected = (abs(thrown) >= abs(difference)).mean()
        assert drawn.p_value(difference, 1) == pytest.approx(expected, rel=0.05, abs=1e-4)
