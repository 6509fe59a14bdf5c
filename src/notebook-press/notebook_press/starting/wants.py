"""What notebooks want besides the press, told from imports and outputs, never by running."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions
from pathlib import Path

from notebook_press.errors import UsageError
from notebook_press.messages import escaped, listed
from notebook_press.notebook import code_cells, read_notebook
from notebook_press.running.preflight import imported_by

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "plotly": ("plotly", "application/vnd.plotly."),
    "vega": ("altair", "application/vnd.vega"),
}
"""Of each extra of the press, the module and the beginning of the output types that it is for."""

_OF_IPYTHON = re.compile(r"^\s*[%!].*$", re.MULTILINE)
_OURS = {"notebook_press", "annotated_types", "IPython"}


@dataclass(frozen=True)
class Wants:
    """What notebooks want.

    Attributes:
        extras: Of each extra of the press that is wanted, the notebooks that want it.
        packages: The installed distributions whose modules are imported.
        unknown: The modules that are imported and not there.
        unreadable: What can't be read, a line each.
    """

    extras: Mapping[str, Sequence[Path]]
    packages: Sequence[str]
    unknown: Sequence[str]
    unreadable: Sequence[str] = ()

    def lines(self) -> Iterator[str]:
        """Yield what somebody has to know of it, in lines."""
        yield from self.unreadable
        for extra, notebooks in self.extras.items():
            yield f"extra {extra}: wanted by {listed(escaped(each) for each in notebooks)}"
        if self.extras:
            yield f"install what they want: pip install 'notebook-press[{','.join(self.extras)}]'"
        if self.unknown:
            yield f"imported, but not installed here: {listed(map(escaped, self.unknown))}"


def wants_of(notebooks: Sequence[Path]) -> Wants:
    """Return what notebooks want; what can't be read as a notebook wants nothing."""
    modules: set[str] = set()
    extras: dict[str, list[Path]] = {extra: [] for extra in EXTRAS}
    unreadable = []
    for path in notebooks:
        try:
            cells = code_cells(read_notebook(path))
        except UsageError as error:
            unreadable.append(str(error))
            continue
        own = [str(path.parent)]
        names = {name for cell in cells for name in imported(cell.source)}
        names = {each for each in names if PathFinder.find_spec(each, own) is None}
        modules |= names
        types = {mime for cell in cells for each in cell.outputs for mime in each.get("data", ())}
        for extra, (module, start) in EXTRAS.items():
            if module in names or any(each.startswith(start) for each in types):
                extras[extra].append(path)
    modules -= sys.stdlib_module_names | _OURS
    makers = packages_distributions()
    return Wants(
        {extra: wanting for extra, wanting in extras.items() if wanting},
        sorted({name for each in modules for name in makers.get(each, ())}, key=str.lower),
        sorted(modules - set(makers)),
        unreadable,
    )


def imported(source: str) -> Iterator[str]:
    """Yield the first part of each module's name that a cell imports, wherever in it."""
    with suppress(SyntaxError, ValueError, RecursionError):  # another language, or no code at all
        for node in ast.walk(ast.parse(_OF_IPYTHON.sub("", source))):
            yield from imported_by(node)
