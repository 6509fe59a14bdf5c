"""TeX as MathJax takes it, made TeX as pandoc reads it: macros expanded, old commands renewed."""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

MOST_STEPS = 20_000
"""How many tokens the expansion of one formula may take: a page of TeX has about 3,000."""

DEEPEST_SCRIPTS = 10
"""How deep exponents and indices may be nested: each level takes pandoc twice the time."""

_DEEPEST = 100  # groups in groups
_TOKEN = re.compile(
    r"\\(?:begin|end)\s*\{[A-Za-z]*\*?\}|\\(?:left|right)(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\?.)"
    r"|\\(?:[A-Za-z]+|.|$)|#[1-9]|%[^\n]*(?:\n[ \t]*)?|\s+|.",
    re.DOTALL,
)
_LENGTH = r"=?\s*-?[0-9.]*\s*(?:em|ex|pt|px|mu|cm|mm|in|pc)?"
_SPACE = re.compile(
    rf"\\(?:[hm]skip|m?kern|hspace)(?![A-Za-z])\*?\s*(?:\{{[^{{}}]*\}}|{_LENGTH}"
    rf"(?:\s*(?:plus|minus)\s*{_LENGTH})*)"
)
_CHARACTER = re.compile(
    r"\\unicode\s*(?:\[[^\]]*\])*\s*\{\s*(?:x([0-9a-fA-F]{1,5})|(\d{1,6}))\s*\}"
)
_SWITCHES = {
    "\\rm": "\\mathrm", "\\bf": "\\mathbf", "\\it": "\\mathit", "\\tt": "\\mathtt",
    "\\sf": "\\mathsf", "\\cal": "\\mathcal", "\\mit": "\\mathit", "\\boldmath": "\\boldsymbol",
}  # fmt: skip
_FRACTIONS = {
    "\\over": "\\frac",
    "\\atop": "\\genfrac{}{}{0pt}{}",
    "\\brack": "\\genfrac{[}{]}{0pt}{}",
    "\\brace": "\\genfrac{\\{}{\\}}{0pt}{}",
}
_DEFINE = re.compile(r"\\(?:(?:re)?new|provide)command|\\[gex]?def|\\let|\\DeclareMathOperator")
_IN_PAIRS = re.compile(r"\\begin\{(?:align|aligned|flalign|eqnarray)\*?\}")
Tokens = list[str]


class TooMuchTeXError(Exception):
    """A formula grows without end, or almost, or would keep pandoc busy."""


@dataclass(frozen=True)
class Macro:
    """What a command stands for: `#1` and the like in its body are its arguments."""

    body: Tokens
    arity: int = 0
    default: Tokens | None = None


@dataclass(frozen=True)
class Group:
    r"""What stands between braces, in an environment, or between `\left` and `\right`."""

    opening: str
    items: "TeX"
    closing: str

    @property
    def environment(self) -> str:
        """The name of the environment, if it is one."""
        return self.opening[7:-1] if self.opening.startswith("\\begin") else ""


TeX = list[str | Group]


def _tokens(tex: str) -> Tokens:
    """TeX in its smallest parts, what begins and ends groups whole; no comments."""
    found = (part for part in _TOKEN.findall(tex) if part[0] != "%")
    return ["".join(part.split()) if part[0] == "\\" and part[2:] else part for part in found]


def written(items: Sequence[str | Group]) -> str:
    """The TeX that these are."""
    parts: Tokens = []
    for part in _flat(items):
        if part[:1].isalpha() and parts and re.fullmatch(r"\\.*[A-Za-z]", parts[-1]):
            parts.append(" ")
        parts.append(part)
    return "".join(parts)


def _flat(items: Sequence[str | Group]) -> Iterator[str]:
    for part in items:
        if isinstance(part, Group):
            yield part.opening
            yield from _flat(part.items)
            yield part.closing
        else:
            yield part


def expanded(tex: str, macros: dict[str, Macro]) -> TeX:
    """A formula without macros; what it defines joins them.

    Raises:
        TooMuchTeXError: It grows, or is nested, past all measure.
    """
    tex = _CHARACTER.sub(_in_text, _SPACE.sub(r"\\;", tex))
    return _renewed(_in_groups(_Expansion(_tokens(tex), macros).result()))


def expanded_later(tex: str, macros: dict[str, Macro]) -> str:
    """An expanded formula with what is defined after it; nothing where that changes nothing."""
    if not any(name in tex for name in macros.keys() - known_macros().keys()):
        return ""
    try:
        return written(expanded(tex, macros))
    except TooMuchTeXError:
        return ""


def _in_text(character: re.Match[str]) -> str:
    code = int(character[1], 16) if character[1] else int(character[2])
    shown = chr(code) if 0xA0 <= code < 0x110000 else ""
    return f"\\text{{{shown}}}" if shown.isprintable() else ""


@functools.cache
def known_macros() -> dict[str, Macro]:
    """What each page begins with."""
    macros = Path(__file__).parents[1] / "templates" / "macros.tex"
    known: dict[str, Macro] = {}
    _Expansion(_tokens(macros.read_text("utf-8")), known).result()
    return known


