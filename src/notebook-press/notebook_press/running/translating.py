"""Parameters as code of a notebook's language, as papermill writes it into the cell it injects."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from nbformat import NotebookNode
from papermill.exceptions import PapermillException
from papermill.translators import PythonTranslator, papermill_translators, translate_parameters

from notebook_press.errors import ParameterError
from notebook_press.messages import shown
from notebook_press.notebook import language_of


class DatedTranslator(PythonTranslator):  # type: ignore[misc]
    """papermill's own for Python, which makes of a date a date in place of text."""

    @classmethod
    def translate(cls, val: Any) -> str:
        """Return a value as Python that needs no import."""
        if type(val) is date:
            return f'__import__("datetime").date({val.year}, {val.month}, {val.day})'
        return str(super().translate(val))


def as_injected(notebook: NotebookNode, parameters: Mapping[str, Any]) -> str:
    """Return the source of the cell that papermill injects for these parameters.

    Raises:
        ParameterError: papermill knows no such value in the notebook's language, or not even that.
    """
    papermill_translators.register("python", DatedTranslator)
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    language = notebook.metadata.get("language_info", {}).get("name") or notebook.metadata.get(
        "kernelspec", {}
    ).get("language", "python")
    try:
        return str(translate_parameters(kernel, language, dict(parameters), "Parameters"))
    except (PapermillException, NotImplementedError):
        names = ", ".join(map(shown, parameters))
        raise ParameterError(
            f"papermill can't write {names} in {shown(language_of(notebook))}, the language of the "
            "notebook; give other values, or none"
        ) from None
