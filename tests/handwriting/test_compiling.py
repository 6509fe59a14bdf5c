import keras
import numpy as np
import pytest

from handwriting.models import networks, training
from handwriting.models.config import TrainingConfig
from handwriting.models.training import Crossentropy


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


def test_without_smoothing_it_is_kerass_sparse_categorical_crossentropy():
    labels, scores = np.array([1]), np.array([[0.25, 0.75]])
    theirs = keras.losses.SparseCategoricalCrossentropy()(labels, scores)
    assert float(Crossentropy("softmax", 0)(labels, scores)) == pytest.approx(float(theirs))


def test_the_learning_rate_rises_for_a_tenth_of_the_steps_and_ends_near_zero():
    schedule = training.optimizer(TrainingConfig(), 1000)._learning_rate
    rates = np.array([float(schedule(step)) for step in range(1000)])
    assert rates.argmax() == 100
    assert rates.max() == pytest.approx(0.01)
    assert 0 < rates[0] < 0.0005
    assert rates[-1] < 1e-6


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_training_of_few_steps_takes_none_in_vain(steps):
    schedule = training.optimizer(TrainingConfig(), steps)._learning_rate
    assert all(float(schedule(step)) > 0 for step in range(steps))
