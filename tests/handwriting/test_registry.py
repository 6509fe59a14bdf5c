import errno
import gzip
import hashlib
import io
import json
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import filelock
import numpy as np
import pytest
import requests
import sklearn.datasets
import urllib3
from numpy.testing import assert_array_equal
from PIL import Image

from handwriting.data import archives, published, qmnist, registry
from handwriting.data.dataset import Split
from handwriting.data.download import File
from handwriting.errors import DatasetError, DownloadError
from handwriting.results import files

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
FIRST, SECOND = "https://first.example/mnist/", "https://second.example/mnist/"


def images(count: int, height: int = 8, width: int = 9) -> bytes:
    pixels = bytes(number % 256 for number in range(count * height * width))
    return b"\0\0\x08\x03" + struct.pack(">3I", count, height, width) + pixels


def labels(*values: int) -> bytes:
    return b"\0\0\x08\x01" + struct.pack(">I", len(values)) + bytes(values)


GOOD = dict(zip(NAMES, (images(4), labels(0, 2, 2, 1), images(2), labels(1, 0)), strict=True))
PACKED = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in GOOD.items()}


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, no data of the user's, and no mirror to ask."""
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HANDWRITING_DATA", raising=False)
    change_mnist(monkeypatch, mirrors=())
    monkeypatch.setattr(qmnist, "QMNIST", replace(qmnist.QMNIST, mirrors=()))
    return tmp_path / "cache" / "mnist"


def change_mnist(monkeypatch, **changes):
    archive = replace(published.MNIST.archive, **changes)
    monkeypatch.setattr(published, "MNIST", replace(published.MNIST, archive=archive))


@pytest.fixture
def tiny_mnist(cache, monkeypatch):
    """A world in which the tiny files above are MNIST."""
    files = [File(name, sha256(content), len(content)) for name, content in PACKED.items()]
    change_mnist(monkeypatch, files=tuple(files))


@pytest.fixture
def own(tmp_path, monkeypatch) -> Path:
    """The folder in which the user keeps data sets."""
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path))
    return tmp_path


