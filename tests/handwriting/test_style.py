import pytest

from handwriting.figures import new, style


def ticks(low, high, axis):
    ax = new(3).subplots()
    ax.set(xscale="log", xlim=(low, high))
    axis(ax)
    ax.figure.draw_without_rendering()
    return [
        label.get_text()
        for place, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
        if low <= place <= high
    ]


def test_a_few_seconds_have_more_ticks_than_powers_of_ten():
    assert ticks(0.8, 30, style.time_axis) == ["1 s", "2 s", "5 s", "10 s", "20 s"]


def test_many_decades_have_powers_of_ten():
    assert ticks(1, 100_000, style.count_axis) == [
        *("1", "10", "100", "1,000", "10,000", "100,000")
    ]


@pytest.mark.parametrize(("accuracy", "expected"), [(0.99, 0.01), (1.0, 0.00005)])
def test_no_error_at_all_is_drawn_as_half_an_image(accuracy, expected):
    assert style.error_share(accuracy, 10_000) == pytest.approx(expected)
