"""Names, values and cells that mean harm: refused in one short line, and never executed."""

import ast
from pathlib import Path
from typing import Annotated, Any, Literal

import nbformat
import pytest
from annotated_types import Ge, Le, MaxLen
from hypothesis import example, given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook
from papermill.parameterize import parameterize_notebook

from notebook_press.errors import ParameterError
from notebook_press.parameters import Parameter, assign, parse_assignments, read_parameters

PYTHON = {"name": "python3", "display_name": "Python", "language": "python"}
LONGEST = 1_000  # characters of a refusal, however long what is refused

DECLARED = (
    Parameter("epochs", Annotated[int, Ge(1), Le(500)], "int", 10, "", 1),
    Parameter("offset", int, "int", 0, "", 2),
    Parameter("rate", float, "float", 0.5, "", 3),
    Parameter("silent", bool, "bool", False, "", 4),
    Parameter("title", str, "str", "x" * 10_000, "", 5),
    Parameter("label", Annotated[str, MaxLen(3)], "str", "a", "", 6),
    Parameter("choice", Literal["auto", "all", 0, True], "Literal", "auto", "", 7),
)
NAMES = [each.name for each in DECLARED]
CODE = [
    "x=open('/tmp/owned','w')",
    "__import__('os').system('touch /tmp/owned')",
    *["epochs;b", "epochs\nb", "epochs=3", "epochs ", "{epochs}", "{{", "epochs{0.__class__}"],
    *["\u0435pochs", "ｅｐｏｃｈｓ", "epo\u200bchs", "e\u0301pochs", "\u202eshcope"],  # noqa: RUF001
    *["e" * 10_000, "epochs" * 2_000, "\ud800", "\x00", "", "__class__", "lambda", "None"],
]
VALUES = [
    *["", "1", "+1", "01", "1_0", "501", "0", "-0", "9" * 1_000, "9" * 10_000, "0x1", "1e3"],
    *["nan", "inf", "-inf", "1e999", "1e-999", "true", "True", "yes", "no", "on", "1.", ".5"],
    *["'", '"', "\\", '\\"', "'''", '"""', "a\nb", "\r", "\x00", "\x1b[31m", "\ud800", "\u2028"],
    *["\u202eabc", "\u2066", "{}", "{{", "{epochs}", "{0.__class__}", "%s", "$(id)", "`id`"],
    *["x" * 10_000, "é" * 10_000, "auto", "AUTO", "all ", "２", "٣", "\ufeff1", "#", "x  # y"],  # noqa: RUF001
]


def spelt(value: Any, text: str) -> bool:
    """Whether the text spells just this value, by Python's own reading of it."""
    if isinstance(value, str):
        return value == text
    if isinstance(value, bool):
        return text in (str(value), str(value).lower())
    number = ast.literal_eval(text.lstrip("+"))
    return type(number) in (int, type(value)) and number == value


def refused(pairs: list[tuple[str, str]]) -> str:
    """The refusal's text, or nothing where every value is exactly what was given."""
    try:
        values = assign({"story.ipynb": DECLARED}, parse_assignments(pairs))["story.ipynb"]
    except ParameterError as error:
        return str(error)
    assert list(values) == NAMES
    assert all(spelt(values[name], text) for name, text in pairs)
    return ""


@given(
    st.one_of(st.sampled_from(NAMES + CODE), st.text()),
    st.one_of(st.sampled_from(VALUES), st.text(), st.integers().map(str), st.floats().map(str)),
)
@example("title", "{epochs}")
@example("epochs", "1" * 5_000)
def test_any_value_is_exactly_what_was_given_or_refused_in_one_short_line(
    name: str, text: str
) -> None:
    message = refused([(name, text)])
    assert message.isprintable()
    assert len(message) <= LONGEST


@pytest.mark.parametrize("name", CODE, ids=lambda name: ascii(name[:20]))
def test_a_name_that_is_code_or_looks_alike_is_no_parameter(name: str) -> None:
    assert refused([(name, "1")]).startswith("unknown parameter ")


@pytest.mark.parametrize("text", VALUES, ids=lambda text: ascii(text[:20]))
def test_each_hostile_value_of_each_type_is_kept_or_refused(text: str) -> None:
    messages = [refused([(name, text)]) for name in NAMES]
    assert all(message.isprintable() for message in messages)
    assert max(map(len, messages)) <= LONGEST


@pytest.mark.promise("A refusal never lists thousands of names.")
def test_a_refusal_of_one_among_many_parameters_stays_short() -> None:
    many = [Parameter(f"parameter_{number}", int, "int", 1, "", 1) for number in range(5_000)]
    with pytest.raises(ParameterError, match=r"… \(5,000 in all\)$") as caught:
        assign({"story.ipynb": many}, parse_assignments([("parametr_1", "1")]))
    assert len(str(caught.value)) <= LONGEST


