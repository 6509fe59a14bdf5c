"""The labels and values of simple widgets, as text."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

_CHOICES = frozenset({"Dropdown", "RadioButtons", "Select", "SelectionSlider", "ToggleButtons"})
_SEVERAL = frozenset({"SelectMultiple", "SelectionRangeSlider"})
_TRUTHS = frozenset({"Checkbox", "ToggleButton", "Valid"})
_VALUES = frozenset(
    "BoundedFloatText BoundedIntText ColorPicker Combobox DatePicker "  # noqa: SIM905
    "FloatLogSlider FloatRangeSlider FloatSlider FloatText IntRangeSlider IntSlider IntText Label "
    "NaiveDatetimePicker TagsInput Text Textarea TimePicker DatetimePicker".split()
)
PROGRESS = frozenset({"FloatProgress", "IntProgress"})


def in_words(kind: str, state: Mapping[str, Any]) -> str | None:
    """A simple widget's label and value; None of any other."""
    value, labels = state.get("value"), state.get("_options_labels")
    labels = labels if isinstance(labels, list) else []
    if kind in _CHOICES:
        position = state.get("index")
        said = str(labels[position]) if is_position(position, labels) else ""
    elif kind in _SEVERAL:
        found = state.get("index")
        positions = found if isinstance(found, list) else []
        said = ", ".join(str(labels[each]) for each in positions if is_position(each, labels))
    elif kind in _TRUTHS:
        said = "yes" if value is True else "no"
    elif kind in PROGRESS:
        said = _progress(state)
    elif kind == "Button":
        said = ""
    elif kind == "Password":
        said = "•" * 8 if value else ""
    elif kind in _VALUES:
        said = _value(value)
    else:
        return None
    label = joined_lines(state.get("description")).strip().rstrip(":")
    return ": ".join(filter(None, (label, said)))


def _value(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case {"year": int(year), "month": int(month), "date": int(day)}:
            return f"{year}-{month + 1:02}-{day:02}"  # months count from 0 in a browser
        case list():
            return (
                " to ".join(map(_value, value)) if len(value) == 2 else ", ".join(map(str, value))
            )
        case Mapping():
            return json.dumps(value)
        case _:
            return str(value)


def _progress(state: Mapping[str, Any]) -> str:
    """How far a bar has come, as a share of its length."""
    numbers = [
        state.get(name, default) for name, default in (("value", 0), ("min", 0), ("max", 100))
    ]
    if not all(isinstance(n, int | float) and math.isfinite(n) for n in numbers):
        return ""
    value, least, most = numbers
    return f"{(value - least) / (most - least):.0%}" if most > least else ""


def is_position(found: Any, within: Sequence[Any]) -> TypeGuard[int]:
    """Whether a value is a position within a list."""
    return isinstance(found, int) and not isinstance(found, bool) and 0 <= found < len(within)


def joined_lines(text: Any, between: str = "") -> str:
    """A text that may be held as lines, `""` for what is none."""
    if isinstance(text, list | tuple):
        return between.join(map(str, text))
    return text if isinstance(text, str) else ""