class Web:
    """Answers to requests: status, headers and body by address; 404 for any other address."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], object]] = {}
        self.asked: list[str] = []

    def serve(self, mirror: str, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            self.answers[mirror + name] = (200, {}, content)

    def send(self, adapter, request, **_keywords):
        self.asked.append(request.url)
        status, headers, body = self.answers.get(request.url, (404, {}, b""))
        if isinstance(body, Exception):
            raise body
        body = io.BytesIO(body) if isinstance(body, bytes) else body
        answer = urllib3.HTTPResponse(body, headers, status, preload_content=False)
        return adapter.build_response(request, answer)


@pytest.fixture
def web(monkeypatch, tiny_mnist):
    web = Web()
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", lambda *a, **k: web.send(*a, **k))
    change_mnist(monkeypatch, mirrors=(FIRST, SECOND))
    return web


# Names


@pytest.mark.parametrize("name", ["minst", "MNIST", "mnist "])
def test_an_unknown_name_brings_the_nearest(name):
    with pytest.raises(DatasetError, match=r"auto, mnist, digits.*Did you mean 'mnist'"):
        registry.load(name)


@pytest.mark.parametrize("name", [3, None, True, b"mnist", "", " "])
def test_a_name_that_is_no_text_is_refused(name):
    with pytest.raises(DatasetError, match="as text"):
        registry.prepare({"dataset": name})


@pytest.mark.parametrize("name", ["/nowhere/at/all", "a\0b", "~nobody-of-that-name/x", "x" * 5000])
def test_a_path_that_is_no_folder_is_refused(name):
    with pytest.raises(DatasetError, match=r"or the path of IDX, .*class folders"):
        registry.load(name)


# Folders


def renamed(end: str) -> dict[str, bytes]:
    return {name.replace("-idx", ".idx") + end: content for name, content in GOOD.items()}


@pytest.mark.parametrize("files", [GOOD, PACKED, renamed("")], ids=["plain", "gzip", "dots"])
def test_a_folder_of_four_files_is_a_data_set(tmp_path, files):
    dataset = registry.load(str(fill(tmp_path / "mine", files)))
    assert dataset.train.labels.tolist() == [0, 2, 2, 1]
    assert dataset.test.images[:, 0, :3].tolist() == [[0, 1, 2], [72, 73, 74]]
    assert (dataset.image_shape, dataset.class_names) == ((8, 9), ("0", "1", "2"))
    assert (len(dataset.train), len(dataset.test), dataset.classes) == (4, 2, 3)


def test_a_folder_says_which_bytes_were_read(tmp_path):
    origin = registry.load(str(fill(tmp_path, PACKED))).origin
    assert origin.sha256 == {name: sha256(content) for name, content in PACKED.items()}


def test_a_folder_called_mnist_does_not_pass_for_mnist(tmp_path, monkeypatch):
    fill(tmp_path / "mnist", GOOD)
    monkeypatch.chdir(tmp_path)
    assert registry.load("./mnist").name == "mnist/"


def test_a_folder_that_holds_mnist_is_mnist(tmp_path, tiny_mnist):
    assert registry.load(str(fill(tmp_path / "any", PACKED))).name == "mnist"


@pytest.mark.parametrize("name", ["digits", "folder"])
def test_arrays_cannot_be_written(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "folder", GOOD)
    dataset = registry.load(name)
    for split in (dataset.train, dataset.test):
        assert not split.images.flags.writeable
        assert not split.labels.flags.writeable


def test_a_folder_says_which_file_is_missing(tmp_path):
    files = {name: content for name, content in GOOD.items() if name != NAMES[3]}
    with pytest.raises(DatasetError, match="found no test labels"):
        registry.load(str(fill(tmp_path, files)))


BAD_FILES = {
    "fewer labels": (1, labels(0, 1, 2), "a label for each; found 4 train images .* 3 labels"),
    "more test labels": (3, labels(0, 1, 2), "a label for each; found 2 test images .* 3 labels"),
    "swapped": (0, labels(0, 1, 2, 3), f"{NAMES[0]}: .*files of images and labels swapped"),
    "cut short": (2, images(2)[:-1], f"{NAMES[2]}: .*cut short"),
    "web page": (1, b"<html>", f"{NAMES[1]}: .*looks like a web page"),
    "other shape": (2, images(2, 9, 8), "one size; found 8 by 9 in train, 9 by 8 in test"),
    "no images": (2, images(0), "at least one image"),
    "no pixels": (2, images(2, 0, 3), "at least one image of at least one pixel"),
}


@pytest.mark.parametrize(("place", "content", "reason"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_folder_of_files_that_do_not_fit_is_refused(tmp_path, place, content, reason):
    files = GOOD | {NAMES[place]: content}
    with pytest.raises(DatasetError, match=reason):
        registry.load(str(fill(tmp_path, files)))


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    fill(tmp_path, {name: GOOD[name] for name in NAMES[1:]})
    (tmp_path / NAMES[0]).mkdir()
    with pytest.raises(DatasetError, match="found no train images"):
        registry.load(str(tmp_path))


# digits


def test_digits_keep_every_image_once():
    dataset = registry.load("digits")
    both = np.concatenate([dataset.train.images, dataset.test.images]).reshape(1797, 64)
    # 255/16 = 15.94 a step, each product rounded by hand
    scale = [0, 16, 32, 48, 64, 80, 96, 112, 128, 143, 159, 175, 191, 207, 223, 239, 255]
    original = [
        bytes(scale[int(pixel)] for pixel in row) for row in sklearn.datasets.load_digits().data
    ]
    assert sorted(map(bytes, both)) == sorted(original)


def test_digits_keep_images_and_labels_together():
    original = sklearn.datasets.load_digits()
    known = {
        row.tobytes(): label for row, label in zip(original.images, original.target, strict=True)
    }
    test = registry.load("digits").test
    found = [known[np.rint(image / 255 * 16).tobytes()] for image in test.images]
    assert_array_equal(found, test.labels)


def test_the_split_of_digits_never_changes():
    test = registry.load("digits").test
    assert sha256(test.images.tobytes() + test.labels.tobytes()) == (
        "50633b623f555b34bce8d97668d4c8f9904364b6400636df292be7272a829fa9"
    )


def test_digits_that_are_damaged_are_refused(monkeypatch):
    monkeypatch.setitem(published.DIGITS_SHA256, "digits.csv.gz", "0" * 64)
    with pytest.raises(DatasetError, match="Install scikit-learn again"):
        registry.load("digits")


def test_named_data_sets_say_whom_to_cite():
    origin = registry.load("digits").origin
    assert origin.licence == "CC BY 4.0"
    assert "Alpaydin" in origin.citation


# MNIST on this machine


def test_mnist_is_found_by_the_environment(own, tiny_mnist):
    fill(own / "mnist", PACKED)
    found = registry.load()
    assert (found.name, found.train.labels.tolist()) == ("mnist", [0, 2, 2, 1])


@pytest.mark.parametrize("folder", ["absent", "empty"])
def test_a_data_folder_without_mnist_is_passed_over(
    tmp_path, cache, tiny_mnist, monkeypatch, folder
):
    fill(cache, PACKED)
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path / folder))
    assert registry.load("mnist").name == "mnist"


@pytest.mark.parametrize("name", ["mnist", "auto"])
@pytest.mark.parametrize(
    "content", [b"<html>", PACKED[f"{NAMES[0]}.gz"][:-3], bytes(len(PACKED[f"{NAMES[0]}.gz"]))]
)
def test_a_wrong_file_of_the_users_is_an_error(own, tiny_mnist, name, content):
    whole = len(content) == len(PACKED[f"{NAMES[0]}.gz"])
    files = PACKED | {f"{NAMES[0]}.gz": content}
    fill(own / "mnist", files)
    found = f"{len(content)} bytes" + (f" with the SHA-256 {sha256(content)}" if whole else "")
    with pytest.raises(DatasetError, match=f"SHA-256 .* found {found}") as refusal:
        registry.load(name)
    assert not isinstance(refusal.value, DownloadError)
    assert {path.name: path.read_bytes() for path in (own / "mnist").iterdir()} == files


def test_a_file_that_changes_after_its_check_is_refused(own, tiny_mnist, monkeypatch):
    fill(own / "mnist", PACKED | {f"{NAMES[1]}.gz": gzip.compress(labels(1, 1, 1, 2))})
    monkeypatch.setattr(archives, "_is_whole", lambda *_: True)
    with pytest.raises(DatasetError, match="changed between two looks"):
        registry.load("mnist")


# MNIST from the network


def test_mnist_is_fetched_into_the_cache_once(cache, web):
    web.serve(FIRST, PACKED)
    registry.load("mnist")
    registry.load("mnist")
    assert len(web.asked) == 4
    assert {p.name: p.read_bytes() for p in cache.iterdir() if p.name != ".lock"} == PACKED


def test_only_missing_files_are_fetched(own, web):
    have = dict(list(PACKED.items())[:3])
    fill(own / "mnist", have)
    web.serve(FIRST, PACKED)
    registry.load("mnist")
    assert web.asked == [f"{FIRST}{NAMES[3]}.gz"]


def test_a_mirror_without_https_is_never_asked(web, monkeypatch):
    change_mnist(monkeypatch, mirrors=("http://first.example/mnist/",))
    with pytest.raises(DownloadError, match="which is not https"):
        registry.load("mnist")
    assert web.asked == []


def test_a_failed_download_says_what_each_mirror_did(web):
    web.answers[f"{SECOND}{NAMES[0]}.gz"] = (503, {}, b"")
    with pytest.raises(DownloadError) as failure:
        registry.load("mnist")
    assert f"{FIRST} answered 404; {SECOND} answered 503" in str(failure.value)
    assert "$HANDWRITING_DATA/mnist" in str(failure.value)
    assert "`digits`" in str(failure.value)


def test_a_full_disk_is_not_blamed_on_the_mirror(web, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "write_bytes", refuse)
    web.serve(FIRST, PACKED)
    with pytest.raises(DownloadError, match=r"a cache that can be written .* found No space left"):
        registry.load("mnist")


def test_two_processes_do_not_fetch_at_once(cache, web, monkeypatch):
    change_mnist(monkeypatch, seconds=0.1)
    cache.mkdir(parents=True)
    with (
        filelock.FileLock(cache / ".lock"),
        pytest.raises(DownloadError, match="another process"),
    ):
        registry.load("mnist")
    assert web.asked == []


def test_mnist_without_network_or_cache_is_an_error():
    with pytest.raises(DownloadError, match="or use the data set `digits`"):
        registry.load("mnist")


def test_auto_is_digits_without_network_or_cache(caplog):
    assert registry.load("auto").name == "digits"
    assert "in place of MNIST" in caplog.text


# Other published data sets


@pytest.mark.parametrize("name", ["fashion_mnist", "kmnist"])
def test_other_published_data_sets_have_names_for_their_classes(own, monkeypatch, name):
    asked = getattr(published, name.upper())
    files = tuple(File(key, sha256(value), len(value)) for key, value in PACKED.items())
    archive = replace(asked.archive, files=files)
    monkeypatch.setattr(published, name.upper(), replace(asked, archive=archive))
    fill(own / name, PACKED)
    found = registry.load(name)
    assert (found.name, found.classes) == (name, 10)
    assert found.origin.citation
    assert found.train.writers is None


# prepare


def test_other_parameters_are_left_alone():
    parameters = {"epochs": 3, "Dataset": "auto"}
    assert registry.prepare(parameters) == registry.Prepared(parameters, {}, None)


def test_auto_becomes_mnist_without_a_notice(cache, tiny_mnist):
    fill(cache, PACKED)
    prepared = registry.prepare({"dataset": "auto", "epochs": 3})
    assert prepared.parameters == {"dataset": "mnist", "epochs": 3}
    assert prepared.inputs == {name: sha256(content) for name, content in PACKED.items()}
    assert prepared.notice is None


def test_auto_becomes_digits_with_a_notice():
    parameters = {"dataset": "auto"}
    prepared = registry.prepare(parameters)
    assert (parameters, prepared.parameters) == ({"dataset": "auto"}, {"dataset": "digits"})
    assert "MNIST could not be had" in prepared.notice
    assert "1,797 images of 8 by 8" in prepared.notice


def test_that_mnist_is_not_there_is_said_once_to_all_notebooks_of_a_build(cache, caplog):
    first = registry.prepare({"dataset": "auto"})
    fill(cache, PACKED)
    assert registry.prepare({"dataset": "auto"}) == first
    assert caplog.text.count("in place of MNIST") == 1


def test_digits_by_name_bring_no_notice():
    prepared = registry.prepare({"dataset": "digits"})
    bundled = Path(sklearn.datasets.__file__).parent / "data" / "digits.csv.gz"
    assert prepared.inputs == {"digits.csv.gz": sha256(bundled.read_bytes())}
    assert prepared.notice is None


def test_a_bad_folder_is_refused_before_any_kernel(tmp_path):
    with pytest.raises(DatasetError, match="swapped"):
        registry.prepare({"dataset": str(fill(tmp_path, GOOD | {NAMES[0]: labels(1)}))})


def test_foreign_images_of_digits_are_made_of_them():
    prepared = registry.prepare({"dataset": "digits", "foreigners": "auto"})
    assert prepared.parameters == {"dataset": "digits", "foreigners": "scrambled"}
    assert list(prepared.inputs) == ["digits.csv.gz"]


def test_relative_folders_become_absolute_with_the_digests_of_their_files(tmp_path, monkeypatch):
    fill(tmp_path / "mine", GOOD)
    fill(tmp_path / "others", GOOD | {NAMES[2]: images(3), NAMES[3]: labels(0, 1, 2)})
    monkeypatch.chdir(tmp_path)
    prepared = registry.prepare({"dataset": "mine", "foreigners": "others"})
    folders = {"dataset": "mine", "foreigners": "others"}
    assert prepared.parameters == {k: str((tmp_path / v).resolve()) for k, v in folders.items()}
    assert prepared.inputs[f"others/{NAMES[2]}"] == sha256(images(3))
    assert prepared.inputs[NAMES[2]] == sha256(GOOD[NAMES[2]])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (GOOD[NAMES[2]], "found its own"),
        (images(0), "at least one image"),
        (b"", "found nothing"),
    ],
    ids=["the same", "none", "empty"],
)
def test_bad_foreign_images_are_refused_before_any_kernel(tmp_path, content, reason):
    mine, others = fill(tmp_path / "mine", GOOD), fill(tmp_path / "o", GOOD | {NAMES[2]: content})
    with pytest.raises(DatasetError, match=reason):
        registry.prepare({"dataset": str(mine), "foreigners": str(others)})


@pytest.mark.promise("What is odd about somebody's own data is told before anything is trained.")
def test_what_is_odd_about_data_is_told_before_they_are_used(tmp_path):
    folder = str(
        fill(tmp_path / "mine", GOOD | {NAMES[2]: GOOD[NAMES[0]], NAMES[3]: labels(*4 * [1])})
    )
    prepared = registry.prepare({"dataset": folder, "invert": None, "scale": None})
    texts = [finding.words for finding in registry.load(folder).findings]
    assert list(prepared.warnings) == texts
    assert [each[:22] for each in prepared.faults] == [
        "Test images that are c",
        "Classes without a test",
    ]
    assert set(prepared.faults) < set(prepared.warnings)


def test_a_correction_that_is_asked_for_is_made(tmp_path):
    folder = str(fill(tmp_path / "mine", GOOD))
    first, second = registry.load(folder), registry.load(folder, invert=True)
    assert_array_equal(second.train.images, 255 - first.train.images)
    warnings = registry.prepare({"dataset": folder, "invert": True}).warnings
    assert warnings[0].startswith("Ink and paper of the images were exchanged")
    for ask in (registry.load, lambda name, **given: registry.prepare({"dataset": name, **given})):
        with pytest.raises(DatasetError, match="invert: expected None, since 'digits' needs no"):
            ask("digits", invert=False)


def test_preparing_imports_nothing_slow():
    script = (
        "import json, sys; from handwriting.data import registry; "
        "registry.prepare({'dataset': 'digits'}); "
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    slow = {"tensorflow", "keras", "sklearn", "scipy", "matplotlib", "requests"}
    assert slow.isdisjoint(json.loads(done.stdout))


# The real thing


def test_real_mnist_has_its_published_counts(mnist):
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(mnist.train.labels).tolist() == counts
    assert mnist.test.images.shape == (10_000, 28, 28)
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]


def test_fewer_images_are_drawn_from_among_more_with_all_that_is_known_of_them():
    numbers = np.arange(50)
    images = np.broadcast_to(numbers[:, None, None], (50, 2, 2)).astype(np.uint8)
    split = Split(images, numbers.astype(np.uint8), numbers.astype(np.int32))
    few, many = split.drawn(5), split.drawn(20)
    assert set(few.labels) < set(many.labels)
    np.testing.assert_array_equal(few.labels, few.images[:, 0, 0])
    np.testing.assert_array_equal(few.labels, few.writers)
    assert few.series is None
    assert split.drawn(50) is split


def test_what_a_camera_wrote_into_a_picture_goes_nowhere(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "a camera of somebody's"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.5), 0x1D: "2026:01:02"})
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(4):
            pixels = np.full((9, 9), 40 * number + 10 * (name == "b"), np.uint8)
            pixels[4, 4] = 255
            Image.fromarray(pixels).save(tmp_path / name / f"{number}.jpg", exif=exif)
    with Image.open(tmp_path / "a/0.jpg") as picture:
        assert picture.getexif().get_ifd(0x8825)[1] == "N"
    told = repr((registry.prepare({"dataset": str(tmp_path)}), registry.load(str(tmp_path))))
    assert [each for each in ("somebody", "52.0", "2026:01:02") if each in told] == []
