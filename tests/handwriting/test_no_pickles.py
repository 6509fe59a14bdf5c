"""Nothing that a user or a network could have placed is run: no pickle, no network of Keras."""

import ast
import gzip
import json
import pickle
from pathlib import Path

import keras
import pydantic
import pytest

from handwriting.data import published, qmnist, registry
from handwriting.errors import HandwritingError
from handwriting.results import store

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("benchmarks/*.py")])
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))

MODULES = {"cloudpickle", "dill", "h5py", "joblib", "jsonpickle", "marshal", "runpy", "shelve"}
"""Those that read nothing else than what can be run, or have no other use here."""

# numpy.load reads no pickles unless it is told to by `allow_pickle`.
CALLS = {
    *("pickle.load", "pickle.loads", "pickle.Unpickler", "torch.load"),
    *("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load", "pd.read_pickle"),
}
NAMES = {
    *("load_model", "load_weights", "model_from_json", "model_from_config"),
    *("deserialize", "deserialize_keras_object", "enable_unsafe_deserialization", "read_pickle"),
    *(
        "__import__",
        "safe_mode",
        "allow_pickle",
        "eval",
        "exec",
        "Unpickler",
        "UnsafeLoader",
        "FullLoader",
        "Lambda",
    ),
}


KNOWN = {
    # Each end of this pipe is this press's own, and no kernel gets it.
    "src/notebook-press/notebook_press/running/backends.py": ["pickle.loads"],
    # Dask itself reads pickles of whoever is in the cluster; docs/clusters.md says whom to let in.
    "src/notebook-press/notebook_press/clusters/joining.py": ["pickle.loads"],
    "src/notebook-press/notebook_press/clusters/working.py": ["pickle.loads"],
    # With a loader below yaml.SafeLoader, which another test feeds with tags.
    "src/notebook-press/notebook_press/parameters/values.py": ["yaml.load"],
}
"""What is known to be harmless, and only there."""


def trees():
    for path in SOURCES:
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        yield path.relative_to(ROOT), ast.parse("\n".join(code))


def mentioned(tree: ast.AST):
    """Each module that is imported, and each name, dotted or not, that is used."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.attr
            yield ast.unparse(node)
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def test_nothing_here_could_load_a_pickle_or_code():
    found = {
        str(path): sorted(set(mentioned(tree)) & (MODULES | CALLS | NAMES))
        for path, tree in trees()
    }
    assert {path: names for path, names in found.items() if names} == KNOWN


class Evil:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.fixture
def mark(tmp_path):
    return tmp_path / "it was run"


@pytest.fixture
def evil(mark) -> bytes:
    evil = pickle.dumps(Evil(mark))
    pickle.loads(evil)
    mark.unlink()  # so it would have worked
    return evil


def names() -> list[str]:
    archives = (published.MNIST.archive, published.KMNIST.archive, qmnist.QMNIST)
    return [f"{each.name}/{file.name}" for each in archives for file in each.files]


@pytest.mark.parametrize("variable", ["HANDWRITING_DATA", "HANDWRITING_CACHE"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_pickle_in_place_of_data_is_never_loaded(
    tmp_path, monkeypatch, variable, pack, evil, mark
):
    for name in names():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pack(evil))
    monkeypatch.setenv(variable, str(tmp_path / "data"))
    for asked in ("mnist", "kmnist", str(tmp_path / "data" / "mnist")):
        with pytest.raises(HandwritingError):
            registry.load(asked)
    assert not mark.exists()


def of_keras(mark: Path, tmp_path: Path) -> bytes:
    """A file of Keras with a network that makes a file when it is loaded without care."""
    code = f"__import__('pathlib').Path({str(mark)!r}).touch() or 0 * x"
    layers = [keras.Input((2,)), keras.layers.Lambda(eval(f"lambda x: {code}"))]
    keras.Sequential(layers).save(tmp_path / "network.keras")
    mark.unlink()  # building it ran the code
    return (tmp_path / "network.keras").read_bytes()


@pytest.mark.promise("A file of Keras is refused, and no code in it is run.")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of h5py
def test_a_pickle_or_a_file_of_keras_in_place_of_a_kept_result_is_never_loaded(
    tmp_path, cache, evil, mark
):
    schema = pydantic.TypeAdapter(dict[str, int])
    store.remember("it", {}, dict, schema, {})
    (path,) = cache.glob("*.json")
    for content in (evil, of_keras(mark, tmp_path)):
        path.write_bytes(content)
        assert store.remember("it", {}, dict, schema, {}).origin == "now"
    assert not mark.exists()
