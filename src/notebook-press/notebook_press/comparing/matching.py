"""Which of two lists' members belong together: what moved is no change."""

import bisect
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")
MOST_COMPARED = 20_000  # pairs whose words are looked at; beyond, they count as gone and new
ALIKE = 0.4  # share of the words of two texts that both hold

Pair = tuple[int | None, int | None]


def matched(
    before: Sequence[T],
    after: Sequence[T],
    keys: Iterable[Callable[[T], Hashable | None]],
    words: Callable[[T], frozenset[str]] = lambda _: frozenset(),
) -> list[Pair]:
    """Return pairs of positions in two lists, in the order of the second; None where one has none.

    Args:
        before: The first list.
        after: The second.
        keys: What two members that belong together have in common, the surest first; a member
            whose key is None is not told by it.
        words: What is compared of the members that no key tells.
    """
    found: dict[int, int] = {}  # by the position in `after`
    gone = list(range(len(before)))
    new = list(range(len(after)))
    for key in keys:
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for position in gone:
            waiting[key(before[position])].append(position)
        waiting.pop(None, None)
        for position in new:
            if candidates := waiting.get(key(after[position])):
                found[position] = candidates.popleft()
        gone, new = _left(gone, set(found.values())), _left(new, set(found))
    if len(gone) * len(new) <= MOST_COMPARED:
        found |= _alike({p: words(before[p]) for p in gone}, {p: words(after[p]) for p in new})
    return _in_order(found, _left(gone, set(found.values())), len(after))


def _left(positions: Sequence[int], taken: set[int]) -> list[int]:
    return [position for position in positions if position not in taken]


def _alike(before: dict[int, frozenset[str]], after: dict[int, frozenset[str]]) -> dict[int, int]:
    """The pairs whose words are most alike, by the position in the second list."""
    shares = sorted(
        (-len(old & new) / len(old | new), position, other)
        for position, new in after.items()
        for other, old in before.items()
        if len(old & new) > ALIKE * len(old | new)
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, position, other in shares:
        if position not in found and other not in taken:
            found[position] = other
            taken.add(other)
    return found


def _in_order(found: dict[int, int], gone: Sequence[int], count: int) -> list[Pair]:
    """All pairs in the order of the second list; what is gone stands after what it stood after."""
    pairs: list[Pair] = [(found.get(position), position) for position in range(count)]
    places = {old: position for position, (old, _) in enumerate(pairs) if old is not None}
    known = sorted(places)
    behind: dict[int, list[Pair]] = defaultdict(list)
    for position in gone:
        earlier = bisect.bisect(known, position)
        behind[places[known[earlier - 1]] if earlier else -1].append((position, None))
    return [
        *behind[-1],
        *(each for place, pair in enumerate(pairs) for each in (pair, *behind[place])),
    ]


def moved(pairs: Sequence[Pair]) -> int:
    """Return how many members stand elsewhere among the others: the fewest that were moved."""
    order = [old for old, new in pairs if old is not None and new is not None]
    ends: list[int] = []  # of the longest rising row, the smallest end of each length
    for position in order:
        place = bisect.bisect(ends, position)
        ends[place : place + 1] = [position]
    return len(order) - len(ends)
