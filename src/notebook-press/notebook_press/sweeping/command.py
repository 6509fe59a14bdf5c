"""The command that sweeps: arguments only."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from notebook_press.options import options_of_runs, request_of, teller_of


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "--grid",
    multiple=True,
    metavar="NAME=VALUES",
    help="A parameter and its values, as in hidden_units=16,32,64; repeatable.",
)
@click.option(
    "--repeat",
    multiple=True,
    metavar="NAME=VALUES",
    help="A parameter that repeats each measurement, as in seed=0..4; repeatable.",
)
@click.option(
    "--from",
    "described",
    type=click.Path(path_type=Path),
    help="A YAML file with `grid`, `repeat` and `fixed`.",
)
@click.option("--name", help="The sweep's name; without it the notebook's.")
@click.option(
    "--random",
    "drawn",
    type=click.IntRange(min=1),
    metavar="N",
    help="Draw N settings, from values and from ranges such as learning_rate=log:1e-4..1e-1.",
)
@click.option("--random-seed", "draw_seed", type=int, default=0, help="The seed of the drawing: 0.")
@click.option("--maximize", metavar="RESULT", help="The result to choose by: larger is better.")
@click.option("--minimize", metavar="RESULT", help="The same: smaller is better.")
@click.option("--on-test", is_flag=True, help="Choose by a test result all the same.")
@click.option("--pages", is_flag=True, help="Make pages of each point, too.")
@click.option("--dry-run", "dry", is_flag=True, help="Tell what there is to do, and do nothing.")
@click.option("--yes", "many", is_flag=True, help="Run more than 1,000 points.")
@click.option(
    "--backend",
    type=click.Choice(["processes", "dask"]),
    help="Where points are run: in processes of this machine, or on a Dask cluster that is started "
    "here, if none is named.",
)
@click.option("--scheduler", metavar="ADDRESS", help="The Dask scheduler to join: tcp://host:8786.")
@click.option(
    "--scheduler-file",
    type=click.Path(path_type=Path),
    help="The file that names it, as dask scheduler --scheduler-file writes.",
)
@click.option(
    "--any-environment",
    is_flag=True,
    help="Run points on Dask workers that have another Python or other packages, too.",
)
@options_of_runs
def sweep(
    notebook: Path,
    grid: tuple[str, ...],
    repeat: tuple[str, ...],
    described: Path | None,
    name: str | None,
    drawn: int | None,
    draw_seed: int,
    maximize: str | None,
    minimize: str | None,
    on_test: bool,
    pages: bool,
    dry: bool,
    many: bool,
    backend: str | None,
    scheduler: str | None,
    scheduler_file: Path | None,
    any_environment: bool,
    files: tuple[Path, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Run a notebook at many points, and collect what each recorded.

    Each point is a run of its own below reports/sweeps. A second call runs what is missing, failed
    or stale.
    """
    from notebook_press.clusters.joining import cluster_of
    from notebook_press.sweeping.asking import SweepRequest
    from notebook_press.sweeping.grid import parse_axis, read_grid
    from notebook_press.sweeping.results import objective_of
    from notebook_press.sweeping.run import run_sweep

    axes, fixed = read_grid(described) if described else ([], {})
    written = [parse_axis(each) for each in grid]
    written += [parse_axis(each, repeated=True) for each in repeat]
    named = {each.name for each in written}
    axes = [each for each in axes if each.name not in named] + written
    name = notebook.stem if name is None else name
    build = request_of([notebook], files, None, name=name, expect=(), **options)
    build = replace(build, given={**fixed, **(build.given or {})})
    objective = objective_of(maximize, minimize)
    cluster = cluster_of(backend, scheduler, scheduler_file, any_environment=any_environment)
    asked = SweepRequest(
        build, tuple(axes), drawn, draw_seed, objective, on_test, pages, dry, many, cluster
    )
    run_sweep(asked, teller_of(as_json=as_json)).checked()
