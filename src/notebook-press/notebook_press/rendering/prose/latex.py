"""Text in LaTeX as Markdown: JupyterLab shows it as it is, but for the formulas in it."""

import re

from notebook_press.rendering.prose.maths import find_in_text

_COMMAND = re.compile(
    r"(?P<logo>\\(?:La)?TeX\b(?:\{\})?)|\\[A-Za-z]+\*?(?:\[[^\]\n]*\]|\{[^{}\n]*\})*"
)


def from_latex(latex: str) -> str:
    """The Markdown of text in LaTeX with formulas; what else it holds of TeX stands as code."""
    parts, last = [], 0
    for found in find_in_text(latex):
        parts.append(_text_from_latex(latex[last : found.start]))
        brackets = ("\n\\\\[", "\\\\]\n") if found.display else ("\\\\(", "\\\\)")
        own = found.tex.startswith(("\\begin", "\\ref", "\\eqref"))
        tex = re.sub(r"\n\s*\n", "\n", found.tex)
        parts.append(tex if own else tex.join(brackets))
        last = found.end
    parts.append(_text_from_latex(latex[last:]))
    if not last and re.search(r"\\[A-Za-z]|[_^]", latex) and not re.search(r"\w\w\s+\w\w", latex):
        return f"\\\\[{latex}\\\\]"  # nothing around the formula
    return "".join(parts)


def _text_from_latex(text: str) -> str:
    parts, last = [], 0
    for command in _COMMAND.finditer(text):
        parts.append(_escaped(text[last : command.start()]))
        logo = command["logo"]
        parts.append(logo.strip("\\{}") if logo else f"`` {command[0]} ``")
        last = command.end()
    return "".join([*parts, _escaped(text[last:])])


def _escaped(text: str) -> str:
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", re.sub(r"(?<=\n)[ \t]+", "", text))
