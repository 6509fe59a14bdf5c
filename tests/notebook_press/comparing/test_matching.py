"""Which cells belong together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_press.comparing.matching import matched, moved

KEYS = (lambda text: text, lambda text: text.partition(":")[0] or None)


def pairs(before, after):
    return matched(before, after, KEYS, lambda text: frozenset(text.split()))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["a:1", "b:2"], ["b:2", "a:1"], [("b:2", "b:2"), ("a:1", "a:1")]),
        (["a:1"], ["a:2"], [("a:1", "a:2")]),
        (["a:1"], ["a:2", "x:1"], [("a:1", "a:2"), (None, "x:1")]),
        (["a:1", "b:2", "c:3"], ["c:3"], [("a:1", None), ("b:2", None), ("c:3", "c:3")]),
        ([":one two three"], [":one two four"], [(":one two three", ":one two four")]),
        ([":one two"], [":three four"], [(":one two", None), (None, ":three four")]),
        ([], [":x"], [(None, ":x")]),
    ],
    ids=["moved", "by name", "new", "gone", "by words", "nothing alike", "from nothing"],
)
def test_members_are_matched_by_what_they_have_in_common(before, after, expected):
    assert sorted(pairs(before, after), key=str) == sorted(expected, key=str)


def test_what_is_gone_stands_behind_what_it_stood_behind():
    assert pairs(["a:1", "b:2", "c:3"], ["a:1", "c:3"])[1] == ("b:2", None)


TEXTS = st.lists(st.text(alphabet="ab: ", max_size=4), max_size=8)


@given(TEXTS, TEXTS)
def test_each_member_is_in_one_pair(before, after):
    found = pairs(before, after)
    assert sorted(old for old, _ in found if old is not None) == sorted(before)
    assert [new for _, new in found if new is not None] == after


@pytest.mark.parametrize(
    ("order", "expected"), [([0, 1, 2], 0), ([2, 0, 1], 1), ([2, 1, 0], 2), ([], 0)]
)
def test_the_fewest_moves_are_counted(order, expected):
    assert moved(order) == expected
