"""Tables of who is compared and what came of it, with the numbers of a case worked by hand."""

from dataclasses import replace

import pytest

from handwriting.evaluation import comparison, comparison_tables

KEPT = "kept, 25 Nov 2026, 04:05 UTC, abacus, 2 cores"


@pytest.fixture
def broken(results, truths):
    """A comparison in which one could not be measured."""
    failed = replace(results[2], measurement=None, error="ValueError: no")
    return comparison.compare([*results[:2], failed, results[3]], truths)


def test_a_row_has_all_numbers(found):
    rows = comparison_tables.standings(found).set_index("Classifier").T
    assert list(rows) == [
        "accurate (kept)",
        "neural network, slow call",
        "neural network, quick call",
        "quick (not converged)",
        "dummy",
    ]
    accuracy, *numbers = rows["accurate (kept)"]
    assert (float(accuracy), accuracy.low) == (11 / 12, pytest.approx(0.646, abs=1e-3))
    assert numbers == pytest.approx([1, 1.0, 50, 20, 90, 1])


def test_a_row_of_times_has_their_ranges_and_says_when_and_where_they_were_measured(found):
    rows = comparison_tables.times(found).set_index("Classifier")
    one, slow, among, measured = rows.loc["accurate"]
    assert [one.value, one.low, one.high, slow] == pytest.approx([50, 45, 55, 75])
    assert [among.value, among.low, among.high] == pytest.approx([50e3, 45e3, 55e3])
    assert measured == KEPT
    assert rows.loc["quick", "Measured"] == "cache, 25 Nov 2026, 04:05 UTC"
    assert rows.loc["neural network, slow call", "Measured"] == "now"


def test_who_could_not_be_measured_is_in_the_last_row_and_one_says_why(broken):
    last = comparison_tables.standings(broken).iloc[-1]
    assert last["Classifier"] == "accurate"
    assert last.drop("Classifier").isna().all()
    assert comparison_tables.times(broken).iloc[-1]["Measured"] == "failed: ValueError: no"


def test_what_figures_draw_is_a_row_a_standing(found):
    numbers = comparison_tables.plain_numbers(found)
    assert numbers["accuracy"].tolist() == [each.accuracy for each in found.standings]
    assert numbers["seconds_alone"].tolist() == pytest.approx([0.05, 0.1, 0.002, 0.001, 1e-6])


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
