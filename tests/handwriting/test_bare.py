"""Do rivals that are a few arrays read by NumPy alone what they read in scikit-learn?"""

import pickle

import numpy as np
import pytest

from handwriting.baselines import bare, pipelines
from handwriting.baselines.classifiers import CLASSIFIERS
from handwriting.data import registry

FEW_ARRAYS = {
    "dummy",
    "naive_bayes",
    "lda",
    "qda",
    "logistic_regression",
    "decision_tree",
    "linear_svm",
    "mlp",
}
BY_NAME = {each.name: each for each in CLASSIFIERS}
DIGITS = registry.load("digits")


def fitted(name, classes=10):
    train = DIGITS.train
    some = train.labels < classes
    pipeline = pipelines.make(BY_NAME[name], int(some.sum()), 64)
    return pipeline.fit(train.images[some], train.labels[some])


@pytest.fixture(scope="module")
def rivals():
    """The rivals that are a few arrays, fitted once."""
    return {name: fitted(name) for name in sorted(FEW_ARRAYS)}


@pytest.mark.parametrize("name", sorted(FEW_ARRAYS))
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_answers_are_those_of_the_library(name, rivals):
    expected = rivals[name].predict(DIGITS.test.images)
    reader = bare.reader(rivals[name])
    found = reader.predict(DIGITS.test.images)
    assert found.dtype == np.int64
    assert (found == expected).all()
    alone = [reader.predict(DIGITS.test.images[[row]]) for row in range(50)]
    assert (np.concatenate(alone) == expected[:50]).all()


@pytest.mark.parametrize("name", ["logistic_regression", "linear_svm", "lda", "mlp"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_two_classes_have_two_scores(name):
    pipeline = fitted(name, classes=2)
    images = DIGITS.test.images
    assert (bare.reader(pipeline).predict(images) == pipeline.predict(images)).all()


@pytest.mark.parametrize("name", ["naive_bayes", "decision_tree", "mlp"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_whoever_learns_a_single_class_answers_it(name):
    pipeline = fitted(name, classes=1)
    assert (bare.reader(pipeline).predict(DIGITS.test.images) == 0).all()


@pytest.mark.parametrize("name", sorted(set(BY_NAME) - FEW_ARRAYS - {"rbf_svm", "nystroem_svm"}))
def test_who_needs_more_than_a_few_arrays_stays_in_the_library(name):
    assert bare.reader(fitted(name)) is None


def test_a_reader_can_be_written_to_a_file(rivals):
    for name, pipeline in rivals.items():
        reader = bare.reader(pipeline)
        again = pickle.loads(pickle.dumps(reader))
        images = DIGITS.test.images[:20]
        assert (again.predict(images) == reader.predict(images)).all(), name


def test_a_tree_asks_about_whole_grey_levels():
    tree = bare.reader(fitted("decision_tree"))
    inner = [most for most, pixel in zip(tree.most, tree.pixel, strict=True) if pixel >= 0]
    assert all(0 <= most < 255 for most in inner)
