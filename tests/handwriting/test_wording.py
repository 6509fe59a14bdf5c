import re

import numpy as np
import pytest

from handwriting import wording
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation import metrics
from handwriting.evaluation.intervals import RepeatedAccuracy
from handwriting.models import dense_network

NAMES = ("0", "1", "2")
MATRIX = np.array([[2, 1, 0], [0, 2, 0], [1, 3, 3]])


def repeated(*values):
    return RepeatedAccuracy.of(values, trials=10_000)


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 images"), (1, "1 image"), (10_000, "10,000 images")]
)
def test_nouns_agree_with_their_number(number, expected):
    assert wording.counted(number, "image") == expected


def test_the_answer_gives_the_mean_and_of_how_many():
    found = wording.answer(repeated(0.98, 0.982), "mnist")
    assert "**98.10%** of 10,000 digits" in found
    assert "the mean of 2 trainings" in found
    assert found.endswith("above the 97.27% of the original analysis.")


def test_the_answer_of_one_training_speaks_of_no_mean():
    assert "mean" not in wording.answer(repeated(0.98), "mnist")


@pytest.mark.parametrize("say", [wording.answer, wording.spread])
def test_the_original_analysis_is_compared_with_on_mnist_only(say):
    assert "97.27%" in say(repeated(0.98, 0.97), "mnist")
    assert "original" not in say(repeated(0.98, 0.97), "digits")


@pytest.mark.parametrize(
    ("share", "verdict"),
    [
        (0.98, r"is met\*\*: 98.00% is 0.73 percentage points above it, .* excludes it"),
        (0.974, r"is met\*\*: 97.40% is 0.13 percentage points above it, .* includes it"),
        (0.9727, r"is met\*\*: 97.27% is exactly it, .* includes it"),
        (0.96, r"is not met\*\*: 96.00% is 1.27 percentage points below it, .* excludes it"),
    ],
)
def test_the_verdict_follows_the_mean(share, verdict):
    assert re.search(verdict, wording.spread(repeated(share), "mnist"))


def test_the_spread_of_several_trainings_is_their_range():
    assert "97.00% to 98.00% of the test images correctly, **97.50%** on average" in wording.spread(
        repeated(0.98, 0.97), "digits"
    )


def test_one_training_has_no_spread():
    found = wording.spread(repeated(0.98), "digits")
    assert " to " not in found
    assert "says nothing about how far trainings differ" in found


def test_marks_in_a_name_are_shown_and_not_obeyed():
    assert wording.plain("a<b>$x$ `c`_1") == r"a\<b\>\$x\$ \`c\`\_1"


def test_confusion_does_not_call_one_of_equals_the_commonest():
    tied = np.array([[2, 1, 0], [1, 2, 0], [0, 0, 3]])
    assert "One of its commonest mistakes is to read 0 as 1: once" in wording.confusion(tied, NAMES)


def test_confusion_names_the_commonest_mistake():
    found = wording.confusion(MATRIX, NAMES)
    assert "misreads 5 of 12 test images" in found
    assert "read 2 as 1: 3 times among 7 images of 2" in found


def test_confusion_without_mistakes_says_so():
    assert wording.confusion(np.diag([3, 4]), NAMES) == "It reads all 7 test images correctly."


def test_rows_of_classes_show_a_dash_for_what_is_undefined():
    scores = metrics.by_class([0, 1], [0, 0], classes=2)
    assert wording.class_rows(scores, NAMES[:2])[1] == {
        "Digit": "1", "Precision": "\N{EN DASH}", "Recall": "0.00%", "F1": "0.00%",
        "Test images": "1",
    }  # fmt: skip


def test_a_contrast_gives_sums_and_outputs():
    arrays = np.array([[1.0], [-2.0]]), np.zeros(1), np.zeros((1, 2)), np.zeros(2)
    images = np.array([[[255, 0]], [[0, 255]]], dtype=np.uint8)
    found = dense_network.contrast(dense_network.layers(arrays), images)
    sentence = wording.contrast(found, np.array([1, 0]), ("four", "five"))
    assert "this five excites number 1 most" in sentence
    assert "**1.00**, and ReLU makes that **1.00**" in sentence
    assert "**\N{MINUS SIGN}2.00**, and ReLU makes that **0.00**" in sentence


def test_learning_speaks_of_validation_only_where_there_is_one():
    history = {"loss": (0.5, 0.25), "accuracy": (0.9, 0.95)}
    found = wording.learning(history)
    assert "In 2 epochs, the training loss goes from 0.500 to 0.250" in found
    assert "validation" not in found


def test_samples_are_described_by_their_counts():
    found = wording.samples_alt(np.array([0, 2, 2], dtype=np.uint8), NAMES)
    assert found.endswith("0: 1, 1: 0, 2: 2.")


