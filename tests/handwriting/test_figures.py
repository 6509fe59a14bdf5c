import io
import subprocess
import sys

import matplotlib
import numpy as np
import pandas as pd
import pytest
from legible import Legible

from handwriting import figures
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation import metrics
from handwriting.evaluation.classification import classification, learning_curves
from handwriting.evaluation.difficulty import mistakes_by_difficulty
from handwriting.evaluation.intervals import Interval
from handwriting.evaluation.selective import Certainty
from handwriting.evaluation.trainings import MeanAccuracy
from handwriting.figures import style
from handwriting.models import dense_network
from handwriting.models.dense_network import ImageLoss, Outputs

NAMES = tuple("0123456789")
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (60, 8, 6), dtype=np.uint8)
LABELS = np.arange(60, dtype=np.uint8) % 10
SCORES = RANDOM.dirichlet(np.ones(10), 60)


def svg(figure):
    drawing = io.StringIO()
    figure.savefig(drawing, format="svg")
    return drawing.getvalue()


def words(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def network(units=5, classes=10):
    shapes = (48, units), (units,), (units, classes), (classes,)
    return dense_network.layers([RANDOM.normal(size=shape) for shape in shapes])


def disputed_gallery(**options):
    """Of 4s that are all read as 9, some with a label that people dispute, the first by all."""
    found = metrics.mistakes(np.full(10, 4), np.tile([0, 0, 0, 0, 0.1, 0, 0, 0, 0, 0.875], (10, 1)))
    disputes = (Dispute(0, 4, (9,)), Dispute(1, 4, (4, 9)), Dispute(6, 4, ()), Dispute(50, 4, (1,)))
    return figures.gallery(IMAGES, found, NAMES, disputes=disputes, **options)


def contrast(weights=None, images=IMAGES):
    return dense_network.contrast(weights or network(), images, [NAMES[k % 10] for k in range(60)])


def image_loss(score):
    return ImageLoss("cross-entropy", score, -np.log(score), 1, 0, 0)


def outputs(classes=10):
    names = [f"class {k}" for k in range(classes)]
    raw_scores = np.arange(float(classes))
    shares = {"softmax": raw_scores / classes, "sigmoid": raw_scores / classes}
    return Outputs(pd.DataFrame({"label": names, "raw_score": raw_scores, **shares}))


def accuracies(*values, claim=None):
    mean = float(np.mean(values))
    reach = Interval(mean - 0.003, mean + 0.003)
    found = MeanAccuracy("it", mean, reach, len(values), min(values), max(values), random=True)
    return figures.repeated_accuracy(np.array(values), found, claim)


def of_matrix(matrix):
    """What was read, from how often each class was taken for each."""
    truths = np.repeat(np.arange(len(matrix)), np.sum(matrix, axis=1))
    read = np.concatenate([np.repeat(np.arange(len(matrix)), row) for row in matrix])
    return classification(truths, np.eye(len(matrix))[read], [*NAMES, *"abcdef" * 9][: len(matrix)])


def certainties(wrong=40):
    return Certainty("read correctly", np.linspace(0.5, 1, 20)), Certainty(
        "misread", np.linspace(0.4, 0.95, wrong)
    )


def hard_images(wrong=400):
    """What a network misreads that misreads the hardest of 2,000 images."""
    return figures.mistakes_by_difficulty(
        mistakes_by_difficulty(np.arange(2000), np.arange(2000) >= 2000 - wrong)
    )


LONG = tuple(f"class of number {number:04}" for number in range(47))
MANY = np.random.default_rng(0).integers(0, 256, (94, 12, 8), np.uint8)


def many(classes):
    """What is read of classes with long names: each as the next one."""
    scores = np.roll(np.eye(classes), 1, axis=1)
    return classification(np.arange(classes), scores, LONG[:classes])


LEARNT = learning_curves({"loss": [1, 2], "accuracy": [0, 1]})
ALL = {
    "samples": lambda: figures.samples(IMAGES, LABELS, NAMES),
    "flattening": lambda: figures.flattening(IMAGES[0]),
    "neuron": lambda: figures.neuron(contrast()),
    "weight_images": lambda: figures.weight_images(network().hidden_kernel, (8, 6)),
    "outputs": lambda: figures.outputs(outputs()),
    "loss_curve": lambda: figures.loss_curve(image_loss(0.9), "this digit"),
    "learning_curves": lambda: figures.learning_curves(LEARNT),
    "repeated_accuracy": lambda: accuracies(0.9, 0.95, claim=0.97),
    "samples of many classes": lambda: figures.samples(MANY, np.arange(94) % 47, LONG, rows=47),
    "confusions": lambda: figures.confusions(classification(LABELS, SCORES, NAMES)),
    "many confusions": lambda: figures.confusions(of_matrix(np.ones((47, 47), int))),
    "long confusions": lambda: figures.confusions(many(12)),
    "gallery of long names": lambda: figures.gallery(MANY, many(47).mistakes, LONG),
    "gallery": lambda: figures.gallery(IMAGES, metrics.mistakes(LABELS, SCORES), NAMES),
    "confidence": lambda: figures.confidence(certainties(), "score"),
    "disputed gallery": lambda: disputed_gallery(),
    "mistakes_by_difficulty": lambda: hard_images(),
}


class TestEachFigure(Legible):
    drawings = ALL

    def test_each_is_small(self, figures):
        assert [name for name, figure in figures.items() if len(svg(figure)) >= 200_000] == []


def test_a_user_s_style_is_neither_used_nor_changed():
    with matplotlib.rc_context({"figure.facecolor": "black", "font.size": 4}):
        before = dict(matplotlib.rcParams)
        drawn = figures.loss_curve(image_loss(0.9), "this digit").figure
        assert drawn.get_facecolor() == (1, 1, 1, 1)
        assert dict(matplotlib.rcParams) == before


@pytest.mark.slow
def test_importing_figures_changes_no_style_and_opens_no_figure():
    code = (
        "import matplotlib; before = dict(matplotlib.rcParams); import handwriting.figures; "
        "from matplotlib import pyplot; assert dict(matplotlib.rcParams) == before; "
        "handwriting.figures.new(2); assert not pyplot.get_fignums()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_samples_say_how_many_images_each_class_has():
    labels = np.array([0] * 59 + [3], dtype=np.uint8)
    assert {"0", "59 images", "3", "1"} <= set(words(figures.samples(IMAGES, labels, NAMES).figure))


def test_samples_stop_at_a_number_of_classes():
    found = words(figures.samples(IMAGES, LABELS, NAMES, rows=4).figure)
    assert "3" in found
    assert "4" not in found


def test_a_confusion_matrix_is_drawn_in_counts_and_in_percent_beside_each_other():
    drawing = figures.confusions(of_matrix([[3, 1, 0], [0, 4, 0], [0, 0, 0]]))
    counts, percents = ([text.get_text() for text in ax.texts] for ax in drawing.figure.axes)
    assert sorted(counts) == ["1", "3", "4"]
    assert sorted(percents) == ["100.0", "25.0", "75.0"]
    assert "Read correctly: 0: 3, 1: 4, 2: 0. Most frequent mistakes: 0 as 1: 1." in drawing.alt


def test_a_perfect_confusion_matrix_can_be_drawn():
    drawing = figures.confusions(of_matrix(np.diag([7, 8])))
    assert "7" in words(drawing.figure)
    assert drawing.alt.endswith("Most frequent mistakes: none.")


def test_many_classes_are_coloured_but_not_numbered():
    drawing = figures.confusions(of_matrix(np.eye(62, dtype=int)))
    assert len(svg(drawing.figure)) < 200_000
    assert "100.0" not in words(drawing.figure)
    assert "in percent. Read correctly, of the first 12 classes: 0: 1, 1: 1," in drawing.alt


def test_a_gallery_shows_truth_prediction_and_probability():
    found = metrics.mistakes([4], [[0, 0, 0, 0, 0.125, 0, 0, 0, 0, 0.875]])
    assert set(words(figures.gallery(IMAGES, found, NAMES).figure)) == {"4 read as 9", "87.5%"}


def test_a_gallery_shows_scores_that_are_no_probabilities_as_such():
    found = metrics.mistakes([1], [[0.875, 0.75]])
    assert "0.875" in words(figures.gallery(IMAGES, found, NAMES, score_name="score").figure)


def test_a_gallery_shows_no_more_than_its_limit():
    found = metrics.mistakes(LABELS, SCORES)
    drawn = figures.gallery(IMAGES, found, NAMES, limit=7).figure
    assert sum("read as" in word for word in words(drawn)) == 7


def test_a_gallery_says_what_people_read_where_they_dispute_the_label():
    panels = [ax for ax in disputed_gallery().figure.axes if ax.get_title()]
    read = {place: ax.texts[0].get_text() for place, ax in enumerate(panels) if ax.texts}
    assert read == {0: "people: 9", 1: "people: 4 or 9", 6: "people: not 4"}


def test_a_gallery_explains_a_disputed_label_where_it_shows_one():
    found = metrics.mistakes([4], [[0, 0, 0, 0, 0.125, 0, 0, 0, 0, 0.875]])
    disputes = (Dispute(7, 4, (9,)),)
    assert any("label is disputed" in each for each in words(disputed_gallery().figure))
    assert len(words(figures.gallery(IMAGES, found, NAMES, disputes=disputes).figure)) == 2
    late = words(disputed_gallery(limit=1).figure)
    assert not [each for each in late if "4 or 9" in each]


def test_what_people_read_stays_within_its_column():
    drawn = disputed_gallery().figure
    drawn.draw_without_rendering()
    first, second = (ax.texts[0].get_window_extent() for ax in drawn.axes[:2])
    assert first.x0 > 0
    assert first.x1 < second.x0
    assert second.x1 < drawn.axes[2].get_window_extent().x0


@pytest.mark.parametrize("limit", [1, 3, 5, 10])
def test_a_gallery_with_disputed_labels_cuts_nothing_off(limit):
    drawn = disputed_gallery(limit=limit).figure
    drawn.draw_without_rendering()
    whole, inside = drawn.bbox, drawn.get_tightbbox().transformed(drawn.dpi_scale_trans)
    assert whole.x0 <= inside.x0 < inside.x1 <= whole.x1
    assert whole.y0 <= inside.y0 < inside.y1 <= whole.y1


def test_a_gallery_is_described_mistake_by_mistake():
    found = metrics.mistakes([1, 0], [[0.9, 0.1], [0.2, 0.8]])
    drawing = figures.gallery(IMAGES, found, NAMES, disputes=[Dispute(0, 1, (0, 1))])
    read = "label disputed: people read 0 or 1"
    assert f": 1 read as 0 (90.0%; {read}), 0 read as 1 (80.0%)." in drawing.alt


def test_a_gallery_without_mistakes_says_so():
    found = figures.gallery(IMAGES, metrics.mistakes([0], [[0.9, 0.1]]), NAMES)
    assert (words(found.figure), found.alt) == (["No mistakes"], "No mistakes to show.")


def test_confidence_without_mistakes_can_be_drawn():
    drawing = figures.confidence(certainties(wrong=0), "score")
    assert "misread: 0" in words(drawing.figure)
    assert [ax.get_ylim()[0] for ax in drawing.figure.axes] == [0, 0]
    assert drawing.alt.endswith("read correctly: 20, at least 0.9 20.0%, median 0.750.")


@pytest.mark.parametrize("shape", [(1, 1), (3, 12), (12, 3)])
@pytest.mark.parametrize("units", [1, 30])
def test_images_of_any_shape_can_be_drawn(shape, units):
    images = RANDOM.integers(0, 256, (10, *shape), dtype=np.uint8)
    shapes = (images[0].size, units), (units,), (units, 3), (3,)
    weights = dense_network.layers([RANDOM.normal(size=shape) for shape in shapes])
    for figure in (
        figures.samples(images, LABELS[:10] % 3, NAMES),
        figures.flattening(images[0]),
        figures.neuron(contrast(weights, images)),
        figures.weight_images(weights.hidden_kernel, shape),
        figures.gallery(images, metrics.mistakes([1], [[0.9, 0.1]]), NAMES),
    ):
        svg(figure.figure)  # a warning that the layout has collapsed would be an error


def test_one_epoch_can_be_drawn():
    history = {key: [0.5] for key in ("loss", "accuracy", "validation_loss", "validation_accuracy")}
    drawing = figures.learning_curves(learning_curves(history))
    assert "validation" in words(drawing.figure)
    assert "validation accuracy 50.00% to 50.00%" in drawing.alt


def test_one_training_is_drawn_without_a_spread():
    assert "each training" not in words(accuracies(1.0).figure)


def test_the_claim_is_drawn_where_there_is_one():
    drawing = accuracies(0.98, 0.981, claim=0.9727)
    assert "original analysis 97.27%" in words(drawing.figure)
    assert "98.00%, 98.10%. Mean 98.05%" in drawing.alt
    assert "97.27%" in drawing.alt
    assert "original" not in accuracies(0.98).alt


def test_mistakes_are_counted_from_the_easiest_images_to_the_hardest():
    drawing = hard_images()
    assert "the easiest first: 0, 0, 0, 0, 0, 0, 0, 0, 200, 200." in drawing.alt
    assert [bar.get_height() for bar in drawing.figure.axes[0].patches] == [*[0] * 8, 1, 1]
    assert "0, 0." in hard_images(wrong=0).alt


def test_one_hidden_neuron_can_be_drawn():
    assert len(figures.weight_images(network(units=1).hidden_kernel, (8, 6)).figure.axes) == 2


def test_only_the_highest_scores_of_many_classes_are_drawn():
    drawing = figures.outputs(outputs(classes=40))
    assert "of each class, the highest 12 of 40. class 28:" in drawing.alt
    assert "class 39" in words(drawing.figure)
    assert "class 27" not in words(drawing.figure)
    assert "class 39: 39.0, 0.975, 0.975." in drawing.alt


def test_a_score_near_zero_can_be_marked_on_the_loss_curve():
    drawing = figures.loss_curve(image_loss(0.001), "this digit")
    assert "this digit: 6.91" in words(drawing.figure)
    assert "score, 0.001, costs 6.908" in drawing.alt


def shown_ticks(low, high, axis):
    ax = figures.new(3).subplots()
    ax.set(xscale="log", xlim=(low, high))
    axis(ax)
    ax.figure.draw_without_rendering()
    return [
        label.get_text()
        for place, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
        if low <= place <= high
    ]


def test_a_few_seconds_have_more_ticks_than_powers_of_ten():
    assert shown_ticks(0.8, 30, style.time_axis) == ["1 s", "2 s", "5 s", "10 s", "20 s"]
    assert shown_ticks(6, 14, style.time_axis) == ["7 s", "10 s"]


@pytest.mark.parametrize("errors", [(0.19, 0.35), (0.341, 0.359), (0.62, 0.71)])
def test_any_two_accuracies_have_two_ticks_or_more(errors):
    ax = style.new(2).subplots()
    ax.set_ylim(*errors)
    style.accuracy_axis(ax, "y", errors)
    low, high = np.array(errors) * (0.999, 1.001)
    assert sum(low <= tick <= high for tick in ax.get_yticks()) >= 2


def test_dollars_in_the_name_of_a_class_are_no_formula():
    names = ["$x_1$", r"$\frac{$", *NAMES[2:]]
    figure = figures.samples(IMAGES, LABELS, names).figure
    figure.savefig(io.BytesIO(), format="svg")  # where a formula in error would be an exception
    assert set(names[:2]) <= set(words(figure))


def test_many_decades_have_powers_of_ten():
    assert shown_ticks(1, 100_000, style.count_axis) == [
        *("1", "10", "100", "1,000", "10,000", "100,000")
    ]


@pytest.mark.parametrize(("accuracy", "expected"), [(0.99, 0.01), (1.0, 0.00005)])
def test_no_error_at_all_is_drawn_as_half_an_image(accuracy, expected):
    assert style.error_share(accuracy, 10_000) == pytest.approx(expected)
