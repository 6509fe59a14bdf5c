"""The neural network's rivals: classifiers of other kinds, each a scikit-learn pipeline.

All of them take raw images, (n, height, width) uint8, as the networks do; scaling is inside. A new
rival is one entry of `CLASSIFIERS`. Settings that were chosen on validation images are chosen again
by `benchmarks/rival_settings.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

Effort = Literal["quick", "default", "full"]
EFFORTS: tuple[Effort, ...] = get_args(Effort)
"""How long one is ready to wait, the shortest first: each includes those before it."""


Choice = Literal["defaults", "validation"]
"""Where a rival's settings come from: scikit-learn, or a choice made on validation images."""

_LECUN = (
    "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), Gradient-based learning applied to "
    "document recognition, Proceedings of the IEEE 86(11)"
)
_CORTES = "C. Cortes and V. Vapnik (1995), Support-vector networks, Machine Learning 20"
_COVER = (
    "T. Cover and P. Hart (1967), Nearest neighbor pattern classification, IEEE Transactions on "
    "Information Theory 13"
)


@dataclass(frozen=True)
class Classifier:
    """A classifier that the network is compared with.

    Attributes:
        name: what code and files call it.
        title: what prose calls it.
        idea: how it decides, in a few words.
        source: who described it: authors, year in brackets, title.
        effort: the shortest effort that measures it.
        steps: what stands between the pixels and its answer: scikit-learn's transformers, the
            classifier last. They are patterns that `make` copies, and are never fitted themselves;
            `n_jobs=-1` stands for as many threads as it gets.
        deskewed: whether images are deskewed first.
        choice: where its settings come from.
        random: whether another seed makes another classifier of it.
    """

    name: str
    title: str
    idea: str
    source: str
    effort: Effort
    steps: tuple[Any, ...]
    deskewed: bool = False
    choice: Choice = "validation"
    random: bool = False


CLASSIFIERS: tuple[Classifier, ...] = (
    Classifier(
        "dummy",
        "majority class",
        "always answers the commonest class of the training images",
        "",
        "quick",
        (DummyClassifier(strategy="most_frequent"),),
        choice="defaults",
    ),
    Classifier(
        "naive_bayes",
        "Gaussian naive Bayes",
        "takes each pixel to be normally distributed, independent of the others",
        "R. Duda and P. Hart (1973), Pattern classification and scene analysis, Wiley",
        "quick",
        (GaussianNB(var_smoothing=0.1),),
    ),
    Classifier(
        "lda",
        "LDA",
        "gives all classes one normal distribution, each at a mean of its own",
        "R. A. Fisher (1936), The use of multiple measurements in taxonomic problems, Annals of "
        "Eugenics 7",
        "quick",
        (LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5),),
    ),
    Classifier(
        "qda",
        "PCA + QDA",
        "gives each class a normal distribution of its own, in at most forty dimensions",
        _LECUN,
        "quick",
        (PCA(40), QuadraticDiscriminantAnalysis(reg_param=0.03)),
    ),
    Classifier(
        "logistic_regression",
        "logistic regression",
        "weighs pixels into one score a class: the network without its hidden layer",
        "D. R. Cox (1958), The regression analysis of binary sequences, Journal of the Royal "
        "Statistical Society B 20",
        "quick",
        (LogisticRegression(C=0.1, max_iter=1000),),
    ),
    Classifier(
        "decision_tree",
        "decision tree",
        "asks about one pixel after another",
        "L. Breiman, J. Friedman, R. Olshen and C. Stone (1984), Classification and regression "
        "trees, Wadsworth",
        "default",
        (DecisionTreeClassifier(),),
        choice="defaults",
        random=True,
    ),
    Classifier(
        "random_forest",
        "random forest",
        "lets a hundred trees vote that were grown on random samples",
        "L. Breiman (2001), Random forests, Machine Learning 45",
        "default",
        (RandomForestClassifier(n_jobs=-1),),
        choice="defaults",
        random=True,
    ),
    Classifier(
        "extra_trees",
        "extra trees",
        "lets a hundred trees vote that split at random",
        "P. Geurts, D. Ernst and L. Wehenkel (2006), Extremely randomized trees, Machine Learning "
        "63",
        "quick",
        (ExtraTreesClassifier(n_jobs=-1),),
        choice="defaults",
        random=True,
    ),
    Classifier(
        "gradient_boosting",
        "gradient boosting",
        "adds up small trees, each of which mends the errors of those before it",
        "J. Friedman (2001), Greedy function approximation: a gradient boosting machine, Annals of "
        "Statistics 29",
        "full",
        (HistGradientBoostingClassifier(),),
        choice="defaults",
        random=True,
    ),
    Classifier(
        "knn",
        "kNN",
        "looks up the training images that are nearest, pixel by pixel",
        _COVER,
        "default",
        (KNeighborsClassifier(3, n_jobs=-1),),
    ),
    Classifier(
        "knn_pca",
        "PCA + kNN",
        "looks up the nearest training images in at most forty dimensions",
        _COVER,
        "quick",
        (PCA(40), KNeighborsClassifier(3, n_jobs=-1)),
    ),
    Classifier(
        "knn_deskewed",
        "deskewed kNN",
        "looks up the nearest training images, all made upright first",
        _LECUN,
        "quick",
        (KNeighborsClassifier(4, weights="distance", n_jobs=-1),),
        deskewed=True,
    ),
    Classifier(
        "linear_svm",
        "linear SVM",
        "separates each class from the rest by a plane with a wide margin",
        _CORTES,
        "default",
        (LinearSVC(C=0.01, dual=True, max_iter=5000),),
        random=True,
    ),
    Classifier(
        "nystroem_svm",
        "Nyström + linear SVM",
        "separates classes by similarities to a thousand training images",
        "C. Williams and M. Seeger (2001), Using the Nyström method to speed up kernel machines, "
        "Advances in Neural Information Processing Systems 13",
        "full",
        (Nystroem(gamma=0.02, n_components=1000), LinearSVC(C=10.0, dual=True, max_iter=5000)),
        random=True,
    ),
    Classifier(
        "rbf_svm",
        "RBF SVM",
        "separates classes by similarities to whatever training images matter",
        _CORTES,
        "full",
        (SVC(C=5, gamma=0.02, cache_size=2000),),
    ),
    Classifier(
        "polynomial_svm",
        "deskewed polynomial SVM",
        "separates classes by products of up to four pixels, all images made upright first",
        _LECUN,
        "full",
        (SVC(kernel="poly", degree=4, coef0=1.0, C=1.0, cache_size=2000),),
        deskewed=True,
    ),
    Classifier(
        "mlp",
        "MLP (scikit-learn)",
        "is a network of the same shape, trained by scikit-learn",
        "D. Rumelhart, G. Hinton and R. Williams (1986), Learning representations by "
        "back-propagating errors, Nature 323",
        "default",
        (MLPClassifier((128,), learning_rate_init=0.003),),
        random=True,
    ),
)


def within(effort: Effort) -> tuple[Classifier, ...]:
    """Return the rivals that an effort measures."""
    longest = EFFORTS.index(effort)
    return tuple(rival for rival in CLASSIFIERS if EFFORTS.index(rival.effort) <= longest)
