"""Fonts: which characters of a document they have, those that Typst brings and this machine's own.

A document that needs no others is made with Typst's own fonts alone, so that every machine makes
the same bytes of it.
"""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import typst

MISSING_GLYPH = "□"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_UNSHOWN_LINE = re.compile(r"could not be displayed[^┌]*┌─ [^\n]*?:(\d+):\d+")
# Typst's own fonts have these as if typewritten only, each as broad as the others.
_JOINING = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_MODIFIER = re.compile("[\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]")  # of emoji
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7af]")
_REGIONS = {"ja": "JP", "ko": "KR", "zh": "SC", "zh-hant": "TC", "zh-tw": "TC", "zh-hk": "HK"}
_ARABIC = ("Noto Naskh Arabic", "Noto Sans Arabic", "DejaVu Sans")
_WITH_MARKS = "New Computer Modern"  # Typst's own, with marks that its first font lacks
_EMOJI = ("Noto Color Emoji", "Noto Emoji")
_KEY = "\u20e3"  # a frame around what stands before it, which other fonts draw beside it
_FAMILIES = (
    "Noto Serif CJK {region}",
    "Noto Sans CJK {region}",
    *_EMOJI,
    _WITH_MARKS,
    *_ARABIC,
)


@dataclass(frozen=True)
class Fonts:
    """What a document's characters need besides the fonts that it begins with.

    Attributes:
        of_machine: Whether fonts of this machine have some that Typst's own have not.
        families: Which fonts are asked for them, in this order.
        missing: What no font has: characters, and letters with the marks upon them.
    """

    of_machine: bool = False
    families: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def kinds(self) -> int:
        """How many characters no font has, and letters with marks besides; frames aside."""
        single = {each for each in self.missing if len(each) == 1}
        marked = (each for each in self.missing if len(each) > 1 and _KEY not in each)
        return len(single) + sum(map(single.isdisjoint, marked))

    def shown(self, text: str) -> str:
        """The text with `□` for what no font has; a letter stays without the mark upon it."""
        for marked in (each for each in self.missing if len(each) > 1):
            text = text.replace(marked, marked[0] + ("" if _KEY in marked else MISSING_GLYPH))
        single = {ord(each): MISSING_GLYPH for each in self.missing if len(each) == 1}
        return text.translate(single)


OWN_FONTS = Fonts()
"""Those of a document that needs no others."""


def typst_string(text: str) -> str:
    """The text as a Typst string literal, which holds it whatever characters it has."""
    return f'"{text.translate(_ESCAPES)}"'


def reads_from_right(text: str) -> bool:
    """Whether some letters of the text are of a script that is read from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def begins_from_right(text: str) -> bool:
    """Whether the first letter of the text is of such a script: it is read so as a whole."""
    first = "" if text.isascii() else next(filter(str.isalpha, text), "")
    return _RIGHT_TO_LEFT.match(first) is not None


def fonts_for(text: str, language: str = "en") -> Fonts:
    """The fonts that a document of this text needs; this machine's are looked at where it does.

    PDF/UA-1 forbids a character without a glyph, so Typst would refuse the whole document.
    """
    unusual = sorted(character for character in set(text) if character > "~")
    marked = _marked(text, unusual)
    lacking = _unshown([*unusual, *marked])
    joining = any(map(_JOINING.match, unusual))
    if not lacking and not joining:
        return OWN_FONTS
    own = _unshown(lacking, (_WITH_MARKS,))
    if own or joining:
        installed = {*typst.Fonts().families()}
        listed = [family.format(region=_region(text, language)) for family in _FAMILIES]
        families = tuple(filter(installed.__contains__, listed))
        missing = _unshown(own, families, of_machine=True)
        if len(missing) < len(own) or (joining and {*families} & {*_ARABIC}):
            return Fonts(True, families, _with_marked(missing, marked))
    families = (_WITH_MARKS,) if len(own) < len(lacking) else ()
    return Fonts(False, families, _with_marked(own, marked))


def _with_marked(missing: Sequence[str], marked: Sequence[str]) -> tuple[str, ...]:
    """What is missing, and with a letter also its marked forms: `□` bears no marks."""
    return tuple(dict.fromkeys([*missing, *(each for each in marked if each[0] in missing)]))


def _joins(character: str) -> bool:
    """Whether it is set together with what stands before it."""
    return unicodedata.category(character).startswith("M") or bool(_MODIFIER.match(character))


def _marked(text: str, unusual: Sequence[str]) -> list[str]:
    """The letters of a text that have marks upon them, each with its marks."""
    marks = "".join(filter(_joins, unusual))
    return sorted({*re.findall(f"[^{marks}][{marks}]+", text)}) if marks else []


def _unshown(
    wanted: Sequence[str], families: Sequence[str] = (), *, of_machine: bool = False
) -> list[str]:
    """Those of the characters, or marked letters, that fonts lack, in prose or in a listing."""
    if not wanted:
        return []
    after = "".join(f", {typst_string(family)}" for family in families)
    # A line and a paragraph each: an emoji's modifier would join what stands before it.
    probe = (
        f'#set document(title: [probe]); #set text(font: ("Libertinus Serif"{after}))'
        f'; #show raw: set text(font: ("DejaVu Sans Mono"{after}))\n\n'
    ) + "\n\n".join(f"#{literal};\\ #raw({literal});" for literal in map(_spelt, wanted))
    lines = set()
    try:
        typst.compile(probe.encode(), ignore_system_fonts=not of_machine, pdf_standards=["ua-1"])
    except typst.TypstError as error:
        lines = {int(line) for line in _UNSHOWN_LINE.findall(error.diagnostic)}
    framed = () if {*families} & {*_EMOJI} else (_KEY,)
    return [
        each
        for line, each in zip(itertools.count(3, 2), wanted, strict=False)
        if line in lines or each[1:].endswith(framed)
    ]


def _spelt(text: str) -> str:
    """A Typst literal that has no character that ends a line."""
    return '"' + "".join(f"\\u{{{ord(character):x}}}" for character in text) + '"'


def _region(text: str, language: str) -> str:
    """Whose shapes of Chinese characters the text's readers expect."""
    if region := _REGIONS.get(language.lower()) or _REGIONS.get(language.lower()[:2]):
        return region
    return "JP" if _KANA.search(text) else "KR" if _HANGUL.search(text) else "SC"
