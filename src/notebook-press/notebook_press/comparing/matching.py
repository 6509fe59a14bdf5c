"""Which of two lists' members belong together: what moved is no change."""

import bisect
import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from operator import itemgetter
from typing import Literal, TypeVar

How = Literal["same", "changed", "came", "went"]
T = TypeVar("T")
MOST_COMPARED = 20_000  # pairs whose words are looked at; beyond, they count as gone and new
ALIKE = 0.4  # share of the words of two texts that both hold


def how(before: object, after: object) -> How:
    """Return what became of something that is None on the side that has none of it."""
    return "came" if before is None else "went" if after is None else "changed"


def matched(
    before: Sequence[T],
    after: Sequence[T],
    keys: Iterable[Callable[[T], Hashable | None]],
    words: Callable[[T], frozenset[str]] = lambda _: frozenset(),
) -> list[tuple[T | None, T | None]]:
    """Return the pairs of two lists' members, in the order of the second; None where one has none.

    Args:
        before: The first list; what only it has stands behind what it stood behind.
        after: The second.
        keys: What two members that belong together have in common, the surest first; a member
            whose key is None is not told by it.
        words: What is compared of the members that no key tells.
    """
    found: dict[int, int] = {}  # positions in `before` by those in `after`
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
    places = {old: position for position, old in found.items()}
    # Of each member before, the place of the nearest one up to it that is still there.
    near = itertools.accumulate(range(-1, len(before)), lambda last, p: places.get(p, last))
    behind = [*near][1:]
    there = [(p, 0, (before[found[p]] if p in found else None, new)) for p, new in enumerate(after)]
    lone = [(behind[p], 1, (before[p], None)) for p in _left(range(len(before)), set(places))]
    return [pair for *_, pair in sorted([*there, *lone], key=itemgetter(0, 1))]


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
    for _, position, other in shares:
        if position not in found and other not in found.values():
            found[position] = other
    return found


def moved(order: Sequence[int]) -> int:
    """Return how many of different numbers have to be moved for them to rise, at the least."""
    ends: list[int] = []  # of the longest rising row, the smallest end of each length
    for number in order:
        place = bisect.bisect(ends, number)
        ends[place : place + 1] = [number]
    return len(order) - len(ends)
