"""Validation accuracy of each rival's candidate settings: where those of `CLASSIFIERS` come from.

MNIST's training images are divided into 50,000 to learn from and 10,000 to choose by; test images
are not read. Rivals that take minutes to fit learn from fewer. A candidate that is the same as the
setting in `handwriting.baselines.classifiers` is marked; the choice is the best one, or the
cheaper of two that are not told apart by their standard errors.

    python benchmarks/rival_settings.py
    python benchmarks/rival_settings.py --rivals knn rbf_svm
"""

import argparse
import json
import math
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import ParameterGrid

from handwriting.baselines import classifiers, pipelines
from handwriting.data import registry
from handwriting.data.dataset import Split

LEARNING = 50_000
FEWER = 10_000
THREADS = 2

# For each rival how many images it learns from, and the candidates: `PCA.n_components` is the
# number of components of its PCA.
CANDIDATES: Mapping[str, tuple[int, Mapping[str, Sequence[Any]]]] = {
    "naive_bayes": (LEARNING, {"GaussianNB.var_smoothing": [1e-9, 0.01, 0.03, 0.1, 0.3]}),
    "qda": (
        LEARNING,
        {
            "PCA.n_components": [30, 40, 50],
            "QuadraticDiscriminantAnalysis.reg_param": [0.0, 0.01, 0.03, 0.1],
        },
    ),
    "logistic_regression": (LEARNING, {"LogisticRegression.C": [0.03, 0.1, 0.3, 1.0]}),
    "decision_tree": (
        LEARNING,
        {
            "DecisionTreeClassifier.criterion": ["gini", "entropy"],
            "DecisionTreeClassifier.min_samples_leaf": [1, 3],
        },
    ),
    "random_forest": (LEARNING, {"RandomForestClassifier.max_features": ["sqrt", 0.1]}),
    "extra_trees": (LEARNING, {"ExtraTreesClassifier.max_features": ["sqrt", 0.1]}),
    "gradient_boosting": (
        FEWER,
        {"HistGradientBoostingClassifier.learning_rate": [0.1, 0.2]},
    ),
    "knn": (
        LEARNING,
        {
            "KNeighborsClassifier.n_neighbors": [1, 3, 5],
            "KNeighborsClassifier.weights": ["uniform", "distance"],
        },
    ),
    "knn_pca": (
        LEARNING,
        {
            "PCA.n_components": [30, 40, 50],
            "KNeighborsClassifier.n_neighbors": [1, 3, 5],
            "KNeighborsClassifier.weights": ["uniform", "distance"],
        },
    ),
    "knn_deskewed": (
        LEARNING,
        {
            "KNeighborsClassifier.n_neighbors": [1, 3, 5],
            "KNeighborsClassifier.weights": ["uniform", "distance"],
        },
    ),
    "linear_svm": (LEARNING, {"LinearSVC.C": [0.003, 0.01, 0.03, 0.1]}),
    "nystroem_svm": (
        FEWER,
        {"Nystroem.gamma": [0.01, 0.02, 0.03], "LinearSVC.C": [1.0, 3.0, 10.0]},
    ),
    "rbf_svm": (FEWER, {"SVC.gamma": [0.01, 0.02, 0.03], "SVC.C": [5, 10]}),
    "polynomial_svm": (FEWER, {"SVC.degree": [3, 4, 5], "SVC.C": [0.3, 1.0, 3.0]}),
    "mlp": (
        LEARNING,
        {
            "MLPClassifier.early_stopping": [True, False],
            "MLPClassifier.learning_rate_init": [0.001, 0.003, 0.01],
        },
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rivals", nargs="*", default=list(CANDIDATES), choices=list(CANDIDATES))
    parser.add_argument("--json", type=Path, help="a file for all that was found")
    options = parser.parse_args()
    learning, validation = divided(registry.load("mnist").train)
    found = []
    print("| rival | candidate | images | validation accuracy ± se | seconds | |")
    print("| --- | --- | ---: | ---: | ---: | --- |")
    for rival in classifiers.CLASSIFIERS:
        if rival.name in options.rivals:
            images, grid = CANDIDATES[rival.name]
            few = Split(learning.images[:images], learning.labels[:images])
            for candidate in ParameterGrid(dict(grid)):
                found.append(tried(rival, candidate, few, validation))
                print(row(rival, found[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


def divided(train: Split) -> tuple[Split, Split]:
    """Images to learn from and to choose by, drawn at random."""
    order = np.random.default_rng(1).permutation(len(train))
    parts = order[:LEARNING], order[LEARNING:]
    learning, validation = (Split(train.images[part], train.labels[part]) for part in parts)
    return learning, validation


def tried(
    rival: classifiers.Classifier, candidate: Mapping[str, Any], learning: Split, validation: Split
) -> dict[str, Any]:
    """What one candidate came to."""
    height, width = learning.images.shape[1:]
    pipeline = pipelines.make(rival, len(learning), height * width, threads=THREADS)
    given = {name.replace(".", "__"): value for name, value in candidate.items()}
    chosen = {name: pipeline.get_params()[name] for name in given} == given
    pipeline.set_params(**given)
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pipeline.fit(learning.images, learning.labels)
        right = np.mean(pipeline.predict(validation.images) == validation.labels)
    for warning in caught:
        print(f"{rival.name}: {warning.message}", file=sys.stderr)
    return {
        "rival": rival.name,
        "candidate": dict(candidate),
        "images": len(learning),
        "accuracy": float(right),
        "seconds": time.perf_counter() - started,
        "chosen": chosen,
    }


def row(rival: classifiers.Classifier, found: Mapping[str, Any]) -> str:
    words = ", ".join(f"{name.split('.')[1]}={value}" for name, value in found["candidate"].items())
    accuracy = found["accuracy"]
    error = math.sqrt(accuracy * (1 - accuracy) / 10_000)
    return (
        f"| {rival.title} | {words} | {found['images']:,} | {accuracy:.2%} ± {error:.2%} "
        f"| {found['seconds']:.0f} | {'chosen' if found['chosen'] else ''} |"
    )


if __name__ == "__main__":
    main()
