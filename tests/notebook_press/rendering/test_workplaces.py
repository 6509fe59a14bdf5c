"""Where pandoc and Typst work: what marks them, and that nothing of them is left."""

import pytest

from notebook_press.errors import RenderingError
from notebook_press.rendering import markdown
from notebook_press.rendering.markdown import Piece, typeset
from notebook_press.rendering.programs import own_workplace, surroundings, working_below

TOWER = "$" + "x^{" * 40 + "x" + "}" * 40 + "$"  # pandoc never ends with it


@pytest.mark.promise(
    "What pandoc or Typst was at when a press was killed lies where the next command clears "
    "it away."
)
@pytest.mark.parametrize("program", ["pandoc", "typst"])
def test_a_program_works_where_whoever_follows_a_killed_press_clears_away(program, tmp_path):
    with working_below(tmp_path, "MARK"), own_workplace(program) as folder:
        inside = surroundings(folder)
    with own_workplace(program) as folder:
        alone = surroundings(folder)
    assert inside["TMPDIR"].startswith(f"{tmp_path}/{program}-")
    assert (inside["MARK"], "MARK" in alone) == ("1", False)
    assert not alone["TMPDIR"].startswith(str(tmp_path))


@pytest.mark.promise("A pandoc that is given up leaves no file.")
def test_the_file_of_a_pandoc_that_was_given_up_is_not_left(tmp_path, monkeypatch):
    monkeypatch.setattr(markdown, "_SECONDS", 1.0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(RenderingError, match="expected pandoc to read the Markdown within 1 s"):
        typeset([Piece(TOWER)], "typst")
    assert list(tmp_path.iterdir()) == []
