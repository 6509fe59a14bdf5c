"""Text that a terminal would obey, made text that anyone can read."""

import re

__all__ = ["escaped", "in_one_line", "without_terminal_codes"]

LONGEST_LINE = 500  # characters of one line in a log
_TERMINAL_CODE = re.compile(
    # ECMA-48, 5.4 and 5.6: control sequences, control strings, two-character codes. A string that
    # is never ended ends with its line, or all that follows would be lost.
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)


def without_terminal_codes(text: str) -> str:
    """Return the text without colours, cursor movements, links, titles and other such codes."""
    return _TERMINAL_CODE.sub("", text)


def escaped(text: object) -> str:
    """Return the text with everything escaped that could break a line or steer a terminal."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in str(text)
    )


def in_one_line(text: object) -> str:
    """Return the text as one line that can't steer a terminal and is never long."""
    start = str(text)[: 20 * LONGEST_LINE]  # codes and white space are taken out of no more
    line = escaped(" ".join(without_terminal_codes(start).split()))
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
