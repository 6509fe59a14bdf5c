"""The account of what a notebook shows: in the terminal's words, and as the manifest's numbers."""

from collections import Counter
from collections.abc import Iterator, Sequence

from notebook_press.messages import how_many, in_one_line
from notebook_press.rendering.page import Booked

MOST_LINES = 20  # of one report in the terminal; its pages have them all
MOST_NAMED = 8  # lesser forms in their line


def counts(account: Sequence[Booked]) -> dict[str, int]:
    """How much of a notebook is not as its author sees it, for the manifest."""
    fates = Counter(booked.fate for booked in account)
    return {
        "not_shown": fates["not shown"],
        "lesser_forms": fates["lesser"],
        "scripts_not_run": fates["not run"],
        "hidden": fates["hidden"],
    }


def lines(account: Sequence[Booked]) -> list[str]:
    """What the terminal tells.

    Each thing that is not shown has a line; the lesser forms share one, and so do the scripts.
    """
    missing = Counter(booked for booked in account if booked.fate == "not shown")
    in_order = sorted(missing.items(), key=lambda entry: entry[0].cell)
    told = [_line(booked, times) for booked, times in in_order]
    if rest := len(told[MOST_LINES:]):
        told[MOST_LINES:] = [f"… and {rest:,} more that are not shown"]
    if lesser := list(_lesser(account)):
        more = [f"{len(lesser) - MOST_NAMED:,} more"] if len(lesser) > MOST_NAMED else []
        told.append(in_one_line(f"in a lesser form: {'; '.join(lesser[:MOST_NAMED] + more)}"))
    if scripts := counts(account)["scripts_not_run"]:
        told.append(f"{how_many(scripts, 'script')} not run")
    return told


def _line(booked: Booked, times: int) -> str:
    many = f" ({times:,} times)" if times > 1 else ""
    advice = f"; {booked.note}" if booked.note else ""
    place = f"cell {booked.cell}" if booked.cell else "above the first cell"
    return in_one_line(f"{place}: {booked.what}{many}: not shown{advice}")


def _lesser(account: Sequence[Booked]) -> Iterator[str]:
    """Each kind of thing that has a lesser form, with its cells and which form it is."""
    cells: dict[tuple[str, str], dict[int, None]] = {}
    for booked in account:
        if booked.fate == "lesser":
            cells.setdefault((booked.what, booked.note), {})[booked.cell] = None
    for (what, note), where in cells.items():
        first, *others = where
        place = f"cell {first}{' and others' if others else ''}" if first else "above"
        yield f"{what} ({place}){': ' if note else ''}{note}"
