import random
import time
from dataclasses import replace

import keras
import numpy as np
import pytest

from handwriting.data import splitting
from handwriting.data.dataset import Split
from handwriting.errors import DatasetError, TrainingError
from handwriting.models import layers, networks, training
from handwriting.models.config import Distortion, PlainTraining, TrainingConfig
from handwriting.models.training import Crossentropy

SHORT = TrainingConfig(epochs=2, batch_size=32)


def stripes(images, classes=4, seed=0):
    """Images that are easy to tell apart: one bright row each, and noise."""
    random_state = np.random.default_rng(seed)
    labels = (np.arange(images) % classes).astype(np.uint8)
    pixels = random_state.integers(0, 128, (images, classes, 5), np.uint8)
    pixels[np.arange(images), labels] += 100
    return Split(pixels, labels)


def build(seed=0, output_activation="softmax"):
    return networks.dense((4, 5), 4, 8, output_activation, seed)


def as_bytes(network):
    return b"".join(array.tobytes() for array in network.get_weights())


@pytest.fixture(scope="module")
def train():
    return stripes(500)


@pytest.fixture(scope="module")
def fitted(train):
    return training.fit(build(3), train, replace(SHORT, seed=3))


@pytest.mark.parametrize("activation", ["softmax", pytest.param("sigmoid", marks=pytest.mark.slow)])
def test_it_learns_what_is_easy(activation):
    network = build(output_activation=activation)
    training.fit(
        network, stripes(500), TrainingConfig(epochs=15, batch_size=16, learning_rate=0.05)
    )
    unseen = stripes(200, seed=1)
    scores = training.predict(network, unseen.images)
    assert np.mean(scores.argmax(axis=1) == unseen.labels) > 0.95


def test_the_network_is_trained_in_place_and_stays_uncompiled(fitted):
    assert as_bytes(fitted.network) != as_bytes(build(3))
    assert not fitted.network.compiled


def test_the_same_seed_gives_the_same_weights_bit_for_bit_whatever_ran_before(fitted, train):
    training.fit(build(2), train, replace(SHORT, seed=2, epochs=1))
    keras.utils.set_random_seed(99)
    random.random()
    again = training.fit(build(3), train, replace(SHORT, seed=3))
    assert as_bytes(again.network) == as_bytes(fitted.network)


def test_the_same_initial_weights_with_another_seed_end_elsewhere(fitted, train):
    other = training.fit(build(3), train, replace(SHORT, seed=4))
    assert as_bytes(other.network) != as_bytes(fitted.network)


def test_trainings_that_share_their_preparation_are_what_each_seed_gives_alone(fitted, train):
    learner = training.Learner(build(), train, SHORT)
    _, third = (learner.fit(build(seed), seed) for seed in (2, 3))
    assert as_bytes(third.network) == as_bytes(fitted.network)
    assert third.history == fitted.history


def test_history_holds_one_number_an_epoch(fitted):
    names = ["loss", "accuracy", "validation_loss", "validation_accuracy"]
    lengths = {name: len(numbers) for name, numbers in fitted.history.items()}
    assert lengths == dict.fromkeys(names, SHORT.epochs)


def test_without_validation_its_history_is_empty(train):
    history = training.fit(build(), train, replace(SHORT, validation_share=0)).history
    assert history["validation_loss"] == history["validation_accuracy"] == ()


def test_the_images_kept_for_validation_are_not_learned_from(train, monkeypatch):
    asked = {}

    def fit(_, images, labels, *, validation_data, **settings):
        asked.update(learning=images, watching=validation_data[0])
        return keras.callbacks.History()

    monkeypatch.setattr(keras.Model, "fit", fit)
    training.fit(build(), train, replace(SHORT, validation_share=0.2))
    learning, watching = ({image.tobytes() for image in images} for images in asked.values())
    assert len(watching) == 100
    assert learning.isdisjoint(watching)
    assert learning | watching == {image.tobytes() for image in train.images}


@pytest.mark.parametrize(
    ("images", "batch_size"),
    [
        (2, 512),
        (101, 7),
        pytest.param(20, 512, marks=pytest.mark.slow),
        pytest.param(45, 1, marks=pytest.mark.slow),
    ],
)
def test_any_number_of_images_can_be_learned_from(images, batch_size):
    result = training.fit(build(), stripes(images), TrainingConfig(epochs=1, batch_size=batch_size))
    assert np.isfinite(result.history["validation_loss"]).all()


