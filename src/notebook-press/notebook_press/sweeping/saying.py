"""What the page of a sweep says, in Markdown: each sentence of what was found, and no more."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from notebook_press.messages import how_many
from notebook_press.sweeping.findings import LEVEL, Findings, written
from notebook_press.sweeping.progress import duration
from notebook_press.sweeping.statistics import Mean, student

MOST_NAMED = 6
"""The most settings that a sentence names."""


def code(text: str) -> str:
    """Return a text as code in Markdown, in one line."""
    plain = " ".join(text.replace("`", "'").split())
    return f"`{plain}`"


def values(given: Mapping[str, Any]) -> str:
    """Return the values of parameters in Markdown."""
    return ", ".join(f"{code(name)} = {code(written(value))}" for name, value in given.items())


def mean(found: Mean) -> str:
    """Return a mean with its interval, if one is claimed, and how many repeats it is of."""
    if found.margin is not None:
        interval = f"95% interval {found.low:#.4g} to {found.high:#.4g}"
        return f"**{found.value:#.4g}** ({interval}, {found.n} repeats)"
    return f"**{found.value:.4g}**" + (f" (the mean of {found.n})" if found.n > 1 else "")


def title(findings: Findings) -> str:
    """Return the page's title."""
    sweep = findings.sweep
    return f"{_escaped(sweep.report)} by {_escaped(_and(sweep.varied) or 'its repeats')}"


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _escaped(text: str) -> str:
    return re.sub(r"([^\w\s,.])|(_)", r"\\\g<0>", text)


def notices(findings: Findings) -> Iterator[str]:
    """Yield what has to be known before all else."""
    sweep = findings.sweep
    if sweep.objective and sweep.objective.is_of_test_data:
        yield (
            f"This sweep chose by a test result, {code(sweep.objective.result)} (`--on-test`): "
            "what is chosen by test data looks better on them than it is."
        )
    states = [each.state for each in findings.outcomes]
    waiting, failed = states.count("waiting"), states.count("failed")
    if failed:
        yield f"Of {how_many(len(states), 'run')} {failed} failed; all else is about the others."
    if waiting:
        are = "is" if waiting == 1 else "are"
        runs = f"{how_many(waiting, 'run')} of {len(states):,}"
        yield f"{runs} {are} still to be made: call the sweep again."
    if student() is None and sweep.repeated:
        yield "No interval is shown: that takes scipy, which `notebook-press[sweeps]` brings."


def answer(findings: Findings) -> str:
    """Return what opens the page."""
    objective, best = findings.sweep.objective, findings.best
    if objective is None or best is None:
        named = how_many(len(findings.settings), "setting")
        return f"{named}, {how_many(len(findings.outcomes), 'run')}: {_no_choice(findings)}"
    found = findings.mean(best, objective.result)
    where = "highest" if objective.largest else "lowest"
    number = f": {mean(found)}" if found else ""
    return (
        f"Of {how_many(len(findings.compared), 'setting')}, {values(best.values)} has the {where} "
        f"{code(objective.result)}{number}.\n\n{_rivals(findings)}"
    )


def _no_choice(findings: Findings) -> str:
    if findings.sweep.objective is None:
        return "no result was named to choose by (`--maximize`), so none is called the best."
    return f"no run recorded {code(findings.sweep.objective.result)}, so none is called the best."


def _rivals(findings: Findings) -> str:
    """Which settings are not told apart from the best one."""
    if not findings.rivals:
        return "There is no other setting to compare it with."
    if findings.why_no_claim:
        return f"Which settings differ from it is not claimed: {findings.why_no_claim}."
    alike = [each.setting for each in findings.rivals if (each.p or 0) >= LEVEL]
    if not alike:
        return "Every other setting is told apart from it."
    named = "; ".join(values(each.values) for each in alike[:MOST_NAMED])
    more = f"; and {len(alike) - MOST_NAMED} more" if len(alike) > MOST_NAMED else ""
    others = f"{len(alike)} of the {how_many(len(findings.rivals), 'other')}"
    are = "is" if len(alike) == 1 else "are"
    return f"{others} {are} not told apart from it: {named}{more}."


def found(findings: Findings) -> str:
    """Return the paragraphs on the choice: how it was made, what it is worth and what it cost."""
    parts = [*_choice(findings), _repeats(findings), _cost(findings), *_same(findings)]
    return "\n\n".join(filter(None, parts))


def _choice(findings: Findings) -> Iterator[str]:
    objective, best = findings.sweep.objective, findings.best
    if objective is None or best is None:
        return
    left_out = len(findings.settings) - len(findings.compared)
    if left_out:
        yield f"{how_many(left_out, 'setting')} without all of the runs took no part in the choice."
    if findings.rivals and not findings.why_no_claim:
        yield (
            f"Settings are compared by Student's *t* for pairs: the best with each other one, on "
            f"{code(objective.result)} of the same repeats, adjusted for "
            f"{how_many(len(findings.rivals), 'comparison')} after Holm; below {LEVEL:g} two are "
            "told apart. Not told apart does not mean the same: more repeats may part them."
        )
    for name in findings.tests:
        if tested := findings.mean(best, name):
            yield (
                "**On the test data**, which chose nothing here, the chosen setting's "
                f"{code(name)} is {mean(tested)}."
            )
    if findings.rivals:
        yield (
            f"The best of {len(findings.compared)} is partly the luckiest: its own "
            f"{code(objective.result)} flatters it, the more so the more settings there are and "
            "the fewer repeats."
        )


def _repeats(findings: Findings) -> str:
    repeated = findings.sweep.repeated
    if not repeated:
        return "Each setting was run once, so nothing here tells chance from effect."
    by = _and([code(name) for name in repeated])
    if findings.shares:
        return (
            f"Repeats by {by} share what they were measured on, such as trained networks. They are "
            "not independent, so no interval is shown for them."
        )
    if findings.repeats_nothing:
        return f"Repeats by {by} changed nothing, so no interval is shown for them."
    intervals = f"Intervals are Student's, over the repeats by {by}."
    return (
        f"{intervals} They hold where each repeat measures anew: repeats that share trained "
        "networks are more alike than others."
    )


def _cost(findings: Findings) -> str:
    finished = [each for each in findings.outcomes if each.seconds is not None]
    if not finished:
        return "No run is finished."
    took = duration(findings.seconds)
    return f"{how_many(len(finished), 'run')} took {took} of running in all."


def _same(findings: Findings) -> Iterator[str]:
    if findings.still:
        results = next(each.results for each in findings.outcomes if each.results)
        told = ", ".join(f"{code(name)} {results[name]:.4g}" for name in findings.still)
        yield f"The same in all runs: {told}."
    for first, others in findings.copies.items():
        if others:
            yield f"In each run equal to {code(first)}: {', '.join(map(code, others))}."


def files(findings: Findings) -> str:
    """Return what lies beside the page, and what all runs have in common."""
    fixed = findings.sweep.fixed
    common = f" All runs have in common: {values(fixed)}." if fixed else ""
    return (
        "All numbers are in [results.csv](results.csv), and with what was asked for in "
        f"[sweep.json](sweep.json).{common} A run's notebook lies in the folder that the column "
        "`point` names. [All reports](../../index.html)."
    )
