"""What a script and a style of a notebook may hold, so that a page stays one file and its own."""

import re

# What would end a script's or a style's element early, or make a browser read on past its end.
_ENDS_SCRIPT = re.compile(r"</script|<!--", re.IGNORECASE)
_ENDS_STYLE = re.compile(r"</|<!--")
_CSS_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})\s?|\\(.)", re.IGNORECASE)
_LOADS = re.compile(r"@import|image-set\(|\bsrc\(|url\((?!\s*['\"]?(?:data:|#))", re.IGNORECASE)


def interactive_fault(script: str, style: str) -> str | None:
    """Return what a script or a style may not hold, in words; None where both may stand."""
    if found := _ENDS_SCRIPT.search(script):
        return (
            f"expects a script without {found[0]!r}, found it at character {found.start()}; "
            r"write '<\/' for '</' inside a string"
        )
    if found := _ENDS_STYLE.search(style):
        return f"expects a style without {found[0]!r}, found it at character {found.start()}"
    return style_fault(style)


def style_fault(style: str) -> str | None:
    """Return what in rules of CSS would be fetched, in words; None where nothing would."""
    plain = _CSS_ESCAPE.sub(lambda found: found[2] or chr(int(found[1], 16) % 0x110000), style)
    if found := _LOADS.search(plain):
        return f"expects a style that loads nothing, found {found[0]!r}; use a data: address"
    return None


def wrapped_script(script: str) -> str:
    """Return a script that runs the body given for the element before its own `script` element."""
    return f"((root) => {{\n{script}\n}})(document.currentScript.previousElementSibling);"
