"""What every notebook in git is: one question after another, and no program."""

import ast
import re
from pathlib import Path

import nbformat

from notebook_press.parameters import read_parameters

NOTEBOOKS = {
    path: nbformat.read(path, as_version=4)
    for path in sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
}
PROGRAMS = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.While, ast.Lambda
COMPREHENSIONS = ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp
MOST_CELLS, MOST_LINES, MOST_PLACEHOLDERS = 40, 15, 4
IMPORTED = {
    "handwriting": {"data", "evaluation", "figures", "explorer", "verdicts"},
    "notebook_press": {"author", "provenance"},
}
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


NODES = [(name, node) for name, cell in CODE for node in ast.walk(ast.parse(cell.source))]


def test_programs_belong_to_the_package():
    assert [
        (name, ast.unparse(node))
        for name, node in NODES
        if isinstance(node, PROGRAMS) or (isinstance(node, ast.For) and not only_shows(node))
    ] == []


def only_shows(node: ast.stmt) -> bool:
    """Whether a statement only calls, and chooses what to call; nothing is computed in it."""
    if isinstance(node, ast.For | ast.If):
        return all(only_shows(each) for each in [*node.body, *node.orelse])
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def test_a_call_says_what_it_is_given():
    unpacked = [(n, ast.unparse(k)) for n, k in NODES if isinstance(k, ast.keyword) and not k.arg]
    assert [each for each in unpacked if "key_numbers" not in each[1]] == []


def test_no_comprehension_is_nested_in_another():
    assert [
        (name, ast.unparse(node))
        for name, node in NODES
        if isinstance(node, COMPREHENSIONS)
        and sum(isinstance(each, COMPREHENSIONS) for each in ast.walk(node)) > 1
    ] == []


def test_notebooks_import_by_one_pattern():
    for path, notebook in NOTEBOOKS.items():
        lines = [n for n in ast.walk(ast.parse(code(notebook)[0].source)) if hasattr(n, "names")]
        ours = {n.module: {a.name for a in n.names} for n in lines if isinstance(n, ast.ImportFrom)}
        assert [a.asname for n in lines for a in n.names if a.asname] == [], path.stem
        assert len(ours.pop("handwriting.experiments", {"one"})) == 1, path.stem
        mine = {name: names for name, names in ours.items() if name.startswith(("hand", "note"))}
        assert [n for n in mine if not mine[n] <= IMPORTED.get(n, set())] == [], path.stem


def test_a_placeholder_is_a_name_or_an_attribute_with_a_format():
    odd = [
        (name, ast.unparse(node.value))
        for name, node in NODES
        if isinstance(node, ast.FormattedValue) and not is_named(node.value)
    ]
    assert odd == []


def is_named(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def test_a_sentence_has_at_most_four_placeholders():
    crowded = []
    for name, node in NODES:
        if isinstance(node, ast.JoinedStr):
            marked = "".join(
                str(each.value) if isinstance(each, ast.Constant) else "\0" for each in node.values
            )
            sentences = re.split(r"(?<=[.!?;:])\s", marked)
            crowded += [(name, each) for each in sentences if each.count("\0") > MOST_PLACEHOLDERS]
    assert crowded == []


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