@pytest.mark.parametrize("images", [0, 1])
def test_too_few_images_are_refused(images):
    with pytest.raises(DatasetError, match="training images"):
        training.fit(build(), stripes(images), SHORT)


def test_a_loss_that_is_no_number_is_an_error_that_names_the_learning_rate(train):
    with pytest.raises(TrainingError, match=r"learning_rate=1e\+30"):
        training.fit(build(), train, replace(SHORT, learning_rate=1e30))


@pytest.mark.parametrize("images", [0, 1, 4096, 4097])
def test_scores_are_float32_one_row_an_image(images):
    scores = training.predict(build(), np.zeros((images, 4, 5), np.uint8))
    assert (scores.shape, scores.dtype) == ((images, 4), np.float32)


def test_five_looks_are_the_mean_over_the_image_and_its_shifts_by_one_pixel():
    network, images = build(), stripes(6).images
    shifted = [np.zeros_like(images) for _ in range(4)]
    shifted[0][:, 1:], shifted[1][:, :-1] = images[:, :-1], images[:, 1:]
    shifted[2][:, :, 1:], shifted[3][:, :, :-1] = images[:, :, :-1], images[:, :, 1:]
    expected = np.mean([training.predict(network, each) for each in (images, *shifted)], axis=0)
    np.testing.assert_allclose(training.predict(network, images, looks=5), expected, rtol=1e-5)


CONVOLUTIONAL = TrainingConfig(
    epochs=2,
    batch_size=32,
    distortion=Distortion(rotation=5, shift=0.05, zoom=0.05, shear=0.05, elastic=0.01),
    averaging=0.9,
)


def convolutional(seed=0):
    return networks.convolutional((4, 5), 4, (4, 4), seed=seed)


@pytest.fixture(scope="module")
def convolved(train):
    return training.fit(convolutional(), train, CONVOLUTIONAL)


@pytest.mark.slow
def test_a_convolutional_network_learns_from_distorted_images_bit_for_bit_alike(convolved, train):
    keras.utils.set_random_seed(99)
    again = training.fit(convolutional(), train, CONVOLUTIONAL)
    assert as_bytes(again.network) == as_bytes(convolved.network)


@pytest.mark.slow
def test_with_distortion_they_are_what_each_seed_gives_alone(convolved, train):
    learner = training.Learner(convolutional(), train, CONVOLUTIONAL)
    _, second = (learner.fit(convolutional(seed), seed) for seed in (1, 0))
    assert as_bytes(second.network) == as_bytes(convolved.network)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [{"distortion": None}, {"averaging": 0.0}, {"warm_up": 0.5}], ids=str
)
def test_each_setting_changes_what_is_learned(convolved, train, change):
    other = training.fit(convolutional(), train, replace(CONVOLUTIONAL, **change))
    assert as_bytes(other.network) != as_bytes(convolved.network)


@pytest.mark.slow
def test_an_average_that_hardly_moves_stays_where_training_began(train):
    initial = build().get_weights()[0]
    last, averaged = (
        training.fit(build(), train, replace(SHORT, averaging=share)).network.get_weights()[0]
        for share in (0.0, 0.9999)
    )
    assert np.abs(averaged - initial).max() < 0.1 * np.abs(last - initial).max()


@pytest.mark.slow
def test_weights_are_float32_whatever_a_network_computes_in(convolved, train):
    found = training.fit(convolutional(), train, replace(CONVOLUTIONAL, precision="bfloat16"))
    assert as_bytes(found.network) != as_bytes(convolved.network)
    assert {array.dtype for array in found.network.get_weights()} == {np.dtype(np.float32)}
    assert {layer.compute_dtype for layer in found.network.layers} == {"float32"}


@pytest.mark.slow
def test_compiled_steps_learn_the_same_but_for_rounding(train):
    plan = replace(SHORT, epochs=1)
    plain, compiled = (
        training.fit(build(), train, replace(plan, jit_compile=jit)) for jit in (False, True)
    )
    for one, other in zip(plain.network.get_weights(), compiled.network.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)


