"""What differs between two published reports, as values."""

import json
import os
from pathlib import Path

import pytest
from nbformat import v4
from pages import said
from refusals import refusal

from notebook_press.author import TABLE_TYPE
from notebook_press.comparing.comparison import compare, difference
from notebook_press.comparing.telling import beyond_bounds
from notebook_press.errors import UsageError
from notebook_press.expectations import parse_expectation

ESTIMATES = {"share": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 100}}


def code(source, *outputs, name="x"):
    return v4.new_code_cell(source, outputs=list(outputs), execution_count=1, id=name)


def printed(text, stream="stdout"):
    return v4.new_output("stream", name=stream, text=text)


@pytest.fixture
def changes(publish):
    """A function of the cells or facts of two sides that returns what differs."""

    def found(before, after):
        folders = [
            publish(side, *each) if isinstance(each, tuple) else publish(side, **each)
            for side, each in (("a", before), ("b", after))
        ]
        (report,) = compare(*folders).reports
        return report

    return found


def test_the_same_report_differs_in_nothing(changes):
    same = (code("x = 1", printed("1\n")),)
    found = changes(same, same)
    assert (found.differs, found.was_made_otherwise, found.texts) == (False, False, ())


def test_results_tell_how_far_they_moved_and_whether_they_came_or_went(changes):
    found = changes(
        {"results": {"a": 0.98, "b": 2, "c": 1}}, {"results": {"a": 0.982, "b": 2, "d": 1}}
    )
    told = [(each.name, each.how, each.change) for each in found.results]
    assert told == [
        ("a", "changed", 0.002),
        ("b", "same", 0),
        ("d", "came", None),
        ("c", "went", None),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"estimates": ESTIMATES}, {"results": {"share": 0.6}}, (0.4, 0.6, "within")),
        ({"estimates": ESTIMATES}, {"results": {"share": 0.61}}, (0.4, 0.6, "beyond")),
        ({"results": {"share": 0.1}}, {"estimates": ESTIMATES}, (0.4, 0.6, "beyond")),
        ({"results": {"share": 0.1}}, {"results": {"share": 0.2}}, (None, None, None)),
    ],
)
def test_a_result_moves_within_the_recorded_interval_or_beyond_it(changes, before, after, expected):
    found = changes({"results": {"share": 0.5}, **before}, {"results": {"share": 0.5}, **after})
    (result,) = found.results
    assert (result.low, result.high, result.interval) == expected


def test_parameters_data_versions_and_machine_are_told_by_name(changes):
    before = {
        "parameters": [{"name": "epochs", "value": 1}, {"name": "old", "value": None}],
        "inputs": {"a.csv": "1" * 64},
        "versions": {"python": "3.11.7", "numpy": "2.1"},
        "machine": {"cores": 2},
        "keys": {"run": {"sources": "1", "code": "1"}, "render": {}},
    }
    after = {
        "parameters": [{"name": "epochs", "value": 1.0}],
        "inputs": {"a.csv": "2" * 64},
        "versions": {"python": "3.11.7", "numpy": "2.2"},
        "machine": {"cores": 4},
        "keys": {"run": {"sources": "2", "code": "2"}, "render": {}},
    }
    found = changes(before, after)
    told = [
        [(each.name, each.how, each.before, each.after) for each in group]
        for group in (found.parameters, found.data, found.versions, found.machine)
    ]
    assert told == [
        [("epochs", "changed", 1, 1.0), ("old", "went", None, None)],
        [("a.csv", "changed", "1" * 64, "2" * 64)],
        [("numpy", "changed", "2.1", "2.2")],
        [("cores", "changed", 2, 4)],
    ]
    assert found.depends == ("sources",)


def told(found):
    return [(each.part, each.how, each.before, each.after) for each in found.texts]


def test_cells_are_told_by_their_names_wherever_they_stand(changes):
    before = (code("x = 1", name="a"), code("y = 2", name="b"), v4.new_markdown_cell("# Then"))
    after = (v4.new_markdown_cell("# Now"), code("y = 2", name="b"), code("x = 3", name="a"))
    found = changes(before, after)
    assert ("code", "changed", 1, 3) in told(found)
    assert {each.part for each in found.texts} == {"code", "prose"}
    assert found.moved_cells == 1


