"""What a page says of its making: what only a run knows, and what can be said anew at any time."""

from collections.abc import Iterable, Mapping
from typing import Any

from nbformat import NotebookNode

from notebook_press import packages, provenance, stderr
from notebook_press.author import METADATA_KEY
from notebook_press.notebooks import without_folders
from notebook_press.parameters import Parameter
from notebook_press.project import Prepared

__all__ = ["FRESH", "made_again", "said_anew"]

FRESH = "fresh"
"""The parameter that tells a notebook to use nothing that it kept: `--fresh` makes it true."""


def said_anew(run: str, parameters: Iterable[Parameter], prepared: Prepared) -> dict[str, Any]:
    """Return what a page says that follows from the notebook and what it is given, not from a run.

    Args:
        run: The run's name.
        parameters: The parameters that the notebook declares.
        prepared: Their values, the inputs and the notice.
    """
    return {
        "run": run,
        "parameters": [_shown(each, prepared.parameters[each.name]) for each in parameters],
        "inputs": dict(prepared.inputs),
        "notice": prepared.notice,
    }


def made_again(executed: NotebookNode, anew: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page says that is made again of an earlier run.

    The packages that make pages are those of now; `fresh` is as it was in the run.

    Args:
        executed: The notebook of that run, with what was said of it.
        anew: What `said_anew` says now.
    """
    making = executed.metadata[METADATA_KEY]
    names = {name for name in making["versions"] if packages.is_for_pages(name)}
    now = {k: v for k, v in provenance.versions(names).items() if k in names}
    of_the_run = {each["name"]: each for each in making["parameters"]}
    parameters = [
        of_the_run.get(each["name"], each) if each["name"] == FRESH else each
        for each in anew["parameters"]
    ]
    versions = {**making["versions"], **now}
    return {
        **making,
        **anew,
        "parameters": parameters,
        "versions": versions,
        **stderr.counted(executed),
    }


def _shown(parameter: Parameter, value: Any) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "value": without_folders(value),
        "default": parameter.default,
        "type": parameter.type_text,
        "help": parameter.help,
    }