@pytest.mark.slow
def test_patience_ends_a_training_that_gets_no_better_and_keeps_its_best_weights():
    images = stripes(120)
    noise = Split(images.images, np.random.default_rng(1).integers(0, 4, 120).astype(np.uint8))
    plan = TrainingConfig(
        epochs=60, batch_size=8, learning_rate=0.05, patience=3, validation_share=0.3
    )
    found = training.fit(build(), noise, plan)
    losses = found.history["validation_loss"]
    assert len(losses) < 60
    assert int(np.argmin(losses)) == len(losses) - 1 - plan.patience
    _, watching = splitting.divided(noise, plan.validation_share)
    scores = training.predict(found.network, noise.images[watching])
    kept = Crossentropy("softmax", plan.label_smoothing)(noise.labels[watching], scores)
    assert float(kept) == pytest.approx(min(losses), rel=1e-4)


def test_progress_has_a_line_for_each_epoch(train):
    lines = []
    training.fit(build(), train, SHORT, lines.append)
    assert len(lines) == SHORT.epochs
    assert lines[1].startswith("epoch 2 of 2, validation accuracy ")


def test_seconds_pass_from_epoch_to_epoch(fitted):
    first, second = fitted.epoch_seconds
    assert 0 < first < second <= fitted.seconds


@pytest.mark.slow
def test_each_training_is_charged_for_what_is_prepared_and_for_nothing_between(train, monkeypatch):
    meanwhile, clock = [0], time.perf_counter
    monkeypatch.setattr("time.perf_counter", lambda: clock() + meanwhile[0])
    learner = training.Learner(build(), train, SHORT)
    learner.fit(build(), 0)
    meanwhile[0] = 10_000
    assert 0 < learner._preparation < learner.fit(build(), 1).seconds < 10_000


def test_a_distorted_image_reaches_the_network_as_it_is_shown(train):
    """The network takes whole numbers, and drops what lies behind the point."""
    shown = layers.distorted(train.images, CONVOLUTIONAL.distortion)
    layer = layers.Distort(CONVOLUTIONAL.distortion)
    given = keras.ops.convert_to_numpy(layer(train.images, training=True))
    np.testing.assert_array_equal(given, shown)


@pytest.mark.slow
def test_a_training_whose_work_is_shared_among_threads_is_the_same_bit_for_bit():
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (2_048, 28, 28), np.uint8)
    many = Split(images, random.integers(0, 10, 2_048).astype(np.uint8))
    plan = TrainingConfig(epochs=1, batch_size=256, distortion=Distortion(), validation_share=0)
    first, again = (
        training.fit(networks.convolutional((28, 28), 10, seed=1), many, plan) for _ in range(2)
    )
    assert as_bytes(again.network) == as_bytes(first.network)


@pytest.mark.parametrize("activation", networks.OUTPUT_ACTIVATIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_is_the_cross_entropy_to_smoothed_labels(activation, smoothing):
    labels = np.array([2, 0], np.uint8)
    scores = np.array([[0.2, 0.3, 0.5], [0.7, 0.1, 0.2]])
    one_hot = np.eye(3)[labels]
    if activation == "softmax":
        targets = one_hot * (1 - smoothing) + smoothing / 3
        expected = -(targets * np.log(scores)).sum(axis=1).mean()
    else:
        targets = one_hot * (1 - smoothing) + smoothing / 2
        expected = -(targets * np.log(scores) + (1 - targets) * np.log(1 - scores)).mean()
    loss = Crossentropy(activation, smoothing)
    assert float(loss(labels, scores)) == pytest.approx(expected, rel=1e-5)


def test_the_learning_rate_rises_for_a_tenth_of_the_steps_and_ends_near_zero():
    schedule = training.optimizer(TrainingConfig(), 1000)._learning_rate
    rates = np.array([float(schedule(step)) for step in range(1000)])
    assert rates.argmax() == 100
    assert rates.max() == pytest.approx(0.01)
    assert 0 < rates[0] < 0.0005
    assert rates[-1] < 1e-6


def test_plain_training_is_keras_s_own_adam():
    plain, default = training.optimizer(PlainTraining(), 1000), keras.optimizers.Adam()
    assert plain.get_config() == {**default.get_config(), "name": plain.name}


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_training_of_few_steps_takes_none_in_vain(steps):
    schedule = training.optimizer(TrainingConfig(), steps)._learning_rate
    assert all(float(schedule(step)) > 0 for step in range(steps))
