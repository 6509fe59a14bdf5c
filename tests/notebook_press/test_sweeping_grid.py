"""The points of a sweep: what its options come to, and what they can't be."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_press.errors import ParameterError, UsageError
from notebook_press.notebook import read_notebook
from notebook_press.parameters import read_parameters
from notebook_press.sweeping.grid import check_axes, combinations, count, parse_axis, read_grid
from notebook_press.sweeping.results import (
    Objective,
    Point,
    PointOutcome,
    Sweep,
    best,
    document,
    table,
)

FILE = """
grid:
  x: [1, 2]
  mode: [fast, slow]
repeat:
  seed: 0..2
fixed:
  rate: 0.5
"""


def texts(axis):
    return [each.text for each in axis.values]


def points_of(*grid, repeat=(), drawn=None, seed=0, parameters=()):
    axes = [parse_axis(each) for each in grid]
    axes += [parse_axis(each, repeated=True) for each in repeat]
    check_axes(axes, (), drawn)
    found = list(combinations(axes, drawn, seed, parameters))
    assert len(found) == count(axes, drawn)
    return [{name: each.text for name, each in point.items()} for point in found]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x=1,2,3", ["1", "2", "3"]),
        ("x=1, 2", ["1", "2"]),
        ("x=0..4", ["0", "1", "2", "3", "4"]),
        ("x=-1..1", ["-1", "0", "1"]),
        ("x=7..7", ["7"]),
        ("x=[16],[16,32]", ["[16]", "[16,32]"]),
        ("x=softmax", ["softmax"]),
        ("x=a=b", ["a=b"]),
    ],
)
def test_values_are_read_as_they_are_written(text, values):
    assert texts(parse_axis(text)) == values


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x", "expected NAME=VALUES"),
        ("x=", "expected values, found none"),
        ("x=3..1", "expected values, found none"),
        ("x y=1", "unknown parameter 'x y'"),
        ("x=0..99999999", "at most a million"),
        ("x=log:0..1", "above 0 where it is logarithmic"),
        ("x=lin:2..1", "from low to high"),
        ("x=log:a..b", "a range of numbers"),
        ("x=lin:0..inf", "a range of numbers"),
    ],
)
def test_values_that_are_none_are_refused(text, words):
    with pytest.raises(ParameterError, match=words):
        parse_axis(text)


@pytest.mark.parametrize(
    ("grid", "repeat", "fixed", "drawn", "words"),
    [
        ([], [], (), None, "expected a parameter to vary"),
        (["x=1", "x=2"], [], (), None, "'x' is given twice"),
        (["x=1"], ["x=2"], (), None, "'x' is given twice"),
        (["x=1"], [], ["x"], None, "'x' is given twice"),
        (["x=log:1..2"], [], (), None, "a range needs --random"),
        (["x=1"], ["seed=lin:0..9"], (), 3, "expected values, found a range"),
        (["x=1"], [], (), 0, "from 1, found 0"),
    ],
)
def test_axes_that_make_no_sweep_are_refused(grid, repeat, fixed, drawn, words):
    axes = [parse_axis(each) for each in grid]
    axes += [parse_axis(each, repeated=True) for each in repeat]
    with pytest.raises(UsageError, match=words):
        check_axes(axes, fixed, drawn)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(1, 3))
def test_points_are_the_product_and_repeats_of_a_setting_stand_together(sizes, repeats):
    grid = [f"p{number}=1..{size}" for number, size in enumerate(sizes)]
    found = points_of(*grid, repeat=[f"seed=1..{repeats}"])
    expected = itertools.product(*(range(1, size + 1) for size in [*sizes, repeats]))
    assert [tuple(map(int, point.values())) for point in found] == list(expected)


@given(st.integers(0, 2**32), st.integers(1, 20))
def test_drawing_gives_the_same_points_again_and_more_begin_with_fewer(seed, number):
    grid = ["rate=log:1e-4..1e-1", "x=lin:-1.5..2", "mode=a,b"]
    found = points_of(*grid, drawn=number, seed=seed, repeat=["seed=0,1"])
    assert found == points_of(*grid, drawn=number + 1, seed=seed, repeat=["seed=0,1"])[: 2 * number]
    assert all(1e-4 <= float(each["rate"]) <= 1e-1 for each in found)
    assert all(-1.5 <= float(each["x"]) <= 2 for each in found)
    assert {each["mode"] for each in found} <= {"a", "b"}
    assert found[0] == {**found[1], "seed": "0"}


def test_a_logarithmic_range_is_drawn_from_evenly_by_its_logarithm():
    found = points_of("rate=log:1e-4..1e-1", drawn=3000)
    shares = [sum(float(p["rate"]) < edge for p in found) / 3000 for edge in (1e-3, 1e-2)]
    spread = 4 * math.sqrt(1 / 3 * 2 / 3 / 3000)  # of a share of a third
    assert shares == pytest.approx([1 / 3, 2 / 3], abs=spread)


def test_of_a_whole_number_whole_ones_are_drawn(write_notebook):
    story = write_notebook(parameters="x: int = 1\ny = 2\nz: float = 1.0\nv: int | None = None")
    parameters = read_parameters(read_notebook(story), "story")
    ranges = [f"{name}=lin:0.5..3" for name in "xyzv"]
    found = points_of(*ranges, drawn=30, parameters=parameters)
    for name in "xyv":
        assert {each[name] for each in found} == {"1", "2", "3"}
    assert any("." in each["z"] for each in found)


def test_a_file_holds_a_grid_repeats_and_what_is_fixed(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text(FILE)
    axes, fixed = read_grid(path)
    assert [(each.name, each.repeated) for each in axes] == [
        ("x", False),
        ("mode", False),
        ("seed", True),
    ]
    assert [each.items for each in axes[0].values] == [1, 2]
    assert texts(axes[1]) == ["fast", "slow"]
    assert texts(axes[2]) == ["0", "1", "2"]
    assert fixed["rate"].text == "0.5"


def test_a_file_with_anything_else_is_refused(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text("gird:\n  x: [1]\n")
    with pytest.raises(ParameterError, match="expected grid, repeat, fixed, found 'gird'"):
        read_grid(path)


def sweep_of(*outcomes, objective=None, fixed=None):
    points = tuple(each.point for each in outcomes)
    return Sweep("width", "story", ("x",), ("seed",), fixed or {}, points, objective)


def outcome(x, seed, state="run", /, **results):
    return PointOutcome(Point(f"{x}-{seed}", {"x": x, "seed": seed}), state, results=results)


@pytest.mark.parametrize(
    ("largest", "expected"), [(True, (2.0, 2, {"x": 1})), (False, (0.5, 1, {"x": 2}))]
)
def test_the_best_setting_has_the_best_mean_over_its_repeats(largest, expected):
    found = [outcome(1, 0, a=1), outcome(1, 1, a=3), outcome(2, 0, a=0.5), outcome(2, 1, "failed")]
    assert best(sweep_of(*found, objective=Objective("a", largest=largest)), found) == expected


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("test_accuracy", True),
        ("lowest_test_accuracy", True),
        ("Test", True),
        ("validation_accuracy", False),
        ("latest_loss", False),
        ("contest_score", False),
    ],
)
def test_a_result_of_test_data_is_known_by_its_name(result, expected):
    assert Objective(result).is_of_test_data == expected


def test_nothing_is_best_where_nothing_is_chosen_or_measured():
    found = [outcome(1, 0, a=1)]
    assert best(sweep_of(*found), found) is None
    assert best(sweep_of(*found, objective=Objective("b")), found) is None


def test_a_table_has_one_row_a_point_and_no_two_columns_of_one_name():
    found = [outcome(1, 0, x=5, a=0.25), outcome([1, 2], 0, "waiting", b=2)]
    lines = table(sweep_of(*found, fixed={"mode": "a,b"}), found).splitlines()
    assert lines == [
        "point,state,x,seed,mode,result_x,a,b,seconds,finished,key,machine,why",
        '1-0,run,1,0,"a,b",5,0.25,,,,,,',
        '"[1, 2]-0",waiting,"[1, 2]",0,"a,b",,,2,,,,,',
    ]


def test_a_document_holds_what_was_asked_and_what_came_of_it():
    import json

    found = [outcome(1, 0, a=1)]
    held = json.loads(document(sweep_of(*found, objective=Objective("a")), found))
    assert held["objective"] == {"result": "a", "largest": True}
    assert held["points"][0]["values"] == {"x": 1, "seed": 0}
    assert (held["points"][0]["results"], held["varied"]) == ({"a": 1}, ["x"])
