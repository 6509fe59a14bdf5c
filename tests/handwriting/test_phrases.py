import pytest

from handwriting.evaluation.intervals import Interval
from handwriting.evaluation.method_comparison import Difference
from handwriting.figures import phrases


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(1.26e-6, "1.3 µs"), (0.000996, "1.0 ms"), (0.054, "54 ms"), (12.3, "12 s"), (0, "0 ns")],
)
def test_durations_have_the_unit_that_suits_them(seconds, expected):
    assert phrases.duration(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [([23.1, 14.2, 24.6], "14 s to 25 s"), ([14.2], "14 s"), ([14.2, 13.9], "14 s")],
)
def test_several_durations_have_a_range(seconds, expected):
    assert phrases.durations(seconds) == expected


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


@pytest.mark.parametrize(
    ("above", "expected"),
    [(0, "p ≤ 0.0005, the least that 2,000 throws can show"), (1, "p = 0.001"), (2000, "p = 1")],
)
def test_a_p_value_that_throws_cannot_undercut_is_a_bound(above, expected):
    assert phrases.thrown_p((1 + above) / 2001, 2000) == expected


@pytest.mark.parametrize(
    ("low", "high", "trainings", "expected"),
    [
        (0.2088, 0.3098, 3, "21% to 31%, by training"),
        (0.246, 0.254, 2, "25% in each training"),
        (0.25, 0.25, 1, "25% in its one training"),
    ],
)
def test_a_share_is_told_by_training(low, high, trainings, expected):
    assert phrases.by_training(Interval(low, high), trainings) == expected


def test_a_difference_is_told_in_points_with_its_interval():
    found = Difference("a", -0.0012, Interval(-0.003, 0.0006), 0.2, 0.002, "not told apart")
    minus = "\N{MINUS SIGN}"
    expected = f"{minus}0.12 points (95% interval: {minus}0.30 to +0.06)"
    assert phrases.difference(found) == expected


def test_lists_read_as_sentences_do():
    assert [phrases.listed(each) for each in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "none",
        "a",
        "a and b",
        "a, b and c",
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0.0%"), (0.0001, "<0.1%"), (0.5, "50.0%"), (0.99999, ">99.9%"), (1, "100%")],
)
def test_no_percentage_claims_more_than_its_number(value, expected):
    assert phrases.percent(value) == expected


def test_only_the_outputs_of_softmax_are_called_probabilities_and_written_in_percent():
    names = [phrases.score_name(each) for each in ("softmax", "sigmoid")]
    assert [phrases.score(0.5, name) for name in names] == ["50.0%", "0.500"]


def test_marks_in_a_name_are_shown_and_not_obeyed():
    assert phrases.plain("a<b>$x$ `c`_1") == r"a\<b\>\$x\$ \`c\`\_1"


def test_nouns_agree_with_their_number():
    found = [phrases.counted(number, "image") for number in (0, 1, 10_000)]
    assert found == ["0 images", "1 image", "10,000 images"]
    assert [phrases.counted(number, "class") for number in (1, 2)] == ["1 class", "2 classes"]


def test_a_long_name_keeps_its_beginning_and_its_end():
    assert [phrases.short(name, 8) for name in ("boot", "class of 0042")] == ["boot", "class…42"]


def test_only_what_is_neither_digit_nor_letter_is_called_an_image():
    found = [phrases.shown(*each) for each in (("digit", "7"), ("letter", "A"), ("image", "a_b"))]
    assert found == ["7", "A", r"image of a\_b"]


def test_what_is_rounded_to_nothing_has_no_sign():
    assert [phrases.signed(value, 1) for value in (-0.04, -0.06)] == ["0.0", "\N{MINUS SIGN}0.1"]
