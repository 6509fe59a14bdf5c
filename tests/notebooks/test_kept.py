"""Notebooks whose words were changed: they say the new ones of what is kept, and train nothing."""

import json
import shutil
from pathlib import Path

import cells
import pytest

PARAMETERS = {
    "01_data": {},
    "02_network": {"epochs": 1, "repeats": 2},
    "03_rivals": {"effort": "quick", "trainings": 1},
    "04_convolution": {"trainings": 1},
    "05_trust": {"damaged_images": 10, "trainings": 1},
    "06_yours": {},
}
LONG_WORK = (
    "handwriting.models.training.Learner",
    "handwriting.baselines.benchmark.time_in_turns",
    "handwriting.evaluation.similarity.nearest",
    "handwriting.evaluation.same_writer._look",
    "handwriting.models.adversarial.attacked",
)


def reworded(path: Path) -> None:
    """Have each sentence of a notebook that begins on a line of its own begin with other words."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = [
            line + '    "Anew: "\n' if line.strip() == "author.say(" else line
            for line in cell["source"]
        ]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def never(*_, **__):
    raise AssertionError("it was trained, timed or looked for again")


@pytest.mark.slow
@pytest.mark.promise("A changed sentence trains nothing and times nothing.")
@pytest.mark.parametrize("name", PARAMETERS)
def test_a_changed_sentence_needs_no_training_and_no_timing(name, tmp_path, monkeypatch):
    parameters = {"dataset": "digits", **PARAMETERS[name]}
    first = cells.run(name, parameters, {})
    shutil.copytree(cells.NOTEBOOKS, tmp_path / "notebooks")
    monkeypatch.setattr(cells, "NOTEBOOKS", tmp_path / "notebooks")
    reworded(cells.NOTEBOOKS / f"{name}.ipynb")
    second = cells.run(name, parameters, dict.fromkeys(LONG_WORK, never))
    assert [each for each in second.sentences if each.startswith("Anew: ")]
    assert second.tables.keys() == first.tables.keys()
