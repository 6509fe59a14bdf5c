"""Values as their user gives them: on the command line, in a file, or in a profile."""

import codecs
import math
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
from annotated_types import Ge, Le
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from papermill.iorw import read_yaml_file
from refusals import refusal

from notebook_press.errors import ParameterError
from notebook_press.parameters.files import read_parameter_file, read_profile
from notebook_press.parameters.types import Code
from notebook_press.parameters.values import Given, Parameter, parse_assignments, read_value

BOMB = "\n".join(
    f"{n}: &{n} [{', '.join([f'*{m}'] * 10)}]" for m, n in zip("abcde", "bcdef", strict=True)
)
DIGITS = "use the digits 0 to 9 without leading zeros, points or spaces, as in 10"


def parameter(annotation: Any, default: Any) -> Parameter:
    return Parameter("size", annotation, "", default, "", 1)


@pytest.mark.parametrize(
    ("given_value", "end"),
    [
        (Given("ten", "quick.yaml:7"), f"found 'ten' (quick.yaml:7); {DIGITS}"),
        (Given("501", "the command line"), "found '501' (the command line); write one, as in 10"),
        (Given("\u0663", "a:1"), rf"found '\u0663' (a:1); {DIGITS}"),
        (
            Given("1", "a:1", quoted=True),
            "found '1' in quotation marks (a:1); take the quotation marks away, as in 10",
        ),
    ],
)
def test_a_refusal_names_parameter_expectation_value_source_and_remedy(
    given_value: Given, end: str
) -> None:
    size = parameter(Annotated[int, Ge(1), Le(500)], 10)
    message = refusal(ParameterError, read_value, size, given_value)
    assert message == f"parameter size: expected a whole number from 1 to 500, {end}"


def test_that_there_may_be_none_is_no_example_of_a_number() -> None:
    message = refusal(ParameterError, read_value, parameter(int | None, None), Given("x", "a:1"))
    assert message.endswith(DIGITS.removesuffix(", as in 10"))


def test_assignments_are_kept_with_where_they_come_from() -> None:
    found = parse_assignments([("epochs", "20"), ("dataset", "")])
    assert found == {
        "epochs": Given("20", "the command line"),
        "dataset": Given("", "the command line"),
    }


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"'epochs' is given twice.*'20' and '30'"):
        parse_assignments([("epochs", "20"), ("epochs", "30")])


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "run.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "line", "complaint"),
    [
        (b"#" * 100_001, 1, "at most 100,000 bytes"),
        ("- epochs", 1, "a mapping"),
        ("epochs: 1\nseed: 2\nepochs: 3", 3, "twice, first in line 1"),
        ("epochs: 1\n'epochs': 3", 2, "twice"),
        ("02_network:\n  epochs: 1", 1, "unknown parameter"),
        ("? [a]\n: 1", 1, "a list"),
        ("epochs: 1\nseed: *anchor", 2, "alias"),
        ("<<: {epochs: 1}", 1, "unknown parameter '<<'"),
        ("epochs: !!int 1", 1, "tag"),
        ("epochs: &a !!int 1", 1, "tag"),
        ("epochs:\n  a: !!python/name:os.system", 2, "could not determine a constructor"),
        ("epochs: {? [1, 2] : 3}", 1, "unhashable key"),
        ("epochs: [!!binary aGk=]", 1, "no text, number"),
        ("a: &a [1]\n" + BOMB, 5, "more than 10,000 values"),
        ("epochs: &a [*a]", 1, "recursive"),
        ("epochs: !!python/object/apply:os.system ['echo executed']", 1, "tag"),
        ("!!map {epochs: 1}", 1, "tag"),
        ("epochs: 1\n---\nepochs: 2", 2, "another document"),
        ("epochs:\t1", 1, "YAML"),
        ("epochs: 1\nseed: 'open", 2, "YAML"),
        ("epochs: @home", 1, "YAML"),
        ('epochs: "\\U99999999"', 1, "YAML"),
        ("epochs: 1\nseed: \x00", 2, "YAML"),
        ("%YAML 2.0\n---\nepochs: 1", 1, "YAML"),
        ("a b: 1", 1, "unknown parameter"),
        ("a: " + "[" * 1_000, 1, "YAML"),
        (b"epochs: 1\nname: \xff", 2, "UTF-8"),
        (codecs.BOM_UTF16_LE + "epochs: 1".encode("utf-16-le"), 1, "UTF-8"),
    ],
)
def test_a_file_that_is_no_list_of_values_is_refused_with_the_line(
    tmp_path: Path, content: str | bytes, line: int, complaint: str
) -> None:
    path = write(tmp_path, content)
    message = refusal(ParameterError, read_parameter_file, path)
    assert f"{path}:{line}" in message
    assert complaint in message


@pytest.mark.parametrize("name", ["missing.yaml", ".", "nul\x00.yaml", "a\nb.yaml", "x" * 300])
def test_what_is_no_file_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    assert "parameter file" in refusal(ParameterError, read_parameter_file, tmp_path / name)


