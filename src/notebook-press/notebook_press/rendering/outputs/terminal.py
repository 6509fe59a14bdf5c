"""What a terminal leaves of a text that moves its cursor: rewritten lines, bars, backspaces."""

import re

from notebook_press.messages import TERMINAL_CODE

_WIDTH = 80  # columns that the cursor can be moved to where nothing is written yet
_TAB = 8
_CONTROL = re.compile(r"[\x08\x0b-\x0d\x1b\x9b]")
# ECMA-48, 8.3: cursor up, down, forward, back, to a line, to a column, to a place; what is erased.
_MOVE = re.compile(r"(?:\x1b\[|\x9b)(?P<first>\d{0,5})(?:;(?P<second>\d{0,5}))?(?P<what>[A-HJKf])")
_TOKEN = re.compile(rf"{_MOVE.pattern}|(?P<control>[\x08-\x0d])|(?P<text>[^\x00-\x1f\x7f-\x9f]+)")


def settled(text: str) -> str:
    """The text as it stands in a terminal at its end, without colours and other codes."""
    if "\x1b" in text or "\x9b" in text:
        text = TERMINAL_CODE.sub(lambda code: code[0] if _MOVE.fullmatch(code[0]) else "", text)
    text = text.replace("\r\n", "\n")
    if not _CONTROL.search(text):
        return text
    screen = _Screen()
    for token in _TOKEN.finditer(text):
        if written := token["text"]:
            screen.write(written)
        elif control := token["control"]:
            screen.control(control)
        else:
            first, second = (int(token[name] or 0) for name in ("first", "second"))
            screen.move(token["what"], first, second)
    return "\n".join("".join(line).rstrip() for line in screen.lines)


class _Screen:
    """Lines of letters, and where the next one goes; no line ever scrolls away.

    No move costs more than the letters that were written: a text is not to be trusted.
    """

    def __init__(self) -> None:
        self.lines: list[list[str]] = [[]]
        self.row = self.column = 0

    def write(self, text: str) -> None:
        line = self.lines[self.row]
        line += " " * (self.column - len(line))
        line[self.column : self.column + len(text)] = text
        self.column += len(text)

    def control(self, character: str) -> None:
        match character:
            case "\b":
                self.column = max(self.column - 1, 0)
            case "\r":
                self.column = 0
            case "\t" if self.column < len(self.lines[self.row]):
                self._go(self.row, self.column + _TAB - self.column % _TAB)
            case "\t":
                self.write(" " * (_TAB - self.column % _TAB))
            case _:  # a line, a form or a vertical tab ends the line
                if self.row == len(self.lines) - 1:
                    self.lines.append([])
                self.row, self.column = self.row + 1, 0

    def move(self, what: str, first: int, second: int) -> None:
        many = max(first, 1)
        places = {
            "A": (self.row - many, self.column),
            "B": (self.row + many, self.column),
            "C": (self.row, self.column + many),
            "D": (self.row, self.column - many),
            "E": (self.row + many, 0),
            "F": (self.row - many, 0),
            "G": (self.row, many - 1),
            "H": (many - 1, max(second, 1) - 1),
            "f": (many - 1, max(second, 1) - 1),
        }
        if what in places:
            self._go(*places[what])
        else:
            self._erase(what, first)

    def _go(self, row: int, column: int) -> None:
        self.row = min(max(row, 0), len(self.lines) - 1)
        self.column = min(max(column, 0), max(len(self.lines[self.row]), _WIDTH))

    def _erase(self, what: str, part: int) -> None:
        """Erase what follows the cursor (0), or all (2, 3), of the line or of the screen."""
        if part == 0:
            del self.lines[self.row][self.column :]
            if what == "J":
                del self.lines[self.row + 1 :]
        elif part > 1 and what == "K":
            self.lines[self.row].clear()
            self.column = 0
        elif part > 1:
            self.lines, self.row, self.column = [[]], 0, 0
