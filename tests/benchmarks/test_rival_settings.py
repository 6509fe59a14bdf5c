"""Settings are asked about with one budget, and change only by more than luck explains."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from handwriting.baselines.classifiers import CLASSIFIERS
from handwriting.data.dataset import Split

PATH = Path(__file__).parents[2] / "benchmarks" / "rival_settings.py"
FEWER = {"dummy": 1, "gradient_boosting": 3}


@pytest.fixture(scope="module")
def benchmark_():
    spec = importlib.util.spec_from_file_location("rival_settings", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["rival_settings"] = module  # where its dataclasses look for themselves
    spec.loader.exec_module(module)
    return module


def test_every_method_tries_as_many_candidates(benchmark_):
    methods = ["network", *(rival.name for rival in CLASSIFIERS)]
    assert list(benchmark_.GRIDS) == methods[1:]
    tried = {method: len(benchmark_.candidates(method)) for method in methods}
    assert tried == dict.fromkeys(methods, benchmark_.BUDGET) | FEWER


def test_one_candidate_is_the_present_setting(benchmark_):
    images = np.random.default_rng(0).integers(0, 256, (60, 4, 4), np.uint8)
    split = Split(images, (np.arange(60) % 3).astype(np.uint8))
    candidates = benchmark_.candidates("naive_bayes")
    present = [benchmark_.tried("naive_bayes", each, split, split).present for each in candidates]
    assert present.count(True) == 1


def test_who_is_better_by_more_than_luck_takes_the_place_of_the_present_setting(benchmark_):
    rng = np.random.default_rng(0)
    right = [rng.random(2000) < share for share in (0.8, 0.81, 0.9)]
    first, other, best = (
        benchmark_.Trial({"it": number}, number == 0, each, 1.0)
        for number, each in enumerate(right)
    )
    tables = [[[0, (right[0] & ~each).sum()], [(each & ~right[0]).sum(), 0]] for each in right[1:]]
    alone = [mcnemar(table, exact=True).pvalue for table in tables]
    expected = multipletests(alone, method="holm")[1]
    assert benchmark_.verdict([first, other, best]) == (
        first,
        best,
        pytest.approx(expected[1]),
        best,
    )
    assert benchmark_.verdict([other, first])[3] is first
