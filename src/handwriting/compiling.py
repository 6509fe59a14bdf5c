"""What a network is compiled with: how wrong its outputs are, and how its weights are changed."""

from __future__ import annotations

import keras

from handwriting.plans import Plan

__all__ = ["Crossentropy", "loss", "optimizer"]

_MOMENTUM = 0.8
_SQUARES_MOMENTUM = 0.95
"""Adam's beta_1 and beta_2. Keras's 0.9 and 0.999 average over more steps than so short a training
can spare; like the defaults of `Plan`, these were chosen on 10,000 of MNIST's training images."""


def loss(network: keras.Model, plan: Plan) -> Crossentropy:
    """Return the loss that goes with a network's output layer."""
    return Crossentropy(network.layers[-1].activation.__name__, plan.label_smoothing)


def optimizer(plan: Plan, steps: int) -> keras.optimizers.Optimizer:
    """Return Adam for a training of so many steps."""
    rising = int(steps * plan.warm_up)
    schedule = keras.optimizers.schedules.CosineDecay(
        plan.learning_rate / (rising + 1),
        decay_steps=steps - rising,
        warmup_target=plan.learning_rate,
        warmup_steps=rising,
    )
    return keras.optimizers.Adam(
        schedule,
        beta_1=_MOMENTUM,
        beta_2=_SQUARES_MOMENTUM,
        use_ema=plan.averaging > 0,
        ema_momentum=plan.averaging,
    )


class Crossentropy(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """Cross-entropy of scores to labels that are numbers of classes, less sure than they look.

    With smoothing e and k classes, softmax scores are compared with 1 - e + e/k for the true class
    and e/k for the others, sigmoid scores with 1 - e/2 and e/2 (Szegedy and others, 2016,
    Rethinking the Inception architecture, section 7). With e = 0 these are Keras's sparse
    categorical cross-entropy, and binary cross-entropy on one-hot labels.
    """

    def __init__(self, output_activation: str, label_smoothing: float) -> None:
        super().__init__()
        self._output_activation = output_activation
        self._label_smoothing = label_smoothing

    def call(self, y_true: object, y_pred: keras.KerasTensor) -> object:
        """The loss of each image, from labels (n,) and scores (n, classes)."""
        one_hot = keras.ops.one_hot(keras.ops.cast(y_true, "int32"), y_pred.shape[-1])
        formula = (
            keras.losses.binary_crossentropy
            if self._output_activation == "sigmoid"
            else keras.losses.categorical_crossentropy
        )
        return formula(one_hot, y_pred, label_smoothing=self._label_smoothing)
