"""Whether the settings of the network and its rivals stand, each method given the same budget.

Every method tries as many candidates, its present setting among them: `BUDGET`, or fewer where it
has no more settings that matter, as the majority class, or takes minutes, as gradient boosting. All
of them learn from the same 10,000 of MNIST's training images, drawn from those of five sixths of
the writers, and read the same images by the other sixth, about 10,000; test images are not read.
Each candidate is trained once, from the same seed.

The present setting stays unless another one is better by more than luck explains: McNemar's exact
test against it, corrected by Holm for the number of candidates. Then the most accurate one of those
takes its place.

    python benchmarks/rival_settings.py
    python benchmarks/rival_settings.py --methods network knn rbf_svm

What is best for so few images need not be for many: whoever would change is asked once more, with
both settings and all images of the five sixths.
"""

import argparse
import json
import math
import os
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.model_selection import ParameterGrid

from handwriting.baselines import classifiers, pipelines
from handwriting.data import registry, splitting
from handwriting.data.dataset import Split
from handwriting.evaluation.intervals import SIGNIFICANCE, holm
from handwriting.models import config

HEADING = (
    "| method | tried | present | accuracy ± se | best | accuracy | p (Holm) | |\n"
    "| --- | ---: | --- | ---: | --- | ---: | ---: | --- |"
)
BUDGET = 12
LEARNING = 10_000
CHOOSING = 1 / 6
THREADS = 1

Grid = Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Sequence[Any]]]

_NEIGHBOURS: Grid = {
    "KNeighborsClassifier.n_neighbors": [1, 2, 3, 4, 5, 7],
    "KNeighborsClassifier.weights": ["uniform", "distance"],
}


def _forest(kind: str) -> Grid:
    return {
        f"{kind}.max_features": ["sqrt", 0.05, 0.1],
        f"{kind}.min_samples_leaf": [1, 2],
        f"{kind}.criterion": ["gini", "entropy"],
    }


# For each rival its candidates: `PCA.n_components` is the number of components of its PCA.
GRIDS: Mapping[str, Grid] = {
    "dummy": {},
    "naive_bayes": {
        "GaussianNB.var_smoothing": [
            *(1e-9, 1e-3, 3e-3, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3)
        ]
    },
    "lda": [
        {"LinearDiscriminantAnalysis.solver": ["svd"]},
        {
            "LinearDiscriminantAnalysis.solver": ["lsqr"],
            "LinearDiscriminantAnalysis.shrinkage": [
                *("auto", 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7)
            ],
        },
    ],
    "qda": {
        "PCA.n_components": [30, 40, 50],
        "QuadraticDiscriminantAnalysis.reg_param": [0.0, 0.01, 0.03, 0.1],
    },
    "logistic_regression": {
        "LogisticRegression.C": [
            *(0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.2, 0.3, 0.5, 1.0)
        ]
    },
    "decision_tree": {
        "DecisionTreeClassifier.criterion": ["gini", "entropy"],
        "DecisionTreeClassifier.min_samples_leaf": [1, 2, 4],
        "DecisionTreeClassifier.max_depth": [None, 12],
    },
    "random_forest": _forest("RandomForestClassifier"),
    "extra_trees": _forest("ExtraTreesClassifier"),
    "gradient_boosting": [  # a fit takes minutes
        {"HistGradientBoostingClassifier.learning_rate": [0.1, 0.2]},
        {"HistGradientBoostingClassifier.l2_regularization": [1.0]},
    ],
    "knn": _NEIGHBOURS,
    "knn_pca": {
        "PCA.n_components": [30, 40, 50],
        "KNeighborsClassifier.n_neighbors": [3, 5],
        "KNeighborsClassifier.weights": ["uniform", "distance"],
    },
    "knn_deskewed": _NEIGHBOURS,
    "linear_svm": {
        "LinearSVC.C": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
        "LinearSVC.loss": ["hinge", "squared_hinge"],
    },
    "nystroem_svm": {
        "Nystroem.gamma": [0.01, 0.02, 0.03, 0.04],
        "LinearSVC.C": [1.0, 3.0, 10.0],
    },
    "rbf_svm": {"SVC.gamma": [0.01, 0.02, 0.03, 0.04], "SVC.C": [2, 5, 10]},
    "polynomial_svm": {"SVC.degree": [3, 4, 5], "SVC.C": [0.1, 0.3, 1.0, 3.0]},
    "mlp": {
        "MLPClassifier.learning_rate_init": [0.001, 0.003, 0.01],
        "MLPClassifier.alpha": [1e-4, 1e-2],
        "MLPClassifier.batch_size": ["auto", 64],
    },
}

# What is changed of the network's `TrainingConfig`.
CHANGES: Sequence[Mapping[str, Any]] = (
    {},
    {"batch_size": 128},
    {"batch_size": 256},
    {"learning_rate": 0.005},
    {"learning_rate": 0.02},
    {"label_smoothing": 0.0},
    {"label_smoothing": 0.1},
    {"epochs": 5},
    {"epochs": 20},
    {"warm_up": 0.0},
    {"warm_up": 0.3},
    {"epochs": 20, "learning_rate": 0.005},
)


