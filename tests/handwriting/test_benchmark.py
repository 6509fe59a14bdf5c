"""A contest: what is measured, what comes from the cache, and what a failure leaves."""

import json
import logging
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from handwriting.baselines import benchmark, classifiers, kept, network, pipelines, timing
from handwriting.baselines.timing import Call, Conditions, Entrant, Trained
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import MeasurementError, SettingError, TooFewImagesError
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


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Time in one round of few calls."""
    for name, value in (("_ROUNDS", 1), ("_LEAST", 1), ("_SECONDS", 0.0)):
        monkeypatch.setattr(timing, name, value)


class Counting:
    """An entrant's training that counts how often it is asked; it answers one class."""

    def __init__(self, fail: BaseException | None = None, answer: int = 0) -> None:
        self.asked, self.fail, self.answer = [], fail, answer

    def __call__(self, train: Split, test: Split) -> Trained:
        self.asked.append(len(train))
        if self.fail:
            raise self.fail
        return Trained((Call("it", 9, self.read, self.read),), 1.0)

    def read(self, images: np.ndarray) -> np.ndarray:
        return np.full(len(images), self.answer)


def entrant(name: str, train: Counting, **changes: object) -> Entrant:
    made = Entrant(
        name, name, "as it is", "all of it", "handwriting.baselines.timing", ("numpy",), train
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
    stored = kept.entries(data, TERMS, benchmark.run(data, [one], TERMS))
    if change == "source":
        monkeypatch.setattr(source, "digest", lambda entry: "another")
    elif change == "version":
        monkeypatch.setattr(source, "versions", lambda packages: {"numpy": "0.1"})
    other, data, terms = CHANGES.get(change, lambda one, data: (one, data, TERMS))(one, data)
    recalled = kept.load(data, [other], terms, stored)
    assert len(recalled) == (change in ("source", "version", "machine"))
    benchmark.run(data, [other], terms)
    assert len(measure.asked) == 2


def test_who_takes_part_decides_what_is_kept_since_all_take_turns(data, cache):
    first, second = Counting(), Counting()
    benchmark.run(data, [entrant("one", first)], TERMS)
    both = [entrant("one", first), entrant("two", second)]
    assert [each.origin for each in benchmark.run(data, both, TERMS)] == ["now", "now"]
    assert [each.origin for each in benchmark.run(data, both, TERMS)] == ["cache", "cache"]
    assert (len(first.asked), len(second.asked)) == (2, 1)


def test_the_machines_load_while_timing_is_told(data, cache, monkeypatch):
    loads = iter([1.5, 2.5])
    monkeypatch.setattr("os.getloadavg", lambda: (next(loads), 0.0, 0.0))
    (found,) = benchmark.run(data, [entrant("one", Counting())], TERMS)
    assert found.load == (1.5, 2.5)
    (again,) = benchmark.run(data, [entrant("one", Counting())], TERMS)
    assert again.load == (1.5, 2.5)
    assert kept.load(data, [], TERMS, ()) == ()


class BreakingDown(Counting):
    """Reads a single image, and fails at many."""

    def read(self, images):
        return super().read(images) if len(images) == 1 else 1 / 0


class OfTwoMinds(Counting):
    """One way of calling it says what the other does not."""

    def __call__(self, train, test):
        calls = [Call(f"way {each}", 9, one := Counting(answer=each).read, one) for each in (0, 1)]
        return Trained(tuple(calls), 1.0)


@pytest.mark.parametrize(
    ("faulty", "error"),
    [
        (BreakingDown(), "ZeroDivisionError: division by zero"),
        (OfTwoMinds(), "MeasurementError: way 1: expected the answers of the other ways, found 12"),
    ],
)
def test_an_entrant_that_fails_while_it_is_timed_has_a_row_with_its_error(
    data, cache, faulty, error
):
    part = [entrant("one", faulty), entrant("two", Counting())]
    one, two = benchmark.run(data, part, TERMS)
    assert one.error.startswith(error)
    assert (one.measurement, two.error) == (None, "")
    assert two.measurement.ways[0].single.calls > 0


@pytest.mark.parametrize(("kind", "refused"), [(ValueError, False), (TooFewImagesError, True)])
def test_an_entrant_that_raises_has_a_row_with_its_error_and_the_others_go_on(
    data, cache, kind, refused
):
    broken = Counting(kind("too few\nimages"))
    part = [entrant("one", broken), entrant("two", Counting())]
    results = benchmark.run(data, part, TERMS)
    assert [each.error for each in results] == [f"{kind.__name__}: too few images", ""]
    assert [each.refused for each in results] == [refused, False]
    assert results[0].measurement is None
    for refuse in (benchmark.require_all, partial(kept.entries, data, TERMS)):
        with pytest.raises(MeasurementError, match=rf"one \({kind.__name__}: too few images\)"):
            refuse(results)
    benchmark.run(data, part, TERMS)
    assert len(broken.asked) == 2


def test_progress_is_told_by_entrant_and_only_where_there_is_something_to_do(data, cache):
    part, lines = [entrant("one", Counting()), entrant("two", Counting())], []
    benchmark.run(data, part, TERMS, progress=lines.append)
    expected = ["training the one, 1 of 2", "training the two, 2 of 2"]
    assert lines == [*expected, "timing 2 classifiers in turns"]
    benchmark.run(data, part, TERMS, progress=lines.append)
    assert len(lines) == 3


def tampered(cache: Path, **content: object) -> None:
    """Change what the only cached block holds of its one entrant, sums and all."""
    (path,) = cache.glob("*.json")
    (block,) = store.read(path)
    measured = dict(block.content["measurements"])
    measured["one"] = dict(measured["one"]) | content
    store.write(path, [replace(block, content=dict(block.content) | {"measurements": measured})])


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
    assert "rivals is not taken from the cache" in caplog.text


def test_kept_results_are_recalled_whatever_machine_they_come_from(data, cache):
    one = entrant("one", Counting())
    stored = kept.entries(data, TERMS, benchmark.run(data, [one], TERMS))
    elsewhere = replace(TERMS, machine={"processor": "slide rule"})
    (found,) = kept.load(data, [one], elsewhere, stored)
    assert found.origin == "kept"
    assert found.environment["machine: processor"] == "abacus"


def test_the_network_is_not_kept_with_the_project(data, cache):
    part = [entrant("one", Counting(), network=True), entrant("two", Counting())]
    stored = kept.entries(data, TERMS, benchmark.run(data, part, TERMS))
    assert [each.name for each in stored] == ["two"]


def test_only_a_whole_benchmark_is_kept_with_the_project(data, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_KEEP", str(tmp_path))
    path = tmp_path / "rivals.json"
    rivals = [entrant(rival.name, Counting()) for rival in classifiers.CLASSIFIERS]
    results = benchmark.run(data, rivals, TERMS)
    with pytest.raises(MeasurementError, match=rf"without {rivals[0].name}\. Use the profile full"):
        kept.keep(data, TERMS, results[1:])
    with pytest.raises(MeasurementError, match="found 30 images"):
        kept.keep(data, replace(TERMS, training_images=30), results)
    assert not path.exists()
    kept.keep(data, TERMS, results)
    assert len(kept.load(data, rivals, TERMS, store.read(path))) == len(rivals)


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


def named(name):
    return next(each for each in classifiers.CLASSIFIERS if each.name == name)


def measured(data, one):
    (found,) = benchmark.run(data, [one], TERMS, fresh=True)
    benchmark.require_all([found])
    return found.measurement


def test_a_rival_is_measured_as_it_is_by_its_library_and_by_numpy_alone(data, cache):
    rival = named("lda")
    (one,) = pipelines.entrants([rival], data, TERMS)
    found = measured(data, one)
    expected = pipelines.make(rival, 60, 64).fit(data.train.images, data.train.labels)
    np.testing.assert_array_equal(found.predictions[0], expected.predict(data.test.images))
    assert found.converged
    assert [way.name for way in found.ways] == ["scikit-learn", timing.BARE]
    assert found.ways[0].single.images == 1
    assert found.ways[0].batch.images == 12


def test_a_rival_that_does_not_converge_says_so_and_warns_nobody(data, cache):
    rival = named("logistic_regression")
    hasty = replace(rival, steps=(rival.steps[0].__class__(max_iter=1),))
    (one,) = pipelines.entrants([hasty], data, TERMS)
    assert not measured(data, one).converged


def test_rivals_with_a_seed_are_trained_again_one_by_one(data, cache):
    part = pipelines.entrants([named("decision_tree"), named("lda")], data, TERMS)
    results, lines = benchmark.run(data, part, TERMS), []
    again = kept.with_further_trainings(data, results, TERMS, (1, 2), progress=lines.append)
    assert lines == [f"training the decision tree from seed {seed}" for seed in (1, 2)]
    assert [len(each.predictions) for each in again] == [3, 1]
    model = pipelines.make(named("decision_tree"), 60, 64, seed=2)
    expected = model.fit(data.train.images, data.train.labels).predict(data.test.images)
    np.testing.assert_array_equal(again[0].predictions[2], expected)
    assert again[0].measurement.ways == results[0].measurement.ways
    kept.with_further_trainings(data, results, TERMS, (1, 2), progress=lines.append)
    assert len(lines) == 2


def test_what_is_kept_of_further_trainings_is_taken_and_only_others_are_trained(data, cache):
    part = pipelines.entrants([named("decision_tree"), named("lda")], data, TERMS)
    results, lines = benchmark.run(data, part, TERMS), []
    again = kept.with_further_trainings(data, results, TERMS, (1,))
    stored = kept.entries(data, TERMS, again)
    found = kept.with_further_trainings(data, results, TERMS, (2,), stored, lines.append)
    assert lines == []
    for each, expected in zip(found, again, strict=True):
        np.testing.assert_array_equal(each.predictions, expected.predictions)
    assert [each.origin for each in found] == ["now", "now"]


@pytest.mark.slow
def test_the_network_is_measured_in_three_ways_that_agree(data, cache):
    found = measured(data, network.entrant(data, TERMS, trainings=2))
    assert [way.name for way in found.ways] == ["Keras predict", "compiled call", "NumPy alone"]
    assert len(found.predictions) == 2
    assert found.fit_seconds > 0
    keras, compiled, numpy = (way.size for way in found.ways)
    weights = 4 * (64 * 128 + 128 + 128 * 3 + 3)
    assert keras == compiled > weights
    assert weights < numpy < weights + 1000


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
