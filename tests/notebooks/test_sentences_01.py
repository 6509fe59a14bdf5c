"""What notebook 01 says of images that are copies, or look like another class: none, one or all."""

import re
from dataclasses import replace
from types import SimpleNamespace

import cells
import numpy as np
import pytest

from handwriting.data.dataset import Dataset, Finding, Origin, Split
from handwriting.data.label_disputes import DISPUTES
from handwriting.evaluation.classification import classification

pytestmark = pytest.mark.slow

IMAGES = 60
PEOPLE = np.arange(IMAGES, dtype=np.int32) // 5
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def data_set(odd, copied, classes=10, known=False, test=IMAGES, names=LETTERS):
    """Images of each class in turn, of which so many show another class or are copies."""
    random = np.random.default_rng(0)
    shown = random.integers(60, 190, (classes, 5, 5))
    labels = np.arange(IMAGES) % classes
    train = shown[labels] + random.integers(-9, 10, (IMAGES, 5, 5))
    asked = np.arange(test) % classes
    judged = shown[(asked + (np.arange(test) < odd)) % classes]
    judged = judged + random.integers(-9, 10, judged.shape)
    judged[test - copied :] = train[IMAGES - copied :]
    people = (PEOPLE, np.zeros(IMAGES, np.int32)) if known else ()
    others = (np.arange(test, dtype=np.int32) + 99, np.full(test, 4, np.int32)) if known else ()
    return Dataset(
        "mnist" if known else "t",
        "Tiny *set*",
        Split(train.astype(np.uint8), labels.astype(np.uint8), *people),
        Split(judged.astype(np.uint8), asked.astype(np.uint8), *others),
        tuple("0123456789") if classes == 10 else names[:classes],
        Origin((), {"images.gz": "1a2b"}, "CC BY 4.0", "A. Author (2026)"),
    )


def misreading(wrong):
    """What stands in for training: a network that misreads the first so many test images."""

    def train(examples, recipe, seeds, machine, **_):
        answers = examples.test.labels.astype(int)
        answers[:wrong] = (answers[:wrong] + 1) % examples.classes
        scores = np.eye(examples.classes)[answers]
        found = classification(examples.test.labels, scores, examples.class_names)
        return SimpleNamespace(test=lambda: found)

    return train


def said(*odd_and_copied, wrong=0, findings=(), **more):
    found = replace(data_set(*odd_and_copied, **more), findings=findings)
    replaced = {
        "handwriting.data.load": lambda _, **__: found,
        "handwriting.experiments.network.train": misreading(wrong),
    }
    heard = cells.run("01_data", {"mapped": 10}, replaced)
    assert heard.broken == []
    return heard


def test_of_no_copy_and_no_image_that_looks_like_another_class():
    heard = said(0, 0)
    assert "misreads **0** of 60 test images (0.0%)" in heard.text
    assert "**60 images**" not in heard.sentences[-1]
    assert "In Tiny \\*set\\* there are **120 images**. No test image is a copy" in heard.text
    assert "**no image** is a copy of another, in one part or across both." in heard.text
    assert "Training images: as many of each class, **6**." in (heard.text)
    assert "Who wrote these images is not known here, so this report says" in heard.text
    assert "Who wrote these images is not known here, so this is not known either." in heard.text
    assert "For these data nobody is known to have asked." in heard.text
    assert "To cite: A. Author (2026)." in heard.text
    assert list(heard.tables.values()) == [[["images.gz", "1a2b"]]]
    assert list(heard.results)[:3] == ["images", "copied_test_images", "disputed_test_labels"]


def test_of_one_copy_and_one_image_that_looks_like_another_class():
    heard = said(1, 1)
    assert "misreads **1** of 60 test images (1.7%)" in heard.text
    assert (
        "Pixel by pixel, the test part holds **1 exact duplicate** of training images."
        in heard.text
    )
    assert "there are **120 images**. The test part holds **1 exact duplicate** of" in heard.text
    assert heard.results["copied_test_images"] == 1


def test_where_all_are_copies_or_look_like_another_class():
    heard = said(IMAGES, 0)
    assert "misreads **60** of 60 test images (100.0%)" in heard.text
    assert heard.results["misled_share"] == 1
    assert "the test part holds **60 exact duplicates** of" in said(0, IMAGES).text


def test_of_a_network_that_misreads_what_looks_like_another_class():
    heard = said(20, 0, wrong=20)
    assert "makes 20 mistakes. The AUROC of difficulty is **1.000**, that of ambiguity" in (
        heard.text
    )
    assert "own lack of confidence 0.500." in heard.text
    rows = next(rows for caption, rows in heard.tables.items() if "last tenth" in caption)
    assert rows[0] == ["difficulty, which knows the label", "1.000", "0.839 to 1.000", "30%"]
    assert heard.results["difficulty_auroc"] == 1


def test_of_a_network_that_misreads_one_image_nothing_or_everything():
    one = said(1, 0, wrong=1)
    assert "This network makes 1 mistake. The AUROC of difficulty" in one.text
    rows = next(rows for caption, rows in one.tables.items() if "last tenth" in caption)
    assert [row[2] for row in rows] == ["\N{EN DASH}"] * 3
    for wrong in (0, IMAGES):
        assert f"{wrong} mistakes, so there is nothing to compare" in said(0, 0, wrong=wrong).text


def test_of_three_classes():
    assert ", of 3 classes." in said(0, 0, classes=3).text


def test_of_a_single_class():
    heard = said(0, 0, classes=1)
    assert "stand nearest" not in heard.text
    assert "Training images: as many of each class, **60**." in heard.text


def test_of_copies_that_differ_a_little():
    heard = said(0, 0, findings=(Finding("copies", "All are.", images=IMAGES),))
    assert heard.sentences[-1] == "In Tiny \\*set\\* there are **120 images**."


def test_of_classes_with_marks_in_their_names():
    heard = said(0, 0, classes=26, names=[f"*{letter}_" for letter in LETTERS])
    assert r"the rarest class is \*i\_, with **2**; the commonest is \*a\_" in heard.text
    assert not re.findall(r"[^ ]\*[a-z]_", "".join(heard.sentences))


def test_of_many_classes_that_are_not_all_alike():
    heard = said(0, 0, classes=26)
    assert "Training images: the rarest class is i, with **2**; the commonest is a" in heard.text
    assert heard.results["classes"] == 26


def test_of_mnist_who_wrote_it_and_which_labels_are_in_doubt():
    heard = said(0, 0, known=True, test=10_000)
    assert "**10,060 images** by **10,012 writers**. No test image" in heard.text
    assert "**12 writers** wrote the training images, 5 to 5 each (median 5);" in heard.text
    assert "Nobody wrote images of both parts." in heard.text
    assert "**5,000** are from hsf_4 (high-school students)" in heard.text
    assert f"they dispute the label of **{len(DISPUTES)}**. In **10** of these" in heard.text
    assert "(8 as 9, 0 as 6 twice, 9 as 4," in heard.text
    assert (
        "Of the 100 test labels that looked most wrong to programs, people dispute **15**."
        in heard.text
    )
    assert "says MIT." in heard.text
    assert "Of **60** training images, " in heard.text
    assert "by chance it would be for 6.8%." in heard.text
    assert "Of the test images, by other people, 0.00% are misread so." in heard.text
    assert heard.tables["How many images of each part come from each series."] == [
        ["hsf_0", "Census Bureau employees", "60", "0"],
        ["hsf_4", "high-school students", "0", "10,000"],
    ]