@dataclass(frozen=True, eq=False)
class Trial:
    """What one candidate came to.

    Attributes:
        candidate: its settings, each by name.
        present: whether it is what the project uses.
        right: (n,) bool, whether it reads each validation image.
        seconds: how long it took to learn and to read.
    """

    candidate: Mapping[str, Any]
    present: bool
    right: NDArray[np.bool_]
    seconds: float

    @property
    def words(self) -> str:
        """Its settings."""
        named = (f"{name.split('.')[-1]}={value}" for name, value in self.candidate.items())
        return ", ".join(named) or "as it is"

    @property
    def accuracy(self) -> float:
        """The share of the validation images that it reads, 0-1."""
        return float(self.right.mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = ["network", *GRIDS]
    parser.add_argument("--methods", nargs="*", default=known, choices=known)
    parser.add_argument("--json", type=Path, help="a file for all that was found")
    options = parser.parse_args()
    learning, validation = divided(registry.load("mnist").train)
    few = learning.drawn(LEARNING)
    print(f"{len(few):,} images to learn from, {len(validation):,} by others to choose by.\n")
    print(HEADING, flush=True)
    found = {}
    for method in options.methods:
        found[method] = [tried(method, each, few, validation) for each in candidates(method)]
        print(row(method, found[method]), flush=True)
    print(f"\nWho would change, with {len(learning):,} images to learn from:\n\n{HEADING}")
    for method, first in found.items():
        present, _, _, chosen = verdict(first)
        if chosen is not present:
            both = present.candidate, chosen.candidate
            again = [tried(method, each, learning, validation) for each in both]
            print(row(method, again), flush=True)
    if options.json:
        told = {
            method: {each.words: [each.accuracy, each.seconds] for each in trials}
            for method, trials in found.items()
        }
        options.json.write_text(json.dumps(told, indent=1) + "\n")


def candidates(method: str) -> Sequence[Mapping[str, Any]]:
    """The settings that are tried of a method."""
    return CHANGES if method == "network" else list(ParameterGrid(GRIDS[method]))


def divided(train: Split) -> tuple[Split, Split]:
    """Images to learn from, and to choose by: five sixths and one, by other writers."""
    learning, validation = splitting.divided(train, CHOOSING)
    return train.taken(learning), train.taken(validation)


def tried(method: str, candidate: Mapping[str, Any], learning: Split, validation: Split) -> Trial:
    """What a candidate of a method comes to."""
    learn = network if method == "network" else partial(rival, method)
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        present, classes = learn(candidate, learning, validation.images)
    seconds = time.perf_counter() - started
    found = Trial(candidate, present, classes == validation.labels, seconds)
    told = [f"{found.accuracy:.2%}, {seconds:.0f} s", *(str(each.message) for each in caught)]
    print(f"{method}, {found.words}: {'; '.join(dict.fromkeys(told))}", file=sys.stderr)
    return found


def rival(
    name: str, candidate: Mapping[str, Any], learning: Split, images: NDArray[np.uint8]
) -> tuple[bool, NDArray[np.integer]]:
    """Whether a rival's candidate is its present setting, and what it reads."""
    known = next(each for each in classifiers.CLASSIFIERS if each.name == name)
    height, width = images.shape[1:]
    pipeline = pipelines.make(known, len(learning), height * width, threads=THREADS)
    given = {name.replace(".", "__"): value for name, value in candidate.items()}
    present = {name: pipeline.get_params()[name] for name in given} == given
    pipeline.set_params(**given).fit(learning.images, learning.labels)
    return present, pipeline.predict(images)


def network(
    change: Mapping[str, Any], learning: Split, images: NDArray[np.uint8]
) -> tuple[bool, NDArray[np.integer]]:
    """The same of the dense network, trained otherwise, with none held back."""
    from handwriting.models import networks, training  # Keras takes seconds to import

    plan = replace(config.DENSE.plan, validation_share=0, **change)
    classes = int(learning.labels.max()) + 1
    made = networks.build(
        config.DENSE.kind, images.shape[1:], classes, config.DENSE.settings, plan.seed
    )
    fitted = training.Learner(made, learning, plan).fit(made, plan.seed)
    return not change, training.predict(fitted.network, images).argmax(axis=1)


def verdict(trials: Sequence[Trial]) -> tuple[Trial, Trial, float, Trial]:
    """The present setting, the most accurate one, its corrected p-value, and the one to take."""
    present = next(each for each in trials if each.present)
    others = [each for each in trials if not each.present]
    luck = dict(zip(others, holm([mcnemar(present, each) for each in others]), strict=True))
    best = max([present, *others], key=lambda each: each.accuracy)
    better = [
        each for each, p in luck.items() if p < SIGNIFICANCE and each.accuracy > present.accuracy
    ]
    chosen = max(better, key=lambda each: each.accuracy, default=present)
    return present, best, luck.get(best, 1.0), chosen


def mcnemar(one: Trial, other: Trial) -> float:
    """How probable so great a difference is between equals: McNemar's exact test, two-sided."""
    only_one = int((one.right & ~other.right).sum())
    apart = int((one.right != other.right).sum())
    return float(binomtest(only_one, apart).pvalue) if apart else 1.0


def row(method: str, trials: Sequence[Trial]) -> str:
    present, best, p_value, chosen = verdict(trials)
    titles = {each.name: each.title for each in classifiers.CLASSIFIERS}
    error = math.sqrt(present.accuracy * (1 - present.accuracy) / len(present.right))
    other = ("the same", "", "")
    if best is not present:
        other = (best.words, f"{best.accuracy:.2%}", f"{p_value:.3f}")
    said = "stays" if chosen is present else f"{chosen.words} is better"
    return (
        f"| {titles.get(method, method)} | {len(trials)} | {present.words} "
        f"| {present.accuracy:.2%} ± {error:.2%} | {' | '.join(other)} | {said} |"
    )


if __name__ == "__main__":
    main()
