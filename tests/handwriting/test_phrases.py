import pytest

from handwriting.figures import phrases


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
