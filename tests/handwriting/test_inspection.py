"""What people bring is corrected where that is certain, and what is odd about it is said."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import scipy.ndimage
from numpy.testing import assert_array_equal
from scipy.stats import binomtest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from handwriting.data import copies, inspection
from handwriting.data.collection import Collection, Part
from handwriting.errors import DatasetError, MeasurementError

RANDOM = np.random.default_rng(7)
PIXELS, LABELS = load_digits(return_X_y=True)
DIGITS = np.rint(PIXELS.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
TRAIN, TEST = slice(0, 1400), slice(1400, None)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path))


def brought(images=DIGITS, labels=LABELS, test=None, names=(), **keywords) -> Collection:
    """A collection of these images; the last of them are the test part unless there is another."""
    parts = [Part(images[TRAIN], labels[TRAIN]), test or Part(images[TEST], labels[TEST])]
    return Collection("x.npz", "x.npz", *parts, dict(names), {"x.npz": "0"}, **keywords)


def kinds(data) -> list[str]:
    return [finding.kind for finding in data.findings]


def said(data, kind: str) -> str:
    (text,) = (finding.text for finding in data.findings if finding.kind == kind)
    return text


def test_nothing_is_said_of_data_with_nothing_odd_about_them():
    data = inspection.inspected(brought())
    assert data.findings == ()
    assert (data.name, data.title, data.noun) == ("x.npz/", "x.npz", "digit")
    assert data.class_names == tuple("0123456789")
    assert_array_equal(data.train.images, DIGITS[TRAIN])
    assert_array_equal(data.test.labels, LABELS[TEST])
    assert not data.train.images.flags.writeable


# Pixels


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (DIGITS / 255, "from 0 to 1"),
        ((DIGITS / 255).astype(np.float32), "from 0 to 1"),
        (PIXELS.reshape(-1, 8, 8), "from 0 to 16"),
        (DIGITS / 127.5 - 1, "from -1 to 1"),
        (DIGITS.astype(np.uint16) * 257, "from 0 to 65535"),
        (DIGITS.astype(np.float64), ""),
        (DIGITS.astype(np.int64), ""),
    ],
)
def test_a_range_of_pixels_that_is_certain_is_scaled_and_said(images, words):
    data = inspection.inspected(brought(images))
    assert_array_equal(data.train.images, DIGITS[TRAIN])
    assert kinds(data) == ["range"] * bool(words)
    assert not words or words in said(data, "range")


def test_pixels_that_are_on_or_off_are_ink_and_paper():
    data = inspection.inspected(brought(DIGITS > 127))
    assert_array_equal(data.train.images, 255 * (DIGITS[TRAIN] > 127))


@pytest.mark.parametrize(
    "images", [DIGITS / 255 * 3.5, DIGITS / 255 - 0.3, DIGITS * 3.0, np.full(DIGITS.shape, np.nan)]
)
def test_a_range_that_nobody_can_tell_is_refused_and_may_be_given(images):
    with pytest.raises(DatasetError, match=r"numbers from .* as the parameter `scale`"):
        inspection.inspected(brought(images))


def test_a_scale_that_is_given_is_used():
    data = inspection.inspected(brought(DIGITS * 3.0), scale=765)
    assert_array_equal(data.train.images, DIGITS[TRAIN])
    with pytest.raises(DatasetError, match="pixels from 0, or -10, to 10; found numbers from 0 to"):
        inspection.inspected(brought(), scale=10)


def test_faint_images_are_said_and_stay():
    data = inspection.inspected(brought(DIGITS // 10))
    assert kinds(data) == ["faint"]
    assert "brightest pixel of all is 25 of 255" in said(data, "faint")
    assert_array_equal(data.train.images, DIGITS[TRAIN] // 10)


FRAMED = np.pad(DIGITS, ((0, 0), (2, 2), (2, 2)))
GREY = np.where(np.arange(len(FRAMED))[:, None, None] % 2, FRAMED, 255 - FRAMED)


@pytest.mark.parametrize(
    ("images", "invert", "expected", "kind"),
    [
        (255 - FRAMED, None, FRAMED, ["inverted"]),
        (255 - FRAMED // 2, None, FRAMED // 2, ["inverted"]),
        (255 - FRAMED, False, 255 - FRAMED, []),
        (FRAMED, True, 255 - FRAMED, ["inverted"]),
        (GREY, None, GREY, ["ink"]),
        (GREY, False, GREY, []),
    ],
)
def test_ink_and_paper_are_exchanged_where_that_is_clear(images, invert, expected, kind):
    data = inspection.inspected(brought(images), invert=invert)
    assert_array_equal(data.train.images, expected[TRAIN])
    assert [each for each in kinds(data) if each in ("inverted", "ink")] == kind


def test_one_part_may_be_inverted_alone():
    test = Part(255 - FRAMED[TEST], LABELS[TEST])
    data = inspection.inspected(brought(FRAMED, test=test))
    assert_array_equal(data.test.images, FRAMED[TEST])
    assert "of the test images were exchanged" in said(data, "inverted")


def test_pictures_with_dark_ink_are_read_as_when_they_are_inverted_by_hand():
    def accuracy(images, **keywords):
        data = inspection.inspected(brought(images), **keywords)
        flat = [split.images.reshape(len(split), -1) / 255 for split in (data.train, data.test)]
        fitted = LogisticRegression(max_iter=100, tol=1e-2).fit(flat[0], data.train.labels)
        return fitted.score(flat[1], data.test.labels)

    on_or_off = np.where(FRAMED > 127, 0, 255).astype(np.uint8)
    assert accuracy(on_or_off) == accuracy(255 - on_or_off, invert=False)


# Rows and columns


TURNED = DIGITS.transpose(0, 2, 1)


@pytest.mark.parametrize(
    ("images", "known", "transpose", "expected", "words"),
    [
        (TURNED, True, None, DIGITS, "they are put right"),
        (TURNED, False, True, DIGITS, "they are put right"),
        (TURNED, True, False, TURNED, ""),
        (TURNED, False, None, TURNED, "set the parameter `transpose`"),
        (DIGITS, False, None, DIGITS, ""),
    ],
)
def test_transposed_images_are_put_right_where_that_is_certain(
    images, known, transpose, expected, words
):
    data = inspection.inspected(brought(images, transposed=known), transpose=transpose)
    assert_array_equal(data.train.images, expected[TRAIN])
    assert kinds(data) == ["transposed"] * bool(words)
    assert not words or words in said(data, "transposed")


def test_nothing_is_claimed_of_transposed_images_that_are_no_digits():
    names = {str(label): letter for label, letter in enumerate("abcdefghij")}
    data = inspection.inspected(brought(TURNED, names=names))
    assert (kinds(data), data.noun) == ([], "letter")


# Labels and classes


@pytest.mark.parametrize(
    ("labels", "names", "noun", "kind"),
    [
        (LABELS + 1, tuple(map(str, range(1, 11))), "image", ["labels"]),
        (LABELS * 2.0, tuple(map(str, range(0, 20, 2))), "image", ["labels"]),
        (LABELS.astype(str), tuple("0123456789"), "digit", []),
        (np.char.add("c", LABELS.astype(str)), tuple(f"c{n}" for n in range(10)), "image", []),
        (np.array(list("abcdefghij"))[LABELS], tuple("abcdefghij"), "letter", []),
        ((LABELS + 1).astype(str), tuple(map(str, range(1, 11))), "image", []),
        ((9 - LABELS) % 10, tuple("0123456789"), "image", []),
    ],
)
def test_labels_of_any_kind_are_numbered_and_keep_their_names(labels, names, noun, kind):
    data = inspection.inspected(brought(labels=labels))
    assert (data.class_names, data.noun, kinds(data)) == (names, noun, kind)
    again = np.array(names)[data.train.labels]
    assert again.tolist() == [f"{each:g}" if kind else str(each) for each in labels[TRAIN]]


def test_names_that_are_known_are_taken():
    names = {"1": "naught", "2": "one\n two ", "3": "x", "4": "x", "5": " ", "6": "\udcff"}
    data = inspection.inspected(brought(labels=LABELS + 1, names=names))
    assert data.class_names[:7] == ("naught", "one two", "x (3)", "x (4)", "5", "?", "7")


def test_marks_in_the_name_of_a_class_are_shown_and_not_obeyed():
    names = {str(label): f"*{label}_" for label in range(10)}
    few = np.concatenate([np.flatnonzero(LABELS < 9)[:200], np.flatnonzero(LABELS == 9)[:2]])
    test = Part(DIGITS[LABELS < 9][300:], LABELS[LABELS < 9][300:])
    data = inspection.inspected(brought(DIGITS[few], LABELS[few], test=test, names=names))
    assert r"(\*9\_)" in said(data, "unmeasured")
    assert r"class, \*9\_: only 2" in said(data, "few")
    assert "class, *9_: only 2" in next(f.words for f in data.findings if f.kind == "few")


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (DIGITS, LABELS + 0.5, "labels that are whole numbers or text"),
        (DIGITS, np.where(LABELS, LABELS, np.nan), "labels that are whole numbers or text"),
        (DIGITS, np.arange(len(LABELS)) % 300, "of 1 to 256 classes; found 300 classes"),
        (DIGITS[:, :7], LABELS, r"8 to 128 pixels .*; found 7 by 8 pixels\. Resize"),
        (np.zeros((1797, 129, 8), np.uint8), LABELS, "8 to 128 pixels .*; found 129 by 8 pixels"),
        (DIGITS[:, 0], LABELS, r"found uint8 of shape \(1400, 8\)"),
        (DIGITS.astype(str), LABELS, "found <U3 of shape"),
        (np.zeros_like(DIGITS), LABELS, "images that differ; found 1,400 images, all alike"),
        (np.full_like(DIGITS, 200), LABELS, "images that differ; found 1,400 images, all alike"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(images, labels, words):
    with pytest.raises(DatasetError, match=words):
        inspection.inspected(brought(images, labels))


def test_parts_of_two_sizes_are_refused():
    test = Part(FRAMED[TEST], LABELS[TEST])
    with pytest.raises(DatasetError, match="found 8 by 8 pixels and 12 by 12 pixels"):
        inspection.inspected(brought(test=test))


def test_portraits_and_landscapes_are_fine():
    data = inspection.inspected(brought(np.pad(DIGITS, ((0, 0), (0, 120), (0, 0)))))
    assert data.image_shape == (128, 8)


def test_a_class_that_nobody_can_learn_is_left_out_of_the_test_part():
    labels = np.where((LABELS == 3) & (np.arange(len(LABELS)) < 1400), 4, LABELS)
    data = inspection.inspected(brought(labels=labels))
    threes = (LABELS[TEST] == 3).sum()
    assert f"**{threes} of {len(LABELS[TEST])}**" in said(data, "unknown")
    assert (data.class_names, len(data.test)) == (tuple("012456789"), 397 - threes)
    only = Part(DIGITS[LABELS == 3], LABELS[LABELS == 3])
    with pytest.raises(DatasetError, match="none of them of such a class"):
        inspection.inspected(brought(labels=labels, test=only))


def test_a_class_without_a_test_image_is_said():
    kept = LABELS[TEST] > 2
    data = inspection.inspected(brought(test=Part(DIGITS[TEST][kept], LABELS[TEST][kept])))
    assert "**3 of 10** (0, 1, 2)" in said(data, "unmeasured")
    assert [finding.severe for finding in data.findings] == [True]


def test_a_single_class_is_said():
    data = inspection.inspected(brought(labels=np.full(len(LABELS), 7)))
    assert "of **one class**: whoever names it without looking is always" in said(data, "single")
    assert (data.class_names, [each.severe for each in data.findings]) == (("7",), [False, True])


def test_few_images_are_said():
    data = inspection.inspected(brought(test=Part(DIGITS[-50:], LABELS[-50:])))
    assert "only 50. One of them is 2.0% of accuracy" in said(data, "few")
    wilson = binomtest(45, 50).proportion_ci(method="wilson")
    assert f"of 90% is {wilson.low:.0%} to {wilson.high:.0%}." in said(data, "few")
    few = Collection("x", "x", Part(DIGITS[:30], LABELS[:30]), Part(DIGITS, LABELS), {}, {})
    assert "of the rarest class, 0: only 3." in said(inspection.inspected(few), "few")


def test_one_part_is_divided_by_class_the_same_each_time():
    labels = np.append(LABELS, 11)
    images = np.concatenate([DIGITS, DIGITS[:1] // 2])
    whole = Collection("x", "x", Part(images, labels), None, {}, {})
    data, again = inspection.inspected(whole), inspection.inspected(whole)
    assert_array_equal(data.test.images, again.test.images)
    parts = [np.bincount(split.labels, minlength=11) for split in (data.train, data.test)]
    assert_array_equal(parts[1], [round(each / 5) for each in np.bincount(LABELS)] + [0])
    assert_array_equal(sum(parts), [*np.bincount(LABELS), 1])
    assert "of each class a fifth, 359 in all" in said(data, "divided")


# Copies


def by_brute_force(train, test) -> np.ndarray:
    """Whether each test image is a copy of any training image, by comparing all with all."""
    found = np.zeros(len(test), bool)
    most = 4 * float(train.max()) / 255
    compared = train.std(axis=0) > 0
    for shift in itertools.product((-1, 0, 1), repeat=2):
        moved = scipy.ndimage.shift(test, (0, *shift), order=0, cval=0)
        squares = (moved[:, None].astype(np.float32) - train) ** 2
        found |= (squares.sum(axis=(2, 3)) <= most**2 * compared.sum()).any(axis=1)
    return found


def disturbed(images, most: float) -> np.ndarray:
    """Images shifted by up to two pixels and a little noise, around what is still a copy."""
    shifts = RANDOM.integers(-2, 3, (len(images), 2))
    moved = np.stack(
        [np.roll(each, shift, (0, 1)) for each, shift in zip(images, shifts, strict=True)]
    )
    noise = RANDOM.normal(0, 1, images.shape) * RANDOM.uniform(0, most, (len(images), 1, 1))
    return np.clip(np.rint(moved + noise), 0, 255).astype(np.uint8)


NOISE = RANDOM.integers(246, 256, (900, 8, 9)).astype(np.uint8)


@pytest.mark.parametrize("images", [FRAMED, FRAMED // 3, NOISE], ids=["digits", "faint", "noise"])
def test_copies_are_those_that_brute_force_finds(images):
    train = images[:300]
    test = np.concatenate([disturbed(train[:100], most=train.max() / 40), images[600:650]])
    expected = by_brute_force(train, test)
    assert 10 < expected.sum() <= 150
    assert_array_equal(copies.originals(train, test) >= 0, expected)


def test_an_original_is_one_that_the_copy_is_of():
    test = np.roll(FRAMED[[5, 900, 30]], 1, axis=2)
    assert_array_equal(copies.originals(FRAMED[:500], test), [5, -1, 30])


def with_copies(copied: int, labels=LABELS, **keywords):
    """Digits of which so many test images are training images."""
    images = np.concatenate([DIGITS[TRAIN], DIGITS[:copied], DIGITS[1400 + copied :]])
    labels = np.concatenate([LABELS[TRAIN], labels[:copied], LABELS[1400 + copied :]])
    return inspection.inspected(brought(images, labels), **keywords)


def test_copies_of_training_images_are_left_out_of_the_test_part():
    data = with_copies(120)
    assert_array_equal(data.test.images, DIGITS[1520:])
    assert "**120 of 397**. To the pixel: 120;" in said(data, "left out")
    assert "counted on the other 277." in said(data, "left out")
    assert ([finding.severe for finding in data.findings], data.copies) == ([False], 0)


def test_copies_stay_where_there_is_nothing_else():
    data = with_copies(397)
    assert len(data.test) == 397
    assert "they measure memory, not reading" in said(data, "copies")
    assert ([finding.severe for finding in data.findings], data.copies) == ([True], 397)


def test_copies_stay_where_others_measure_by_them():
    data = with_copies(120, recognise=lambda data: replace(data, name="known"))
    assert (data.name, len(data.test), data.copies) == ("known", 397, 120)
    assert "counted like the others" in said(data, "copies")
    assert [finding.severe for finding in data.findings] == [False]


def test_copies_with_another_label_are_said():
    assert "**6**" in said(with_copies(3, 9 - LABELS), "contradictions")


def test_copies_are_looked_for_once(monkeypatch):
    first = with_copies(120)
    monkeypatch.delattr(copies, "originals")
    assert with_copies(120).findings == first.findings


def test_what_was_kept_of_other_images_is_not_believed():
    data = inspection.inspected(brought())
    for indices in (np.zeros(3), np.full(len(data.test), len(data.train))):
        with pytest.raises(MeasurementError, match="They are looked for anew"):
            copies.check(data, copies.Originals(indices.astype(int)))