def test_cells_whose_names_are_their_places_are_told_by_what_they_hold(changes):
    before = (code("x = 1", name="0"), code("print(x, y, z)", name="1"))
    after = (code("new = 1", name="0"), code("x = 1", name="1"), code("print(x, y, w)", name="2"))
    assert told(changes(before, after)) == [("code", "came", None, 1), ("code", "changed", 2, 3)]


def test_the_cell_that_sets_parameters_is_not_compared(changes):
    cells = [code(f"epochs = {n}", name=f"{n}" * 8) for n in (1, 2)]
    for cell in cells:
        cell.metadata["tags"] = ["injected-parameters"]
    assert not changes(*((cell,) for cell in cells)).differs


def table(cell):
    content = {"columns": [{"name": "a"}], "rows": [[cell]], "caption": ""}
    return said("table", {TABLE_TYPE: content, "text/markdown": f"| a |\n|---|\n| {cell} |"})


def html(cell):
    data = {"text/html": f"<table id='T_{cell}'><td>7</td></table>", "text/plain": "<a.Styler>"}
    return v4.new_output("display_data", data)


CHART = "application/vnd.plotly.v1+json"


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        (printed("1\n"), printed("2\n"), True),
        (printed("1\n", "stderr"), printed("2\n", "stderr"), False),
        (printed("0%\r100%"), printed("50%\r100%"), False),
        (printed("<a.B object at 0x1>"), printed("<a.B object at 0x2>"), False),
        (table("1"), table("2"), True),
        (html("1"), html("2"), False),
        *[
            (
                v4.new_output("display_data", {CHART: 1}),
                v4.new_output("display_data", {CHART: n}),
                d,
            )
            for n, d in ((1, False), (2, True))
        ],
        (said("progress", {"text/plain": "1"}), said("progress", {"text/plain": "2"}), False),
    ],
)
def test_what_a_cell_said_differs_as_a_reader_sees_it(changes, before, after, differs):
    found = changes((code("x", before),), (code("x", after),))
    assert [each.part for each in found.texts] == ["output"] * differs


def test_a_picture_that_is_attached_to_prose_is_compared(changes):
    cells = [v4.new_markdown_cell("![](attachment:a.svg)", id="x") for _ in range(2)]
    for n, cell in enumerate(cells):
        cell["attachments"] = {"a.svg": {"image/svg+xml": f"<svg><g a='{n}'/></svg>"}}
    (figure,) = changes(*((cell,) for cell in cells)).figures
    assert figure.title == "a.svg"


def test_the_answer_is_told_once(changes):
    outputs = [said("answer", {"text/markdown": text}) for text in ("Yes.", "No.")]
    cells = [(code("x", each),) for each in outputs]
    assert not changes(*cells).differs
    (change,) = changes({"answer": "Yes."}, {"answer": "No."}).texts
    assert change.lines == ("@@ -1 +1 @@", "-Yes.", "+No.")


def test_reports_of_two_folders_are_paired_by_run_and_name(publish):
    for side, names in (("a", ("one", "two")), ("b", ("two", "three"))):
        for name in names:
            folder = publish(side, report=name)
    publish("b", report="two", run="long")
    a, b = folder.parent.parent / "a", folder.parent
    found = compare(a, b)
    assert [each.name for each in found.reports] == ["default/two"]
    assert found.only_before == ("default/one",)
    assert found.only_after == ("default/three", "long/two")
    runs = compare(a / "default", b / "long")
    assert ([each.name for each in runs.reports], runs.only_before) == (["two"], ("one",))


def test_a_run_may_lie_in_a_folder_of_another_name(publish):
    kept = publish("a").rename(publish("b").parent / "kept-of-main")
    (report,) = compare(kept, publish("b")).reports
    assert report.before["run"] == "default"


@pytest.mark.parametrize("ending", ["json", "ipynb"])
def test_two_reports_are_compared_whatever_they_are_called(publish, ending):
    files = [publish(n, report=f"story{n}") / f"story{n}.{ending}" for n in "ab"]
    (report,) = compare(*files).reports
    assert report.name == "storya"


