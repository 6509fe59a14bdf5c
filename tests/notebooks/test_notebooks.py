"""What every notebook in git is: one question after another, and no program."""

import ast
from pathlib import Path

import nbformat

from notebook_press.parameters import read_parameters

NOTEBOOKS = {
    path: nbformat.read(path, as_version=4)
    for path in sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
}
PROGRAMS = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda
MOST_CELLS, MOST_LINES = 30, 15
PLACES = ("/root", "/home", "/tmp", "/Users")


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


CODE = [(path.stem, cell) for path, notebook in NOTEBOOKS.items() for cell in code(notebook)]
PROSE = [(path.stem, text) for path, notebook in NOTEBOOKS.items() for text in prose(notebook)]


def test_there_is_a_notebook():
    assert NOTEBOOKS


def test_a_notebook_is_valid_and_says_so_in_its_format():
    for notebook in NOTEBOOKS.values():
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert notebook.metadata.kernelspec.name == "python3"


def test_no_output_is_kept():
    ran = [(name, cell.id) for name, cell in CODE if cell.execution_count is not None]
    kept = [(name, cell.id) for name, cell in CODE if cell.outputs]
    assert (ran, kept) == ([], [])


def test_a_notebook_is_short():
    lengths = {path.stem: len(notebook.cells) for path, notebook in NOTEBOOKS.items()}
    assert {name: length for name, length in lengths.items() if length > MOST_CELLS} == {}


def test_code_cells_are_short():
    long = [(name, cell.id) for name, cell in CODE if len(cell.source.splitlines()) > MOST_LINES]
    assert long == []


def test_programs_belong_to_the_package():
    nodes = [(name, node) for name, cell in CODE for node in ast.walk(ast.parse(cell.source))]
    programs = [(name, ast.unparse(node)) for name, node in nodes if isinstance(node, PROGRAMS)]
    assert programs == []


def test_one_cell_has_the_parameters_and_stands_below_the_imports():
    for path, notebook in NOTEBOOKS.items():
        imports, parameters, *_ = code(notebook)
        tagged = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", [])]
        assert tagged == [parameters], path.stem
        kinds = {type(node) for node in ast.parse(imports.source).body}
        assert kinds <= {ast.Import, ast.ImportFrom}, path.stem


def test_each_parameter_has_a_type_a_default_and_help():
    read = [
        (path.stem, each)
        for path, notebook in NOTEBOOKS.items()
        for each in read_parameters(notebook, path.name)
    ]
    assert read
    assert [(name, each.name) for name, each in read if not each.help] == []


def test_the_title_comes_first_and_each_section_is_headed_by_a_question():
    for path, notebook in NOTEBOOKS.items():
        title, *sections = prose(notebook)
        assert title.startswith("# "), path.stem
        headings = [text.splitlines()[0] for text in sections]
        others = [line for line in headings if not (line.startswith("## ") and line.endswith("?"))]
        assert others == [], path.stem


def test_prose_comes_before_code():
    for path, notebook in NOTEBOOKS.items():
        kinds = [cell.cell_type for cell in notebook.cells]
        assert (kinds[0], kinds[-1]) == ("markdown", "code"), path.stem
        assert "markdown markdown" not in " ".join(kinds), path.stem


def test_numbers_of_results_are_computed_and_not_typed():
    numbers = ("784", "101,770", "101770", "60,000", "10,000", "97.27", "98.")
    assert [(name, each) for name, text in PROSE for each in numbers if each in text] == []


def test_no_place_on_somebody_s_machine_is_named():
    texts = {path.stem: path.read_text(encoding="utf-8") for path in NOTEBOOKS}
    assert [(name, place) for name in texts for place in PLACES if place in texts[name]] == []


def test_a_notebook_is_written_as_jupyter_writes_it():
    for path, notebook in NOTEBOOKS.items():
        written = nbformat.writes(notebook, version=4) + "\n"
        assert path.read_text(encoding="utf-8") == written, path.stem
