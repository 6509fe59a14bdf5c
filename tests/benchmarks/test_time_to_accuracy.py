"""What the benchmark makes of what it measured; the measuring itself is no test."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from handwriting.data.dataset import Dataset, Origin, Split

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark_():
    path = BENCHMARKS / "time_to_accuracy.py"
    spec = importlib.util.spec_from_file_location("time_to_accuracy", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["time_to_accuracy"] = module  # where its dataclasses look for themselves
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def trainings(benchmark_):
    """Two processes of a contender that is read after each of two epochs."""

    def training(seed, startup, seconds, accuracies):
        return benchmark_.Training("it", seed, startup, seconds, accuracies, 900.0 + seed)

    return [
        training(0, 5.0, (3.0, 6.0), (0.97, 0.992)),
        training(1, None, (2.0, 4.0), (0.98, 0.994)),
        training(2, 7.0, (5.0, 8.0), (0.97, 0.990)),
        training(3, None, (4.0, 6.0), (0.98, 0.992)),
    ]


def test_a_target_is_reached_at_the_first_epoch_whose_mean_is_as_high(benchmark_, trainings):
    assert benchmark_.reached(trainings, 0.975) == (10.0, 4.0, 3.0)
    assert benchmark_.reached(trainings, 0.99) == (13.0, 7.0, 5.0)
    assert benchmark_.reached(trainings, 0.9925) == ()


def test_the_tables_have_a_row_for_each_contender(benchmark_, trainings):
    summary = benchmark_.summary_table({"it": trainings}).splitlines()
    assert summary[2] == "| it | 4 | 13.00 | 7.00 | 5.00 | 99.20% ± 0.16% | 903 |"
    targets = benchmark_.target_table({"it": trainings}).splitlines()
    assert targets[0] == "| seconds to a mean of | 97.27% | 98% | 99% | 99.4% | 99.6% |"
    assert targets[2] == "| it | 10.0 / 4.0 / 3.0 | 13.0 / 7.0 / 5.0 | 13.0 / 7.0 / 5.0 |  |  |"


def test_who_is_sooner_is_said_cold_first_and_second(benchmark_, trainings):
    each = {"one epoch": trainings, benchmark_.CONVNET: trainings}
    assert benchmark_.ratio(each) == [
        "A mean of 99% is reached 1.0 / 1.0 / 1.0 times sooner than by mnist_convnet."
    ]
    assert benchmark_.ratio({"one epoch": trainings}) == []


def test_the_readme_has_the_tables_of_what_was_measured_last(benchmark_):
    readme = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    assert benchmark_.tables(benchmark_.kept()) in readme


def test_a_backend_that_is_not_installed_takes_no_part(benchmark_, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "torch" or None)
    named = benchmark_.contenders()
    assert "small, PyTorch" in named
    assert not any("JAX" in name for name in named)


def test_networks_read_together_by_the_mean_of_their_probabilities(
    benchmark_, monkeypatch, trainings, tmp_path
):
    truths = np.array([0, 1])
    monkeypatch.setattr(benchmark_, "MEMBERS", 2)
    monkeypatch.setattr(
        benchmark_.registry, "load", lambda _: SimpleNamespace(test=SimpleNamespace(labels=truths))
    )
    wide = [benchmark_.replace(one, contender="wide") for one in trainings]
    np.save(tmp_path / "0.npy", [[0.9, 0.1], [0.6, 0.4]])
    np.save(tmp_path / "1.npy", [[0.8, 0.2], [0.1, 0.9]])
    found = benchmark_.together(wide, tmp_path)
    assert (found.accuracy, found.seconds) == (1.0, 10.0)
    assert "first 2 networks of wide read 100.00% together" in benchmark_.ensemble(found)[0]
    assert benchmark_.together(wide[:1], tmp_path) is None


@pytest.mark.parametrize(
    ("contender", "epochs"),
    [("keras_dense", 6), pytest.param("convnet", 15, marks=pytest.mark.slow)],
)
def test_keras_networks_are_read_after_each_epoch(benchmark_, contender, epochs):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (40, 28, 28), np.uint8)
    split = Split(images, (np.arange(40) % 10).astype(np.uint8))
    data = Dataset("t", "Tiny", split, split, tuple("0123456789"), Origin((), {}, "", ""))
    ((seconds, accuracies),) = getattr(benchmark_, contender)(data, [0])
    assert len(accuracies) == epochs
    assert list(seconds) == sorted(seconds)


def test_a_contender_that_fails_leaves_the_others(
    benchmark_, monkeypatch, trainings, capsys, tmp_path
):
    def found(name, seeds, folder):
        if name == "broken":
            raise benchmark_.subprocess.CalledProcessError(1, "python")
        return trainings[:2]

    monkeypatch.setattr(benchmark_, "in_own_process", found)
    assert list(benchmark_.one_round(0, ["broken", "it"], tmp_path)) == trainings[:2]
    assert "broken is left out" in capsys.readouterr().err
