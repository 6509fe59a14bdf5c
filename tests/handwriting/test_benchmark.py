"""A contest: what is measured, what comes from the cache, and what a failure leaves."""

import json
import logging
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from handwriting.baselines import benchmark, classifiers, network, pipelines
from handwriting.baselines.timing import Conditions, Durations, Entrant, InferenceMode, Measurement
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import MeasurementError, SettingError
from handwriting.results import source, store
from handwriting.results.files import PackedArray

RANDOM = np.random.default_rng(0)
TERMS = Conditions({"processor": "abacus", "cores": 2}, threads=1)


def split(images: int) -> Split:
    return Split(
        RANDOM.integers(0, 256, (images, 8, 8), np.uint8),
        (np.arange(images) % 3).astype(np.uint8),
    )


@pytest.fixture
def data() -> Dataset:
    origin = Origin((), {"train": "abc", "test": "def"}, "free", "nobody")
    return Dataset("made", "Made", split(60), split(12), ("a", "b", "c"), origin)


class Counting:
    """An entrant's measuring that counts how often it is asked."""

    def __init__(self, fail: BaseException | None = None) -> None:
        self.asked, self.fail = [], fail

    def __call__(self, train: Split, test: Split) -> Measurement:
        self.asked.append(len(train))
        if self.fail:
            raise self.fail
        durations = Durations(1, 200, 0.1, 0.1, 0.1, 0.1)
        return Measurement(
            np.zeros((1, len(test)), np.uint8),
            1.0,
            True,
            (InferenceMode("it", durations, durations, 9),),
        )


def entrant(name: str, measure: Counting, **changes: object) -> Entrant:
    made = Entrant(
        name, name, "as it is", "all of it", "handwriting.baselines.timing", ("numpy",), measure
    )
    return replace(made, **changes)


def test_what_was_measured_once_comes_from_the_cache_unless_it_is_to_be_fresh(data, cache):
    measure = Counting()
    (first,) = benchmark.run(data, [entrant("one", measure)], TERMS)
    (second,) = benchmark.run(data, [entrant("one", measure)], TERMS)
    assert len(measure.asked) == 1
    (third,) = benchmark.run(data, [entrant("one", measure)], TERMS, fresh=True)
    assert len(measure.asked) == 2
    assert (first.origin, second.origin, third.origin) == ("now", "cache", "now")
    assert second.measurement.ways == first.measurement.ways
    assert second.moment == first.moment
    np.testing.assert_array_equal(second.predictions, first.predictions)


CHANGES = {
    "fewer images": lambda one, data: (one, data, replace(TERMS, training_images=30)),
    "seed": lambda one, data: (one, data, replace(TERMS, seed=1)),
    "threads": lambda one, data: (one, data, replace(TERMS, threads=2)),
    "machine": lambda one, data: (one, data, replace(TERMS, machine={"processor": "slide rule"})),
    "settings": lambda one, data: (replace(one, settings="otherwise"), data, TERMS),
    "parameters": lambda one, data: (replace(one, parameters="otherwise"), data, TERMS),
    "name": lambda one, data: (replace(one, name="two"), data, TERMS),
    "data": lambda one, data: (one, replace(data, test=split(12)), TERMS),
}


@pytest.mark.parametrize("change", [*CHANGES, "source", "version"])
def test_what_it_depends_on_has_to_be_the_same(data, cache, change, monkeypatch):
    measure = Counting()
    one = entrant("one", measure)
    kept = benchmark.entries(data, TERMS, benchmark.run(data, [one], TERMS))
    if change == "source":
        monkeypatch.setattr(source, "digest", lambda entry: "another")
    elif change == "version":
        monkeypatch.setattr(source, "versions", lambda packages: {"numpy": "0.1"})
    other, data, terms = CHANGES.get(change, lambda one, data: (one, data, TERMS))(one, data)
    recalled = benchmark.load(data, [other], terms, kept)
    assert len(recalled) == (change in ("source", "version", "machine"))
    benchmark.run(data, [other], terms)
    assert len(measure.asked) == 2


