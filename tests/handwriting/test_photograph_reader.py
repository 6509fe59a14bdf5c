"""What is refused, and which way up a photograph is read, with a network that is made up."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from networks import data_set
from PIL import Image

from handwriting.data.photographs.finding import Page
from handwriting.data.photographs.opening import Photograph
from handwriting.errors import DatasetError
from handwriting.evaluation.readings import NO_DIGIT, UNSURE
from handwriting.experiments import photograph_reader, yours
from handwriting.experiments.photograph_reader import Reader
from photographs import cut_out

BLANK = Photograph("x", np.full((200, 300, 3), 230, np.uint8), 1, "")
HIGH, WIDE = cut_out(0, 0, 60, 20), cut_out(0, 0, 20, 60)


@dataclass(frozen=True, eq=False)
class Network:
    """It takes what is higher than wide for a 1, surely, and is unsure of all else."""

    data: object
    learned: object
    temperature: float = 1.0

    def read(self, images):
        rows, columns = (images.any(axis=axis).sum(axis=1) for axis in (2, 1))
        sure = np.where(rows > columns, 0.991, 0.55)[:, np.newaxis]
        scores = np.repeat((1 - sure) / 9, 10, axis=1)
        scores[:, 1] = sure[:, 0]
        return scores.astype(np.float32)


@pytest.fixture
def reader() -> Reader:
    data = data_set(30)
    return Reader(Network(data, np.arange(5, 30)), confidence=0.68, distance=255.0, typical=30.0)


def page(*cuts):
    return Page(tuple(cuts), 200, 300, ())


def test_what_is_less_probable_than_the_threshold_is_refused_as_unsure(reader):
    (found,) = reader.read([(BLANK, page(HIGH, WIDE))])
    assert [each.refusal for each in found] == ["", UNSURE]


def test_what_is_far_from_all_training_images_is_refused_as_unlike_any(reader):
    (found,) = replace(reader, distance=1.0).read([(BLANK, page(HIGH, WIDE))])
    assert [each.refusal for each in found] == [NO_DIGIT, NO_DIGIT]


def test_photographs_keep_their_own_digits(reader):
    found = reader.read([(BLANK, page(HIGH)), (BLANK, page()), (BLANK, page(WIDE, HIGH))])
    assert [len(each) for each in found] == [1, 0, 2]
    assert [each.cut for each in found[2]] == [WIDE, HIGH]


def test_the_nearest_image_is_one_that_the_network_learned_from(reader):
    ((found,),) = reader.read([(BLANK, page(HIGH))])
    assert found.nearest >= 5


@pytest.mark.parametrize(
    ("cuts", "orientation", "turns"),
    [
        ([WIDE] * 4, 1, 1),
        ([HIGH] * 4, 1, 0),
        ([WIDE] * 3, 1, 0),  # too few to tell
        ([WIDE], 6, 1),  # but for the file's own turn, which may be the mistake
        ([WIDE], 3, 0),
        ([], 6, 0),
    ],
)
def test_a_photograph_is_turned_where_that_leaves_much_less_doubt(reader, cuts, orientation, turns):
    assert reader.turns(replace(BLANK, orientation=orientation), page(*cuts)) == turns


def test_the_reader_takes_its_thresholds_from_validation_images(monkeypatch):
    data = data_set(40)
    scores = np.full((20, 10), 0.01)
    scores[:, 0] = np.linspace(0.5, 0.9, 20)
    network = Network(data, np.arange(20, 40))
    object.__setattr__(network, "validation_scores", scores)
    monkeypatch.setattr(photograph_reader, "REFUSED", 0.1)
    found = photograph_reader.reader(network)
    assert found.confidence == pytest.approx(np.sort(scores[:, 0] / scores.sum(axis=1))[2])
    assert found.typical == found.distance == 0  # each has a copy among the training images


def test_contrast_height_and_gap_are_those_of_the_photograph():
    pixels = np.full((100, 200, 3), 200, np.uint8)
    pixels[10:50, 20:30] = (200, 50, 150)
    pixels[10:50, 50:60] = 190
    cuts = [cut_out(8, 18, 52, 32), cut_out(8, 48, 52, 62)]
    first, second = photograph_reader.strokes(Photograph("x", pixels, 1, ""), page(*cuts))
    assert (first.contrast, second.contrast) == pytest.approx((0.75, 0.05))
    assert (first.height, first.gap) == (44, pytest.approx(16 / 44))
    (alone,) = photograph_reader.strokes(BLANK, page(HIGH))
    assert alone.gap == np.inf


# Somebody's photographs


@pytest.fixture
def experiment(reader, monkeypatch):
    """An experiment with that network; in each photograph there are a high digit and a wide one."""
    found = page(HIGH, replace(WIDE, place=1))
    monkeypatch.setattr(yours, "digits", lambda _: found)
    made = yours.Experiment(reader.network.data, 0, {})
    vars(made)["reader"] = reader
    return made


@pytest.fixture
def desk(tmp_path) -> Path:
    Image.fromarray(BLANK.pixels).save(tmp_path / "10_desk.png")
    return tmp_path / "10_desk.png"


def test_as_many_digits_as_are_written_have_their_truth(experiment, desk):
    (read,) = experiment.photographs(str(desk), "names").read
    assert [each.truth for each in read.readings] == [1, 0]
    assert read.fits


def test_what_nobody_can_read_has_no_truth(experiment, desk):
    path = desk.rename(desk.with_name("1?_desk.png"))
    found = experiment.photographs(str(path), "names")
    assert [each.truth for each in found.readings] == [1, None]
    assert found.counts.every == 1


def test_a_truth_of_another_length_is_not_compared(experiment, desk):
    path = desk.rename(desk.with_name("105_desk.png"))
    found = experiment.photographs(str(path), "names")
    assert [each.truth for each in found.readings] == [None, None]
    assert [each.number for each in found.unfit] == [1]
    assert found.counts is None


def test_a_truth_of_other_classes_is_refused(experiment, desk):
    path = desk.rename(desk.with_name("1x_desk.png"))
    with pytest.raises(DatasetError, match="found x"):
        experiment.photographs(str(path), "names")


def test_without_truth_none_is_known(experiment, desk):
    found = experiment.photographs(str(desk), None)
    assert found.counts is None
    assert found.unfit == ()
    assert [each.refusal for each in found.readings] == ["", UNSURE]
