"""Whether headlines survive another seed: what the reports say, found for one seed after another.

Each seed stands for a report of its own: as many networks as it trains by default, with seeds that
no other report has, beside the same rivals, whose trainings the project keeps. What each report
would say of a method is printed by how often it is said. A headline that says *better* for one seed
and *worse* for another is reversed; *not told apart* beside either is what limited power brings,
and how often it should is computed from the difference and its error over all seeds.

    python benchmarks/headline_stability.py --seeds 10

Everything comes from the cache where it has been found before; 20 minutes on two cores else.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy import stats

from handwriting.baselines import benchmark, kept, network, timing
from handwriting.data import load, out_of_distribution
from handwriting.data.dataset import Dataset
from handwriting.evaluation import intervals, method_comparison
from handwriting.evaluation.corruptions import KINDS
from handwriting.evaluation.method_comparison import Difference
from handwriting.evaluation.trainings import Trainings
from handwriting.experiments import trust
from handwriting.experiments.network import ORIGINAL_ACCURACY
from handwriting.models import config, training_runs
from handwriting.results import store
from notebook_press import provenance

OPPOSITES = [
    {"better", "worse"},
    {"holds", "does not hold"},
    {"hsf_0 is harder", "hsf_4 is harder"},
    *({one.title, other.title} for one, other in combinations(KINDS, 2)),
]


@dataclass(frozen=True)
class Statement:
    """What a report says of one thing.

    Attributes:
        headline: what it is about.
        said: the verdict, such as `better`.
        found: the difference behind it, where there is one.
        number: the number that it comes with, where there is one.
    """

    headline: str
    said: str
    found: Difference | None = None
    number: float | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="how many reports to make up")
    parser.add_argument("--networks", type=int, default=10, help="trainings of the network in 03")
    parser.add_argument("--trust", action="store_true", help="make up 05 alone")
    options = parser.parse_args()
    os.chdir(Path(__file__).parent.parent / "notebooks")  # beside which the project keeps results
    data = load("mnist")
    said: dict[str, list[Statement]] = {}
    for number in range(options.seeds):
        print(f"seed {number + 1} of {options.seeds}", file=sys.stderr, flush=True)
        made = statements(data, number, options.networks)
        for statement in on_trust(data, number) if options.trust else made:
            said.setdefault(statement.headline, []).append(statement)
    print(table(said))
    if reversed_ := [name for name, each in said.items() if is_reversed(each)]:
        sys.exit(f"reversed by another seed: {', '.join(reversed_)}")


def statements(data: Dataset, number: int, networks: int) -> Iterator[Statement]:
    """What the reports of one seed say; those of others share no training of a network."""
    yield from on_the_claim(data, number)
    yield from on_rivals(data, number, networks)
    yield from on_convolution(data, number)
    yield from on_trust(data, number)


def on_the_claim(data: Dataset, number: int, repeats: int = 5) -> Iterator[Statement]:
    """02: whether the layers of the original analysis reach what it reports."""
    seeds = range(repeats * number, repeats * (number + 1))
    runs = training_runs.run(data, [config.DENSE], seeds, provenance.machine(), progress=tell)
    right = np.stack([run.predictions == data.test.labels for run in runs])
    method = Trainings("dense", right, random=True)
    interval = method_comparison.compare(method, [], data.test.writers).accuracies[0].interval
    verdict = "holds" if interval.low > ORIGINAL_ACCURACY else "is not refuted"
    yield Statement(
        "02: at least 97.27%", "does not hold" if interval.high < ORIGINAL_ACCURACY else verdict
    )


def on_rivals(data: Dataset, number: int, networks: int) -> Iterator[Statement]:
    """03: each rival beside the network, by means over seeds."""
    conditions = timing.Conditions(provenance.machine())
    _, *rivals = benchmark.entered("full", data, conditions, networks)[0]
    found = kept.load(data, rivals, conditions, store.kept("rivals"))
    methods = [
        Trainings(each.entrant.title, each.predictions == data.test.labels, each.entrant.random)
        for each in found
    ]
    first = networks * number
    tell(f"{networks} networks from seed {first}")
    ours = network.entrant(data, replace(conditions, seed=first), networks)
    with timing.pinned(conditions.threads):
        read = ours.train(data.train, data.test).predictions
    reference = Trainings("network", read == data.test.labels, random=True)
    for each in method_comparison.compare(reference, methods, data.test.writers).differences:
        yield Statement(f"03: {each.name}", each.relation, each)


def on_convolution(data: Dataset, number: int, repeats: int = 3) -> Iterator[Statement]:
    """04: the small network beside the dense one, by means over seeds."""
    seeds = range(repeats * number, repeats * (number + 1))
    recipes = [config.DENSE, config.ONE_EPOCH, config.SMALL]
    runs = training_runs.run(data, recipes, seeds, provenance.machine(), progress=tell)
    dense, *others = (
        Trainings(
            recipe.title,
            np.stack(
                [each.predictions == data.test.labels for each in runs if each.recipe == recipe]
            ),
            random=True,
        )
        for recipe in recipes
    )
    for each in method_comparison.compare(dense, others, data.test.writers).differences:
        yield Statement(f"04: {each.name} beside the dense one", each.relation, each)


def on_trust(data: Dataset, number: int, repeats: int = 3) -> Iterator[Statement]:
    """05: what is said of the first training of each network, or of all of them."""
    experiment = trust.Experiment(
        data, repeats * number, provenance.machine(), trainings=repeats, progress=tell
    )
    networks = experiment.networks()
    damaged, attacked = experiment.damage(networks, 1000), experiment.attacks(networks, 500)
    foreign = out_of_distribution.images("auto", data)
    for each, damage, attack in zip(networks, damaged, attacked, strict=True):
        of = f"05, {each.title}"
        worst, then, *_, least = damage.worst_first
        yield Statement(f"{of}: worst damage", worst.kind.title, number=worst.mean)
        yield Statement(f"{of}: next worst", then.kind.title, number=then.mean)
        yield Statement(f"{of}: least damage", least.kind.title, number=least.mean)
        yield Statement(f"{of}: where it gives one answer", damage.constant or "nowhere")
        crowding, ratio = each.crowding, each.series_ratio
        if crowding:
            said = "more than luck" if crowding.beyond_chance else "not told apart from luck"
            effect = each.estimates.quoted.design_effect
            yield Statement(f"{of}: mistakes crowd on writers", said, number=effect)
        if ratio:
            said = f"{each.series.lowest.name} is harder"
            said = said if ratio.interval.low > 1 else "not told apart from luck"
            yield Statement(f"{of}: series", said, number=ratio.ratio)
        after = each.calibration.after
        said = "more than luck" if after.error.beyond_chance else "may be luck"
        yield Statement(f"{of}: tempered calibration error", said, number=after.error.error)
        if after.parts.auroc:
            area = after.parts.auroc.area
            yield Statement(f"{of}: AUROC of its own errors", "", number=area)
        if each.elsewhere:
            read = each.elsewhere.mean
            yield Statement(f"{of}: scikit-learn's digits", "", number=read)
        if attack.broken:
            radius, share, _ = attack.broken
            yield Statement(f"{of}: radius that breaks it", f"{radius:.0%}", number=share)
        held = each.held
        below = len(held.below)
        yield Statement(f"{of}: sets of 95% held least for", held.lowest.name, number=below)
        for one in each.detect(foreign):
            yield Statement(f"{of}: lets {one.images} through", "", number=one.let_through)
    doubts = experiment.doubtful_labels()
    yield Statement("05: training labels that look wrong", "", number=len(doubts))


def tell(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


def is_reversed(made: list[Statement]) -> bool:
    said = {each.said for each in made}
    return any(opposites <= said for opposites in OPPOSITES)


def table(said: dict[str, list[Statement]]) -> str:
    """A line for each headline: how often what is said, and how often it should be told apart."""
    lines = [
        "| headline | said | numbers | difference, points | told apart | at least, by power |",
        "| --- " * 6 + "|",
    ]
    for name, made in said.items():
        counts = Counter(each.said for each in made)
        words = ", ".join(f"{word} {count}" for word, count in counts.most_common() if word)
        numbers = [each.number for each in made if each.number is not None]
        found = [each.found for each in made if each.found]
        cells = [name, words, *[""] * 4]
        if numbers:
            cells[2] = f"{min(numbers):.3g} to {max(numbers):.3g}"
        if found:
            differences = np.array([each.difference for each in found])
            # What is found with 80% power is so many standard errors.
            reach = stats.norm.ppf(0.975) + stats.norm.ppf(method_comparison.POWER)
            error = np.mean([each.least_detectable for each in found]) / reach
            corrected = stats.norm.isf(intervals.SIGNIFICANCE / 2 / len(said))
            power = stats.norm.sf(corrected - abs(differences.mean()) / error)
            apart = np.mean([each.said in ("better", "worse") for each in made])
            cells[3:] = [
                f"{100 * differences.mean():+.2f} ± {100 * differences.std(ddof=1):.2f}",
                f"{apart:.0%}",
                f"{power:.0%}",
            ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
