from dataclasses import replace

import numpy as np
import pytest

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.models import config, ensemble
from handwriting.models.training_runs import Outcome, Run
from handwriting.results.files import PackedArray

# Three networks and four images: each row an image, each column a class.
SCORES = {
    "a": [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.6, 0.4]],
    "b": [[0.6, 0.4], [0.9, 0.1], [0.1, 0.9], [0.3, 0.7]],
    "c": [[0.1, 0.9], [0.1, 0.9], [0.3, 0.7], [0.2, 0.8]],
}
TOGETHER = [[0, 1, 1, 0], [0, 0, 1, 1], [0, 1, 1, 1]]  # worked out by hand from sums


def packed(shape):
    return PackedArray.of(np.zeros(shape, np.uint8)).model_dump(mode="json")


@pytest.fixture
def data():
    split = Split(np.zeros((4, 2, 2), np.uint8), np.array([0, 1, 1, 0], np.uint8))
    return Dataset("t", "Tiny", split, split, ("0", "1"), Origin((), {"a": "1"}, "", ""))


@pytest.fixture
def members(monkeypatch):
    monkeypatch.setattr(
        "handwriting.models.training.predict", lambda network, *_: np.array(SCORES[network])
    )
    return [
        Run(
            *(config.SMALL, seed, 9, "now", f"2026-11-25T04:05:0{seed}+00:00", {"where": name}),
            Outcome(np.zeros(4, np.uint8), {}, (), 1.0, 9),
            name,
        )
        for seed, name in enumerate(SCORES)
    ]


def test_the_mean_of_the_probabilities_decides(data, members):
    found = ensemble.combine(members, data)
    assert found.predictions.tolist() == TOGETHER
    assert found.seeds == (0, 1, 2)
    assert found.accuracies(data.test.labels) == (1.0, 0.5, 0.75)


def test_a_kept_ensemble_is_recalled(data, members):
    kept = ensemble.entry(ensemble.combine(members, data), members, data)
    assert (kept.moment, kept.environment) == (members[2].moment, members[2].environment)
    found = ensemble.load(data, config.SMALL, [kept])
    assert found.predictions.tolist() == TOGETHER
    assert found.seeds == (0, 1, 2)


def test_ensembles_of_other_recipes_or_data_are_not_recalled(data, members):
    kept = ensemble.entry(ensemble.combine(members, data), members, data)
    other = replace(data, test=Split(255 - data.test.images, data.test.labels))
    assert ensemble.load(data, config.WIDE, [kept]) is None
    assert ensemble.load(other, config.SMALL, [kept]) is None


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"seeds": [1, 2]},
        {"seeds": [], "predictions": packed((0, 4))},
        {"seeds": 1, "predictions": packed((1, 4))},
        {"seeds": [1], "predictions": packed((1, 5))},
        {"seeds": [1], "predictions": ["no predictions"]},
    ],
    ids=str,
)
def test_a_kept_ensemble_that_is_none_is_not_shown(data, members, content, caplog):
    kept = ensemble.entry(ensemble.combine(members, data), members, data)
    assert ensemble.load(data, config.SMALL, [replace(kept, content=content)]) is None
    assert "ensemble is not taken from the kept" in caplog.text