def test_a_confusion_matrix_is_described_by_its_counts():
    found = wording.confusion_alt(MATRIX, NAMES)
    assert "Read correctly: 0: 2, 1: 2, 2: 3." in found
    assert "mistakes: 2 as 1: 3, 0 as 1: 1, 2 as 0: 1." in found


def test_shares_of_a_class_without_examples_are_described_as_none():
    found = wording.confusion_alt(np.array([[3, 1], [0, 0]]), NAMES[:2], shares=True)
    assert "0: 75.0%, 1: none" in found
    assert "mistakes: 0 as 1: 25.0%." in found


def test_a_gallery_is_described_mistake_by_mistake():
    found = metrics.mistakes([1, 0], [[0.9, 0.1], [0.2, 0.8]])
    listed = "1 read as 0 (90.0%), 0 read as 1 (80.0%)"
    assert listed in wording.gallery_alt(found, NAMES)


@pytest.mark.parametrize(
    ("preferred", "expected"),
    [
        ((0,), "label disputed: people read 0"),
        ((0, 1), "label disputed: people read 0 or 1"),
        ((), "label disputed: people do not read 1"),
    ],
)
def test_a_description_says_which_labels_are_disputed(preferred, expected):
    found = metrics.mistakes([1, 0], [[0.9, 0.1], [0.2, 0.8]])
    described = wording.gallery_alt(found, NAMES, disputes=[Dispute(0, 1, preferred)])
    assert f"1 read as 0 (90.0%; {expected}), 0 read as 1 (80.0%)." in described


def test_an_empty_gallery_is_described_as_such():
    found = metrics.mistakes([0], [[0.9, 0.1]])
    assert wording.gallery_alt(found, NAMES) == "No mistakes to show."


def test_confidence_without_mistakes_is_described_as_such():
    found = wording.confidence_alt(np.array([0.95, 0.5]), np.array([]), "score")
    assert "Of 2 images read correctly, 50.0% were read with a score of at least 0.9" in found
    assert "No image was misread." in found


def test_outputs_say_what_each_activation_adds_up_to():
    found = wording.outputs(np.log([1.0, 2.0, 5.0]), NAMES, "softmax")
    assert "highest raw score, 1.6, is that of 2" in found
    assert "makes it 0.625, and all its outputs add up to 1.000" in found
    assert "makes it 0.833, and all its outputs add up to 2.000" in found
    assert "2: 1.6, 0.625, 0.833" in wording.outputs_alt(np.log([1.0, 2.0, 5.0]), NAMES)


def test_only_the_outputs_of_softmax_are_called_probabilities():
    assert wording.score_name("softmax") == "probability"
    assert wording.score_name("sigmoid") == "score"


@pytest.mark.parametrize(("activation", "target"), [("softmax", "0.955"), ("sigmoid", "0.975")])
def test_smoothed_labels_are_explained_by_what_they_ask_for(activation, target):
    assert f"for {target} rather than for 1" in wording.loss(0.9, 0.05, activation, classes=10)


def test_labels_that_are_not_smoothed_need_no_explanation():
    assert "smoothing" not in wording.loss(0.9, 0.0, "softmax", classes=10)


def test_the_loss_is_described_with_the_marked_score():
    assert "score, 0.500, costs 0.693" in wording.loss_alt(0.5)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_a_network_is_compiled_with_loss_optimizer_and_metric(activation):
    rows = wording.compiled_rows(activation, 0.01)
    assert [row["Part"] for row in rows] == ["Loss", "Optimizer", "Metric"]
    assert rows[1]["Choice"].endswith("0.01")


def test_the_digits_with_highest_and_lowest_f1_are_named():
    scores = metrics.by_class([0, 0, 1, 1, 1, 2], [0, 0, 1, 1, 2, 2], classes=3)
    found = wording.extremes(scores, NAMES)
    assert "highest for 0 (100.00%) and lowest for 2 (66.67%)" in found


def test_digits_with_equal_f1_are_not_ranked():
    scores = metrics.by_class([0, 1], [0, 1], classes=3)
    assert wording.extremes(scores, NAMES) == "F1 is 100.00% for every digit that occurs."


def test_one_epoch_goes_nowhere():
    found = wording.learning({"loss": (0.5,), "accuracy": (0.9,)})
    assert found == "In 1 epoch, the training loss is 0.500 and the training accuracy 90.00%."


def test_learning_tells_of_validation():
    history = {"loss": (1.0, 0.5), "accuracy": (0.5, 0.9)}
    history |= {"validation_loss": (1.0, 0.75), "validation_accuracy": (0.25, 0.75)}
    found = wording.learning(history)
    assert "the validation accuracy from 25.00% to 75.00%" in found
    assert found.endswith("The validation loss is lowest after epoch 2, the last.")


