import base64
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
import zlib

import keras
import numpy as np
import pytest

from handwriting.errors import MeasurementError, SettingError
from handwriting.models import networks, serialization
from handwriting.models.serialization import Blueprint
from handwriting.results import store

MOMENT = "2026-11-25T04:05:06+00:00"
BLUEPRINT = Blueprint(
    kind="convolutional", image_shape=(8, 8), classes=3, settings={"filters": (4, 4)}
)
IMAGES = np.random.default_rng(0).integers(0, 256, (20, 8, 8), np.uint8)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "networks" / "one.json"
    serialization.save(path, BLUEPRINT.build(seed=5), BLUEPRINT, MOMENT)
    return path


def test_a_saved_network_comes_back_bit_for_bit(path):
    expected = BLUEPRINT.build(seed=5)
    found = serialization.load(path)
    for one, other in zip(found.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(found(IMAGES), expected(IMAGES))
    assert [layer.name for layer in found.layers] == [layer.name for layer in expected.layers]


@pytest.mark.parametrize("kind", ["dense", "convolutional", "lenet_5"])
def test_each_kind_can_be_saved(tmp_path, kind):
    blueprint = Blueprint(kind=kind, image_shape=(8, 8), classes=3, settings={})
    serialization.save(tmp_path / "it.json", blueprint.build(1), blueprint, MOMENT)
    np.testing.assert_array_equal(
        serialization.load(tmp_path / "it.json")(IMAGES), blueprint.build(1)(IMAGES)
    )


def test_a_file_in_which_a_bit_is_flipped_is_refused(path):
    whole = path.read_bytes()
    somewhere = np.random.default_rng(0).integers(0, 8 * len(whole), 200).tolist()
    for bit in (*range(400), *somewhere, 8 * len(whole) - 8):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        with pytest.raises(MeasurementError):
            serialization.load(path)


def test_a_file_that_is_cut_short_is_refused(path):
    whole = path.read_bytes()
    for length in (*(part * len(whole) // 8 for part in range(8)), len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(MeasurementError):
            serialization.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MeasurementError, match=r"absent\.json: expected one saved network"):
        serialization.load(tmp_path / "absent.json")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of h5py and TensorFlow's variables
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_file_of_keras_is_refused(tmp_path, suffix):
    path = tmp_path / f"network{suffix}"
    if suffix == ".keras":
        networks.dense((8, 8), 3).save(path)
    else:
        path.write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(MeasurementError, match="can run code when it is loaded"):
        serialization.load(path)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_file_of_keras_is_refused_under_any_name(tmp_path):
    path = tmp_path / "network.keras"
    networks.dense((8, 8), 3).save(path)
    renamed = path.rename(tmp_path / "network.json")
    with pytest.raises(MeasurementError, match="can run code when it is loaded"):
        serialization.load(renamed)


def packed(numbers):
    return base64.b64encode(zlib.compress(np.float32(numbers).tobytes())).decode()


def signed(path, change):
    """The same file with something changed, and a SHA-256 that matches."""
    (found,) = store.read(path)
    content = json.loads(json.dumps(found.content))
    change(content)
    store.write(path, [store.Entry("network", {}, {}, MOMENT, content)])


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["blueprint"].update(kind="os.system"),
        lambda content: content["blueprint"].update(settings={"filters": [4, 4], "extra": 1}),
        lambda content: content["blueprint"].update(settings={"filters": [5, 4]}),
        lambda content: content["blueprint"].update(image_shape=[0, 8]),
        lambda content: content["weights"].pop(),
        lambda content: content["weights"][0].update(zlib="AAAA"),
        lambda content: content["weights"][0].update(zlib="not base64"),
        lambda content: content["weights"][-1].update(zlib=packed([np.nan] * 3)),
        lambda content: content["weights"][-1].update(dtype="<f8"),
        lambda content: content["weights"][-1].update(shape=[10**9]),
        lambda content: content.pop("weights"),
    ],
)
def test_a_file_from_elsewhere_that_does_not_fit_is_refused_though_its_sha256_matches(path, change):
    signed(path, change)
    with pytest.raises(MeasurementError, match="expected one that this package can build"):
        serialization.load(path)


@pytest.mark.promise("A small file cannot ask for a network that fills the memory.")
@pytest.mark.parametrize(
    ("kind", "settings"),
    [("dense", {"hidden_units": 65_536}), ("convolutional", {"filters": [1024] * 16})],
)
def test_a_small_file_cannot_ask_for_a_network_that_fills_the_memory(path, kind, settings):
    def grow(content):
        content["blueprint"].update(kind=kind, settings=settings)
        content["blueprint"].update(image_shape=[1024, 1024], classes=256)

    signed(path, grow)
    with pytest.raises(MeasurementError, match=r"[\d,]{9,} weights belong to it"):
        serialization.load(path)


