from dataclasses import replace

import numpy as np
import pytest

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import MeasurementError
from handwriting.evaluation import ablation
from handwriting.experiments import convolution
from handwriting.models import config, training_runs
from handwriting.models.config import TrainingConfig
from handwriting.results import store

MACHINE = {"processor": "abacus", "cores": 2}


def split(images, seed):
    random = np.random.default_rng(seed)
    labels = (np.arange(images) % 3).astype(np.uint8)
    return Split(random.integers(0, 256, (images, 8, 8), np.uint8), labels)


@pytest.fixture(scope="module")
def data():
    origin = Origin((), {"a": "1"}, "", "")
    return Dataset("t", "Tiny", split(120, 0), split(30, 1), tuple("012"), origin)


@pytest.fixture(scope="module", autouse=True)
def short_recipes():
    """Recipes of the same names, of dense networks and over in no time."""
    plan = TrainingConfig(epochs=1, batch_size=64)
    with pytest.MonkeyPatch.context() as patched:
        for units, name in enumerate(("DENSE", "LENET_5", "ONE_EPOCH", "SMALL", "WIDE"), start=2):
            tiny = {"kind": "dense", "settings": {"hidden_units": units}, "plan": plan}
            patched.setattr(config, name, replace(getattr(config, name), **tiny))
        named = (config.DENSE, config.LENET_5, config.ONE_EPOCH, config.SMALL, config.WIDE)
        patched.setattr(config, "COMPARED", named)
        patched.setattr(config, "SHORT", (config.DENSE, config.ONE_EPOCH, config.SMALL))
        patched.setattr(
            config,
            "variants",
            lambda: (
                replace(
                    config.SMALL, name="small_1", title="smooth", plan=TrainingConfig(epochs=1)
                ),
            ),
        )
        patched.setattr(convolution, "_SHARES", (0.5,))
        yield


def train(data, folder, effort="default", seeds=(0, 1), kept=(), keep="", **settings):
    """What runs come to with a cache in a folder, beside what the project keeps."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HANDWRITING_CACHE", str(folder))
        patched.setenv("HANDWRITING_KEEP", str(keep))
        patched.setattr(store, "kept", lambda name: kept)
        return convolution.run(data, effort, seeds, MACHINE, **settings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Where the runs of `full` are kept for later reports."""
    return tmp_path_factory.mktemp("measured")


@pytest.fixture(scope="module")
def full(data, folder, measured):
    return train(data, folder, "full", keep=measured)


@pytest.fixture(scope="module")
def kept(full, measured):
    return store.read(measured / "convolution.json")


def names(found):
    return [group.recipe.name for group in found.compared]


def test_the_default_tries_the_short_recipes_and_says_what_is_missing(data, folder):
    found = train(data, folder)
    assert names(found) == ["dense", "one_epoch", "small"]
    assert found.missing == ("LeNet-5", "wide network")
    assert found.variants == ()
    assert found.sizes == ()
    # Without wide networks the small ones read together.
    assert found.ensemble.members.recipe.name == "small"
    assert found.ensemble.size == 2


def test_full_tries_everything(full):
    assert names(full) == ["dense", "lenet_5", "one_epoch", "small", "wide"]
    assert full.missing == ()
    assert [group.recipe.title for group in full.variants] == ["smooth"]
    assert [[(g.recipe.kind, g.images) for g in groups] for groups in full.sizes] == [
        [("dense", 60), ("dense", 120)]
    ] * 2
    assert full.ensemble.members.recipe.name == "wide"
    assert len({id(run) for run in full.runs}) == len(full.runs) == 2 * 5 + 2 + 2 * 2
    assert full.networks == 2 * 5


def test_what_is_kept_stands_in_for_what_is_not_tried(data, folder, full, kept):
    found = train(data, folder, kept=kept)
    assert names(found) == names(full)
    origins = {group.recipe.name: group.runs[0].origin for group in found.compared}
    assert origins["wide"] == origins["lenet_5"] == "kept"
    assert origins["dense"] == "cache"
    assert [group.runs[0].origin for group in found.variants] == ["kept"]
    assert found.base.runs[0].origin == "kept"
    assert found.small.runs[0].origin == "cache"
    assert len(found.sizes) == len(full.sizes)
    assert found.ensemble.accuracies == full.ensemble.accuracies
    assert found.key_numbers == full.key_numbers


def test_what_each_report_shows_anew_and_networks_are_not_kept(kept):
    assert not {each.name for each in kept} & {"dense", "one_epoch"}
    assert [each.content.get("network") for each in kept] == [None] * len(kept)
    assert [each.name for each in kept].count("ensemble") == 1


@pytest.mark.slow
@pytest.mark.parametrize(("test", "images"), [(split(30, 2), 0), (split(30, 1), 60)])
def test_what_is_kept_of_other_or_of_more_images_is_not_shown(data, folder, kept, test, images):
    found = train(replace(data, test=test), folder, images=images, kept=kept)
    assert found.missing == ("LeNet-5", "wide network")
    assert {run.images for run in found.runs} == {images or 120}


@pytest.mark.slow
def test_fewer_than_all_are_not_kept(data, folder, tmp_path):
    for effort, images in (("default", 0), ("full", 60)):
        with pytest.raises(MeasurementError, match="Use the profile full"):
            train(data, folder, effort, images=images, keep=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_other_seeds_than_the_kept_ones_are_compared_with_those_of_the_same_run(data, folder, kept):
    found = train(data, folder, seeds=(7, 8), kept=kept)
    (effect,) = ablation.effects(found.base, found.variants)
    assert effect.seeds == 2
    assert [run.seed for run in found.base.runs] == [0, 1]


@pytest.mark.parametrize(("missing", "left_out"), [("small", "variants"), ("dense_60", "sizes")])
def test_nothing_is_shown_without_what_it_is_compared_with(data, folder, kept, missing, left_out):
    without = [each for each in kept if each.name != missing]
    assert getattr(train(data, folder, kept=without), left_out) == ()


@pytest.mark.slow
def test_a_handful_of_images_is_too_few_to_learn_from(data, tmp_path, monkeypatch):
    monkeypatch.setattr(convolution, "_SHARES", (0.01, 0.5))
    found = train(data, tmp_path, "full", seeds=(0,))
    assert [group.images for group in found.sizes[0]] == [60, 120]


def test_an_ensemble_of_other_seeds_than_the_kept_trials_is_not_taken(data, folder, kept):
    without = [each for each in kept if not (each.name == "wide" and each.key["seed"] == "1")]
    found = train(data, folder, kept=without)
    assert found.ensemble.members.recipe.name != "wide"


def test_a_kept_trial_is_what_a_trial_tried_now_would_be_called(full, kept):
    assert training_runs.load(full.data, [config.WIDE], kept)


def test_answers_hang_on_what_two_networks_see(full):
    found = convolution.saliencies(full)
    assert {each.reader for each in found} == {"small network", "dense network"}
    assert found[0].truth == found[0].answer


def test_distorted_images_are_of_the_first_training_images(data):
    first, distorted = convolution.distorted_images(data, images=2, epochs=3)
    np.testing.assert_array_equal(first, data.train.images[:2])
    assert [each.shape for each in distorted] == [(2, 8, 8)] * 3
