import gzip
import hashlib
import os
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import requests

from handwriting.data import archives, qmnist
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.data.download import File
from handwriting.errors import DatasetError
from handwriting.results import files

TRAIN, TEST = (file.name for file in qmnist.QMNIST.files)


def rows(*each: tuple[int, int, int], columns: int = 8) -> bytes:
    numbers = [(*row, 0, 0, 0, 0, 0)[:columns] for row in each]
    header = b"\0\0\x0c\x02" + struct.pack(">2I", len(each), columns)
    return header + np.array(numbers, ">i4").tobytes()


GOOD = {TRAIN: rows((1, 4, 70), (0, 4, 71)), TEST: rows((1, 0, 90), (0, 4, 91), (0, 1, 92))}


@pytest.fixture
def dataset() -> Dataset:
    images = np.zeros((2, 4, 4), np.uint8)
    train, test = Split(images, np.uint8([1, 0])), Split(images[:1], np.uint8([1]))
    return Dataset("mnist", "MNIST", train, test, ("0", "1"), Origin((), {}, "", ""))


@pytest.fixture
def known_rows(tmp_path, monkeypatch):
    """Return a function that makes some files QMNIST's, and puts them where they are found."""

    def make(files: dict[str, bytes]) -> Path:
        packed = {name: gzip.compress(content, mtime=0) for name, content in files.items()}
        known = [File(k, hashlib.sha256(v).hexdigest(), len(v)) for k, v in packed.items()]
        monkeypatch.setattr(qmnist, "QMNIST", replace(qmnist.QMNIST, files=tuple(known)))
        (tmp_path / "qmnist").mkdir()
        for name, content in packed.items():
            (tmp_path / "qmnist" / name).write_bytes(content)
        monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path))
        return tmp_path

    return make


def test_each_image_gets_its_writer_and_its_series_and_rows_beyond_are_left_out(
    dataset, known_rows
):
    known_rows(GOOD)
    found = qmnist.joined(dataset)
    assert (found.train.writers.tolist(), found.train.series.tolist()) == ([70, 71], [4, 4])
    assert (found.test.writers.tolist(), found.test.series.tolist()) == ([90], [0])
    assert found.train.writers.dtype == found.train.series.dtype == np.int32
    assert not found.train.writers.flags.writeable
    assert list(found.origin.writers_sha256) == [TRAIN, TEST]


def test_rows_that_disagree_with_the_labels_are_an_error(dataset, known_rows):
    known_rows(GOOD | {TRAIN: rows((1, 4, 70), (7, 4, 71))})
    with pytest.raises(
        DatasetError, match="in 1 of them, first in that of image 1: 7 where the label is 0"
    ):
        qmnist.joined(dataset)


@pytest.mark.parametrize("content", [rows((1, 4, 70)), rows((1, 4, 70), (0, 4, 71), columns=3)])
def test_rows_that_are_too_few_or_too_short_are_an_error(dataset, known_rows, content):
    known_rows(GOOD | {TRAIN: content})
    with pytest.raises(DatasetError, match="at least 2 rows, one for each image, of 8 numbers"):
        qmnist.joined(dataset)


@pytest.mark.promise("Rows of QMNIST that changed after their check are refused.")
def test_rows_that_change_after_their_check_are_refused(dataset, known_rows, monkeypatch):
    folder = known_rows(GOOD)
    other = gzip.compress(rows((1, 4, 666), (0, 4, 666)))
    (folder / "qmnist" / TRAIN).write_bytes(other)
    monkeypatch.setattr(archives, "_is_whole", lambda *_: True)
    with pytest.raises(DatasetError, match="changed between two looks"):
        qmnist.joined(dataset)


def test_a_damaged_file_of_the_users_is_an_error(dataset, known_rows):
    folder = known_rows(GOOD)
    (folder / "qmnist" / TEST).write_bytes(b"<html>")
    with pytest.raises(DatasetError, match="looks like a web page"):
        qmnist.joined(dataset)


@pytest.fixture
def offline(monkeypatch):
    """No network; the list of what was asked for."""
    asked = []

    def refuse(self, request, **_keywords):
        asked.append(request.url)
        raise requests.ConnectionError

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", refuse)
    return asked


def test_what_nobody_gives_is_not_asked_for_again_at_once(dataset, offline, caplog):
    assert qmnist.joined(dataset) is dataset
    assert qmnist.prepare() == {}
    assert len(offline) == 1
    assert "tried again after 600 s" in caplog.text


def test_that_writers_are_not_known_is_said_once_to_a_build_of_several_notebooks(offline, caplog):
    assert qmnist.prepare() == qmnist.prepare() == {}
    assert caplog.text.count("Who wrote which digit is not known") == 1


def test_it_is_asked_for_again_after_a_while(dataset, offline):
    qmnist.joined(dataset)
    failed = files.cache_folder() / "qmnist" / ".failed"
    os.utime(failed, (0, 0))
    qmnist.joined(dataset)
    assert len(offline) == 2


def test_no_writer_of_mnist_is_in_both_splits(mnist):
    if mnist.train.writers is None:
        pytest.skip("needs the real files in $HANDWRITING_DATA/qmnist")
    learned, judged = np.unique(mnist.train.writers), np.unique(mnist.test.writers)
    assert (len(learned), len(judged)) == (539, 297)
    assert not np.intersect1d(learned, judged).size
    assert set(mnist.test.series[:5000]) == {4}
