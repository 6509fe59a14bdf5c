"""Tables of who is compared and what came of it, with the numbers of a case worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from handwriting.evaluation import comparison, comparison_tables
from handwriting.evaluation.intervals import Interval

KEPT = "kept, 25 Nov 2026, 04:05 UTC, abacus, 2 cores"


@pytest.fixture
def broken(results, truths):
    """A comparison in which one could not be measured."""
    failed = replace(results[2], measurement=None, error="ValueError: no")
    return comparison.compare([*results[:2], failed, results[3]], truths)


def test_a_row_has_the_accuracy_beside_the_networks(found):
    rows = comparison_tables.accuracies(found).set_index("Classifier")
    assert list(rows.index) == ["accurate", "neural network", "quick", "dummy"]
    assert float(rows.loc["accurate", "Mean accuracy"]) == 11 / 12
    apart = rows.loc["quick", "Difference, points"]
    expected = found.accuracy.difference("quick")
    assert float(apart) == pytest.approx(100 * (7 - 10.5) / 12)
    assert (apart.low, apart.high) == pytest.approx(
        (100 * expected.interval.low, 100 * expected.interval.high)
    )
    assert rows.loc["quick", "Findable, points"] == 100 * expected.least_detectable
    assert rows.loc["neural network"].isna().sum() == 4
    assert rows["Trainings"].tolist() == [
        "1, its own luck is not known",
        "2",
        "1, has no seed",
        "1, has no seed",
    ]


@pytest.mark.parametrize(
    ("relation", "low", "words"),
    [
        ("better", -0.1234, "better"),
        ("worse", -0.1234, "worse"),
        ("equivalent", -0.1234, "equivalent within 0.2 points"),
        ("not told apart", -0.1234, "not told apart (more than 12.34 points can be excluded)"),
        ("not told apart", -1.1, "not told apart"),
    ],
)
def test_what_can_be_said_of_a_rival(related, relation, low, words):
    found = related(accurate=relation)
    others = [
        replace(each, interval=Interval(low, 0.05)) if each.name == "accurate" else each
        for each in found.accuracy.differences
    ]
    found = replace(found, accuracy=replace(found.accuracy, differences=tuple(others)))
    rows = comparison_tables.accuracies(found).set_index("Classifier")
    assert rows.loc["accurate", "Than the network"] == words


def test_a_row_has_all_numbers(found):
    rows = comparison_tables.standings(found)
    assert rows["Classifier"].tolist() == [
        "accurate (times of another run)",
        *["neural network"] * 3,
        *["quick (not converged)"] * 2,
        *["dummy"] * 2,
    ]
    assert rows["Called by"].tolist()[1:5] == ["slow call", "quick call", "NumPy alone", "it"]
    assert rows.iloc[0].tolist()[2:] == pytest.approx([11 / 12, 50, 20, 90, 1])


def test_a_row_of_times_has_their_ranges_and_says_when_and_where_they_were_measured(found):
    rows = comparison_tables.times(found).set_index(["Classifier", "Called by"])
    one, slow, _, among, _, measured = rows.loc["accurate", "it"]
    assert [one.value, one.low, one.high, slow] == pytest.approx([50, 45, 55, 75])
    assert [among.value, among.low, among.high] == pytest.approx([50e3, 45e3, 55e3])
    assert measured == KEPT
    assert rows.loc[("quick", "it"), "Measured"] == "cache, 25 Nov 2026, 04:05 UTC"
    assert rows.loc[("neural network", "slow call"), "Measured"] == "now"


def test_a_row_of_times_has_their_ratio_to_the_networks_where_they_took_turns(found):
    rows = comparison_tables.times(found).set_index(["Classifier", "Called by"])
    column = rows["Times the network's"]
    assert column["accurate", "it"] is None
    assert [float(column["quick", way]) for way in ("it", "NumPy alone")] == pytest.approx([0.5, 2])
    assert float(rows.loc[("quick", "it"), "Times its batch"]) == pytest.approx(0.1)


def test_who_could_not_be_measured_is_in_the_last_row_and_one_says_why(broken):
    last = comparison_tables.standings(broken).iloc[-1]
    assert last["Classifier"] == "accurate"
    assert last.drop("Classifier").isna().all()
    assert comparison_tables.times(broken).iloc[-1]["Measured"] == "failed: ValueError: no"


def test_what_a_figure_draws_is_a_row_a_classifier(found):
    numbers = comparison_tables.plain_accuracies(found)
    assert numbers["accuracy"].tolist() == [each.mean for each in found.ranked]
    assert numbers["trainings"].tolist() == [1, 2, 1, 1]


def test_errors_of_1998_stand_beside_those_of_their_like(make_result, make_way, truths):
    ways = [make_way("it", 1, 1)]
    network = make_result("network", truths, ways=ways, network=True)
    wrong = np.array([*truths[:9], 0, 0, 0])
    found = comparison.compare([network, make_result("knn", wrong, ways=ways)], truths)
    rows = comparison_tables.beside_1998(found).set_index("In 1998")
    assert rows.loc["K-NN, Euclidean"].tolist() == [5.0, "knn", 25.0]
    assert rows.loc["LeNet-5"].isna().tolist() == [False, True, True]
    assert rows["Misread here, %"].notna().sum() == 2


def test_entrants_are_introduced_with_their_settings(make_result, make_way):
    known = make_result("qda", [0], ways=[make_way("it", 1, 1)])
    settings = ["PCA(n_components=40) → Net(shape=(128,), rate=0.1) → Plain()", "Plain()"]
    entrants = [replace(known.entrant, settings=each) for each in settings]
    rows = comparison_tables.classifiers([replace(known, entrant=each) for each in entrants])
    assert rows["Settings"].tolist() == ["n_components=40, shape=(128,), rate=0.1", "\N{EN DASH}"]
    assert set(rows["Chosen by"]) == {"validation"}
    assert rows["How it decides"].str.contains("normal distribution").all()


def test_each_rival_is_listed_with_its_source(make_result, make_way):
    names = ("knn", "knn_pca", "dummy")
    known = [make_result(name, [0], ways=[make_way("it", 1, 1)]) for name in names]
    rows = comparison_tables.sources(known)
    assert rows["Classifier"].tolist() == ["kNN", "PCA + kNN"]
    assert set(rows["In scikit-learn"]) == {"KNeighborsClassifier"}
    assert rows["Described in"].str.contains("Nearest neighbor pattern classification").all()
