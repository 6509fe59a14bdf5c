"""Kernels and presses killed at random, while a reader opens every published file all the while.

A small project of three notebooks is built again and again. Before most rounds a notebook is
changed, so that something is stale; in a quarter of them two presses start at once. Then a kernel
is killed, or a press gets SIGKILL, SIGTERM or SIGINT, once or twice: at any moment of a build, or
just as it publishes. Meanwhile a process of its own reads whatever is published and counts what is
not whole. After each round `notebook-press check` is the next command, and then

- every manifest has to be valid and every file as its manifest says,
- no process may be left (a kernel whose press was killed has five seconds to notice),
- no temporary file may be left: in `reports/.press`, $TMPDIR or Jupyter's folder for connections,
- each press has to have ended with the exit code of what was done to it.

At the end an ordinary build has to publish what the notebooks say by then.

    python benchmarks/chaos.py --rounds 100 | tee benchmarks/results/chaos.txt
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from chaos_project import NAMES, Project
from processes import end, marked

LAUNCHER = "ipykernel_launcher"  # what the press starts a kernel with
WORKER = "notebook_press.running.worker"  # and a worker
GRACE = 5  # seconds in which a kernel may notice that its press is gone
LONGEST_COMMAND = 120  # seconds
ENOUGH = 5  # tries, of which one has to hit
TWO_PRESSES, PUBLISHING, TWICE = 0.25, 0.4, 0.2  # shares of the rounds

# What is done to a press, and how it may end; a kill can come too late, or before it has begun.
ENDINGS = {
    "nothing": {0},
    "kernel SIGKILL": {0, 4},
    "worker SIGKILL": {0, 4},
    "press SIGKILL": {0, -signal.SIGKILL},
    "press SIGTERM": {0, 143, -signal.SIGTERM},
    "press SIGINT": {0, 130, -signal.SIGINT},
}
STRIKES = tuple(strike for strike in ENDINGS if strike != "nothing")


@dataclass
class Tally:
    """What was done and what was seen; each of the lists should stay empty."""

    rounds: int = 0
    tries: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    invalid: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    endings: list[str] = field(default_factory=list)


def strike(
    how: str, press: psutil.Popen, project: Project, seconds: float, dice: random.Random
) -> bool:
    """Do something to a press at a random moment; return whether it was still there."""
    publishing = how.startswith("press") and dice.random() < PUBLISHING
    wait = dice.uniform(0, 0.03) if publishing else dice.uniform(0, seconds)
    if not how.startswith("press"):
        launcher = {"kernel SIGKILL": LAUNCHER, "worker SIGKILL": WORKER}[how]
        return kill_child(press, launcher, dice.uniform(0, 1))
    while publishing and press.poll() is None and not project.is_publishing():
        time.sleep(0.001)
    time.sleep(wait)
    if press.poll() is not None:
        return False
    number = signal.Signals[how.removeprefix("press ")]
    press.send_signal(number)
    if dice.random() < TWICE:
        time.sleep(dice.uniform(0, 0.5))
        if press.poll() is None:
            press.send_signal(number)
    return True


def kill_child(press: psutil.Popen, launcher: str, wait: float) -> bool:
    """Kill a process below a press in a while, by process id; return whether there was one.

    A press that has nothing to run ends soon, and with it the search.

    Args:
        press: The press.
        launcher: What is in its command line: that of a kernel, or of a worker.
        wait: Seconds until it is killed.
    """
    end_of_search = time.monotonic() + LONGEST_COMMAND
    while press.poll() is None and time.monotonic() < end_of_search:
        try:
            below = press.children(recursive=True)
            kernels = [child for child in below if launcher in " ".join(child.cmdline())]
            if kernels:
                time.sleep(wait)
                kernels[0].kill()
                return True
        except psutil.Error:
            pass  # it ended while it was being looked at
        time.sleep(0.01)
    return False


def finish(press: psutil.Popen, how: str, project: Project, tally: Tally) -> None:
    """Wait for a press to end and note how it did."""
    try:
        code = press.wait(LONGEST_COMMAND)
    except subprocess.TimeoutExpired:
        tally.endings.append(f"{how}: did not end in {LONGEST_COMMAND} s")
        end(project.mark)
        code = press.wait()
    tally.codes[code] += 1
    if code not in ENDINGS[how]:
        tally.endings.append(f"{how}: ended with {code}: {project.last_words()}")


def inspect(project: Project, tally: Tally) -> None:
    """Run the next command, and note what is wrong or left after it."""
    finish(project.start("check"), "nothing", project, tally)
    tally.invalid += project.invalid_manifests()
    patience = time.monotonic() + GRACE
    while (left := marked(project.mark)) and time.monotonic() < patience:
        time.sleep(0.05)
    tally.orphans += [f"process {process.pid}" for process in left]
    if left:
        end(project.mark)
    tally.leftovers += project.leftovers()


def one_round(
    project: Project, seconds: float, dice: random.Random, tally: Tally, jobs: int
) -> None:
    """Build, strike, and look at what the next command makes of it."""
    for _ in range(jobs):
        project.change(dice)
    how = dice.choice([each for each in STRIKES if jobs > 1 or each != "worker SIGKILL"])
    presses = [project.start("build", jobs) for _ in range(1 + (dice.random() < TWO_PRESSES))]
    struck = dice.choice(presses)
    tally.tries[how] += 1
    if strike(how, struck, project, seconds, dice):
        tally.kills[how] += 1
    for press in presses:
        finish(press, how if press is struck else "nothing", project, tally)
    inspect(project, tally)
    tally.rounds += 1


def run(arguments: argparse.Namespace, project: Project, tally: Tally) -> dict:
    """Run the rounds beside the reader, and return what the reader saw."""
    start, dice = time.monotonic(), random.Random(arguments.seed)
    finish(project.start("build"), "nothing", project, tally)
    project.change_code(NAMES[0])
    begun = time.monotonic()
    finish(project.start("build", arguments.jobs), "nothing", project, tally)
    seconds = time.monotonic() - begun  # what a round takes that nothing happens to
    reader = project.start_reader()
    try:
        while tally.rounds < arguments.rounds:
            if time.monotonic() - start > arguments.seconds:
                break
            one_round(project, seconds, dice, tally, arguments.jobs)
        finish(project.start("build"), "nothing", project, tally)
        inspect(project, tally)
    finally:
        project.stop.touch()
        output, _ = reader.communicate(timeout=LONGEST_COMMAND)
    return json.loads(output)


def report(tally: Tally, seen: dict, last: list[str], heading: str) -> bool:
    """Print what was done and seen, and return whether all is as it should be."""
    print(f"{heading}, {tally.rounds} rounds")
    codes = ", ".join(f"{count} with {code}" for code, count in sorted(tally.codes.items()))
    print(f"commands: {tally.codes.total()}, ended {codes}")
    kills = ", ".join(f"{tally.kills[how]} {how}" for how in STRIKES)
    print(f"kills: {tally.kills.total()} ({kills})")
    print(f"reads: {seen['reads']:,}, {seen['ahead']:,} of a file ahead of its manifest")
    wrong = {
        "torn reads": seen["torn"],
        "invalid manifests": tally.invalid,
        "orphans": tally.orphans,
        "temporary files left": tally.leftovers,
        "unexpected endings": tally.endings,
        "reports that the last build left stale": last,
        "kills that never hit": [
            how for how in STRIKES if tally.tries[how] >= ENOUGH and not tally.kills[how]
        ],
    }
    for name, found in wrong.items():
        print(f"{name}: {len(found)}")
        for line, times in Counter(found).most_common(8):
            print(f"    {line}" + (f" ({times} times)" if times > 1 else ""))
    return not any(wrong.values()) and tally.rounds > 0 and seen["reads"] > 0


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=2400, help="start no round after these")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="notebooks that run side by side")
    arguments = parser.parse_args()
    tally, start = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        project = Project(Path(name))
        try:
            seen = run(arguments, project, tally)
            last = project.stale()
        finally:
            end(project.mark)
    heading = f"seed {arguments.seed}, {time.monotonic() - start:.0f} s"
    sys.exit(0 if report(tally, seen, last, heading) else 1)


if __name__ == "__main__":
    main()
