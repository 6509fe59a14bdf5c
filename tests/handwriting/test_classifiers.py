from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.dummy import DummyClassifier

from handwriting.baselines import classifiers, pipelines
from handwriting.baselines.timing import Conditions
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import TooFewImagesError

BUNDLED = load_digits()
IMAGES = np.rint(BUNDLED.images * (255 / 16)).astype(np.uint8)
LABELS = BUNDLED.target.astype(np.uint8)
FITTED = 600


@pytest.fixture(params=classifiers.CLASSIFIERS, ids=lambda rival: rival.name)
def rival(request):
    return request.param


def named(name):
    return next(rival for rival in classifiers.CLASSIFIERS if rival.name == name)


def test_every_rival_takes_raw_images_and_reads_them(rival):
    pipeline = pipelines.make(rival, FITTED, 64, threads=1)
    pipeline.fit(IMAGES[:FITTED], LABELS[:FITTED])
    right = np.mean(pipeline.predict(IMAGES[FITTED:]) == LABELS[FITTED:])
    assert right > (0.05 if rival.name == "dummy" else 0.7)


def test_every_rival_has_a_source_and_a_name_of_its_own(rival):
    names = [other.name for other in classifiers.CLASSIFIERS]
    assert names.count(rival.name) == 1
    assert rival.name == "dummy" or " (1" in rival.source or " (2" in rival.source
    assert rival.name.isidentifier()


def test_the_majority_class_scores_its_share():
    pipeline = pipelines.make(named("dummy"), len(IMAGES), 64).fit(IMAGES, LABELS)
    share = np.bincount(LABELS).max() / len(LABELS)
    assert np.mean(pipeline.predict(IMAGES) == LABELS) == pytest.approx(share)


@pytest.mark.slow
def test_the_majority_class_of_mnist_is_the_digit_1(mnist):
    pipeline = pipelines.make(named("dummy"), 60_000, 784)
    pipeline.fit(mnist.train.images, mnist.train.labels)
    predicted = pipeline.predict(mnist.test.images)
    assert set(predicted.tolist()) == {1}
    assert np.mean(predicted == mnist.test.labels) == 0.1135


def test_an_effort_includes_the_shorter_ones():
    quick, default, full = (set(classifiers.within(effort)) for effort in classifiers.EFFORTS)
    assert quick < default < full == set(classifiers.CLASSIFIERS)


def test_pipelines_are_copies(rival):
    first, second = (pipelines.make(rival, 100, 64, seed=seed) for seed in (1, 2))
    assert first.steps[-1][1] is not second.steps[-1][1]
    assert first.steps[-1][1] is not rival.steps[-1]


def test_seed_and_threads_reach_those_that_use_them():
    parameters = pipelines.make(named("random_forest"), 100, 64, seed=7, threads=3).get_params()
    assert parameters["RandomForestClassifier__random_state"] == 7
    assert parameters["RandomForestClassifier__n_jobs"] == 3


def test_settings_say_what_is_no_default_and_nothing_of_seed_and_threads():
    made = pipelines.make(named("knn_deskewed"), 100, 64, seed=7, threads=3)
    assert pipelines.settings(made) == (
        "Deskewing() → KNeighborsClassifier(n_neighbors=4, weights='distance')"
    )


def test_parameters_are_all_settings_but_seed_and_threads():
    made = pipelines.make(named("random_forest"), 100, 64, seed=7, threads=3)
    found = pipelines.parameters(made)
    assert found["RandomForestClassifier__n_estimators"] == "100"
    assert not [name for name in found if name.endswith(("random_state", "n_jobs"))]
    other = pipelines.make(named("random_forest"), 100, 64, seed=8, threads=1)
    assert pipelines.parameters(other) == found


@pytest.mark.parametrize(
    ("images", "pixels", "components"), [(1000, 784, 40), (25, 784, 25), (1000, 9, 9)]
)
def test_there_are_no_more_components_than_images_or_pixels(images, pixels, components):
    made = pipelines.make(named("qda"), images, pixels)
    assert made.get_params()["PCA__n_components"] == components


def learning(rival, counts):
    """Have a rival learn from random images, so many of each class."""
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.uint8)
    images = np.random.default_rng(0).integers(0, 256, (len(labels), 8, 8), np.uint8)
    some = Split(images, labels)
    data = Dataset("made", "Made", some, some, tuple("abc"), Origin((), {}, "free", "nobody"))
    (entrant,) = pipelines.entrants([rival], data, Conditions(threads=1))
    return entrant.train(some, some)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        *(("lda", [1, 1]), ("lda", [10]), ("qda", [1, 200]), ("qda", [2, 2, 2])),
        *(("rbf_svm", [10]), ("logistic_regression", [300]), ("knn", [1, 1])),
    ],
)
def test_what_a_rival_cannot_learn_from_is_too_little(name, counts):
    with pytest.raises(TooFewImagesError, match=rf"found {sum(counts)} images, of {len(counts)} "):
        learning(named(name), counts)


class Failing(DummyClassifier):
    """Fails when it is fitted."""

    def fit(self, images, labels):
        raise self.constant


@pytest.mark.parametrize(
    ("fault", "counts", "kind"),
    [
        (ValueError("no"), [100, 300], ValueError),
        (ValueError("no"), [99, 300], TooFewImagesError),
        (TypeError("no"), [1, 1], TypeError),
    ],
)
def test_a_fault_is_not_taken_for_too_little_to_learn_from(fault, counts, kind):
    rival = replace(named("dummy"), steps=(Failing(constant=fault),))
    with pytest.raises(kind, match="no") as caught:
        learning(rival, counts)
    assert caught.type is kind


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_pixels_are_flattened_and_scaled_to_1_in_a_copy(dtype):
    images = np.array([[[0, 255], [51, 102]]], dtype)
    found = pipelines.flattened(images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[0, 1, 0.2, 0.4]])
    assert images.max() == 255
