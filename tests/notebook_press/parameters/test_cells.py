"""Parameters as their cell declares them: read from syntax or refused, and never executed."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
from annotated_types import Ge, Le
from hypothesis import example, given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from refusals import refusal

from notebook_press.errors import ParameterError
from notebook_press.parameters.cells import read_parameters
from notebook_press.parameters.types import Code
from notebook_press.parameters.values import Parameter

TAGGED = {"tags": ["parameters"]}
ALL_FOUR = ["epochs", "size", "when", "folder"]


def notebook(source: str) -> NotebookNode:
    cell = new_code_cell("", metadata=TAGGED)
    cell["source"] = source  # whatever it is: nbformat would refuse half a character
    return new_notebook(cells=[new_code_cell("import os"), cell])


def read(source: str) -> tuple[Parameter, ...]:
    return read_parameters(notebook(source), "report.ipynb")


def complaint_of(source: str) -> str:
    start = "report.ipynb, cell tagged 'parameters'"
    found, _, complaint = refusal(ParameterError, read, source).partition(start)
    assert (found, complaint != "") == ("", True)
    return complaint


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("print('executed')", []),
        ("import os\nfrom math import pi\npass\n'words'", []),
        ("def epochs(): size = 1\nclass A:\n    rate = 1", []),
        ("settings.epochs = 1; settings['size'] = 2", []),
        ("epochs = 5 * 2; size = other; when = date.today(); folder = Path('x')", ALL_FOUR),
        ("epochs = None; size = [1, {'a': None}]; when = ...; folder = 1e999", ALL_FOUR),
        ("epochs = size = 1\nwhen, [folder] = 1, [2]", ALL_FOUR),
        ("epochs, *size = when, (folder, a.b) = load()", ALL_FOUR),
        ("if big:\n  epochs = 1\nelse:\n  size = 2\ntry: when = 1\nexcept E: folder = 2", ALL_FOUR),
        ("for i in x:\n  with y as z:\n    match i:\n      case 1: epochs = 1", ["epochs"]),
        (
            "epochs: int\n_size = 1\n(when): int = 2\nfolder += 'a'",
            ["epochs", "_size", *ALL_FOUR[2:]],
        ),
        ("epochs: Path = Path('a'); size: np.int64 = 1; when: Annotated = 1", ALL_FOUR[:3]),
        ("%matplotlib inline\nepochs = 1\n!ls\nsize = !ls\nwhen = %pwd\nfolder?", ALL_FOUR[:3]),
        ("%%time\nepochs = 1", ["epochs"]),
        ("%%bash\nepochs=1", []),
        ("await wait()\nepochs = await wait()", ["epochs"]),
        ("e" * 101 + " = 1; epochs = 2", ["epochs"]),
    ],
)
def test_each_name_that_a_cell_assigns_is_a_parameter(
    source: str, names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert [each.name for each in read(source)] == names
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("source", "default"),
    [
        ("size = f(1)", Code("f(1)")),
        ("size = {1: 'a'}", Code("{1: 'a'}")),
        ("size = (3, 4)", Code("(3, 4)")),
        ("size = 'two\\nlines'", "two\nlines"),
        ("size: int = 5 * 2", Code("5 * 2")),
        ("size: list[int] = [1]", [1]),
        ("size: date = date(2024, 1, 31)", date(2024, 1, 31)),
        ("size: datetime.date = '2024-01-31'", date(2024, 1, 31)),
        ("size: int = None", None),
        ("size = 1; size = 2", 2),
        ("size: int = 1\nsize = 2", Code("1 …")),
        ("size = 1\nif big: size = 2", Code("1 …")),
        ("size = 1\nsize += 1", Code("1 …")),
        ("size = 1\nsize += 1\nsize += 1", Code("1 …")),
        ("if big: size: int = 1", Code("1")),
        ("size = 0x1" + "0" * 5000, Code("a number of very many digits")),
        ("size = '" + "x" * 9_000 + "' + y", Code("'" + "x" * 198 + "…")),
    ],
)
def test_a_default_is_known_only_where_the_cell_alone_says_it(source: str, default: Any) -> None:
    (found,) = read(source)
    assert (found.default, type(found.default)) == (default, type(default))


def test_the_default_of_a_type_that_allows_none_may_be_none() -> None:
    assert [each.annotation for each in read("a: int = None; b: str | None = None")] == [
        int | None,
        str | None,
    ]


def in_language(name: str, source: str) -> list[tuple[str, Any]]:
    found = notebook(source)
    found.metadata["language_info"] = {"name": name}
    return [(each.name, each.default) for each in read_parameters(found, "report.ipynb")]


@pytest.mark.parametrize(
    ("language", "source", "names"),
    [
        (
            "bash",
            "# words=1\nname=hello\nexport size=3\nif [ $name == x ]; then :; fi",
            ["name", "size"],
        ),
        ("R", "size <- 3\nname = 'a'\nif (size == 3) print(1)", ["size", "name"]),
        ("scala", 'val size: Int = 3\nvar name = "a"', ["size", "name"]),
    ],
)
def test_in_another_language_a_line_that_assigns_declares(language, source, names):
    assert [name for name, _ in in_language(language, source)] == names


def test_of_two_tagged_cells_the_first_declares_as_for_papermill() -> None:
    cells = [new_code_cell(f"{name} = 1", metadata=TAGGED) for name in ("epochs", "size")]
    assert [each.name for each in read_parameters(new_notebook(cells=cells), "a.ipynb")] == [
        "epochs"
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "class = 1",
        "epochs = (",
        "epochs = \x00",
        "!ls\nepochs = (",
        "epochs: int = 1.0",
        "epochs: int = True",
        "epochs: int = '1'",
        "epochs: list[int] = 1",
        "epochs: list[int] = ['1']",
        "epochs: dict[str, float] = {'a': 'b'}",
        "epochs: Optional[int] = 'a'",
        "epochs: date = 20240131",
        "epochs: date = '31.1.2024'",
        "epochs: Annotated[int, Ge(1)] = 0",
        "epochs: float = 1" + "0" * 400,
        "epochs: float = 1e999",
        "epochs: str = 'line\\nbreak'",
        "epochs: Literal['a', 'b'] = 'c'",
        "epochs: Literal[1] = True",
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused_with_its_line(
    statement: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert re.match(", line [23]: ", complaint_of(f"dataset = 'auto'\n{statement}"))
    assert capsys.readouterr().out == ""


HOSTILE = {
    "a call": "epochs: int = __import__('pathlib').Path('owned').touch()",
    "a call in the annotation": "epochs: __import__('pathlib').Path('owned').touch() = 1",
    "a call in a bound": "epochs: Annotated[int, Ge(__import__('os').mkdir('owned'))] = 1",
    "a walrus": "epochs = (other := 1)",
    "a decorator": "@__import__('os').mkdir\ndef epochs(): ...",
    "a class": "class epochs(metaclass=__import__('os').mkdir): ...",
    "a power": "epochs = 10**10**10",
    "a large hexadecimal number": "epochs = 0x" + "f" * 10_000,
    "brackets": "epochs = " + "(" * 9_000 + "1" + ")" * 9_000,
    "signs": "epochs = " + "-" * 19_000 + "1",
    "fewer signs": "epochs = " + "-" * 900 + "1",
    "attributes": "epochs: a" + ".b" * 9_000 + " = 1",
    "sums": "epochs = " + "1+" * 9_000 + "1",
    "blocks": "\n".join(" " * depth + "if 1:" for depth in range(190)),
    "much text": "epochs = '" + "x" * 1_000_000 + "'",
    "many choices": "epochs: Literal[" + ",".join(map(str, range(3_000))) + "] = 1",
    "long choices": f"mode: Literal[{', '.join(repr(each * 500) for each in 'abcdefgh')}] = 'a'",
    "half a character": "epochs = '\ud800'",
    "a long name": "e" * 5_000 + " = 1",
    "a name declared twice": "file = 1\nﬁle = 2",
    "magic": "%run owned.py",
    "much magic": "%a\n" * 5_000,
    "many blocks": "".join(f"{' ' * depth}if a{depth}:\n" for depth in range(90)) + "(",
}


RUNS = (
    *("a call", "a call in the annotation", "a walrus", "a decorator", "a class", "a power"),
    *("a large hexadecimal number", "fewer signs", "a long name", "magic", "a name declared twice"),
)
"""What the kernel may well run."""


@pytest.mark.promise("A parameter cell that would take Python minutes to read is refused at once.")
@pytest.mark.parametrize(("name", "source"), HOSTILE.items(), ids=HOSTILE)
def test_a_hostile_cell_is_read_or_refused_in_one_short_line_and_never_executed(
    name: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert bool(refusal(ParameterError, read, source)) == (name not in RUNS)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("written", ["ﬁle", "ｆｉｌｅ", "𝐟𝐢𝐥𝐞"])  # noqa: RUF001
def test_a_name_is_the_one_that_python_makes_of_it(written: str) -> None:
    assert [each.name for each in read(f"{written} = 1")] == ["file"]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (
            "epochs: Annotated[int, Ge(1), Le(500)] = 0",
            "the default of epochs: expected a whole number from 1 to 500, found 0",
        ),
        ("epochs: Annotated[int, Ge('1')] = 1", "is not understood; understood are Literal[...]"),
    ],
)
def test_a_refusal_says_what_is_wrong(source: str, complaint: str) -> None:
    assert complaint in complaint_of(source)


def test_a_tag_on_a_cell_without_code_declares_nothing() -> None:
    cells = [new_markdown_cell("", metadata=TAGGED), new_code_cell("epochs = 1", metadata=TAGGED)]
    assert read_parameters(new_notebook(cells=cells), "a.ipynb") == ()


PIECES = [
    *["epochs", ":", "=", "int", "float", "str", "bool", "Literal", "[", "]", "(", ")"],
    *["Annotated", ",", "Ge", "Interval", "ge", "'a'", "''", "1", "0.5", "True", "-", "#"],
    *["help", "\n", ";", "import", "\\", "\t"],
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join)))
@example("a: int = 1\x0c\nb = 2")
@example("a = 1\rb = 2")
@example("a = '\\d'")
@example("a = 1is 2")
@example("if 1:\n\ta = 1\n        b = 2")
@example("a = 1 \\\n")
@example("# é\na = 1 # ü")
def test_any_source_is_read_or_refused_in_one_line(source: str) -> None:
    refusal(ParameterError, read, source)


@pytest.mark.parametrize(
    ("source", "tags"),
    [("a = 1", []), ("a = 1", "parameters"), ("", ["parameters"]), ("# none", ["parameters"])],
)
def test_without_a_tag_or_a_statement_there_are_no_parameters(source: str, tags: Any) -> None:
    found = notebook(source)
    found.cells[1].metadata["tags"] = tags
    assert read_parameters(found, "a.ipynb") == ()


def test_each_parameter_has_its_type_default_help_and_line() -> None:
    source = 'dataset: str = "auto"    # a name\nepochs: Annotated[int, Ge(1), Le(500)] = 10'
    annotation = "Annotated[int, Ge(1), Le(500)]"
    assert read(source) == (
        Parameter("dataset", str, "str", "auto", "a name", 1),
        Parameter("epochs", Annotated[int, Ge(1), Le(500)], annotation, 10, "", 2),
    )


@pytest.mark.parametrize(
    ("source", "type_text", "default"),
    [
        *[("size = 5", "int", 5), ("size = -5", "int", -5), ("size = 0.5", "float", 0.5)],
        *[("size = True", "bool", True), ("size = 'a' 'b'", "str", "ab")],
        ("size: float = 5", "float", 5.0),
        ("size: Annotated[\n    float,  # any\n    Gt(0),\n] = 1", "Annotated[float, Gt(0)]", 1.0),
    ],
)
def test_type_and_default_come_from_the_statement(
    source: str, type_text: str, default: Any
) -> None:
    (found,) = read(source)
    assert (found.type_text, found.default) == (type_text, default)
    assert type(found.default) is type(default)


@pytest.mark.parametrize(
    ("source", "help_text"),
    [
        ("size = 1  # how many", "how many"),
        ("size = 1  #: how many", "how many"),
        ("# how many\nsize = 1", "how many"),
        ("# how many\n# of them\nsize = 1", "how many of them"),
        ("# heading\n\nsize = 1", ""),
        ("# above\nsize = 1  # beside", "beside"),
        ("size: Annotated[\n    int, Ge(1)\n] = 1  # how many", "how many"),
        ("size = '# no comment'", ""),
        ("size = 1  # red \x1b[31m\ttab", "red [31m tab"),
        ("a = 1  # first\nb = 2", ""),
    ],
)
def test_the_comment_is_the_help(source: str, help_text: str) -> None:
    assert read(source)[-1].help == help_text
