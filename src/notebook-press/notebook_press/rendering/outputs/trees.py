"""HTML of others read as a tree, whatever it leaves open, and written again."""

import re
from functools import partial
from typing import Any

import lxml.etree
import lxml.html

# What holds nothing, of which its parser knows less: what follows would be in it, and go with it.
_HOLDS_NOTHING = re.compile(r"<(embed|source|track|wbr|keygen)\b[^<>]*>", re.IGNORECASE)
# What holds all that follows, as no markup, where it is left open: often a word in brackets.
_SWALLOWS = re.compile(
    r"<(iframe|noembed|noframes|noscript|select|template|textarea|title|xmp)\b[^<>]*>",
    re.IGNORECASE,
)
_END = re.compile(r"</(?:body|html)[^<>]*>|<plaintext[^<>]*>", re.IGNORECASE)


class TooDeepError(Exception):
    """The HTML is nested deeper than its parser goes."""


def parsed(html: str) -> Any:
    """The body of HTML, as a tree.

    Raises:
        TooDeepError: It is nested deeper than its parser goes.
    """
    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True)
    html = _END.sub("", html)  # what stands behind it would be lost
    html = _HOLDS_NOTHING.sub(r"\g<0></\1>", html)
    html = _SWALLOWS.sub(partial(_closed, ends={}), html)
    root = lxml.html.document_fromstring(f"<body>{html}</body>", parser=parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise TooDeepError
    return root.find("body")


def _closed(found: re.Match[str], ends: dict[str, int]) -> str:
    """An opening tag, closed at once where nothing closes it; `ends` notes where the last does."""
    tag = found[1].lower()
    if tag not in ends:
        ends[tag] = found.string.lower().rfind(f"</{tag}")
    return found[0] if found.start() < ends[tag] else f"{found[0]}</{tag}>"


def written(body: Any) -> str:
    """What a body holds, as HTML."""
    whole: str = lxml.html.tostring(body, encoding="unicode")
    return whole[whole.index(">") + 1 : whole.rindex("</body>")]
