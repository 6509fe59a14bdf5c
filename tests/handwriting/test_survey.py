from dataclasses import replace

import numpy as np
import pytest

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import DatasetError
from handwriting.evaluation import similarity
from handwriting.evaluation import survey as surveying
from handwriting.evaluation.survey import ImageMap
from handwriting.results import store
from handwriting.results.files import PackedArray

pytestmark = pytest.mark.usefixtures("cache")


def split(labels):
    images = np.random.default_rng(len(labels)).integers(0, 256, (len(labels), 4, 4), np.uint8)
    return Split(images, np.array(labels, np.uint8))


TRAIN, TEST = split(np.arange(60) % 3), split(np.arange(12) % 3)


def survey(mapped=10, test=TEST, **settings):
    """A survey, and whether it was found out now."""
    data, lines = Dataset("t", "Tiny", TRAIN, test, tuple("012"), Origin((), {}, "", "")), []
    found = surveying.survey(data, mapped, {}, progress=lines.append, **settings)
    return found, bool(lines)


def numbers(found):
    return {**vars(found), **vars(found.neighbours), "neighbours": None}


def test_a_survey_has_each_test_images_neighbours_and_a_place_for_those_on_the_map():
    found, _ = survey()
    np.testing.assert_equal(vars(found.neighbours), vars(similarity.nearest(TRAIN, TEST)))
    assert (len(found.mapped), found.places.shape, found.compared) == (10, (10, 2), 60)
    assert np.isfinite(found.places).all()


def test_a_survey_comes_from_the_cache_the_second_time_with_all_its_numbers():
    (first, now), (second, again) = survey(), survey()
    assert (now, again) == (True, False)
    np.testing.assert_equal(numbers(first), numbers(second))


@pytest.mark.parametrize(
    "other",
    [{"fresh": True}, {"mapped": 11}, {"compared": 30}, {"test": split([2, 1, 0] * 4)}],
    ids=["fresh", "map", "fewer", "data"],
)
def test_other_settings_and_other_data_are_looked_at_anew(other):
    survey()
    assert survey(**other)[1]


def test_neighbours_among_some_images_are_told_by_their_place_among_all():
    found, _ = survey(compared=30)
    assert found.compared == 30
    assert set(found.neighbours.own) <= set(TRAIN.draw(30))
    np.testing.assert_array_equal(TRAIN.labels[found.neighbours.own], TEST.labels)
    assert not (TRAIN.labels[found.neighbours.other] == TEST.labels).any()


def test_more_than_there_are_is_all():
    found, _ = survey(mapped=1000, compared=1000)
    assert (len(found.mapped), found.compared) == (12, 60)


def test_too_few_training_images_are_refused():
    with pytest.raises(DatasetError, match="Compare with more of them"):
        survey(compared=1)


@pytest.mark.parametrize("images", [1, 2, 3])
def test_a_map_may_have_few_images(images):
    assert survey(test=split([0, 1, 2][:images]))[0].places.shape == (images, 2)


def test_images_that_are_all_alike_stand_in_one_place():
    blank = replace(TEST, images=np.zeros((12, 4, 4), np.uint8))
    assert not survey(test=blank)[0].places.any()


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
    "a second class nearer than the first": neighbours(runner_up_distances=np.zeros(12)),
    "half an image": neighbours(own=np.full(12, 0.5)),
    "an image beyond the last": neighbours(own=np.full(12, 60)),
    "an image before the first": neighbours(other=np.full(12, -1)),
    "an image of another class": lambda kept: kept["neighbours"].update(
        own=kept["neighbours"]["other"]
    ),
    "another of the same class": lambda kept: kept["neighbours"].update(
        other=kept["neighbours"]["own"]
    ),
    "an image that was not compared": neighbours(own=similarity.nearest(TRAIN, TEST).own),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_was_kept_of_another_kind_is_found_out_anew(cache, damage, caplog):
    first, _ = survey(compared=30)
    (file,) = cache.glob("*.json")
    (kept,) = store.read(file)
    damage(kept.content)
    store.write(file, [kept])
    second, now = survey(compared=30)
    assert now
    np.testing.assert_equal(numbers(first), numbers(second))
    assert "is not taken from the cache" in caplog.text


def test_who_stands_nearest_to_one_of_its_own_class_is_kept_together():
    places = np.array([[0, 0], [1, 0], [10, 0], [10, 2], [10, 3]])
    assert ImageMap(places, np.array([0, 0, 1, 1, 0])).kept_together == pytest.approx(3 / 5)


def test_the_closest_classes_are_those_whose_middles_are():
    places = np.array([[0, 0], [0, 2], [9, 0], [9, 2], [12, 0], [12, 2]])
    assert ImageMap(places, np.array([0, 0, 1, 1, 3, 3])).closest_classes == (1, 3)


def test_a_map_of_one_image_keeps_nothing_together():
    alone = ImageMap(np.zeros((1, 2)), np.zeros(1, int))
    assert (len(alone), alone.kept_together, alone.closest_classes) == (1, 0, None)
