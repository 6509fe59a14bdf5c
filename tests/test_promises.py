"""The promises that tests are marked with: sentences, which `make promises` lists by area."""

from collections import Counter
from pathlib import Path

from promises import listed, promises


def test_every_mark_has_one_sentence_that_ends():
    def is_sentence(said: tuple[object, ...]) -> bool:
        match said:
            case [str(text)]:
                return text[:1].isupper() and text.endswith(".") and "\n" not in text
        return False

    assert [each for each in promises() if not is_sentence(each.arguments)] == []


def test_no_test_says_a_promise_twice():
    said = Counter((each.path, each.test, each.arguments) for each in promises())
    assert [each for each, times in said.items() if times > 1] == []


def test_promises_are_listed_by_area_with_each_test_that_proves_them(tmp_path: Path):
    mark = '@pytest.mark.promise("Nothing "\n    "is lost.")\ndef test_{}(): pass\n'
    (tmp_path / "press" / "running").mkdir(parents=True)
    (tmp_path / "press" / "running" / "test_gate.py").write_text(
        mark.format("a") + mark.format("b")
    )
    (tmp_path / "test_all.py").write_text("def test_nothing(): pass\n" + mark.format("c"))
    assert listed(tmp_path).splitlines() == [
        "ALL",
        "",
        "- Nothing is lost.",
        "    test_all.py::test_c",
        "",
        "PRESS: RUNNING",
        "",
        "- Nothing is lost.",
        "    press/running/test_gate.py::test_a",
        "    press/running/test_gate.py::test_b",
    ]
