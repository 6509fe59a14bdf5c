"""What every notebook in git is: one question after another, and no program."""

import ast
from pathlib import Path

import nbformat
import pytest

from notebook_press.parameters import read_parameters

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
PROGRAMS = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda
MOST_CELLS, MOST_LINES = 30, 15
PLACES = ("/root", "/home", "/tmp", "/Users")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture
def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture
def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def test_there_is_a_notebook():
    assert NOTEBOOKS


def test_a_notebook_is_valid_and_says_so_in_its_format(notebook):
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"


def test_no_output_is_kept(code):
    assert not [cell.id for cell in code if cell.outputs or cell.execution_count is not None]


def test_a_notebook_is_short(notebook):
    assert len(notebook.cells) <= MOST_CELLS


def test_code_cells_are_short(code):
    assert not [cell.id for cell in code if len(cell.source.splitlines()) > MOST_LINES]


def test_programs_belong_to_the_package(code):
    nodes = [node for cell in code for node in ast.walk(ast.parse(cell.source))]
    assert not [ast.unparse(node) for node in nodes if isinstance(node, PROGRAMS)]


def test_one_cell_has_the_parameters_and_stands_below_the_imports(notebook, code):
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == [code[1]]
    assert {type(node) for node in ast.parse(code[0].source).body} <= {ast.Import, ast.ImportFrom}


def test_each_parameter_has_a_type_a_default_and_help(notebook, path):
    assert not [each.name for each in read_parameters(notebook, path.name) if not each.help]


def test_the_title_comes_first(prose):
    assert prose[0].startswith("# ")
    assert not [text for text in prose[1:] if text.startswith("# ")]


def test_each_section_is_headed_by_a_question(prose):
    headings = [text.splitlines()[0] for text in prose[1:]]
    assert not [line for line in headings if not (line.startswith("## ") and line.endswith("?"))]


def test_prose_comes_before_code(notebook):
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds[0] == "markdown"
    assert kinds[-1] == "code"
    assert "markdown markdown" not in " ".join(kinds)


def test_numbers_of_results_are_computed_and_not_typed(prose):
    numbers = ("784", "101,770", "101770", "60,000", "10,000", "97.27", "98.")
    assert not [number for number in numbers for text in prose if number in text]


def test_no_place_on_somebody_s_machine_is_named(path):
    text = path.read_text(encoding="utf-8")
    assert not [place for place in PLACES if place in text]


def test_a_notebook_is_written_as_jupyter_writes_it(path, notebook):
    assert path.read_text(encoding="utf-8") == nbformat.writes(notebook, version=4) + "\n"
