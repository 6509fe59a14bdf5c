"""The words of a figure as they are drawn: which of them can be seen, and where they stand."""

import itertools

import matplotlib


def words(figure):
    """The texts of a figure that can be seen and say something, in the order of their artists."""
    everything = dict.fromkeys(figure.findobj(matplotlib.text.Text))
    scales = [(axis, ax.axison) for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    of_scales = {text for axis, _ in scales for text in axis.findobj(matplotlib.text.Text)}
    seen = {text for axis, on in scales if on for text in [axis.label, *ticks(axis)]}
    return [
        text
        for text in everything
        if text.get_visible() and text.get_text().strip()
        if text in seen or text not in of_scales
    ]


def ticks(axis):
    """The labels of the ticks that lie on their axis."""
    low, high = sorted(axis.get_view_interval())
    return [
        label
        for tick in axis.get_major_ticks()
        if low <= tick.get_loc() <= high
        for label in (tick.label1, tick.label2)
        if label.get_visible() and label.get_text()
    ]


def said(figure):
    """What these words say."""
    return [each.get_text() for each in words(figure)]


def covered(figure):
    """Pairs of words of which one covers the other, in a figure that was drawn."""
    boxes = [(each.get_text(), each.get_window_extent()) for each in words(figure)]
    return [
        (one, other)
        for (one, first), (other, second) in itertools.combinations(boxes, 2)
        if first.padded(-1).overlaps(second.padded(-1))  # a box is a little larger than its word
    ]


def stays_inside(figure):
    """Whether all that is drawn lies within the figure's edges."""
    tight, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    inside = tight.x1 <= width + 0.01 and tight.y1 <= height + 0.01
    return inside and min(tight.x0, tight.y0) >= -0.01
