"""Style sheets of others, reduced before they are put on elements: each of those repeats them."""

import re

from notebook_press.rendering.outputs.styling import may_be_said

MOST_COMPARISONS = 30_000_000
"""Of selectors with elements: a few seconds."""

_MOST_VARIABLES = 500
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Among them rules for paper, dark screens and the like.
_AT_RULE = re.compile(r"@[^{};]*(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})")
_RULE = re.compile(r"([^{}<]+)\{([^{}<]*)\}")
_BY_NAME = re.compile(r"\s*#[\w-]+\s*")  # found at once


def reduced(sheet: str, elements: int) -> str:
    """The rules of a style sheet, of their declarations those that a page may need.

    Args:
        sheet: The text of `style` elements.
        elements: How many elements there are.

    Raises:
        ValueError: It would take long to find what each rule is for.
    """
    rules, selectors, variables = [], 0, 0
    for selector, block in _RULE.findall(_AT_RULE.sub("", _COMMENT.sub("", sheet))):
        kept = [each for each in block.split(";") if may_be_said(each)]
        if kept:
            rules.append(f"{selector}{{{';'.join(kept)}}}")
            selectors += sum(not _BY_NAME.fullmatch(each) for each in selector.split(","))
            variables += sum(each.lstrip().startswith("--") for each in kept)
    if selectors * elements > MOST_COMPARISONS or variables > _MOST_VARIABLES:
        raise ValueError(f"{selectors:,} selectors for {elements:,} elements")
    return "\n".join(rules)
