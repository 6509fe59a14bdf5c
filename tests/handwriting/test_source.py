"""What counts as the code of what is kept: of a small package that can be looked through."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from handwriting.results import source

MODULES = {
    "__init__": "",
    "data/splitting": "PARTS = 5",
    "models/__init__": "from package.models import elsewhere",
    "models/training": '''"""How."""
RATE = 0.1  # steps
def fit():
    """Fit."""
    return RATE
''',
    "models/elsewhere": "WORDS = 'elsewhere'",
    "evaluation/__init__": "from package.evaluation import unrelated",
    "evaluation/metrics": "SHARE = 1 / 2",
    "evaluation/unrelated": "",
    "evaluation/robustness": """
from typing import TYPE_CHECKING
import package.evaluation.metrics
from package.data.splitting import PARTS
if TYPE_CHECKING:
    from package.models.elsewhere import WORDS
def answer():
    from package.models.training import fit
    return fit()
""",
}
ENTRY = "package.evaluation.robustness"


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    root = tmp_path / "package"
    for name, text in MODULES.items():
        path = root / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(source, "_ROOT", root)
    return root


def digest(entry: str = ENTRY) -> str:
    source.digest.cache_clear()
    return source.digest(entry)


@pytest.fixture(autouse=True)
def forgotten():
    yield
    source.digest.cache_clear()


def test_what_counts_is_what_is_imported_inside_functions_too_and_no_data(package):
    assert source.modules(ENTRY) == {
        ENTRY,
        "package.evaluation.metrics",
        "package.models.training",
    }


@pytest.mark.promise("A docstring, a comment or a sentence elsewhere has nothing measured again.")
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("models/training", '"""How."""', '"""How a network is trained."""'),
        ("models/training", '    """Fit."""\n', ""),
        ("models/training", "  # steps", "\n'''Of each step.'''"),
        ("models/training", "RATE = 0.1", "RATE = (\n    0.1\n)"),
        ("models/elsewhere", "'elsewhere'", "'somewhere else'"),
        ("data/splitting", "5", "6"),
    ],
)
def test_what_is_no_code_or_belongs_to_others_changes_no_key(package, name, old, new):
    before, path = digest(), package / f"{name}.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert digest() == before


@pytest.mark.promise("What is kept depends on the code of all that it was made with.")
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("models/training", "0.1", "0.2"),
        ("evaluation/metrics", "1 / 2", "1 / 3"),
        ("evaluation/robustness", "return fit()", "return fit() / 2"),
        ("evaluation/robustness", "splitting import PARTS", "splitting import *"),
    ],
)
def test_a_changed_number_in_a_helper_module_changes_the_key(package, name, old, new):
    before, path = digest(), package / f"{name}.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert digest() != before


def test_nothing_is_imported_to_look_at_it():
    asked = "from handwriting.results import source; source.digest('handwriting.models.training')"
    script = f"import sys; {asked}; print('keras' in sys.modules, len(source._ROOMS))"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("False 3\n", "")


def test_rivals_and_the_network_do_not_depend_on_each_others_code():
    rivals, network = map(source.modules, ("handwriting.baselines.pipelines", NETWORK))
    assert [name for name in rivals if name.startswith("handwriting.models.")] == []
    assert {"handwriting.models.training", "handwriting.models.layers"} < network
    assert "handwriting.baselines.pipelines" in rivals - network


NETWORK = "handwriting.baselines.network"


def test_no_import_is_relative_since_it_would_not_be_followed():
    files = sorted((Path(__file__).parents[2] / "src" / "handwriting").rglob("*.py"))
    nodes = ((path, node) for path in files for node in ast.walk(ast.parse(path.read_text())))
    assert [path for path, node in nodes if getattr(node, "level", None)] == []
