"""What a contest came to, in words: each sentence says what the numbers say."""

from dataclasses import replace

import numpy as np
import pytest

from handwriting import wording
from handwriting.baselines.measurement import Conditions
from handwriting.data import registry
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation import comparison, error_overlap
from handwriting.figures import phrases
from handwriting.wording import contest as words
from handwriting.wording.contest import tables

NAMES = ("zero", "one", "two")


@pytest.fixture
def found(results, truths):
    return comparison.standings(results, truths)


def sure(found, *titles):
    """The standings with the differences of some rivals made more than luck."""
    return tuple(replace(each, p_value=0.002) if each.title in titles else each for each in found)


def without(found, *titles):
    return tuple(each for each in found if each.title not in titles)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(1.26e-6, "1.3 µs"), (0.000996, "1.0 ms"), (0.054, "54 ms"), (12.3, "12 s"), (0, "0 ns")],
)
def test_durations_have_the_unit_that_suits_them(seconds, expected):
    assert phrases.duration(seconds) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.01234, "0.0123"), (4560, "4,560"), (0.9999, "1.00"), (12345, "12,300"), (0, "0")],
)
def test_numbers_have_the_digits_that_count(value, expected):
    assert phrases.significant(value) == expected


def test_p_values_are_quoted_as_usual():
    assert [phrases.p_value(each) for each in (0.0002, 0.0123, 1, None)] == [
        "p < 0.001",
        "p = 0.012",
        "p = 1.0",
        "\N{EN DASH}",
    ]


