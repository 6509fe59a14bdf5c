"""Several builds at once in one reports folder, round after round; says what was wrong.

    python contest_driver.py FOLDER ROUNDS

One process, forked; as `crash_driver.py`, without kernels. The last line is JSON.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from crash_driver import end, in_child, make, nothing, prepare, press, start, write_story
from snapshots import published

BUILD = ("build", "notebooks/story.ipynb", "--to", "html", "-p", "factor")


def at_once(project: Path, acts: Sequence[Callable[[], None]]) -> list[int]:
    """Start every act in a process of its own at the same moment; return their exit codes."""
    ready, go = os.pipe()
    # Each waits until nobody can write any more.
    children = [start(project, act, lambda: (os.close(go), os.read(ready, 1))) for act in acts]
    os.close(ready), os.close(go)
    return [end(project, child)[0] for child in children]


def wrong_round(project: Path, number: int, codes: Counter[int]) -> list[str]:
    """Return what was wrong after a round of five builds, two of them of a run of their own."""
    factors = [number * 10 + contender for contender in range(1, 6)]
    builds = [press(*BUILD, str(factor)) for factor in factors[:2]]
    builds.append(press(*BUILD, str(factors[2]), "--no-wait"))
    builds += [press(*BUILD, str(factor), "--name", "other") for factor in factors[3:]]
    ended = at_once(project, builds)
    codes.update(ended)
    wrong = [f"ended with {ended}"] if set(ended) - {0, 8} or 8 in ended[:2] + ended[3:] else []
    code, line = in_child(project, press("check", "reports"), nothing)
    wrong += [f"check: {line}"] if code else []
    for run, mine in (("default", factors[:3]), ("other", factors[3:])):
        files = published(project)
        value = json.loads(files[f"{run}/story.json"])["parameters"][0]["value"]
        shown = f"It is {value * 21}.".encode() in files[f"{run}/story.html"]
        if value not in mine or not shown:
            wrong.append(f"{run} is of factor {value}, or not of one build")
    return [f"round {number}: {each}" for each in wrong]


if __name__ == "__main__":
    scratch, rounds = Path(sys.argv[1]), int(sys.argv[2])
    prepare(scratch)
    project = scratch / "project"
    write_story(project)
    assert in_child(project, make(2), nothing)[0] == 0
    codes: Counter[int] = Counter()
    wrong = [each for n in range(1, rounds + 1) for each in wrong_round(project, n, codes)]
    print(json.dumps({"codes": codes, "wrong": wrong}))
