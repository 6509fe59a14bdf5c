import json
import shutil
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import TrainingError
from handwriting.models import training_runs
from handwriting.models.config import ModelConfig, TrainingConfig
from handwriting.results import store

MACHINE = {"processor": "abacus", "cores": 2}
PLAN = TrainingConfig(epochs=1, batch_size=16)
RECIPE = ModelConfig("tiny", "tiny network", "dense", {"hidden_units": 4}, PLAN)


def split(images, seed):
    random = np.random.default_rng(seed)
    labels = (np.arange(images) % 3).astype(np.uint8)
    return Split(random.integers(0, 256, (images, 4, 4), np.uint8), labels)


@pytest.fixture(scope="module")
def data():
    origin = Origin((), {"a": "1"}, "", "")
    return Dataset("t", "Tiny", split(60, 0), split(12, 1), tuple("012"), origin)


def run(data, recipes=(RECIPE,), seeds=(0, 1), **settings):
    return training_runs.run(data, recipes, seeds, MACHINE, **settings)


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """A cache, and the two runs that are in it."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HANDWRITING_CACHE", str(folder))
        return folder, run(data)


@pytest.fixture
def first(trained):
    """The runs of two seeds."""
    return trained[1]


@pytest.fixture
def filled(trained, cache):
    """A cache of its own that holds these runs."""
    shutil.copytree(trained[0], cache.parent)
    return cache


def as_bytes(trial):
    return b"".join(array.tobytes() for array in trial.network.get_weights())


def same(one, other):
    """Whether two outcomes are the same, their networks left out."""
    facts = [vars(replace(each, network=None, predictions=())) for each in (one, other)]
    return facts[0] == facts[1] and np.array_equal(one.predictions, other.predictions)


def test_each_recipe_is_tried_with_each_seed_in_order(data, filled):
    other = replace(RECIPE, name="other", settings={"hidden_units": 5})
    found = run(data, (RECIPE, other), (1, 0))
    assert [(trial.recipe.name, trial.seed) for trial in found] == [
        *(("tiny", 1), ("tiny", 0), ("other", 1), ("other", 0))
    ]
    assert [trial.outcome.weights for trial in found[1:3]] == [4 * 17 + 3 * 5, 5 * 17 + 3 * 6]


def test_predictions_are_the_networks_and_the_network_is_uncompiled(data, first):
    trial, _ = first
    scores = np.asarray(trial.network(data.test.images))
    np.testing.assert_array_equal(trial.predictions, scores.argmax(axis=1))
    assert not trial.network.compiled


def test_what_was_tried_comes_from_the_cache_with_its_network_bit_for_bit(data, first, filled):
    again = run(data)
    assert [trial.origin for trial in first + again] == ["now", "now", "cache", "cache"]
    for one, other in zip(first, again, strict=True):
        assert same(one.outcome, other.outcome)
        assert as_bytes(one) == as_bytes(other)
        np.testing.assert_array_equal(one.predictions, other.predictions)


def test_only_what_is_missing_is_trained_and_ends_as_if_trained_together(data, cache, first):
    run(data, seeds=(0,))
    found = run(data, seeds=(0, 1))
    assert [trial.origin for trial in found] == ["cache", "now"]
    assert [as_bytes(trial) for trial in found] == [as_bytes(trial) for trial in first]


@pytest.mark.slow
def test_fresh_trains_all_again(data, filled):
    assert {trial.origin for trial in run(data, fresh=True)} == {"now"}


@pytest.mark.parametrize(
    "change",
    [
        {"plan": replace(PLAN, learning_rate=0.02)},
        {"settings": {"hidden_units": 5}},
        {"images": 30},
        {"kind": "convolutional", "settings": {"filters": (2, 2)}},
    ],
    ids=str,
)
def test_another_recipe_of_the_same_name_is_tried_anew(data, filled, change):
    (found,) = run(data, (replace(RECIPE, **change),), (0,))
    assert found.origin == "now"


def test_another_backends_networks_are_not_taken_for_this_ones(data, cache, monkeypatch):
    first = training_runs.environment(MACHINE, "handwriting.models.training")
    monkeypatch.setattr("handwriting.models.backend.name", lambda: "numpy")
    assert (
        training_runs.environment(MACHINE, "handwriting.models.training")["backend"]
        != first["backend"]
    )


@pytest.mark.promise("A small file cannot ask for a network that fills the memory.")
@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(network=None),
        lambda content: content["network"].pop(),
        lambda content: content["network"].append(content["network"][0]),
        lambda content: content["network"][0].update(zlib="AAAA"),
        lambda content: content["network"][0].update(zlib="not base64"),
        lambda content: content["network"][0].update(dtype="<f8"),
        lambda content: content["network"][0].update(shape=[10**9]),
        lambda content: content["network"][0].update(shape=[4, 16]),
    ],
)
def test_kept_weights_that_are_not_the_networks_are_not_used(data, first, filled, change, caplog):
    file = min(filled.glob("tiny-0*.json"))
    (kept,) = store.read(file)
    content = json.loads(json.dumps(kept.content))
    change(content)
    store.write(file, [replace(kept, content=content)])  # with a SHA-256 that matches
    (again,) = run(data, seeds=(0,))
    assert again.origin == "now"
    assert as_bytes(again) == as_bytes(first[0])
    assert "is not taken from the cache" in caplog.text


def test_a_recipes_titles_and_seed_change_nothing(data, filled):
    other = replace(RECIPE, title="another title", plan=replace(PLAN, seed=7))
    assert {trial.origin for trial in run(data, (other,))} == {"cache"}


def test_other_data_are_tried_anew(data, filled):
    other = replace(data, test=split(12, 2))
    (trial,) = run(other, seeds=(0,))
    assert trial.origin == "now"


def written(data):
    """The same data, by six people."""
    writers = np.resize(np.arange(6, dtype=np.int32), 60)
    return replace(data, train=replace(data.train, writers=writers))


def test_whole_writers_for_validation_make_another_trial(data, first, filled):
    known = [run(written(data), seeds=(0,))[0].origin for _ in range(2)]
    assert known == ["now", "cache"]
    assert training_runs.load(written(data), (RECIPE,), training_runs.entries(first, data)) == ()


def test_without_validation_it_is_the_same_trial_whether_writers_are_known_or_not(data, cache):
    asked = replace(RECIPE, plan=replace(PLAN, validation_share=0.0))
    run(data, (asked,), (0,))
    (found,) = run(written(data), (asked,), (0,))
    assert found.origin == "cache"


@pytest.mark.slow
def test_a_recipe_may_use_some_of_the_images_alone(data, cache):
    (trial,) = run(data, (replace(RECIPE, images=30),), (0,))
    assert trial.images == 30
    (trial,) = run(data, (replace(RECIPE, images=1_000),), (0,))
    assert trial.images == 60


def test_progress_says_which_training_and_which_epoch(data, cache):
    lines = []
    run(data, progress=lines.append)
    assert lines[0] == "tiny network, 1 of 2: training"
    assert lines[1].startswith("tiny network, 1 of 2: epoch 1 of 1, validation accuracy ")
    assert lines[2] == "tiny network, 2 of 2: training"


def test_a_training_that_fails_is_not_kept_and_the_ones_before_it_are(data, cache):
    wild = replace(RECIPE, name="wild", plan=replace(PLAN, learning_rate=1e30))
    with pytest.raises(TrainingError):
        run(data, (RECIPE, wild), (0,))
    (trial,) = run(data, seeds=(0,))
    assert trial.origin == "cache"


@pytest.mark.slow
def test_a_training_that_is_killed_loses_itself_alone(data, cache, tmp_path):
    """The second training is killed in its first epoch; the first one is in the cache, whole."""
    program = f"""
        import os, signal, sys
        from pathlib import Path
        from handwriting.models import training_runs
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_training_runs import MACHINE, RECIPE, Dataset, Origin, split
        data = Dataset("t", "Tiny", split(60, 0), split(12, 1), tuple("012"),
                       Origin((), {{"a": "1"}}, "", ""))
        def say(line):
            if line.startswith("tiny network, 2 of 2: epoch"):
                os.kill(os.getpid(), signal.SIGKILL)
        training_runs.run(data, (RECIPE,), (0, 1), MACHINE, progress=say)
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True)
    assert ended.returncode == -signal.SIGKILL
    assert [trial.origin for trial in run(data)] == ["cache", "now"]


def test_kept_trials_are_recalled_for_the_same_data_and_recipe_without_their_networks(data, first):
    recalled = training_runs.load(data, (RECIPE,), training_runs.entries(first, data))
    assert [trial.seed for trial in recalled] == [0, 1]
    assert {trial.origin for trial in recalled} == {"kept"}
    assert recalled[0].network is None
    assert same(recalled[0].outcome, first[0].outcome)
    np.testing.assert_array_equal(recalled[1].predictions, first[1].predictions)


def test_kept_trials_of_other_data_or_recipes_are_not_recalled(data, first):
    kept = training_runs.entries(first, data)
    other = replace(data, test=split(12, 2))
    assert training_runs.load(other, (RECIPE,), kept) == ()
    assert training_runs.load(data, (replace(RECIPE, images=30),), kept) == ()