def test_values_are_kept_as_text_with_their_line(tmp_path: Path) -> None:
    content = "\ufeff---\nepochs: 010  # comment\n\nsilent: no\nstart: 12:30:45\nname: '10'\n..."
    path = write(tmp_path, content)
    assert read_parameter_file(write(tmp_path, "# nothing")) == {}
    path = write(tmp_path, content)
    assert read_parameter_file(path) == {
        "epochs": Given("010", f"{path}:2"),
        "silent": Given("no", f"{path}:4"),
        "start": Given("12:30:45", f"{path}:5"),
        "name": Given("10", f"{path}:6", quoted=True),
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(), st.text(alphabet="ab:-?[]{}!&*#'\"|>%@` \n\t\r<~\\xuU0129").map(str.encode)
    )
)
@example(b"a: 'x\\\n\x85'")
@example(b"%YAML 1." + b"9" * 5000 + b"\n--- a")
@example(b"? " + b"a" * 9000 + b"\n: [1]")
@example(b"a: &x [1, &y [*x, *x]]\nb: *y")
@example(b"a: !" + b"x" * 9000 + b" 1")
@example(b"a: >" + b"9" * 9000)
def test_any_bytes_are_read_or_refused_in_one_short_line(tmp_path: Path, content: bytes) -> None:
    refusal(ParameterError, read_parameter_file, write(tmp_path, content))


def plain(given_value: Given) -> Any:
    return read_value(parameter(None, None), given_value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("None", None), ("null", None), ("True", True), ("true", True), ("FALSE", False)],
        *[("3", 3), ("-3", -3), ("010", 10), ("1e3", 1000.0), (".5", 0.5), ("-inf", -math.inf)],
        *[("[1, a, null]", [1, "a", None]), ('{"a": {"b": [1.5]}}', {"a": {"b": [1.5]}})],
        *[("{a: 2024-01-31}", {"a": "2024-01-31"}), ("'5'", "5"), ('"a\\nb"', "a\nb"), ("[]", [])],
        *[
            (text, text)
            for text in ("", "no", "12:30", "a: b", "- a", "a # b", "[a", "{", "'a", "~/x")
        ],
        *[
            (text, text)
            for text in ("2024-01-31", "&a", "!!int 1", "*", "@x", "größe", "a\nb", "none")
        ],
    ],
)
def test_text_on_the_command_line_is_what_it_is_to_papermill_or_a_list(
    text: str, value: Any
) -> None:
    found = plain(Given(text, "the command line"))
    assert (repr(found), type(found)) == (repr(value), type(value))


FILE = """
flag: yes
still: False
none:
also: ~
day: 2024-01-31
hex: 0x1F
rate: 1.5e-3
quoted: '010'
words: a: b
""".replace("words: a: b", "words: >\n  folded\n  text\n")
LISTED = """
base: &base {a: 1, 2: x}
more:
  <<: *base
  b: [1, [null, 2024-01-31]]
empty: []
"""


@pytest.mark.parametrize("content", [FILE, LISTED], ids=["single", "listed"])
def test_a_file_means_what_it_means_to_papermill(tmp_path: Path, content: str) -> None:
    path = write(tmp_path, content)
    found = {name: plain(each) for name, each in read_parameter_file(path).items()}
    expected = read_yaml_file(str(path))
    for mapping in filter(lambda each: isinstance(each, dict), expected.values()):
        mapping.update({str(name): mapping.pop(name) for name in list(mapping)})
    assert found == expected


@pytest.mark.parametrize(
    ("annotation", "content", "complaint"),
    [
        (int, "size:", "found '' (q:1); write a value"),
        (str, "size: ~", "found '~' (q:1); write a value"),
        (str, "size: [a]", """found '["a"]' (q:1); write one"""),
        (int, "size: {a: 1}", "expected a whole number"),
        (list[int], "size: 3", "expected a list of values, each a whole number, found '3'"),
        (list[int], "size: [1, '2']", "write one"),
        (date, "size: 31.1.2024", "write four digits, two and two with hyphens between them"),
        (None, "size: 1.0e+999", "write a number nearer to 0"),
    ],
)
def test_a_value_of_another_type_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, annotation: Any, content: str, complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("q").write_text(content)
    (value,) = read_parameter_file(Path("q")).values()
    size = parameter(annotation, Code("f()"))
    assert complaint in refusal(ParameterError, read_value, size, value)


def test_a_list_may_stand_where_none_may() -> None:
    size = parameter(list[int] | None, None)
    assert [read_value(size, Given(text, "q:1")) for text in ("", "null")] == [None, None]
    assert read_value(size, Given("", "q:1", items=[1])) == [1]


PROFILE = "story:\n  epochs: 1\nother: {seed: '', epochs: 2}"


def test_a_profile_gives_each_notebook_its_values(tmp_path: Path) -> None:
    path = write(tmp_path, PROFILE)
    assert read_profile(path) == {
        "story": {"epochs": Given("1", f"{path}:2")},
        "other": {"seed": Given("", f"{path}:3", quoted=True), "epochs": Given("2", f"{path}:3")},
    }


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("- story", ":1: expected a mapping, found a list"),
        ("story: 1", ":1: expected the parameters of 'story', found a single value"),
        (f"{PROFILE}\nstory: {{}}", ":4: 'story' is named twice, first in line 1"),
        ("? [story]\n: {}", ":1: expected a notebook's name, found a list"),
    ],
)
def test_a_file_that_is_no_profile_is_refused_with_the_line(
    tmp_path: Path, content: str, complaint: str
) -> None:
    assert complaint in refusal(ParameterError, read_profile, write(tmp_path, content))
