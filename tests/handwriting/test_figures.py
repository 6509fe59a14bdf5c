import io
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from drawn_words import stays_inside
from matplotlib.figure import Figure

from handwriting import figures
from handwriting.data.label_disputes import Dispute
from handwriting.errors import SettingError
from handwriting.evaluation import metrics
from handwriting.evaluation.intervals import RepeatedAccuracy
from handwriting.models import dense_network

NAMES = tuple("0123456789")
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (60, 8, 6), dtype=np.uint8)
LABELS = np.arange(60, dtype=np.uint8) % 10
SCORES = RANDOM.dirichlet(np.ones(10), 60)
MATRIX = metrics.confusion_matrix(LABELS, metrics.predictions(SCORES), 10)


def svg(figure):
    drawing = io.StringIO()
    figure.savefig(drawing, format="svg")
    return drawing.getvalue()


def words(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def smallest(figure):
    """The size of the smallest words that can be seen, in points."""
    texts = [each for each in figure.findobj(matplotlib.text.Text) if each.get_text()]
    return min(text.get_fontsize() for text in texts if text.get_visible())


def network(units=5, classes=10):
    shapes = (48, units), (units,), (units, classes), (classes,)
    return dense_network.layers([RANDOM.normal(size=shape) for shape in shapes])


def disputed_gallery(**options):
    """Of 4s that are all read as 9, some with a label that people dispute, the first by all."""
    found = metrics.mistakes(np.full(10, 4), np.tile([0, 0, 0, 0, 0.1, 0, 0, 0, 0, 0.875], (10, 1)))
    disputes = (Dispute(0, 4, (9,)), Dispute(1, 4, (4, 9)), Dispute(6, 4, ()), Dispute(50, 4, (1,)))
    return figures.gallery(IMAGES, found, NAMES, disputes=disputes, **options)


ALL = {
    "samples": lambda: figures.samples(IMAGES, LABELS, NAMES).figure,
    "flattening": lambda: figures.flattening(IMAGES[0]),
    "neuron": lambda: figures.neuron(dense_network.contrast(network(), IMAGES).readings),
    "weight_images": lambda: figures.weight_images(network().hidden_kernel, (8, 6)).figure,
    "outputs": lambda: figures.outputs(network().raw_scores(IMAGES[:1])[0], NAMES),
    "loss_curve": lambda: figures.loss_curve(0.9, "this digit").figure,
    "learning_curves": lambda: figures.learning_curves({"loss": [1, 2], "accuracy": [0, 1]}),
    "repeated_accuracy": lambda: (
        figures.repeated_accuracy(RepeatedAccuracy.of([0.9, 0.95], 60), claim=0.97).figure
    ),
    "counts": lambda: figures.confusion(MATRIX, NAMES).figure,
    "shares": lambda: figures.confusion(MATRIX, NAMES, shares=True).figure,
    "gallery": lambda: figures.gallery(IMAGES, metrics.mistakes(LABELS, SCORES), NAMES),
    "disputed gallery": lambda: disputed_gallery(),
    "confidence": lambda: figures.confidence(SCORES[:40].max(axis=1), SCORES[40:].max(axis=1)),
}


@pytest.fixture(scope="module")
def drawn():
    """Every figure by its name, drawn once."""
    figures = {name: draw() for name, draw in ALL.items()}
    for figure in figures.values():
        figure.draw_without_rendering()
    return figures


def test_each_figure_is_a_small_drawing():
    drawings = {name: draw() for name, draw in ALL.items()}
    assert [name for name, each in drawings.items() if not isinstance(each, Figure)] == []
    assert [name for name, each in drawings.items() if len(svg(each)) >= 100_000] == []


def test_each_figure_stands_on_an_opaque_light_ground(drawn):
    assert {figure.get_facecolor() for figure in drawn.values()} == {(1, 1, 1, 1)}


def test_no_word_is_too_small_to_read_on_a_phone(drawn):
    assert {name: size for name, each in drawn.items() if (size := smallest(each)) < 9} == {}
    assert [name for name, each in drawn.items() if each.get_size_inches()[0] > 6] == []


def test_no_word_leaves_its_figure(drawn):
    assert [name for name, figure in drawn.items() if not stays_inside(figure)] == []


def test_a_user_s_style_is_neither_used_nor_changed():
    with matplotlib.rc_context({"figure.facecolor": "black", "font.size": 4}):
        before = dict(matplotlib.rcParams)
        drawn = figures.loss_curve(0.9, "this digit").figure
        assert drawn.get_facecolor() == (1, 1, 1, 1)
        assert dict(matplotlib.rcParams) == before


def test_importing_figures_changes_no_style_and_opens_no_figure():
    code = (
        "import matplotlib; before = dict(matplotlib.rcParams); import handwriting.figures; "
        "from matplotlib import pyplot; assert dict(matplotlib.rcParams) == before; "
        "handwriting.figures.new(2); assert not pyplot.get_fignums()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_figures_draw_where_they_are_told():
    ax = figures.new(3).subplots()
    assert figures.confusion(MATRIX, NAMES, ax=ax) is ax


def test_digits_stay_sharp_in_a_drawing(drawn):
    images = [each for one in drawn.values() for each in one.findobj(matplotlib.image.AxesImage)]
    assert {image.get_interpolation() for image in images} == {"none"}


def test_samples_say_how_many_images_each_class_has():
    labels = np.array([0] * 59 + [3], dtype=np.uint8)
    assert {"0", "59 images", "3", "1"} <= set(words(figures.samples(IMAGES, labels, NAMES).figure))


def test_samples_stop_at_a_number_of_classes():
    found = words(figures.samples(IMAGES, LABELS, NAMES, rows=4).figure)
    assert "3" in found
    assert "4" not in found


def test_a_confusion_matrix_shows_its_counts():
    matrix = np.array([[50, 1, 0], [0, 60, 2], [0, 0, 0]])
    found = words(figures.confusion(matrix, NAMES[:3]).figure)
    assert {"50", "60", "2"} <= set(found)


def test_rows_of_a_confusion_matrix_are_shown_in_percent():
    matrix = np.array([[3, 1], [0, 5]])
    found = words(figures.confusion(matrix, NAMES[:2], shares=True).figure)
    assert {"75.0", "25.0", "100.0"} <= set(found)


def test_a_perfect_confusion_matrix_can_be_drawn():
    assert "7" in words(figures.confusion(np.diag([7, 8]), NAMES[:2]).figure)


def test_many_classes_are_coloured_but_not_numbered():
    figure = figures.confusion(np.eye(62, dtype=int), [f"class {k}" for k in range(62)]).figure
    assert len(svg(figure)) < 100_000
    assert "1" not in words(figure)


def test_a_gallery_shows_truth_prediction_and_probability():
    found = metrics.mistakes([4], [[0, 0, 0, 0, 0.125, 0, 0, 0, 0, 0.875]])
    assert set(words(figures.gallery(IMAGES, found, NAMES))) == {"4 read as 9", "87.5%"}


def test_a_gallery_shows_scores_that_are_no_probabilities_as_such():
    found = metrics.mistakes([1], [[0.875, 0.75]])
    assert "0.875" in words(figures.gallery(IMAGES, found, NAMES, percent=False))


def test_a_gallery_shows_no_more_than_its_limit():
    found = metrics.mistakes(LABELS, SCORES)
    drawn = figures.gallery(IMAGES, found, NAMES, limit=7)
    assert sum("read as" in word for word in words(drawn)) == 7


def test_a_gallery_says_what_people_read_where_they_dispute_the_label():
    panels = [ax for ax in disputed_gallery().axes if ax.get_title()]
    read = {place: ax.texts[0].get_text() for place, ax in enumerate(panels) if ax.texts}
    assert read == {0: "people: 9", 1: "people: 4 or 9", 6: "people: not 4"}


def test_a_gallery_explains_a_disputed_label_where_it_shows_one():
    found = metrics.mistakes([4], [[0, 0, 0, 0, 0.125, 0, 0, 0, 0, 0.875]])
    disputes = (Dispute(7, 4, (9,)),)
    assert any("label is disputed" in each for each in words(disputed_gallery()))
    assert len(words(figures.gallery(IMAGES, found, NAMES, disputes=disputes))) == 2
    late = words(disputed_gallery(limit=1))
    assert not [each for each in late if "4 or 9" in each]


def test_what_people_read_stays_within_its_column():
    drawn = disputed_gallery()
    drawn.draw_without_rendering()
    first, second = (ax.texts[0].get_window_extent() for ax in drawn.axes[:2])
    assert first.x0 > 0
    assert first.x1 < second.x0
    assert second.x1 < drawn.axes[2].get_window_extent().x0


@pytest.mark.parametrize("limit", [1, 3, 5, 10])
def test_a_gallery_with_disputed_labels_cuts_nothing_off(limit):
    drawn = disputed_gallery(limit=limit)
    drawn.draw_without_rendering()
    whole, inside = drawn.bbox, drawn.get_tightbbox().transformed(drawn.dpi_scale_trans)
    assert whole.x0 <= inside.x0 < inside.x1 <= whole.x1
    assert whole.y0 <= inside.y0 < inside.y1 <= whole.y1


def test_a_gallery_without_mistakes_says_so():
    found = metrics.mistakes([0], [[0.9, 0.1]])
    assert words(figures.gallery(IMAGES, found, NAMES)) == ["No mistakes"]


def test_confidence_without_mistakes_can_be_drawn():
    assert "misread: 0" in words(figures.confidence(np.array([0.9, 1.0]), np.array([])))


def test_confidence_without_mistakes_has_no_negative_shares():
    drawn = figures.confidence(np.array([0.9, 1.0]), np.array([]))
    assert [ax.get_ylim()[0] for ax in drawn.axes] == [0, 0]


@pytest.mark.parametrize("shape", [(1, 1), (3, 12), (12, 3)])
@pytest.mark.parametrize("units", [1, 30])
def test_images_of_any_shape_can_be_drawn(shape, units):
    images = RANDOM.integers(0, 256, (10, *shape), dtype=np.uint8)
    shapes = (images[0].size, units), (units,), (units, 3), (3,)
    weights = dense_network.layers([RANDOM.normal(size=shape) for shape in shapes])
    for figure in (
        figures.samples(images, LABELS[:10] % 3, NAMES).figure,
        figures.flattening(images[0]),
        figures.neuron(dense_network.contrast(weights, images).readings),
        figures.weight_images(weights.hidden_kernel, shape).figure,
        figures.gallery(images, metrics.mistakes([1], [[0.9, 0.1]]), NAMES),
    ):
        svg(figure)  # a warning that the layout has collapsed would be an error


def test_one_epoch_can_be_drawn():
    history = {key: [0.5] for key in ("loss", "accuracy", "validation_loss", "validation_accuracy")}
    assert "validation" in words(figures.learning_curves(history))


def test_curves_without_an_epoch_are_refused():
    with pytest.raises(SettingError, match="one epoch or more"):
        figures.learning_curves({"loss": [], "accuracy": []})


def test_one_training_is_drawn_without_a_spread():
    drawn = figures.repeated_accuracy(RepeatedAccuracy.of([1.0], 60)).figure
    assert "each training" not in words(drawn)


def test_the_claim_is_drawn_where_there_is_one():
    repeated = RepeatedAccuracy.of([0.98, 0.981], 10_000)
    assert "original analysis 97.27%" in words(
        figures.repeated_accuracy(repeated, claim=0.9727).figure
    )


def test_one_hidden_neuron_can_be_drawn():
    assert len(figures.weight_images(network(units=1).hidden_kernel, (8, 6)).figure.axes) == 2


def test_only_the_highest_scores_of_many_classes_are_drawn():
    names = [f"class {k}" for k in range(40)]
    found = words(figures.outputs(np.arange(40.0), names))
    assert "class 39" in found
    assert "class 27" not in found


def test_a_score_near_zero_can_be_marked_on_the_loss_curve():
    assert "this digit: 6.91" in words(figures.loss_curve(0.001, "this digit").figure)


def test_a_confusion_matrix_is_drawn_in_counts_and_in_percent_beside_each_other():
    figure = figures.confusions(np.array([[3, 1], [0, 4]]), ("a", "b"))
    counts, percents = ([text.get_text() for text in ax.texts] for ax in figure.axes)
    assert sorted(counts) == ["1", "3", "4"]
    assert sorted(percents) == ["100.0", "25.0", "75.0"]