def test_a_refusal_of_many_at_once_stays_short() -> None:
    pairs = [(f"name_{number}", "1") for number in range(5_000)]
    with pytest.raises(ParameterError, match=r"no cell tagged 'parameters'") as caught:
        assign({f"{number}.ipynb": () for number in range(5_000)}, parse_assignments(pairs))
    assert len(str(caught.value)) <= LONGEST


scalars = st.one_of(
    st.booleans(),
    st.integers(-(10**999), 10**999),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.sampled_from(VALUES),
)


@given(scalars)
@example(-0.0)
@example(5e-324)
@example('"""\\')
@example("\u202e{{}}\\N{DIGIT ONE}\\x41")
def test_what_papermill_injects_is_exactly_the_value_that_passed(value: Any) -> None:
    declared = Parameter("value", type(value), "", type(value)(), "", 1)
    text = value if isinstance(value, str) else repr(value)
    try:
        passed = assign({"n.ipynb": [declared]}, parse_assignments([("value", text)]))["n.ipynb"]
    except ParameterError:
        assert isinstance(value, str)  # control characters; numbers and truths all pass
        return
    injected = parameterize_notebook(notebook("value = 1"), passed).cells[1].source
    (statement,) = ast.parse(injected).body
    found = ast.literal_eval(statement.value)  # type: ignore[attr-defined]
    assert (repr(found), type(found)) == (repr(value), type(value))


def notebook(source: str) -> nbformat.NotebookNode:
    made = new_notebook(metadata={"kernelspec": PYTHON})
    cell = new_code_cell("", metadata={"tags": ["parameters"]})
    cell["source"] = source
    made.cells = [cell]
    made.metadata["papermill"] = {}
    return made


HOSTILE = {
    "a call": "epochs: int = __import__('pathlib').Path('owned').touch()",
    "a call in the annotation": "epochs: __import__('pathlib').Path('owned').touch() = 1",
    "a call in a bound": "epochs: Annotated[int, Ge(__import__('os').mkdir('owned'))] = 1",
    "a walrus": "epochs = (other := 1)",
    "a walrus in an annotation": "epochs: (int := __import__('os').mkdir('owned')) = 1",
    "an f-string": 'epochs = f\'{__import__("os").mkdir("owned")}\'',
    "a decorator": "@__import__('os').mkdir\ndef epochs(): ...",
    "a class": "class epochs(metaclass=__import__('os').mkdir): ...",
    "a power": "epochs = 10**10**10",
    "a product of text": "epochs = 'x' * 10**10",
    "a shift": "epochs = 1 << 10**10",
    "a large number": "epochs = " + "9" * 5_000,
    "a large hexadecimal number": "epochs = 0x" + "f" * 10_000,
    "brackets": "epochs = " + "(" * 9_000 + "1" + ")" * 9_000,
    "signs": "epochs = " + "-" * 19_000 + "1",
    "fewer signs": "epochs = " + "-" * 900 + "1",
    "attributes": "epochs: a" + ".b" * 9_000 + " = 1",
    "subscripts": "epochs: a" + "[1]" * 6_000 + " = 1",
    "sums": "epochs = " + "1+" * 9_000 + "1",
    "blocks": "\n".join(" " * depth + "if 1:" for depth in range(190)),
    "much text": "epochs = '" + "x" * 1_000_000 + "'",
    "many choices": "epochs: Literal[" + ",".join(map(str, range(3_000))) + "] = 1",
    "a null character": "epochs = 1\0",
    "half a character": "epochs = '\ud800'",
    "half a character in a comment": "epochs = 1  # \ud800",
    "a long name": "e" * 5_000 + " = 1",
    "a name declared twice, once by a ligature": "file = 1\nﬁle = 2",
    "magic": "%run owned.py",
    "a shell": "!touch owned",
    "await": "epochs = await other",
    "a star": "*epochs, b = 1, 2",
}


@pytest.mark.promise("A parameter cell that would take Python minutes to read is refused at once.")
@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_cell_is_refused_in_one_short_line_and_never_executed(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError) as caught:
        read_parameters(notebook(source), "story.ipynb")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= LONGEST
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("written", ["ﬁle", "ｆｉｌｅ", "𝐟𝐢𝐥𝐞"])  # noqa: RUF001
def test_a_name_is_the_one_that_python_makes_of_it(written: str) -> None:
    declared = read_parameters(notebook(f"{written} = 1"), "story.ipynb")
    assert [each.name for each in declared] == ["file"]
    assert assign({"n": declared}, parse_assignments([("file", "2")])) == {"n": {"file": 2}}
    with pytest.raises(ParameterError, match="unknown parameter"):
        assign({"n": declared}, parse_assignments([(written, "2")]))


def test_a_refusal_of_a_long_default_or_choice_stays_short() -> None:
    source = f"mode: Literal[{', '.join(repr(letter * 500) for letter in 'abcdefgh')}] = 'a'"
    with pytest.raises(ParameterError, match="the default of mode") as caught:
        read_parameters(notebook(source), "story.ipynb")
    assert len(str(caught.value)) <= LONGEST
