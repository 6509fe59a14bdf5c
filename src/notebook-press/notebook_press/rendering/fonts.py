"""Fonts: which characters of a document they have, those that Typst brings and this machine's own.

A document that needs no others is made with Typst's own fonts alone, so that every machine makes
the same bytes of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import typst

MISSING_GLYPH = "□"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_UNSHOWN = re.compile(r'the text `"([^"`]+)"` could not be displayed')
# Typst's own fonts have these as if typewritten only, each as broad as the others.
_JOINING = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7af]")
_REGIONS = {"ja": "JP", "ko": "KR", "zh": "SC", "zh-hant": "TC", "zh-tw": "TC", "zh-hk": "HK"}
_FAMILIES = (
    "Noto Serif CJK {region}",
    "Noto Sans CJK {region}",
    "Noto Naskh Arabic",
    "Noto Sans Arabic",
    "DejaVu Sans",
    "Noto Color Emoji",
    "Noto Emoji",
)


@dataclass(frozen=True)
class Fonts:
    """What a document's characters need besides Typst's own fonts.

    Attributes:
        of_machine: Whether fonts of this machine have some that Typst's own have not.
        families: Which of those fonts go first.
        missing: The characters that no font has.
    """

    of_machine: bool = False
    families: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()

    def shown(self, text: str) -> str:
        """The text with `□` for each character that no font has."""
        return text.translate(str.maketrans(dict.fromkeys(self.missing, MISSING_GLYPH)))


def typst_string(text: str) -> str:
    """The text as a Typst string literal, which holds it whatever characters it has."""
    return f'"{text.translate(_ESCAPES)}"'


def reads_from_right(text: str) -> bool:
    """Whether some letters of the text are of a script that is read from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def fonts_for(text: str, language: str = "en") -> Fonts:
    """The fonts that a document of this text needs; this machine's are looked at where it does.

    PDF/UA-1 forbids a character without a glyph, so Typst would refuse the whole document.
    """
    unusual = sorted(character for character in set(text) if character > "~")
    lacking = _without_glyph(unusual, of_machine=False)
    wanted = lacking.union(filter(_JOINING.match, unusual))
    if not wanted:
        return Fonts()
    missing = _without_glyph(sorted(wanted), of_machine=True)
    if missing == wanted:
        return Fonts(missing=frozenset(lacking))
    installed = set(typst.Fonts(include_embedded_fonts=False).families())
    region = _region(text, language)
    families = (family.format(region=region) for family in _FAMILIES)
    return Fonts(True, tuple(filter(installed.__contains__, families)), frozenset(missing))


def _without_glyph(characters: Sequence[str], *, of_machine: bool) -> set[str]:
    if not characters:
        return set()
    # A paragraph each: an emoji's modifier would join what stands before it, even a space.
    probe = "#set document(title: [probe])\n" + "\n\n".join(
        f"#{typst_string(character)};" for character in characters
    )
    try:
        typst.compile(probe.encode(), ignore_system_fonts=not of_machine, pdf_standards=["ua-1"])
    except typst.TypstError as error:
        unshown = map(_unquoted, _UNSHOWN.findall(error.diagnostic))
        return set(characters).intersection(unshown)
    return set()


def _unquoted(character: str) -> str:
    """The character that Typst's message quotes, some of them by number."""
    number = re.fullmatch(r"\\u\{([0-9a-f]+)\}", character)
    return chr(int(number[1], 16)) if number else character


def _region(text: str, language: str) -> str:
    """Whose shapes of Chinese characters the text's readers expect."""
    if region := _REGIONS.get(language.lower()) or _REGIONS.get(language.lower()[:2]):
        return region
    return "JP" if _KANA.search(text) else "KR" if _HANGUL.search(text) else "SC"
