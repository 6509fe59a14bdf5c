"""A contest: what is measured, what comes from the cache, and what a failure leaves."""

import json
import logging
from dataclasses import replace

import numpy as np
import pytest

from handwriting.baselines import benchmark, classifiers, network, pipelines
from handwriting.baselines.measurement import Conditions, Entrant, InferenceMode, Measurement
from handwriting.baselines.timing import Durations
from handwriting.data import published
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import MeasurementError, SettingError
from handwriting.results import source, store
from handwriting.results.store import Cache, packed, unpacked

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


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path / "results")


class Counting:
    """An entrant's measuring that counts how often it is asked."""

    def __init__(self, fail: BaseException | None = None) -> None:
        self.asked, self.fail = [], fail

    def __call__(self, train: Split, test: Split) -> Measurement:
        self.asked.append(len(train))
        if self.fail:
            raise self.fail
        durations = Durations(1, 200, 0.1, 0.1, 0.1, 0.1)
        answers = np.zeros(len(test), np.int64)
        return Measurement(
            (packed(answers),), 1.0, True, (InferenceMode("it", durations, durations, 9),)
        )


def entrant(name: str, measure: Counting, **changes: object) -> Entrant:
    made = Entrant(
        name, name, "as it is", "all of it", "handwriting.baselines.timing", ("numpy",), measure
    )
    return replace(made, **changes)


def test_what_was_measured_once_comes_from_the_cache(data, cache):
    measure = Counting()
    (first,) = benchmark.hold(data, [entrant("one", measure)], TERMS, cache=cache)
    (second,) = benchmark.hold(data, [entrant("one", measure)], TERMS, cache=cache)
    assert len(measure.asked) == 1
    assert (first.origin, second.origin) == ("now", "cache")
    assert second.measurement == first.measurement
    assert second.moment == first.moment
    np.testing.assert_array_equal(second.predictions, first.predictions)


def test_fresh_measures_anew_and_keeps_that(data, cache):
    measure = Counting()
    for fresh in (False, True):
        (found,) = benchmark.hold(data, [entrant("one", measure)], TERMS, cache=cache, fresh=fresh)
        assert found.origin == "now"
    assert len(measure.asked) == 2


@pytest.mark.parametrize(
    "terms",
    [
        replace(TERMS, training_images=30),
        replace(TERMS, seed=1),
        replace(TERMS, threads=2),
        replace(TERMS, machine={"processor": "slide rule", "cores": 2}),
    ],
)
def test_under_other_terms_it_is_measured_anew(data, cache, terms):
    measure = Counting()
    benchmark.hold(data, [entrant("one", measure)], TERMS, cache=cache)
    benchmark.hold(data, [entrant("one", measure)], terms, cache=cache)
    assert len(measure.asked) == 2


@pytest.mark.parametrize("change", ["settings", "parameters", "data", "source", "version"])
def test_what_it_depends_on_has_to_be_the_same(data, cache, change, monkeypatch):
    measure = Counting()
    other = one = entrant("one", measure)
    benchmark.hold(data, [one], TERMS, cache=cache)
    if change in ("settings", "parameters"):
        other = replace(one, **{change: "otherwise"})
    elif change == "data":
        data = replace(data, origin=replace(data.origin, sha256={"train": "xyz", "test": "def"}))
    elif change == "source":
        monkeypatch.setattr(source, "digest", lambda entry: "another")
    elif change == "version":
        monkeypatch.setattr(store, "versions", lambda packages: {"numpy": "0.1"})
    benchmark.hold(data, [other], TERMS, cache=cache)
    assert len(measure.asked) == 2


def test_an_interrupted_contest_loses_only_the_entrant_in_progress(data, cache):
    first, second, third = Counting(), Counting(KeyboardInterrupt()), Counting()
    part = [entrant("one", first), entrant("two", second), entrant("three", third)]
    with pytest.raises(KeyboardInterrupt):
        benchmark.hold(data, part, TERMS, cache=cache)
    second.fail = None
    origins = [each.origin for each in benchmark.hold(data, part, TERMS, cache=cache)]
    assert origins == ["cache", "now", "now"]
    assert [len(each.asked) for each in (first, second, third)] == [1, 2, 1]


def test_an_entrant_that_raises_has_a_row_with_its_error_and_the_others_go_on(data, cache):
    broken = Counting(ValueError("too few\nimages"))
    results = benchmark.hold(
        data, [entrant("one", broken), entrant("two", Counting())], TERMS, cache=cache
    )
    assert [each.error for each in results] == ["ValueError: too few images", ""]
    assert results[0].measurement is None
    with pytest.raises(MeasurementError, match=r"one \(ValueError: too few images\)"):
        benchmark.require_all(results)


def test_an_error_is_not_kept(data, cache):
    broken = Counting(ValueError())
    for _ in range(2):
        benchmark.hold(data, [entrant("one", broken)], TERMS, cache=cache)
    assert len(broken.asked) == 2


def test_results_without_an_error_are_accepted(data, cache):
    benchmark.require_all(benchmark.hold(data, [entrant("one", Counting())], TERMS, cache=cache))


def test_progress_is_told_by_entrant_and_only_where_there_is_something_to_do(data, cache):
    part, lines = [entrant("one", Counting()), entrant("two", Counting())], []
    benchmark.hold(data, part, TERMS, cache=cache, progress=lines.append)
    assert lines == ["one, 1 of 2", "two, 2 of 2"]
    benchmark.hold(data, part, TERMS, cache=cache, progress=lines.append)
    assert len(lines) == 2


def tampered(cache: Cache, tmp_path, **content: object) -> None:
    """Change what the only cached result holds, sums and all."""
    (path,) = (tmp_path / "results").iterdir()
    (result,) = store.read(path)
    store.write(path, [replace(result, content=dict(result.content) | content)])


