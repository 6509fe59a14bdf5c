"""TeX as MathJax takes it, made TeX as pandoc reads it: macros expanded, old commands renewed."""

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_STEPS = 20_000
"""How many tokens the expansion of one formula may take: a page of TeX has about 3,000."""

DEEPEST_SCRIPTS = 10
"""How deep exponents and indices may be nested: each level takes pandoc twice the time."""

_TOKEN = re.compile(
    r"\\(?:begin|end)\s*\{[A-Za-z]*\*?\}|\\(?:[A-Za-z]+|.|$)|%[^\n]*(?:\n[ \t]*)?|\s+|.", re.DOTALL
)
_SWITCHES = {
    "\\rm": "\\mathrm", "\\bf": "\\mathbf", "\\it": "\\mathit", "\\tt": "\\mathtt",
    "\\sf": "\\mathsf", "\\cal": "\\mathcal", "\\mit": "\\mathit", "\\boldmath": "\\boldsymbol",
}  # fmt: skip
_FRACTIONS = {
    "\\over": ("\\frac{", "}{", "}"),
    "\\atop": ("\\genfrac{}{}{0pt}{}{", "}{", "}"),
    "\\brack": ("\\genfrac{[}{]}{0pt}{}{", "}{", "}"),
    "\\brace": ("\\genfrac{\\{}{\\}}{0pt}{}{", "}{", "}"),
}
_RENEWED = {
    "\\cr": "\\\\", "\\newline": "\\\\", "\\begin{dcases}": "\\begin{cases}",
    "\\end{dcases}": "\\end{cases}", "\\begin{rcases}": "\\left.\\begin{array}{ll}",
    "\\end{rcases}": "\\end{array}\\right\\}", "\\hdashline": "\\hline",
    "\\begin{displaymath}": "", "\\end{displaymath}": "", "\\begin{math}": "", "\\end{math}": "",
    "\\begin{subequations}": "", "\\end{subequations}": "",
}  # fmt: skip
_LENGTH = re.compile(r"\s*=?\s*-?[0-9.]*\s*(?:em|ex|pt|px|mu|cm|mm|in|pc)?")
Tokens = list[str]


class TooMuchTeXError(Exception):
    """A formula grows without end, or almost, or would keep pandoc busy."""


@dataclass(frozen=True)
class _Macro:
    """What a command stands for: `#1` and the like in its body are its arguments."""

    body: Tokens
    arity: int = 0
    default: Tokens | None = None


def tokens_of(tex: str) -> Tokens:
    """TeX in its smallest parts, the beginnings and ends of environments whole; no comments."""
    found = (part for part in _TOKEN.findall(tex) if part[0] != "%")
    return ["".join(part.split()) if "{" in part[1:] else part for part in found]


def joined(tokens: Iterable[str]) -> str:
    """The TeX of tokens."""
    parts: Tokens = []
    for part in tokens:
        if part[:1].isalpha() and parts and re.fullmatch(r"\\[A-Za-z]+", parts[-1]):
            parts.append(" ")
        parts.append(part)
    return "".join(parts)


class Macros:
    """The macros that the formulas of a page have defined so far."""

    def __init__(self) -> None:
        self._known = dict(_known())

    def expanded(self, tex: str) -> Tokens:
        """A formula without macros; what it defines is known to those after it.

        Raises:
            TooMuchTeXError: It grows, or is nested, past all measure.
        """
        made = _Expansion(tokens_of(tex), self._known).result()
        if _depth_of_scripts(made) > DEEPEST_SCRIPTS:
            raise TooMuchTeXError
        return made


def _depth_of_scripts(tokens: Tokens) -> int:
    """How deep groups are nested that follow an exponent's or an index's sign in their group."""
    levels, has_script, deepest = [0], [False], 0
    for part in tokens:
        if part in ("^", "_"):
            has_script[-1] = True
        elif part in ("{", "\\left") or part.startswith("\\begin"):
            levels.append(levels[-1] + has_script[-1])
            has_script.append(False)
            deepest = max(deepest, levels[-1])
        elif (part in ("}", "\\right") or part.startswith("\\end")) and len(levels) > 1:
            levels.pop()
            has_script.pop()
    return deepest


@functools.cache
def _known() -> dict[str, _Macro]:
    """What each page begins with."""
    macros = Path(__file__).parents[1] / "templates" / "macros.tex"
    known: dict[str, _Macro] = {}
    _Expansion(tokens_of(macros.read_text("utf-8")), known).result()
    return known


