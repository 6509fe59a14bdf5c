import contextlib
import itertools
import os
import sys

import numpy as np
import pytest
import threadpoolctl

from handwriting.baselines import timing
from handwriting.baselines.timing import Call, Durations
from handwriting.errors import SettingError

IMAGES = np.arange(25, dtype=np.uint8).repeat(4).reshape(25, 2, 2)


class Reader:
    """A classifier that reads a pixel, and a clock that only its work moves."""

    def __init__(self, first: float, later: float) -> None:
        self.now, self.first, self.later = 0.0, first, later
        self.sizes: list[int] = []

    def __call__(self, images):
        self.now += self.later if self.sizes else self.first
        self.sizes.append(len(images))
        return images[:, 0, 0].astype(np.int64)

    def clock(self) -> float:
        return self.now


def test_durations_have_the_percentiles_of_the_calls_of_all_rounds():
    found = Durations.of([[float(second) for second in range(50)], range(50, 101)], images=10)
    assert (found.low, found.median, found.high, found.slow) == (5, 50, 95, 99)
    assert (found.calls, found.images) == (101, 10)


def test_durations_have_the_median_of_each_round():
    assert Durations.of([[1.0, 2.0, 9.0], [4.0]], images=1).rounds == (2, 4)


def test_a_batch_is_shared_by_its_images():
    found = Durations.of([[2.0]], images=10)
    assert found.seconds_per_image == pytest.approx(0.2)
    assert found.images_per_second == pytest.approx(5)


@pytest.fixture
def timed(monkeypatch):
    """Return a function that times a reader by its own clock, in batches of so many."""

    def made(reader, size=5, read_one=None):
        monkeypatch.setattr(timing, "perf_counter", reader.clock)
        monkeypatch.setattr(timing, "_BATCH", size)
        (found,) = timing.time_in_turns([Call("it", 9, reader, read_one or reader)], IMAGES)
        return found.classes, found.way

    return made


def test_the_first_calls_are_not_counted(timed):
    class SlowStart(Reader):
        def __call__(self, images):
            first = len(images) not in self.sizes
            self.now += 99.0 if first else 0.0
            return super().__call__(images)

    _, found = timed(SlowStart(0.01, 0.01))
    assert (found.single.slow, found.batch.slow) == pytest.approx((0.01, 0.01))


def test_every_image_is_read_those_left_over_too(timed):
    classes, found = timed(Reader(0.1, 0.1), size=10)
    assert classes.tolist() == list(range(25))
    assert classes.dtype == np.int64
    assert (found.name, found.single.images, found.batch.images, found.size) == ("it", 1, 10, 9)


@pytest.mark.parametrize(
    ("seconds", "singles", "batches"), [(30.0, 220, 11), (0.01, 220, 55), (0.0, 1100, 1100)]
)
def test_calls_are_many_and_end(timed, seconds, singles, batches):
    _, found = timed(Reader(seconds, seconds))
    assert found.single.calls == singles
    assert found.batch.calls == pytest.approx(batches, abs=11)
    assert (len(found.single.rounds), len(found.batch.rounds)) == (11, 11)


def test_single_images_and_batches_take_turns(timed):
    reader = Reader(0.01, 0.01)
    timed(reader)
    turns = [size for size, _ in itertools.groupby(reader.sizes)]
    assert turns == [1, 5] * 12  # the first calls, then eleven rounds


def test_classifiers_take_turns_in_an_order_that_differs_from_round_to_round(monkeypatch):
    monkeypatch.setattr(timing, "perf_counter", itertools.count(0.0).__next__)
    asked: list[str] = []

    def reader(name):
        def read(images):
            asked.append(name)
            return images[:, 0, 0].astype(np.int64)

        return Call(name, 9, read, read)

    timing.time_in_turns([reader(name) for name in "abc"], IMAGES)
    turns = [name for name, _ in itertools.groupby(asked)]
    assert all(8 <= turns.count(name) <= 12 for name in "abc")  # twice running is one
    orders = {tuple(turns[start : start + 3]) for start in range(0, len(turns) - 2, 3)}
    assert len(orders) > 1


def test_who_raises_has_no_further_turn_and_the_others_are_timed(monkeypatch):
    reader, asked = Reader(0.1, 0.1), []
    monkeypatch.setattr(timing, "perf_counter", reader.clock)

    def failing(images):
        asked.append(len(images))
        raise OSError("gone")

    calls = [Call("it", 9, failing, failing), Call("another", 9, reader, reader)]
    error, found = timing.time_in_turns(calls, IMAGES)
    assert (str(error), asked) == ("gone", [1])
    assert found.way.single.calls == 220


def test_single_images_may_be_read_by_another(timed):
    reader, other = Reader(0.1, 0.1), Reader(0.1, 0.1)
    timed(reader, read_one=other)
    assert set(other.sizes) == {1}
    assert 1 not in reader.sizes


def test_a_batch_is_no_larger_than_there_are_images(timed):
    _, found = timed(Reader(2.0, 2.0), size=1000)
    assert (found.batch.images, found.batch.calls) == (25, 11)


def test_linear_algebra_has_one_thread_meanwhile(monkeypatch):
    np.ones((2, 2)) @ np.ones((2, 2))
    seen: list[int] = []

    def read(images):
        blas = [each for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"]
        seen.extend(each["num_threads"] for each in blas)
        return np.zeros(len(images), int)

    monkeypatch.setattr(timing, "perf_counter", itertools.count(0.0).__next__)
    monkeypatch.setattr(timing, "_ROUNDS", 1)
    with threadpoolctl.threadpool_limits(2):
        timing.time_in_turns([Call("it", 9, read, read)], IMAGES[:2])
    assert seen[-1] == 1  # the first calls, which are not timed, come before


def test_pinned_limits_the_threads_of_libraries_and_lets_go_of_them():
    def most():
        return max((each["num_threads"] for each in threadpoolctl.threadpool_info()), default=1)

    np.ones((2, 2)) @ np.ones((2, 2))
    before = most()
    with timing.pinned(1):
        assert most() == 1
    assert most() == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps threads on cores")
def test_pinned_keeps_the_process_on_as_many_cores_and_lets_go_of_them_after_an_error():
    before = os.sched_getaffinity(0)
    with contextlib.suppress(ZeroDivisionError), timing.pinned(1):
        assert len(os.sched_getaffinity(0)) == 1
        1 / 0  # noqa: B018
    assert os.sched_getaffinity(0) == before


@pytest.mark.parametrize("threads", [0, -1])
def test_there_has_to_be_a_thread(threads):
    with pytest.raises(SettingError, match="threads: expected"), timing.pinned(threads):
        pass