class _Expansion:
    """The expansion of one formula: what is still to be read, its next part last."""

    def __init__(self, tokens: Tokens, macros: dict[str, Macro]) -> None:
        self.rest, self.macros = tokens[::-1], macros
        self.steps = 0

    def result(self) -> Tokens:
        made: Tokens = []
        while self.rest:
            part = self._next()
            if _DEFINE.fullmatch(part):
                self._define(part)
            elif macro := self.macros.get(part):
                self._put(self._called(macro))
            else:
                made.append(part)
        return made

    def _next(self, *, skips_blanks: bool = False) -> str:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooMuchTeXError
        part = self.rest.pop() if self.rest else ""
        return self._next() if skips_blanks and part.isspace() else part

    def _put(self, tokens: Sequence[str]) -> None:
        """Let tokens be read next."""
        self.steps += len(tokens) // 10
        self.rest += reversed(tokens)

    def _takes(self, part: str) -> bool:
        """Whether a part comes next, which is then read."""
        found = self._next(skips_blanks=True)
        if found != part:
            self._put([found])
        return found == part

    def _argument(self) -> Tokens:
        part = self._next(skips_blanks=True)
        return self._until("}") if part == "{" else [part]

    def _option(self) -> Tokens | None:
        return self._until("]") if self._takes("[") else None

    def _until(self, end: str) -> Tokens:
        found: Tokens = []
        depth = 0
        while self.rest:
            part = self._next()
            if part == end and depth == 0:
                break
            depth += (part == "{") - (part == "}")
            found.append(part)
        return found

    def _called(self, macro: Macro) -> Tokens:
        """A macro's body with the arguments that follow it, or so much of it that is too much."""
        arguments: dict[str, Tokens] = {}
        if macro.default is not None:
            option = self._option()
            arguments["#1"] = macro.default if option is None else option
        while len(arguments) < macro.arity:
            arguments[f"#{len(arguments) + 1}"] = self._argument()
        made = (each for part in macro.body for each in arguments.get(part, [part]))
        return list(islice(made, 11 * MOST_STEPS))

    def _define(self, command: str) -> None:
        r"""Take in `\newcommand{\name}[arity][default]{body}`, `\def\name#1{body}` and the like."""
        star = ["*"] if self._takes("*") else []
        name = "".join(self._argument()).strip()
        arity, default = 0, None
        if command == "\\let":
            self._takes("=")
            other = self._next(skips_blanks=True)
            self.macros[name] = self.macros.get(other) or Macro([other])
            return
        if command.endswith("def"):
            while self.rest and self.rest[-1] != "{":
                arity += self._next()[0] == "#"
        elif command.endswith("command"):
            digits = "".join(self._option() or "0").strip()
            arity, default = int(digits) if digits.isdecimal() else 0, self._option()
        body = self._argument()
        if command == "\\DeclareMathOperator":
            body = ["\\operatorname", *star, "{", *body, "}"]
        if command != "\\providecommand" or name not in self.macros:
            self.macros[name] = Macro(body, min(arity, 9), default)


def _closing(opening: str) -> str:
    """What ends a group that begins so; nothing where this begins none."""
    if opening.startswith("\\begin"):
        return opening.replace("begin", "end")
    return {"{": "}", "\\left": "\\right"}.get(opening[:5], "")


def _in_groups(tokens: Tokens) -> TeX:
    """Tokens as a tree; what is not in pairs stays as it is.

    Raises:
        TooMuchTeXError: Groups, or exponents and indices, are nested too deeply.
    """
    levels: list[tuple[str, TeX]] = [("", [])]
    for part in tokens:
        opening, items = levels[-1]
        if _closing(part):
            levels.append((part, []))
        elif opening and part.startswith(_closing(opening)):
            levels.pop()
            levels[-1][1].append(Group(opening, items, part))
        else:
            items.append(part)
        if len(levels) > _DEEPEST:
            raise TooMuchTeXError
    made = [part for opening, items in levels for part in (opening, *items) if part]
    if _depth_of_scripts(made) > DEEPEST_SCRIPTS:
        raise TooMuchTeXError
    return made


def _depth_of_scripts(items: TeX) -> int:
    within = (_depth_of_scripts(part.items) for part in items if isinstance(part, Group))
    return max(within, default=0) + ("^" in items or "_" in items)


def _renewed(items: TeX) -> TeX:
    """A tree with new commands for old ones, and room between pairs of aligned columns."""
    made: TeX = []
    rest = items[::-1]
    while rest:
        part = rest.pop()
        if isinstance(part, Group):
            inner = _renewed(part.items)
            made.append(_with_gaps(replace(part, items=inner)))
        elif part in _FRACTIONS:
            below = Group("{", _renewed(rest[::-1]), "}")
            return [_FRACTIONS[part], Group("{", made, "}"), below]
        elif part in _SWITCHES:
            switched: TeX = []
            while rest and rest[-1] not in ("&", "\\\\"):
                switched.append(rest.pop())
            made += [_SWITCHES[part], Group("{", _renewed(switched), "}")]
        else:
            made.append(part)
    return made


def _with_gaps(group: Group) -> Group:
    """An environment with room between pairs of aligned columns, which Typst leaves none.

    `eqnarray`, which has three columns for what `align` has two, becomes that.
    """
    if not _IN_PAIRS.fullmatch(group.opening):
        return group
    has_three = "eqnarray" in group.opening
    made: TeX = []
    columns = 0  # of the row so far
    for part in group.items:
        columns = 0 if part == "\\\\" else columns + (part == "&")
        ends_pair = part == "&" and columns % 2 == 0
        made += [] if has_three and ends_pair else ["&", "\\quad "] if ends_pair else [part]
    opening, closing = (end.replace("eqnarray", "align") for end in (group.opening, group.closing))
    return Group(opening, made, closing)
