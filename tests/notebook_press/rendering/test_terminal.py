"""Text as a terminal leaves it: the oracle is what a terminal shows after printing it."""

import pytest

from notebook_press.messages import TEXT_LIMIT
from notebook_press.rendering.outputs.terminal import settled

PRINTED = {
    "text stays as it is": ("a\tb  \n c", "a\tb  \n c"),
    "colours are left out": ("\x1b[1;31mred\x1b[0m\n", "red\n"),
    "a rewritten line keeps its last state": ("10%\r50%\r100%", "100%"),
    "a shorter text covers only its own length": ("loading\rdone", "doneing"),
    "the line's end may be erased": ("loading\rdone\x1b[K", "done"),
    "the whole line may be erased": ("loading\x1b[2K\rok", "ok"),
    "a bar that is wiped with blanks leaves nothing": ("50%|##  |\r         \rdone", "done"),
    "backspaces move, and erase nothing": ("1/3\b\b\b2/3\b\b\b\nend", "2/3\nend"),
    "what follows a backspace is written over": ("12345\bX", "1234X"),
    "no backspace leaves its line": ("a\n\b\bb", "a\nb"),
    "lines of Windows are lines": ("a\r\nb\r\n", "a\nb\n"),
    "a form feed begins a line": ("a\fb\vc", "a\nb\nc"),
    "a bar above another is renewed": ("one 0\ntwo 0\x1b[A\rone 9\n\rtwo 9", "one 9\ntwo 9"),
    "a line further up is renewed": ("a\nb\nc\x1b[2FA\x1b[E\x1b[1GB", "A\nB\nc"),
    "a column may be skipped": ("a\x1b[3Cb\x1b[2Dc", "a  cb"),
    "a tab steps over what is written": ("0123456789\r\tX", "01234567X9"),
    "a cleared screen is empty": ("old\nold\x1b[2J\x1b[Hnew", "new"),
    "what follows may be cleared": ("a\nb\nc\x1b[2;1H\x1b[J!", "a\n!"),
    "other codes do nothing": ("a\x1b[?25l\x1b]0;title\x07\x1b[5mb\x1b[0;0rc", "abc"),
}


@pytest.mark.parametrize(("printed", "left"), PRINTED.values(), ids=PRINTED)
def test_a_text_is_left_as_a_terminal_leaves_it(printed, left):
    assert settled(printed) == left


@pytest.mark.promise("However a text moves the cursor, a page grows by no more than it is long.")
def test_moves_make_no_text_much_longer_than_it_was():
    codes = ["\x1b[99999C", "\x1b[99999B", "\x1b[99999;99999H", "\x1b[99999G", "\t", "\x1b[2K"]
    grown = {}
    for code in codes:
        text = "x" * 1000 + f"\n{code}y" * 1000
        grown[code] = len(settled(text)) / len(text)
    assert {code: factor for code, factor in grown.items() if factor > 20} == {}
    assert len(settled(f"\x1b[{'9' * TEXT_LIMIT}Ax")) < 100