@pytest.mark.parametrize(
    "content",
    [
        {"predictions": []},
        {"predictions": ["AAAA"]},
        {"predictions": [packed(np.zeros(11, np.int64))]},
        {"predictions": [packed(np.full(12, 3))]},
        {"predictions": [packed(np.zeros(100_000, np.int64))]},
        {"predictions": "abc"},
        {"ways": []},
        {"fit_seconds": "1.0"},
        {"converged": 1},
        {"ways": [{"name": "it", "single": {"images": 1}}]},
    ],
)
def test_a_cached_result_of_another_kind_is_measured_anew(data, cache, tmp_path, caplog, content):
    measure = Counting()
    benchmark.hold(data, [entrant("one", measure)], TERMS, cache=cache)
    tampered(cache, tmp_path, **content)
    with caplog.at_level(logging.WARNING):
        (found,) = benchmark.hold(data, [entrant("one", measure)], TERMS, cache=cache)
    assert found.origin == "now"
    assert "one is not taken from the cache" in caplog.text


def test_kept_results_are_recalled_whatever_machine_they_come_from(data, cache):
    one = entrant("one", Counting())
    kept = benchmark.keepable(data, TERMS, benchmark.hold(data, [one], TERMS, cache=cache))
    elsewhere = replace(TERMS, machine={"processor": "slide rule"})
    (found,) = benchmark.recall(data, [one], elsewhere, kept)
    assert found.origin == "kept"
    assert found.circumstances["machine: processor"] == "abacus"


def test_kept_results_of_other_settings_or_data_are_not_recalled(data, cache):
    one = entrant("one", Counting())
    kept = benchmark.keepable(data, TERMS, benchmark.hold(data, [one], TERMS, cache=cache))
    assert not benchmark.recall(data, [replace(one, settings="otherwise")], TERMS, kept)
    assert not benchmark.recall(data, [replace(one, name="two")], TERMS, kept)
    assert not benchmark.recall(data, [one], replace(TERMS, training_images=30), kept)
    other = replace(data, origin=replace(data.origin, sha256={}))
    assert not benchmark.recall(other, [one], TERMS, kept)


def test_the_network_is_not_kept_with_the_project(data, cache):
    part = [entrant("one", Counting(), network=True), entrant("two", Counting())]
    kept = benchmark.keepable(data, TERMS, benchmark.hold(data, part, TERMS, cache=cache))
    assert [each.name for each in kept] == ["two"]


def test_results_with_an_error_are_not_kept_with_the_project(data, cache):
    results = benchmark.hold(data, [entrant("one", Counting(ValueError()))], TERMS, cache=cache)
    with pytest.raises(MeasurementError, match="expected every entrant"):
        benchmark.keepable(data, TERMS, results)


def test_only_a_whole_contest_is_kept_with_the_project(data, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_KEEP", str(tmp_path))
    path = tmp_path / "rivals.json"
    rivals = [entrant(rival.name, Counting()) for rival in classifiers.CLASSIFIERS]
    results = benchmark.hold(data, rivals, TERMS, cache=cache)
    with pytest.raises(MeasurementError, match=rf"without {rivals[0].name}\. Use the profile full"):
        benchmark.keep(data, TERMS, results[1:])
    with pytest.raises(MeasurementError, match="found 30 images"):
        benchmark.keep(data, replace(TERMS, training_images=30), results)
    assert not path.exists()
    benchmark.keep(data, TERMS, results)
    assert len(benchmark.recall(data, rivals, TERMS, store.read(path))) == len(rivals)


def test_all_learn_from_the_same_images(data, cache):
    seen = []

    class Looking(Counting):
        def __call__(self, train, test):
            seen.append(train.images)
            return super().__call__(train, test)

    few = replace(TERMS, training_images=20)
    benchmark.hold(data, [entrant("one", Looking()), entrant("two", Looking())], few, cache=cache)
    assert len(seen[0]) == 20
    np.testing.assert_array_equal(*seen)


def test_there_are_no_more_training_images_than_there_are(data):
    assert replace(TERMS, training_images=1000).images(data) == 60
    assert TERMS.images(data) == 60


def test_a_rival_is_measured_as_it_is(data):
    (rival,) = [each for each in classifiers.CLASSIFIERS if each.name == "lda"]
    (one,) = pipelines.entrants([rival], data, TERMS)
    found = one.measure(data.train, data.test)
    expected = pipelines.make(rival, 60, 64).fit(data.train.images, data.train.labels)
    predictions = unpacked(found.predictions[0], 12, 3)
    np.testing.assert_array_equal(predictions, expected.predict(data.test.images))
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
    one = network.entrant(data, TERMS)
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
        benchmark.hold(data, [entrant("one", Counting())], replace(TERMS, threads=0), cache=cache)


def test_what_the_project_keeps_is_what_its_rivals_are():
    """The results in notebooks/measured are of today's settings: a report can show them."""
    from pathlib import Path

    path = Path(__file__).parents[2] / "notebooks" / "measured" / "rivals.json"
    kept = {each.name: each for each in store.read(path)}
    assert set(kept) == {rival.name for rival in classifiers.CLASSIFIERS}
    for rival in classifiers.CLASSIFIERS:
        made = pipelines.make(rival, 60_000, 784, threads=2)
        assert kept[rival.name].subject["settings"] == pipelines.settings(made)
        assert kept[rival.name].subject["parameters"] == store.digest(pipelines.parameters(made))
        assert kept[rival.name].subject["data"] == store.digest(published.MNIST.archive.sha256)
    assert "/root" not in json.dumps([each.circumstances for each in kept.values()], default=dict)
