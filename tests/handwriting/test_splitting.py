import numpy as np
import pytest

from handwriting.data import splitting
from handwriting.data.dataset import Split
from handwriting.errors import DatasetError


def split(images, writers=None):
    people = None if writers is None else np.asarray(writers, np.int32)
    return Split(np.zeros((images, 2, 2), np.uint8), np.zeros(images, np.uint8), people)


def written(seed=0, people=40, most=30):
    """Images by people who wrote 1 to 30 each, in no order."""
    random = np.random.default_rng(seed)
    writers = np.repeat(np.arange(people) * 7, random.integers(1, most + 1, people))
    return split(len(writers), random.permutation(writers))


def test_each_image_is_on_one_side_and_in_order():
    learned, watched = splitting.divided(split(100), 0.25)
    assert np.union1d(learned, watched).tolist() == list(range(100))
    assert (len(learned), len(watched)) == (75, 25)
    assert (np.diff(learned) > 0).all()
    assert (np.diff(watched) > 0).all()


def test_no_share_keeps_none_and_any_other_one_at_least():
    learned, watched = splitting.divided(split(5), 0.0)
    assert (learned.tolist(), watched.tolist()) == ([0, 1, 2, 3, 4], [])
    assert len(splitting.divided(split(5), 0.01)[1]) == 1


@pytest.mark.parametrize(("images", "share"), [(0, 0.0), (0, 0.5), (1, 0.5), (2, 0.9)])
def test_something_must_be_left_to_learn_from(images, share):
    with pytest.raises(DatasetError, match="expected at least 1 besides"):
        splitting.divided(split(images), share)


def test_whole_writers_are_kept_from_learning():
    train = written()
    learned, watched = splitting.divided(train, 0.2)
    assert np.union1d(learned, watched).tolist() == list(range(len(train)))
    assert not np.intersect1d(train.writers[learned], train.writers[watched]).size


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.01, 1 / 12, 0.5, 0.99])
def test_the_share_is_met_to_within_one_writers_images(seed, share):
    train = written(seed)
    learned, watched = splitting.divided(train, share)
    assert abs(len(watched) - share * len(train)) <= np.bincount(train.writers).max()
    assert len(learned)
    assert len(watched)


@pytest.mark.parametrize("train", [split(60), written()], ids=["unknown", "known"])
def test_the_sides_are_the_same_each_time(train):
    first, again = (splitting.divided(train, 0.2) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("train", [split(60), split(60, [3] * 60)], ids=["unknown", "one writer"])
def test_without_two_writers_images_are_divided(train):
    assert not splitting.knows_writers(train)
    assert len(splitting.divided(train, 0.25)[1]) == 15


def test_of_two_writers_one_is_on_each_side():
    train = split(10, [4, 4, 4, 4, 4, 4, 4, 4, 4, 1])
    learned, watched = splitting.divided(train, 0.5)
    assert {len(learned), len(watched)} == {1, 9}


def test_folds_hold_equally_many_images_in_no_order_and_the_same_each_time():
    part = splitting.folds(split(52), 5)
    np.testing.assert_array_equal(part, splitting.folds(split(52), 5))
    assert (np.diff(part) < 0).any()
    assert sorted(np.bincount(part)) == [10, 10, 10, 11, 11]


def test_folds_hold_whole_writers_and_equally_many():
    train = written()
    part = splitting.folds(train, 5)
    writers = [set(train.writers[part == number]) for number in range(5)]
    assert sum(map(len, writers)) == len(set(train.writers)) == 40
    assert [len(each) for each in writers] == [8] * 5


def test_folds_of_fewer_writers_divide_images():
    part = splitting.folds(split(60, [1, 2] * 30), 5)
    np.testing.assert_array_equal(np.bincount(part), [12] * 5)


def test_fewer_images_than_folds_are_refused():
    with pytest.raises(DatasetError, match=r"at least 5 images, .* found 4"):
        splitting.folds(split(4), 5)
