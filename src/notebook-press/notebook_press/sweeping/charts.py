"""The figures of a sweep: what each parameter does to each result, alone and with others."""

import itertools
import statistics
from collections.abc import Sequence
from typing import Any

from notebook_press.messages import how_many
from notebook_press.rendering.page import Figure, Image
from notebook_press.sweeping.drawing import (
    ACCENT,
    FAINT,
    INK,
    MARKED,
    QUIET,
    Canvas,
    Panel,
    Scale,
    shade,
    short,
)
from notebook_press.sweeping.findings import Findings, Setting, in_words, written
from notebook_press.sweeping.statistics import Mean

WIDTH, HEIGHT = 640, 270
MOST_WHISKERS = 60
"""The most settings whose intervals are drawn; those of more would hide each other."""
Measured = list[tuple[Setting, Mean]]


def measured(findings: Findings, result: str) -> Measured:
    """Return the settings that have a result, each with its mean."""
    found = ((each, findings.mean(each, result)) for each in findings.settings)
    return [(each, mean) for each, mean in found if mean is not None]


def effects(findings: Findings, result: str) -> Figure:
    """Draw a result against each parameter: every setting, and their mean at each value."""
    known, names = measured(findings, result), findings.sweep.varied
    columns = min(2, len(names))
    rows = -(-len(names) // columns)
    width = WIDTH / columns
    canvas = Canvas(WIDTH, HEIGHT * rows)
    up = Scale([end for _, mean in known for end in (mean.low, mean.high)])
    told = []
    for place, name in enumerate(names):
        left, top = place % columns * width + 62, place // columns * HEIGHT + 34
        across = Scale([each.values[name] for each, _ in known], named=True)
        panel = Panel(canvas, (left, top, width - 80, HEIGHT - 84), across, up)
        panel.label(name, result if place % columns == 0 else "")
        told.append(_effect(panel, known, name))
    intervals = any(mean.margin is not None for _, mean in known) and len(known) <= MOST_WHISKERS
    caption = (
        f"`{result}` against each parameter. A grey dot is a setting"
        f"{', with the 95% interval of its mean' if intervals else ''}; the blue line is the mean "
        "of all settings at a value."
    )
    return _figure(canvas.image(), caption, f"{result} by parameter. {' '.join(told)}")


def _effect(panel: Panel, known: Measured, name: str) -> str:
    """Draw one parameter's panel, and return in words what it shows."""
    groups: dict[str, list[tuple[Setting, Mean]]] = {}
    for each, mean in known:
        groups.setdefault(written(each.values[name]), []).append((each, mean))
    for group in groups.values():
        for place, (each, mean) in enumerate(group):
            x, _ = panel.at(each.values[name], mean.value)
            x += 4 * (place - (len(group) - 1) / 2) if len(known) <= MOST_WHISKERS else 0
            if mean.margin is not None and len(known) <= MOST_WHISKERS:
                ends = [(x, panel.at(each.values[name], end)[1]) for end in (mean.low, mean.high)]
                panel.canvas.line(ends, FAINT)
            panel.canvas.dot(x, panel.at(each.values[name], mean.value)[1], QUIET, 2.5)
    values = panel.across.values
    means = {n: statistics.fmean(mean.value for _, mean in groups[n]) for n in values}
    if not panel.across.is_named:
        return f"{len(values)} values of {name}, as a scatter."
    places = [panel.at(values[each], means[each]) for each in values]
    panel.canvas.line(places, ACCENT, 2)
    for x, y in places:
        panel.canvas.dot(x, y, ACCENT, 3.5)
    return f"Mean by {name}: {', '.join(f'{each} {means[each]:.4g}' for each in values)}."


def pairs(findings: Findings, result: str) -> list[Figure]:
    """Draw a result by each two parameters, as the mean over all others."""
    known = measured(findings, result)
    drawn = itertools.combinations(findings.sweep.varied, 2)
    return [_pair(known, result, one, other) for one, other in drawn]


def _pair(known: Measured, result: str, one: str, other: str) -> Figure:
    cells: dict[tuple[str, str], list[float]] = {}
    for each, mean in known:
        key = (written(each.values[one]), written(each.values[other]))
        cells.setdefault(key, []).append(mean.value)
    means = {key: statistics.fmean(values) for key, values in cells.items()}
    low, high = min(means.values()), max(means.values())
    across = Scale([each.values[one] for each, _ in known], named=True)
    up = Scale([each.values[other] for each, _ in known], named=True)
    named = across.is_named and up.is_named
    rows = len(up.values) if named else 8
    canvas = Canvas(WIDTH, 84 + 34 * max(rows, 3))
    frame = (112.0, 34.0, WIDTH - 130.0, canvas.height - 84)
    panel = Panel(canvas, frame, across, up)
    panel.label(one, "")
    canvas.text(8, 16, other, anchor="start", colour=INK)
    canvas.keep()
    wide, tall = frame[2] / len(across.values), frame[3] / len(up.values)
    for (x_name, y_name), value in means.items():
        x, y = panel.at(across.values[x_name], up.values[y_name])
        share = (value - low) / (high - low) if high > low else 0.5
        if named:
            canvas.box(x - wide / 2 + 1, y - tall / 2 + 1, wide - 2, tall - 2, shade(share))
            if wide > 44:
                colour = "#ffffff" if share > 0.55 else INK
                canvas.text(x, y + 4, f"{value:.4g}", colour=colour)
        else:
            canvas.dot(x, y, shade(share), 5)
    canvas.kept()
    best = max(means, key=lambda key: means[key])
    worst = min(means, key=lambda key: means[key])
    others = " over all other parameters" if len(known) > len(means) else ""
    caption = (
        f"`{result}` by `{one}` and `{other}`: its mean{others}, the darker the higher, from "
        f"{low:.4g} to {high:.4g}."
    )
    alt = (
        f"Mean {result} by {one} and {other}: highest {high:.4g} at {one} {best[0]} and {other} "
        f"{best[1]}, lowest {low:.4g} at {one} {worst[0]} and {other} {worst[1]}."
    )
    return _figure(canvas.image(), caption, alt)


def parallel(findings: Findings, result: str) -> Figure:
    """Draw all parameters and a result side by side, one line a setting."""
    known, names = measured(findings, result), findings.sweep.varied
    canvas = Canvas(WIDTH, 320)
    scales = [Scale([each.values[name] for each, _ in known], named=True) for name in names]
    scales.append(Scale([mean.value for _, mean in known]))
    step = (WIDTH - 140) / len(names)
    places = [60 + step * place for place in range(len(scales))]
    values = [mean.value for _, mean in known]
    low, high = min(values), max(values)

    def y(place: float) -> float:
        return 290 - place * 240

    largest = findings.sweep.objective is None or findings.sweep.objective.largest
    ordered = sorted(known, key=lambda item: item[1].value, reverse=not largest)
    for rank, (each, mean) in enumerate(ordered, start=1):
        given = [*(each.values[name] for name in names), mean.value]
        points = zip(places, scales, given, strict=True)
        share = (mean.value - low) / (high - low) if high > low else 0.5
        last = rank == len(ordered)
        line = [(x, y(scale.at(value))) for x, scale, value in points]
        canvas.line(line, MARKED if last else shade(0.25 + 0.75 * share), 3 if last else 1.2)
    for place, (x, scale, name) in enumerate(zip(places, scales, [*names, result], strict=True)):
        canvas.line([(x, y(0)), (x, y(1))], QUIET)
        anchor = "start" if place == 0 else "end" if name == result else "middle"
        canvas.text(
            x if anchor == "middle" else 8 if place == 0 else WIDTH - 8,
            24 + 14 * (place % 2),
            short(name, 26),
            anchor=anchor,
            colour=INK,
        )
        for tick, label in scale.ticks:
            canvas.text(x + 6, y(tick) + 4, label, anchor="start", colour=INK)
    best = ordered[-1]
    caption = (
        f"All parameters and `{result}`: a line is a setting, the darker the higher; the thick one "
        "is the best."
    )
    alt = (
        f"{how_many(len(known), 'setting')} as lines across {', '.join(names)} and {result}; the "
        f"best is {in_words(best[0].values)} with {best[1].value:.4g}."
    )
    return _figure(canvas.image(), caption, alt)


def frontier(findings: Findings, result: str) -> Figure | None:
    """Draw a result against the time that a run takes, and the settings that none beats in both."""
    known = [
        (each, mean, each.seconds)
        for each, mean in measured(findings, result)
        if each.seconds is not None
    ]
    if len(known) < 2:
        return None
    largest = findings.sweep.objective is None or findings.sweep.objective.largest
    sign = 1 if largest else -1
    front: list[tuple[Setting, Mean, float]] = []
    for each in sorted(known, key=lambda item: (item[2], -sign * item[1].value)):
        if not front or sign * each[1].value > sign * front[-1][1].value:
            front.append(each)
    canvas = Canvas(WIDTH, HEIGHT + 40)
    across = Scale([seconds for _, _, seconds in known])
    up = Scale([mean.value for _, mean, _ in known])
    panel = Panel(canvas, (62, 34, WIDTH - 80, HEIGHT - 44), across, up)
    panel.label("seconds of a run", result)
    for _, mean, seconds in known:
        panel.canvas.dot(*panel.at(seconds, mean.value), QUIET, 3)
    canvas.line(_steps([panel.at(seconds, mean.value) for _, mean, seconds in front]), ACCENT, 2)
    for _, mean, seconds in front:
        canvas.dot(*panel.at(seconds, mean.value), ACCENT, 4.5)
    told = [f"{in_words(s.values)} ({t:.3g} s, {m.value:.4g})" for s, m, t in front]
    caption = (
        f"`{result}` against the time of a run, a dot a setting. No setting is both faster and "
        "better than those on the blue line."
    )
    return _figure(canvas.image(), caption, f"Faster or better than all others: {'; '.join(told)}.")


def _steps(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[Any] = []
    for (x, y), (after, _) in itertools.pairwise(places):
        found += [(x, y), (after, y)]
    return [*found, places[-1]]


def _figure(image: Image, caption: str, alt: str) -> Figure:
    """A figure that follows the page's theme, to be numbered."""
    return Figure(0, caption, alt, image, themed=True)
