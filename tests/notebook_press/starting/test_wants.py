"""What notebooks want besides the press, told without running them."""

import nbformat
import pytest

from notebook_press.starting.wants import imported, wants_of


def write(path, *cells):
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import numpy.linalg as la, os", ["numpy", "os"]),
        ("from plotly.express import line", ["plotly"]),
        ("def draw():\n    import altair", ["altair"]),
        ("%matplotlib inline\n!pip install x\nimport pandas", ["pandas"]),
        ("%%time\nimport pandas", ["pandas"]),
        ("%%bash\nls -l | import pandas", []),
        ("from . import mine", []),
        ("import", []),
        ("a\0b", []),
        ("(" * 10_000, []),
        ("x = 'import plotly'", []),
    ],
    ids=lambda value: ascii(value[:20]) if isinstance(value, str) else "",
)
def test_a_cells_imports_are_told_from_its_syntax(source, modules):
    assert list(imported(source)) == modules


def test_extras_are_wanted_for_imports_and_for_stored_charts(tmp_path):
    code = nbformat.v4.new_code_cell
    chart = {"application/vnd.plotly.v1+json": {}, "text/plain": "Figure()"}
    output = nbformat.v4.new_output("display_data", data=chart)
    drawn = write(tmp_path / "drawn.ipynb", code("show()", outputs=[output]))
    imports = write(tmp_path / "imports.ipynb", code("import altair"))
    plain = write(tmp_path / "plain.ipynb", code("1"))
    wants = wants_of([drawn, imports, plain])
    assert wants.extras == {"plotly": [drawn], "vega": [imports]}
    assert "install what they want: pip install 'notebook-press[plotly,vega]'" in wants.lines()


def test_packages_have_the_names_by_which_they_are_installed(tmp_path):
    (tmp_path / "mine.py").touch()
    source = "import PIL, yaml, json, mine, nowhere_at_all\nfrom notebook_press import author"
    wants = wants_of([write(tmp_path / "a.ipynb", nbformat.v4.new_code_cell(source))])
    assert [name.lower() for name in wants.packages] == ["pillow", "pyyaml"]
    assert wants.unknown == ["nowhere_at_all"]


def test_a_file_that_is_no_notebook_is_told_and_keeps_nothing_from_the_others(tmp_path):
    (tmp_path / "broken.ipynb").write_text("{")
    good = write(tmp_path / "good.ipynb", nbformat.v4.new_code_cell("import plotly"))
    wants = wants_of([tmp_path / "broken.ipynb", good])
    assert list(wants.extras) == ["plotly"]
    assert "broken.ipynb: not a notebook" in next(wants.lines())