def test_learning_says_when_validation_was_at_its_best():
    history = {"loss": (3.0, 2.0, 1.0), "accuracy": (0.5, 0.6, 0.9)}
    history |= {"validation_loss": (3.0, 2.0, 2.5), "validation_accuracy": (0.5, 0.6, 0.6)}
    assert wording.learning(history).endswith("lowest after epoch 2 of 3.")


def test_accuracies_are_described_one_by_one():
    found = wording.spread_alt(repeated(0.98, 0.982), claim=0.9727)
    assert "each training: 98.00%, 98.20%. Mean 98.10%" in found
    assert "97.27%" in found
    assert "original" not in wording.spread_alt(repeated(0.98), claim=None)


def test_only_several_trainings_have_a_mean_to_be_captioned():
    assert "mean" in wording.spread_caption(repeated(0.98, 0.97))
    assert "mean" not in wording.spread_caption(repeated(0.98))


def test_a_contrast_is_described_in_plain_text():
    arrays = np.array([[1.0], [-2.0]]), np.zeros(1), np.zeros((1, 2)), np.zeros(2)
    images = np.array([[[255, 0]], [[0, 255]]], dtype=np.uint8)
    found = dense_network.contrast(dense_network.layers(arrays), images)
    described = wording.contrast_alt(found, np.array([1, 0]), NAMES)
    assert "1: 1.00 becomes 1.00; 0: \N{MINUS SIGN}2.00 becomes 0.00" in described
    assert "*" not in described


def test_trainings_that_end_alike_have_no_range():
    found = wording.spread(repeated(0.98, 0.98), "digits")
    assert "The 2 networks each read **98.00%** of the test images correctly." in found


def test_a_digit_without_test_images_is_not_called_the_hardest():
    scores = metrics.by_class([0, 0, 1, 1], [0, 2, 1, 1], classes=3)
    assert "lowest for 0 (66.67%)" in wording.extremes(scores, NAMES)


def test_a_digit_that_nothing_was_read_as_has_no_precision_to_speak_of():
    scores = metrics.by_class([0, 1], [0, 0], classes=2)
    found = wording.extremes(scores, NAMES)
    assert found.endswith("lowest for 1 (0.00%), which no image was read as.")


@pytest.mark.parametrize(
    ("activation", "classes", "least"),
    [("softmax", 2, "0.199"), ("softmax", 10, "0.500"), ("sigmoid", 10, "0.199")],
)
def test_smoothed_labels_leave_a_loss_that_nothing_can_undercut(activation, classes, least):
    found = wording.loss(0.9, 0.1, activation, classes)
    assert found.endswith(f"the least that it can be is {least}.")


def test_a_score_of_another_class_costs_something_with_sigmoid_only():
    assert "Every other class is charged" in wording.loss(0.9, 0.0, "sigmoid", classes=10)
    assert "other class" not in wording.loss(0.9, 0.0, "softmax", classes=10)


def test_mistakes_are_summed_up_by_the_surest_and_by_what_came_second():
    scores = np.array([[0.2, 0.7, 0.1], [0.1, 0.1, 0.8], [0.05, 0.9, 0.05], [0.5, 0.3, 0.2]])
    found = metrics.mistakes([0, 2, 0, 2], scores)
    sentences = wording.mistakes(found, scores, NAMES)
    assert "takes 0 for 1, at 90.0%" in sentences
    assert "second in **2** of 3 mistakes (66.7%)" in sentences
    assert "at 0.900." in wording.mistakes(found, scores, NAMES, percent=False)


def test_of_mistakes_it_is_said_how_many_have_a_disputed_label():
    scores = np.array([[0.2, 0.7, 0.1], [0.1, 0.1, 0.8], [0.05, 0.9, 0.05], [0.5, 0.3, 0.2]])
    found = metrics.mistakes([0, 2, 0, 2], scores)
    disputes = [Dispute(0, 0, (1,)), Dispute(1, 2, (0,)), Dispute(2, 0, (0, 1)), Dispute(3, 2, ())]
    said = wording.mistakes(found, scores, NAMES, disputes=disputes)
    assert "People dispute the labels of **3** of them; in 1 they prefer what the network" in said
    one = wording.mistakes(found, scores, NAMES, disputes=disputes[3:])
    assert "People dispute the label of **1** of them; in none they prefer what" in one


def test_where_no_mistake_has_a_disputed_label_nothing_is_said_of_it():
    scores = np.array([[0.2, 0.8], [0.9, 0.1]])
    found = metrics.mistakes([0, 0], scores)
    disputes = [Dispute(1, 0, (1,))]
    plain = wording.mistakes(found, scores, NAMES)
    assert wording.mistakes(found, scores, NAMES, disputes=disputes) == plain


def test_a_network_without_mistakes_has_none_to_sum_up():
    scores = np.array([[0.9, 0.1]])
    found = metrics.mistakes([0], scores)
    assert wording.mistakes(found, scores, NAMES) == "It made no mistake."
