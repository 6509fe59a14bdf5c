"""What the rivals' notebook runs."""

from types import SimpleNamespace

import numpy as np
import pytest

from handwriting.baselines import benchmark, kept
from handwriting.baselines.timing import Conditions
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import MeasurementError
from handwriting.experiments import rivals


def failed(network):
    who = SimpleNamespace(network=network, title="one", name="one", random=False)
    return SimpleNamespace(entrant=who, error="too few", measurement=None, predictions=())


@pytest.mark.parametrize(
    ("learned", "network", "red"),
    [
        ((99, 300), False, False),
        ((300,), False, False),
        ((100, 300), False, True),
        ((99, 300), True, True),
    ],
)
def test_a_rival_may_fail_only_where_there_is_little_to_learn_from(
    monkeypatch, learned, network, red
):
    labels = np.repeat(np.arange(len(learned)), learned).astype(np.uint8)
    part = Split(np.zeros((len(labels), 8, 8), np.uint8), labels)
    data = Dataset("a", "A", part, part, ("a", "b"), Origin((), {}, "free", "nobody"))
    monkeypatch.setattr(benchmark, "entered", lambda *_: ((), ()))
    monkeypatch.setattr(benchmark, "run", lambda *_, **__: (failed(network),))
    monkeypatch.setattr(kept, "load", lambda *_: ())
    measured = rivals.measure(data, Conditions({}), "quick", 1)
    if red:
        with pytest.raises(MeasurementError, match=r"one \(too few\)"):
            measured.require_all()
    else:
        measured.require_all()
