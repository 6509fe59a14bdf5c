"""Text freed of the characters that no page can hold or that mislead its reader."""

import re
from collections.abc import Mapping
from typing import Any

from notebook_press.terminal_text import without_terminal_codes

__all__ = ["listed", "plain", "printable", "printable_throughout"]

# Besides what XML and HTML forbid: the characters that make others stand in another order than they
# were written in (Unicode Technical Report 36, "Bidirectional Text Spoofing").
_TURNS = "\u202a-\u202e\u2066-\u2069"
_UNPRINTABLE = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff{_TURNS}]")
_TURNING = re.compile(rf"[{_TURNS}]")


def printable(text: str) -> str:
    """The text without the characters that no page can hold or that turn the order of others."""
    return _UNPRINTABLE.sub("", text)


def printable_throughout(value: Any) -> Any:
    """A value as JSON knows them, each text in it printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list | tuple):
        return [printable_throughout(item) for item in value]
    if isinstance(value, Mapping):
        return {printable(str(k)): printable_throughout(item) for k, item in value.items()}
    return value


def listed(source: str) -> str:
    """Code as a page lists it: what would turn its letters around is shown as its escape."""
    return printable(_TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", source))


def plain(text: str) -> str:
    """The text as a terminal would leave it: no colour codes, the last of each rewritten line."""
    text = without_terminal_codes(text).replace("\r\n", "\n")
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return printable("\n".join(lines)).strip("\n")
