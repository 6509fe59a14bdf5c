from dataclasses import replace

import numpy as np
import pytest

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import DatasetError
from handwriting.evaluation import similarity
from handwriting.results import store
from handwriting.results.files import PackedArray

MACHINE = {"processor": "abacus", "cores": 2}


def split(labels):
    images = np.random.default_rng(len(labels)).integers(0, 256, (len(labels), 4, 4), np.uint8)
    return Split(images, np.array(labels, np.uint8))


@pytest.fixture
def data():
    train, test = split(np.arange(60) % 3), split(np.arange(12) % 3)
    return Dataset("t", "Tiny", train, test, tuple("012"), Origin((), {"a": "1"}, "", ""))


def survey(data, cache, mapped=10, **settings):
    """A survey, and whether it was found out now."""
    lines = []
    found = similarity.survey(data, mapped, MACHINE, progress=lines.append, **settings)
    return found, bool(lines)


def same(one, other):
    arrays = ({**vars(each), **vars(each.neighbours)} for each in (one, other))
    first, second = ({k: v for k, v in each.items() if k != "neighbours"} for each in arrays)
    return all(np.array_equal(first[name], second[name]) for name in first)


def test_a_survey_has_each_test_images_neighbours_and_a_place_for_those_on_the_map(data, cache):
    found, _ = survey(data, cache)
    expected = similarity.nearest(data.train, data.test)
    np.testing.assert_array_equal(found.neighbours.own, expected.own)
    np.testing.assert_array_equal(found.neighbours.other, expected.other)
    assert (len(found.mapped), found.places.shape, found.compared) == (10, (10, 2), 60)
    assert np.isfinite(found.places).all()


def test_a_survey_comes_from_the_cache_the_second_time_with_all_its_numbers(data, cache):
    (first, now), (second, again) = survey(data, cache), survey(data, cache)
    assert (now, again) == (True, False)
    assert same(first, second)


def test_a_fresh_survey_looks_anew(data, cache):
    survey(data, cache)
    assert survey(data, cache, fresh=True)[1]


@pytest.mark.parametrize("other", [{"mapped": 11}, {"compared": 30}], ids=str)
def test_other_settings_are_looked_at_anew(data, cache, other):
    survey(data, cache)
    assert survey(data, cache, **other)[1]


def test_other_data_are_looked_at_anew(data, cache):
    survey(data, cache)
    assert survey(replace(data, test=split([2, 1, 0] * 4)), cache)[1]


def test_neighbours_among_some_images_are_told_by_their_place_among_all(data, cache):
    found, _ = survey(data, cache, compared=30)
    assert found.compared == 30
    assert set(found.neighbours.own) <= set(data.train.draw(30))
    np.testing.assert_array_equal(data.train.labels[found.neighbours.own], data.test.labels)
    assert not (data.train.labels[found.neighbours.other] == data.test.labels).any()


def test_more_than_there_are_is_all(data, cache):
    found, _ = survey(data, cache, mapped=1000, compared=1000)
    assert (len(found.mapped), found.compared) == (12, 60)


def test_too_few_training_images_are_refused(data, cache):
    with pytest.raises(DatasetError, match="Compare with more of them"):
        survey(data, cache, compared=1)


@pytest.mark.parametrize("images", [1, 2, 3])
def test_a_map_may_have_few_images(data, cache, images):
    found, _ = survey(replace(data, test=split([0, 1, 2][:images])), cache)
    assert found.places.shape == (images, 2)


def test_images_that_are_all_alike_stand_in_one_place(data, cache):
    blank = Split(np.zeros((12, 4, 4), np.uint8), data.test.labels)
    assert not survey(replace(data, test=blank), cache)[0].places.any()


def packed(array):
    return PackedArray.of(array).model_dump(mode="json")


def neighbours(**changed):
    return lambda kept: kept["neighbours"].update(
        {name: packed(np.array(each)) for name, each in changed.items()}
    )


DAMAGES = {
    "no places": lambda kept: kept.pop("places"),
    "too few places": lambda kept: kept.update(places=packed(np.zeros((9, 2)))),
    "places without height": lambda kept: kept.update(places=packed(np.zeros(10))),
    "other images on the map": lambda kept: kept.update(mapped=packed(np.arange(10))),
    "words": lambda kept: kept["neighbours"].update(own=["first"]),
    "no neighbours": neighbours(own=np.zeros(0, int)),
    "too few distances": neighbours(other_distances=np.zeros(11)),
    "half an image": neighbours(own=np.full(12, 0.5)),
    "an image beyond the last": neighbours(own=np.full(12, 60)),
    "an image before the first": neighbours(other=np.full(12, -1)),
    "an image of another class": lambda kept: kept["neighbours"].update(
        own=kept["neighbours"]["other"]
    ),
    "another of the same class": lambda kept: kept["neighbours"].update(
        other=kept["neighbours"]["own"]
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_was_kept_of_another_kind_is_found_out_anew(data, cache, damage, caplog):
    first, _ = survey(data, cache, compared=30)
    (file,) = cache.glob("*.json")
    (kept,) = store.read(file)
    damage(kept.content)
    store.write(file, [kept])
    second, now = survey(data, cache, compared=30)
    assert now
    assert same(first, second)
    assert "is not taken from the cache" in caplog.text


def test_an_image_that_was_not_compared_is_no_neighbour(data, cache):
    survey(data, cache, compared=30)
    (file,) = cache.glob("*.json")
    (kept,) = store.read(file)
    neighbours(own=similarity.nearest(data.train, data.test).own)(kept.content)
    store.write(file, [kept])
    assert survey(data, cache, compared=30)[1]