def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "network.json")
    with pytest.raises(MeasurementError, match="found a pipe"):
        serialization.load(tmp_path / "network.json")


def test_a_link_is_refused(path):
    link = path.with_name("link.json")
    link.symlink_to(path)
    with pytest.raises(MeasurementError, match="found a link"):
        serialization.load(link)


@pytest.mark.promise("A file of Keras is refused, and no code in it is run.")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_code_in_a_file_of_keras_is_not_run(tmp_path):
    ran = tmp_path / "ran"
    code = f"__import__('pathlib').Path({str(ran)!r}).touch() or 0 * x"
    network = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(eval(f"lambda x: {code}"))])
    network.save(tmp_path / "network.keras")
    ran.unlink()  # building it ran the code, so loading it unsafely would
    with pytest.raises(MeasurementError, match="can run code when it is loaded"):
        serialization.load(tmp_path / "network.keras")
    (tmp_path / "network.keras").rename(tmp_path / "network.json")
    with pytest.raises(MeasurementError, match="can run code when it is loaded"):
        serialization.load(tmp_path / "network.json")
    assert not ran.exists()


def test_an_archive_that_unpacks_to_much_is_refused_unopened(tmp_path):
    path = tmp_path / "network.json"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.weights.h5", bytes(100 * 2**20))
    tracemalloc.start()
    try:
        with pytest.raises(MeasurementError, match="an archive"):
            serialization.load(path)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_kind_that_does_not_exist_is_named():
    with pytest.raises(SettingError, match="kind: expected one of dense, convolutional, lenet_5"):
        networks.build("perceptron", (8, 8), 3, {})


FULL_DISK = (
    "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))"
)
KILLED = "os.fdopen = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)"
KILLED_BEFORE_THE_RENAMING = "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
OUT_OF_MEMORY = "serialization.PackedArray.of = lambda _: (_ for _ in ()).throw(MemoryError())"
TROUBLE = {
    "full disk": FULL_DISK,
    "killed": KILLED,
    "killed before the renaming": KILLED_BEFORE_THE_RENAMING,
    "out of memory": OUT_OF_MEMORY,
    "none": "",
}
# One process imports TensorFlow and builds the network; each child of it saves the network.
IN_OTHER_PROCESSES = f"""
import json, os, resource, signal, sys
from pathlib import Path
from types import SimpleNamespace
from handwriting.models import serialization
from handwriting.models.serialization import Blueprint
blueprint = Blueprint(**{BLUEPRINT.model_dump()!r})
weights = blueprint.build(seed=6).get_weights()
network = SimpleNamespace(get_weights=lambda: weights)
for before, path in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        try:
            exec(before)
            serialization.save(Path(path), network, blueprint, {MOMENT!r})
            os._exit(0)
        finally:
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.fixture(scope="module")
def saved_over(tmp_path_factory):
    """The file over which a network was saved in each trouble, and how that process ended."""
    paths = {name: tmp_path_factory.mktemp("networks") / "one.json" for name in TROUBLE}
    for path in paths.values():
        serialization.save(path, BLUEPRINT.build(seed=5), BLUEPRINT, MOMENT)
    asked = json.dumps([[TROUBLE[name], str(path)] for name, path in paths.items()])
    done = subprocess.run(
        [sys.executable, "-c", IN_OTHER_PROCESSES, asked],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    ended = dict(zip(TROUBLE, map(int, done.stdout.split()), strict=True))
    return {name: (paths[name], status) for name, status in ended.items()}


@pytest.mark.parametrize("trouble", [name for name, before in TROUBLE.items() if before])
def test_a_save_that_comes_to_nothing_leaves_the_old_network(saved_over, trouble, tmp_path):
    path, status = saved_over[trouble]
    assert status != 0
    serialization.save(tmp_path / "old.json", BLUEPRINT.build(seed=5), BLUEPRINT, MOMENT)
    assert path.read_bytes() == (tmp_path / "old.json").read_bytes()
    np.testing.assert_array_equal(serialization.load(path)(IMAGES), BLUEPRINT.build(seed=5)(IMAGES))


def test_a_save_in_another_process_replaces_the_old_network(saved_over):
    path, status = saved_over["none"]
    assert status == 0
    np.testing.assert_array_equal(serialization.load(path)(IMAGES), BLUEPRINT.build(seed=6)(IMAGES))
    assert list(path.parent.iterdir()) == [path]