def test_lists_read_as_sentences_do():
    assert [phrases.listed(each) for each in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "none",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_the_answer_where_luck_may_explain_who_is_ahead(found):
    assert words.answer(found, 12) == (
        "**The claim does not hold.** The neural network reads **83.33%** of 12 digits correctly "
        "and the accurate **91.67%**, with this one training not told apart (p = 1.0). "
        "Called in 2 ways, "
        "with digits that come alone and in batches, it is the fastest in **0 of 4** cases; among "
        "classifiers that are not surely less accurate, in **0 of 4**."
    )


def test_the_answer_where_the_claim_does_not_hold(found):
    answer = words.answer(sure(found, "accurate"), 12)
    assert answer.startswith("**The claim does not hold.**")
    assert "**91.67%**, a difference that is more than luck (p = 0.0020)." in answer


def test_the_answer_where_the_claim_holds(found):
    answer = words.answer(without(found, "accurate", "quick"), 12)
    assert answer.startswith("**The claim holds.**")
    assert "none of 1 rival measured reads more" in answer
    assert "**4 of 4** cases" in answer


def test_a_rival_that_is_surely_less_accurate_leaves_the_network_the_fastest_of_equals(found):
    answer = words.answer(sure(without(found, "accurate"), "quick"), 12)
    assert (
        "in **0 of 4** cases; among classifiers that are not surely less accurate, in **4 of 4**"
        in answer
    )


def test_other_rivals_that_surely_read_more_are_counted(found):
    another = replace(found[0], name="better", title="better", p_value=0.001)
    answer = words.answer(sure((another, *found), "accurate"), 12)
    assert "1 other rival surely reads more, too." in answer


def test_the_place_of_the_network(found):
    assert words.place(found) == (
        "The network misreads **2** digits and comes second of 4. More accurate, but "
        "with this one training not told apart: "
        "accurate. Of 2 rivals that misread more, it is surely more accurate than none."
    )
    assert "surely more accurate than all." in words.place(sure(found, "quick", "dummy"))
    assert "Surely more accurate: accurate." in words.place(sure(found, "accurate"))


def test_what_the_seed_does(results, truths, found):
    said = words.trainings(results[0], truths, found)
    assert said.startswith(
        "Trained from 2 seeds, the network reads 83.33% to 91.67%, **87.50%** on average; 0 to 1 "
        "of the rivals read more, depending on the seed."
    )


def test_one_training_says_nothing_about_the_seed(results, truths, found):
    measured = results[0].measurement
    once = replace(results[0], measurement=replace(measured, predictions=measured.predictions[:1]))
    assert "trained once" in words.trainings(once, truths, found)


def test_the_frontier_is_told_in_its_order(found):
    assert words.fastest(found, "single") == (
        "The shortest time for a digit that comes alone is **1.0 ms**: quick. On the frontier, "
        "from the fastest to the most accurate: quick (58.33%, 1.0 ms), neural network, quick call "
        "(83.33%, 2.0 ms) and accurate (91.67%, 50 ms)."
    )


def test_on_other_systems_tensorflows_threads_are_not_promised():
    terms = Conditions({"system": "Darwin arm64"}, threads=2)
    assert "TensorFlow takes as many" in words.conditions(registry.load("digits"), terms)


def test_whoever_is_alone_on_the_frontier_is_told_so(found):
    assert "alone" in words.fastest(without(found, "accurate", "quick"), "batch")


def test_a_network_that_is_beaten_in_both_is_told_so(found):
    late = {"median": 90.0, "high": 91.0, "slow": 92.0}
    beaten = [
        replace(each, single=replace(each.single, **late)) if each.network else each
        for each in found
    ]
    assert "some rival is as accurate and as fast, or better" in words.fastest(beaten, "single")


def test_the_ways_of_calling_are_compared(found):
    said = words.ways(found)
    assert (
        "slow call, 100 ms (100 ms in a batch) and quick call, 2.0 ms (1.0 ms in a batch)" in said
    )
    assert "**50 times** as long. Nearly all" in said
    assert "**" not in words.ways_alt(found)
    near = [replace(each, single=each.batch) for each in found]
    near = [replace(each, single=found[1].single) if each.network else each for each in near]
    assert "Nearly all" not in words.ways(near)


def test_the_hardest_classes(results, truths):
    shares = error_overlap.error_shares(results, truths, 3)
    assert words.classes(shares, results, NAMES) == (
        "The network finds **zero** the hardest: it misreads 25.0% of them. For 1 of 2 rivals that "
        "can read, the hardest is also zero."
    )
    assert "quick: one, 75.0%" in words.classes_alt(shares, results, NAMES)


def test_shared_mistakes(results, truths):
    shares, nobodys = (
        error_overlap.overlaps(results, truths),
        error_overlap.unread(results, truths, 3),
    )
    said = words.mistakes(shares, results, truths, nobodys)
    assert said.startswith("Of the network's 2 mistakes, **1** is its own, which no rival makes.")
    assert "**1** of 12 test images is misread by all 3 entrants that can read, 1 by all" in said
    assert "accurate 50%, quick 50%" in words.mistakes_alt(shares, results)


def test_what_nobody_reads_is_described_with_what_people_read(results, truths):
    nobodys = error_overlap.unread(results, truths, 3)
    label, index = int(nobodys.truths[0]), int(nobodys.indices[0])
    disputes = [Dispute(index, label, (2,))]
    plain = words.unread_alt(nobodys, NAMES)
    described = words.unread_alt(nobodys, NAMES, disputes=disputes)
    assert described == f"{plain[:-1]} (label disputed: people read {NAMES[2]})."


def test_a_network_without_mistakes_shares_none(results, truths):
    measured = replace(results[0].measurement, predictions=np.array([truths]))
    perfect = replace(results[0], measurement=measured)
    among = (perfect, *results[1:])
    shares, nobodys = (
        error_overlap.overlaps(among, truths),
        error_overlap.unread(among, truths, 3),
    )
    said = words.mistakes(shares, among, truths, nobodys)
    assert (
        said
        == "The network makes no mistake. Each of 12 test images is read correctly by somebody."
    )


def test_deskewing_is_compared_where_both_were_measured(found):
    def named(title, name):
        return replace(next(each for each in found if each.title == title), name=name)

    plain, upright = named("quick", "knn"), named("accurate", "knn_deskewed")
    assert words.deskewing([plain, upright]) == (
        "Nearest neighbours read 58.33% of the images as they are and **91.67%** of the same "
        "images deskewed: 4 mistakes fewer (80%), in 500 times the time."
    )
    assert "were not measured" in words.deskewing([upright])
    assert "were not measured on deskewed images" in words.deskewing([plain])


def test_where_results_come_from(results):
    said = words.origins(results)
    assert "Measured for this report: 2 entrants." in said
    assert "From this machine's cache: 1, measured on 25 November 2026, at 04:05 UTC," in said
    assert "figures: 1, measured on 25 November 2026, at 04:05 UTC, on abacus, 2 cores." in said


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-25T06:15:00+01:00", "on 25 November 2026, from 04:05 to 05:15 UTC,"),
        ("2026-11-27T04:05:00+00:00", "from 25 November 2026, 04:05, to 27 November 2026, 04:05"),
    ],
)
def test_a_period_is_told_in_utc(results, moment, expected):
    among = [replace(each, origin="cache") for each in results[:2]]
    assert expected in words.origins([among[0], replace(among[1], moment=moment)])


def test_what_was_not_measured_is_named(results):
    others = [replace(results[2].entrant), replace(results[2].entrant, name="x", title="the other")]
    said = words.origins(results, others)
    assert said.endswith("Not measured on these data and settings: the other.")


def test_the_conditions_name_data_threads_and_machine():
    data = registry.load("digits")
    terms = Conditions({"processor": "abacus", "cores": 2, "system": "Linux"}, 1000, threads=1)
    assert words.conditions(data, terms) == (
        "Each entrant learns from the same **1,000 images** of scikit\\-learn\\'s digits and reads "
        "the same **360 test images**, with at most 1 thread. Machine: abacus\\, 2 cores\\, Linux."
    )


def by_classifier(rows):
    return {row["Classifier"]: row for row in rows}


def test_a_row_has_all_numbers(found, results):
    rows = by_classifier(tables.standing_rows(found, results))
    assert rows["accurate (kept)"] == {
        "Classifier": "accurate (kept)",
        "Accuracy": "91.67% (64.6\N{EN DASH}98.5)",
        "Misread": "1",
        "p": "1.0",
        "One digit, ms": "50",
        "Digits a second": "20",
        "Fit, s": "90",
        "Size, MiB": "1.0",
    }
    assert rows["quick"]["Fit, s"] == "1.0, not converged"
    assert rows["neural network, slow call"]["p"] == "\N{EN DASH}"


