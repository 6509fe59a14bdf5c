"""What notebook 02 says of networks that make no mistake, one, or nothing but mistakes."""

import re
from dataclasses import replace

import cells
import numpy as np
import pytest
from networks import DIGITS, data_set

from handwriting.data.dataset import Finding
from handwriting.evaluation.classification import classification
from handwriting.experiments import network
from handwriting.models import config, dense_network
from handwriting.models.training_runs import Outcome, Run

pytestmark = pytest.mark.slow

IMAGES = 60
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
HISTORY = {"loss": (0.5, 0.25), "accuracy": (0.75, 1.0)}
WATCHED = {"validation_loss": (0.5, 0.75), "validation_accuracy": (0.5, 0.625)}


def random_layers(units, classes):
    """The weights of a network of so many hidden neurons."""
    draw = np.random.default_rng(0).normal
    shapes = (784, units), (units,), (units, classes), (classes,)
    return dense_network.layers([draw(size=shape) for shape in shapes])


def said(
    wrong, *, names=DIGITS, name="mnist", history=HISTORY | WATCHED, findings=(), **parameters
):
    """What the cells say where each network misreads the first so many images."""
    examples = replace(data_set(IMAGES, names, name=name), findings=findings)
    answers = examples.test.labels.astype(int)
    answers[:wrong] = (answers[:wrong] + 1) % len(names)
    given = {"dataset": "t", "repeats": 2, "hidden_units": 3} | parameters

    class Trained(network.TrainedNetworks):
        layers = random_layers(given["hidden_units"], len(names))

        def test(self):
            scores = np.eye(len(names))[answers] * 0.5 + 0.25
            return classification(examples.test.labels, scores, names)

    def train(examples, found, seeds, machine, **_):
        outcome = Outcome(answers, history, (1.0,), 2.0, 3)
        run = Run(config.DENSE, 0, IMAGES, "now", "", {}, outcome)
        return Trained(examples, found, [replace(run, seed=seed) for seed in seeds])

    replaced = {
        "handwriting.data.load": lambda _, **__: examples,
        "handwriting.experiments.network.train": train,
    }
    return cells.run("02_network", given, replaced)


@pytest.mark.parametrize(
    ("wrong", "sentences"),
    [
        (
            0,
            [
                "A score of 0.5 costs 0.69, one of 0.1 costs 2.30, one of 0.01 costs 4.61",
                "images in a batch: 3. From the first epoch",
                "The network correctly reads **100.00%** of the test images",
                "That claim **is met** by the mean of other layers, trained otherwise; of the "
                "single trainings, 2 of 2 meet it.",
                "It misreads **0** of 60 test images.",
                "F1 is 100.00% for every class that occurs.",
                "Images misread: 0.",
                "No mistakes to show.",
            ],
        ),
        (
            1,
            [
                "Each of 2 networks reads **98.33%** of the test images correctly.",
                "It misreads **1** of 60 test images.",
                "lowest for 0 (90.91%). That is so of this network, of seed 0",
                "0 is the hardest class, by F1, for **2** of 2.",
                "The surest mistake takes 0 for 1, at 75.0%.",
                "Images misread: 1.",
            ],
        ),
        (
            IMAGES,
            [
                "That claim **is not met** by the mean of other layers, trained otherwise; of the "
                "single trainings, 0 of 2 meet it.",
                "It misreads **60** of 60 test images. Of all, **100.00%** have the right class",
                "F1 is 0.00% for every class that occurs.",
                "No image of 0 is read correctly.",
                "Mistakes in which the right class came second: **60** of 60 (100.0%).",
                "Images read correctly: 0.",
            ],
        ),
    ],
    ids=["no mistake", "one mistake", "mistakes alone"],
)
def test_sentences_are_true_of_any_number_of_mistakes(wrong, sentences):
    found = said(wrong)
    assert [each for each in sentences if each not in found.text] == []
    assert found.broken == []
    assert found.results["pictured_test_errors"] == wrong
    assert found.results["test_accuracy"] == 1 - wrong / IMAGES


def test_marks_in_the_names_of_classes_are_shown_and_not_obeyed():
    found = said(3, names=("*a_", "`b", "$c$", "<d>"), name="marks")
    assert "The surest mistake takes \\*a\\_ for \\`b, at 75.0%." in found.text
    assert not re.findall(r"(?<!\\)(?:\*a_|`b|\$c|<d)", "".join(found.sentences))


@pytest.mark.parametrize(("copied", "words"), [(0, "which it never saw"), (7, "7 of them copies")])
def test_copies_of_training_images_are_counted_in_the_answer(copied, words):
    found = said(0, findings=(Finding("copies", "Some are.", images=copied),))
    assert words in next(each for each in found.sentences if "correctly reads" in each)


def test_of_a_single_class_there_are_no_two_highest_outputs():
    found = said(0, names=("a",), name="one")
    assert "two highest" not in found.text
    assert "which it never saw before, all of the one class that there is" in found.text


def test_one_training_of_one_epoch_without_validation_is_told_as_such():
    few = {"repeats": 1, "epochs": 1, "hidden_units": 1, "output_activation": "sigmoid"}
    history = {name: values[:1] for name, values in HISTORY.items()}
    found = said(1, names=LETTERS, name="letters", history=history, **few)
    assert "says nothing about how far trainings differ" in found.text
    assert "validation" not in found.text
    assert "original analysis" not in found.text
    assert found.tables["The commonest mistakes."] == [["a", "b", "1", "3"]]
    assert "at 0.750." in found.text
    assert "Every other class is charged for its score, too" in found.text
    assert found.broken == []
