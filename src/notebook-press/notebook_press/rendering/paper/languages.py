"""The language that a report is written in, as browsers, screen readers and Typst ask for it."""

import re
from collections.abc import Mapping
from typing import Any

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_OF_CODE = ("name", "language")
_REGION = re.compile(r"-([A-Za-z]{2})\b")


def language_of(metadata: Mapping[str, Any], otherwise: str = "en") -> str:
    """The tag of the language that a notebook's metadata, or its front matter, names."""
    code = [metadata.get(name) for name in ("language_info", "kernelspec")]
    of_code = [each.get(name) for each in code if isinstance(each, Mapping) for name in _OF_CODE]
    for name in ("lang", "language"):
        tag = metadata.get(name)
        if isinstance(tag, str) and _TAG.fullmatch(tag) and tag not in of_code:
            return tag
    return otherwise


def region_of(language: str) -> str | None:
    """The region that a language's tag names, such as `GB`; that of English where it names none."""
    if found := _REGION.search(language):
        return found[1].upper()
    return "GB" if language == "en" else None