def test_an_interrupted_contest_loses_only_the_entrant_in_progress(data, cache):
    first, second, third = Counting(), Counting(KeyboardInterrupt()), Counting()
    part = [entrant("one", first), entrant("two", second), entrant("three", third)]
    with pytest.raises(KeyboardInterrupt):
        benchmark.run(data, part, TERMS)
    second.fail = None
    origins = [each.origin for each in benchmark.run(data, part, TERMS)]
    assert origins == ["cache", "now", "now"]
    assert [len(each.asked) for each in (first, second, third)] == [1, 2, 1]


def test_an_entrant_that_raises_has_a_row_with_its_error_and_the_others_go_on(data, cache):
    broken = Counting(ValueError("too few\nimages"))
    part = [entrant("one", broken), entrant("two", Counting())]
    results = benchmark.run(data, part, TERMS)
    assert [each.error for each in results] == ["ValueError: too few images", ""]
    assert results[0].measurement is None
    for refuse in (benchmark.require_all, partial(benchmark.entries, data, TERMS)):
        with pytest.raises(MeasurementError, match=r"one \(ValueError: too few images\)"):
            refuse(results)
    benchmark.run(data, part, TERMS)
    assert len(broken.asked) == 2


def test_progress_is_told_by_entrant_and_only_where_there_is_something_to_do(data, cache):
    part, lines = [entrant("one", Counting()), entrant("two", Counting())], []
    benchmark.run(data, part, TERMS, progress=lines.append)
    assert lines == ["one, 1 of 2", "two, 2 of 2"]
    benchmark.run(data, part, TERMS, progress=lines.append)
    assert len(lines) == 2


def tampered(cache: Path, **content: object) -> None:
    """Change what the only cached result holds, sums and all."""
    (path,) = cache.glob("*.json")
    (result,) = store.read(path)
    store.write(path, [replace(result, content=dict(result.content) | content)])


def packed(classes) -> dict[str, object]:
    return PackedArray.of(classes.astype(np.uint8)).model_dump(mode="json")


@pytest.mark.parametrize(
    "content",
    [
        {"predictions": packed(np.zeros((0, 12)))},
        {"predictions": packed(np.zeros((1, 11)))},
        {"predictions": packed(np.full((1, 12), 3))},
        {"predictions": packed(np.zeros(12))},
        {"predictions": "abc"},
        {"ways": []},
        {"fit_seconds": "1.0"},
        {"converged": 1},
        {"ways": [{"name": "it", "single": {"images": 1}}]},
    ],
)
def test_a_cached_result_of_another_kind_is_measured_anew(data, cache, caplog, content):
    measure = Counting()
    benchmark.run(data, [entrant("one", measure)], TERMS)
    tampered(cache, **content)
    with caplog.at_level(logging.WARNING):
        (found,) = benchmark.run(data, [entrant("one", measure)], TERMS)
    assert found.origin == "now"
    assert "one is not taken from the cache" in caplog.text


def test_kept_results_are_recalled_whatever_machine_they_come_from(data, cache):
    one = entrant("one", Counting())
    kept = benchmark.entries(data, TERMS, benchmark.run(data, [one], TERMS))
    elsewhere = replace(TERMS, machine={"processor": "slide rule"})
    (found,) = benchmark.load(data, [one], elsewhere, kept)
    assert found.origin == "kept"
    assert found.environment["machine: processor"] == "abacus"


def test_the_network_is_not_kept_with_the_project(data, cache):
    part = [entrant("one", Counting(), network=True), entrant("two", Counting())]
    kept = benchmark.entries(data, TERMS, benchmark.run(data, part, TERMS))
    assert [each.name for each in kept] == ["two"]