def test_a_row_of_times_has_their_ranges_and_says_when_and_where_they_were_measured(found, results):
    rows = by_classifier(tables.time_rows(found, results))
    assert rows["accurate"] == {
        "Classifier": "accurate",
        "One digit, ms": "50 (45\N{EN DASH}55)",
        "99th percentile, ms": "75",
        "In a batch, µs": "50,000 (45,000\N{EN DASH}55,000)",
        "Measured": "kept, 25 Nov 2026, 04:05 UTC, abacus, 2 cores",
    }
    assert rows["quick"]["Measured"] == "cache, 25 Nov 2026, 04:05 UTC"
    assert rows["neural network, slow call"]["Measured"] == "now"


@pytest.fixture
def broken(results, truths):
    """Results among which one failed."""
    return (*results[:2], replace(results[2], measurement=None, error="ValueError: no"), results[3])


def test_an_entrant_that_failed_has_rows_the_last_ones_and_one_has_its_error(broken, truths):
    found = comparison.standings(broken, truths)
    phrases, times = tables.standing_rows(found, broken), tables.time_rows(found, broken)
    assert [rows[-1]["Classifier"] for rows in (phrases, times)] == ["accurate", "accurate"]
    assert times[-1]["Measured"] == "failed: ValueError: no"
    assert phrases[-1]["Accuracy"] == "\N{EN DASH}"


@pytest.mark.parametrize("kind", ["standing", "time"])
def test_there_is_a_number_to_sort_by_or_none_for_each_row(broken, truths, kind):
    found = comparison.standings(broken, truths)
    rows = getattr(tables, f"{kind}_rows")(found, broken)
    behind = getattr(tables, f"{kind}_numbers")(found, broken)
    assert {len(values) for values in behind.values()} == {len(rows)}
    assert all(values[-1] is None for values in behind.values())
    assert set(behind) < set(rows[0])


def test_numbers_to_sort_by_stand_in_the_order_of_the_rows(found, results):
    behind = tables.standing_numbers(found, results)
    assert behind["Misread"] == [1, 2, 2, 5, 8]
    assert behind["One digit, ms"] == pytest.approx([0.05, 0.1, 0.002, 0.001, 1e-6])


def test_each_meaning_of_the_claim_has_its_row(found):
    rows = {row["The network has the"]: row for row in tables.claim_rows(sure(found, "quick"))}
    assert rows["highest accuracy"] == {
        "The network has the": "highest accuracy",
        "Its value": "83.33%",
        "Place": "2",
        "The claim": "is not refuted",
        "Among equals": "\N{EN DASH}",
        "Ahead of it": "accurate",
    }
    alone = rows["shortest time alone, quick call"]
    assert (alone["Its value"], alone["Place"]) == ("2.0 ms", "2")
    assert (alone["The claim"], alone["Among equals"]) == ("does not hold", "holds")
    training = rows["shortest training"]
    assert (training["Its value"], training["Ahead of it"]) == ("4.0 s", "quick")
    assert len(rows) == 6


def test_many_rivals_are_counted_rather_than_named(found):
    many = [replace(found[0], name=f"r{n}", title=f"r{n}", errors=0) for n in range(6)]
    ahead = tables.claim_rows([*many, *found])[0]["Ahead of it"]
    assert ahead == "r0, r1, r2 and 4 others"


def test_entrants_are_introduced_with_their_settings(make_result, make_way):
    known = make_result("qda", [0], ways=[make_way("it", 1, 1)])
    settings = "PCA(n_components=40) → Net(shape=(128,), rate=0.1) → Plain()"
    entrant = replace(known.entrant, settings=settings)
    (row,) = tables.entrant_rows([replace(known, entrant=entrant)])
    assert row["Settings"] == "n_components=40, shape=(128,), rate=0.1"
    assert row["Chosen by"] == "validation"
    assert "normal distribution" in row["How it decides"]
    (row,) = tables.entrant_rows([replace(known, entrant=replace(entrant, settings="Plain()"))])
    assert row["Settings"] == "\N{EN DASH}"


def test_each_source_is_listed_once_with_its_rivals(make_result, make_way):
    known = [make_result(name, [0], ways=[make_way("it", 1, 1)]) for name in ("knn", "knn_pca")]
    lines = words.sources(known).splitlines()
    assert len(lines) == 3
    assert lines[2].startswith(
        "- kNN (`KNeighborsClassifier`), PCA \\+ kNN (`KNeighborsClassifier`)"
    )
    assert "Nearest neighbor pattern classification" in lines[2]


def test_figures_have_words(found):
    assert "accurate 91.67% (64.61% to 98.51%)" in words.accuracy(found, 12)
    points = words.points(found, "single")
    assert "accurate: 91.67%, 50 ms" in points
    assert "dummy" not in points
    assert wording.counted(1, "digit") == "1 digit"