def test_a_report_without_its_notebook_is_compared_by_its_manifest(publish):
    a, b = publish("a"), publish("b", results={"product": 43})
    (a / "story.ipynb").unlink()
    (report,) = compare(a, b).reports
    assert report.notes == ("no notebook was kept before: its cells are not compared",)
    assert len(report.moved_results) == 1


def test_a_notebook_that_was_edited_since_is_named(publish):
    a, b = publish("a"), publish("b")
    (b / "story.ipynb").write_text((b / "story.ipynb").read_text() + "\n")
    (report,) = compare(a, b).reports
    assert report.notes == ("the notebook after is not the one that its manifest tells of",)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def damage_manifest(folder: Path) -> None:
    (folder / "story.json").write_text('{"press": 1}')


def damage_notebook(folder: Path) -> None:
    (folder / "story.ipynb").write_text("{")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (damage_manifest, "story.json: expected the manifest of a report"),
        (lambda folder: pipe(folder / "story.json"), "not a plain file"),
        (lambda folder: (folder / "story.json").rename(folder / "other.json"), "of the report"),
        (damage_notebook, "story.ipynb: not a notebook that can be read"),
        (lambda folder: pipe(folder / "story.ipynb"), "expected the notebook of a report, found"),
    ],
)
def test_what_is_damaged_is_named(publish, harm, message):
    a, b = publish("a"), publish("b")
    harm(b)
    assert message in refusal(UsageError, compare, a, b)


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ("nothing", "expected a folder of reports, or a file of a report, found nothing"),
        (".", "expected two of a kind, found a reports folder (.) and the folder of a run"),
        ("empty", "empty: expected reports, found none"),
        ("a/default/story.ipynb", "found a report"),
    ],
)
def test_what_can_not_be_compared_is_refused(publish, tmp_path, monkeypatch, before, message):
    publish("a")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "a" if before == "." else tmp_path)
    folder = Path("default" if before == "." else "a/default")
    assert message in refusal(UsageError, compare, Path(before), folder)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(0.982, 0.98, -0.002), (1, 3, 2), (0.1, 0.3, 0.2), (1e300, -1e300, -2e300)],
)
def test_what_was_added_is_what_decimals_say(before, after, expected):
    assert difference(before, after) == expected


@pytest.fixture
def moved(publish):
    """A comparison in which two results moved, and one is new."""
    before = {"share": 0.982, "errors": 18}
    publish("a", report="one", results={"share": 0.5, "old": 1})
    publish("b", report="one", results={"share": 0.5})
    return compare(
        publish("a", results=before), publish("b", results={"share": 0.98, "errors": 20})
    )


@pytest.mark.parametrize(
    ("bound", "refused"),
    [
        ("story.share<-0.002", 0),
        ("story.share<=-0.002", 1),
        ("share<-0.001", 1),
        ("errors>1", 1),
        ("errors!=2", 0),
    ],
)
def test_a_change_that_a_bound_refuses_is_named(moved, bound, refused):
    found = beyond_bounds([parse_expectation(bound, "--fail-on")], moved)
    assert len(found) == refused
    assert all(" moved by " in each and bound in each for each in found)


@pytest.mark.parametrize("bound", ["other<0", "one.errors<0", "old<0", "nowhere.share<0"])
def test_a_bound_on_what_one_side_lacks_lists_what_both_have(moved, bound):
    message = refusal(UsageError, beyond_bounds, [parse_expectation(bound)], moved)
    assert "both recorded one.share, story.errors, story.share" in message


def test_the_document_for_programs_is_json_without_pictures(publish):
    nan = {"parameters": [{"name": "x", "value": float("nan")}]}
    found = compare(publish("a"), publish("b", code("x = 1"), **nan))
    document = json.loads(found.document(["why"]), parse_constant=pytest.fail)
    assert (document["compare"], document["failed"]) == (1, ["why"])
    (report,) = document["reports"]
    assert report["texts"][0]["lines"] == ["+x = 1"]
    assert report["results"][0]["how"] == "same"