def test_only_a_whole_benchmark_is_kept_with_the_project(data, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_KEEP", str(tmp_path))
    path = tmp_path / "rivals.json"
    rivals = [entrant(rival.name, Counting()) for rival in classifiers.CLASSIFIERS]
    results = benchmark.run(data, rivals, TERMS)
    with pytest.raises(MeasurementError, match=rf"without {rivals[0].name}\. Use the profile full"):
        benchmark.keep(data, TERMS, results[1:])
    with pytest.raises(MeasurementError, match="found 30 images"):
        benchmark.keep(data, replace(TERMS, training_images=30), results)
    assert not path.exists()
    benchmark.keep(data, TERMS, results)
    assert len(benchmark.load(data, rivals, TERMS, store.read(path))) == len(rivals)


def test_all_learn_from_the_same_images(data, cache):
    seen = []

    class Looking(Counting):
        def __call__(self, train, test):
            seen.append(train.images)
            return super().__call__(train, test)

    assert replace(TERMS, training_images=1000).images(data) == TERMS.images(data) == 60
    few = replace(TERMS, training_images=20)
    benchmark.run(data, [entrant("one", Looking()), entrant("two", Looking())], few)
    assert len(seen[0]) == 20
    np.testing.assert_array_equal(*seen)


def test_a_rival_is_measured_as_it_is(data):
    (rival,) = [each for each in classifiers.CLASSIFIERS if each.name == "lda"]
    (one,) = pipelines.entrants([rival], data, TERMS)
    found = one.measure(data.train, data.test)
    expected = pipelines.make(rival, 60, 64).fit(data.train.images, data.train.labels)
    np.testing.assert_array_equal(found.predictions[0], expected.predict(data.test.images))
    assert found.converged
    assert found.ways[0].single.images == 1
    assert found.ways[0].batch.images == 12


def test_a_rival_that_does_not_converge_says_so_and_warns_nobody(data):
    (rival,) = [each for each in classifiers.CLASSIFIERS if each.name == "logistic_regression"]
    hasty = replace(rival, steps=(rival.steps[0].__class__(max_iter=1),))
    (one,) = pipelines.entrants([hasty], data, TERMS)
    assert not one.measure(data.train, data.test).converged


@pytest.mark.slow
def test_the_network_is_measured_in_three_ways_that_agree(data):
    one = network.entrant(data, TERMS, trainings=2)
    found = one.measure(data.train, data.test)
    assert [way.name for way in found.ways] == ["Keras predict", "compiled call", "NumPy alone"]
    assert len(found.predictions) == 2
    assert found.fit_seconds > 0
    keras, compiled, numpy = (way.size for way in found.ways)
    weights = 4 * (64 * 128 + 128 + 128 * 3 + 3)
    assert keras == compiled > weights
    assert weights < numpy < weights + 1000


@pytest.mark.slow
def test_a_way_of_calling_the_network_that_answers_otherwise_is_refused(data, monkeypatch):
    real = network.exported

    def wrong(weights):
        made = real(weights)
        return replace(made, output_bias=made.output_bias + np.float32([0, 0, 1e6]))

    monkeypatch.setattr(network, "exported", wrong)
    one = network.entrant(data, TERMS, trainings=1)
    with pytest.raises(MeasurementError, match="NumPy alone: expected the network's answers"):
        one.measure(data.train, data.test)


def test_who_takes_part_is_the_network_and_the_rivals_of_the_effort(data):
    part, others = benchmark.entered("quick", data, TERMS, 1)
    assert [each.network for each in part] == [True, *[False] * (len(part) - 1)]
    assert {each.name for each in (*part[1:], *others)} == {
        rival.name for rival in classifiers.CLASSIFIERS
    }


def test_no_thread_is_refused(data, cache):
    with pytest.raises(SettingError, match="threads"):
        benchmark.run(data, [entrant("one", Counting())], replace(TERMS, threads=0))


def test_what_the_project_keeps_is_what_its_rivals_are():
    """The results in notebooks/measured are of today's settings: a report can show them."""
    path = Path(__file__).parents[2] / "notebooks" / "measured" / "rivals.json"
    kept = {each.name: each for each in store.read(path)}
    assert set(kept) == {rival.name for rival in classifiers.CLASSIFIERS}
    for rival in classifiers.CLASSIFIERS:
        made = pipelines.make(rival, 60_000, 784, threads=2)
        assert kept[rival.name].key["settings"] == pipelines.settings(made)
        assert kept[rival.name].key["parameters"] == store.digest(pipelines.parameters(made))
    assert "/root" not in json.dumps([each.environment for each in kept.values()], default=dict)