class _Expansion:
    """The expansion of one formula: what is still to be read, its next part last, and what is."""

    def __init__(self, tokens: Tokens, macros: dict[str, _Macro]) -> None:
        self.rest, self.macros = tokens[::-1], macros
        self.made: Tokens = []
        self.groups = [0]  # where what is made of each open group begins
        self.steps = 0

    def result(self) -> Tokens:
        while self.rest:
            part = self._next()
            if action := _ACTIONS.get(part):
                action(self, part)
            elif macro := self.macros.get(part):
                self._put(self._called(macro))
            elif part in _SWITCHES:
                self._put([_SWITCHES[part], "{", *self._to_end_of_group(("&", "\\\\")), "}"])
            elif part in _FRACTIONS:
                self._divide(*_FRACTIONS[part])
            elif part in _RENEWED:
                self._put(tokens_of(_RENEWED[part]))
            else:
                self._keep(part)
        return self.made

    def _keep(self, part: str) -> None:
        if part == "{" or part.startswith("\\begin"):
            self.groups.append(len(self.made) + 1)
        elif (part == "}" or part.startswith("\\end")) and len(self.groups) > 1:
            self.groups.pop()
        self.made.append(part)

    def _next(self) -> str:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooMuchTeXError
        return self.rest.pop() if self.rest else ""

    def _put(self, tokens: Sequence[str]) -> None:
        """Let tokens be read next."""
        self.steps += len(tokens) // 10
        self.rest += reversed(tokens)

    def _skip_blanks(self) -> None:
        while self.rest and self.rest[-1].isspace():
            self._next()

    def _peeks(self, part: str) -> bool:
        """Whether a part comes next, which is then read."""
        self._skip_blanks()
        if not self.rest or self.rest[-1] != part:
            return False
        self._next()
        return True

    def _argument(self) -> Tokens:
        self._skip_blanks()
        part = self._next()
        return self._until("}") if part == "{" else [part] if part else []

    def _option(self) -> Tokens | None:
        return self._until("]") if self._peeks("[") else None

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

    def _to_end_of_group(self, ends: Sequence[str] = ()) -> Tokens:
        found: Tokens = []
        depth = 0
        while self.rest:
            part = self.rest[-1]
            closes = part in ("}", "\\right") or part.startswith("\\end")
            if depth == 0 and (closes or part in ends):
                break
            depth += part in ("{", "\\left") or part.startswith("\\begin")
            depth -= closes
            found.append(self._next())
        return found

    def _called(self, macro: _Macro) -> Tokens:
        """A macro's body with the arguments that follow it."""
        arguments: list[Tokens] = []
        if macro.default is not None:
            option = self._option()
            arguments.append(macro.default if option is None else option)
        while len(arguments) < macro.arity:
            arguments.append(self._argument())
        made: Tokens = []
        body = iter(macro.body)
        for part in body:
            if part != "#":
                made.append(part)
                continue
            number = next(body, "")
            place = int(number) if re.fullmatch("[1-9]", number) else 0
            made += arguments[place - 1] if 0 < place <= len(arguments) else []
            if len(made) > MOST_STEPS:
                raise TooMuchTeXError
        return made

    def _divide(self, before: str, between: str, after: str) -> None:
        above = self.made[self.groups[-1] :]
        below = self._to_end_of_group()
        del self.made[self.groups[-1] :]
        self.made += [*tokens_of(before), *above]  # which is expanded already
        self.rest += reversed([*tokens_of(between), *below, *tokens_of(after)])
        self.groups.append(len(self.made))

    def define(self, command: str) -> None:
        r"""Take in `\newcommand{\name}[arity][default]{body}` and its like."""
        self._peeks("*")
        name = joined(self._argument()).strip()
        option = self._option()
        digits = joined(option or []).strip()
        default = self._option()
        body = self._argument()
        if command != "\\providecommand" or name not in self.macros:
            self.macros[name] = _Macro(
                body, int(digits) if digits in list("123456789") else 0, default
            )

    def define_plainly(self, command: str) -> None:
        r"""Take in `\def\name#1#2{body}`."""
        self._skip_blanks()
        name = self._next()
        parameters: Tokens = []
        while self.rest and self.rest[-1] != "{":
            parameters.append(self._next())
        self.macros[name] = _Macro(self._argument(), parameters.count("#"))

    def define_alike(self, command: str) -> None:
        r"""Take in `\let\name=\other`."""
        self._skip_blanks()
        name = self._next()
        self._peeks("=")
        self._skip_blanks()
        other = self._next()
        self.macros[name] = self.macros.get(other) or _Macro([other])

    def define_operator(self, command: str) -> None:
        r"""Take in `\DeclareMathOperator{\name}{words}`."""
        star = "*" if self._peeks("*") else ""
        name = joined(self._argument()).strip()
        body = ["\\operatorname", *star, "{", *self._argument(), "}"]
        self.macros[name] = _Macro(body)

    def keep_space(self, command: str) -> None:
        """Make any length a space."""
        self._peeks("*")
        if self._peeks("{"):
            self._until("}")
        else:
            text = joined(self.rest[:-40:-1])
            for _ in tokens_of(text[: _LENGTH.match(text).end()]):  # type: ignore[union-attr]
                self._next()
        self.made.append("\\;")

    def keep_character(self, command: str) -> None:
        r"""Make `\unicode{x3b1}` the character."""
        self._option()
        code = joined(self._argument()).strip().lower()
        found = re.fullmatch(r"(?:x([0-9a-f]{1,5})|([0-9]{1,6}))", code)
        number = (int(found[1], 16) if found[1] else int(found[2])) if found else 0
        shown = chr(number) if 0xA0 <= number < 0x110000 and chr(number).isprintable() else ""
        self.made += ["\\text", "{", shown, "}"] if shown else []


_ACTIONS: dict[str, Callable[[_Expansion, str], None]] = {
    **dict.fromkeys(("\\newcommand", "\\renewcommand", "\\providecommand"), _Expansion.define),
    **dict.fromkeys(("\\def", "\\gdef", "\\edef", "\\xdef"), _Expansion.define_plainly),
    **dict.fromkeys(("\\hskip", "\\kern", "\\mkern", "\\mskip", "\\hspace"), _Expansion.keep_space),
    "\\let": _Expansion.define_alike,
    "\\DeclareMathOperator": _Expansion.define_operator,
    "\\unicode": _Expansion.keep_character,
}
