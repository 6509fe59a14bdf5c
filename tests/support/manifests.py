"""A manifest as the press writes it, and what it says of files that hold `new` and their ending."""

import hashlib
import json
from typing import Any

from notebook_press.publishing.manifest import Manifest


def describe(content: bytes) -> dict[str, object]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def manifest(report: str = "story", run: str = "default", **changed: object) -> dict[str, Any]:
    """What the file of a manifest holds, but for what is changed."""
    names = {f"{report}.{ending}": b"new " + ending.encode() for ending in ("html", "ipynb")}
    return {
        "press": 1,
        "report": report,
        "run": run,
        "title": "What is the answer?",
        "answer": "It is 42.",
        "notice": None,
        "finished": "2026-11-22T18:00:00+00:00",
        "seconds": 1.5,
        "parameters": [{"name": "factor", "value": 2, "default": 2, "type": "int", "help": ""}],
        "results": {"product": 42},
        "keys": {"run": {"code": "1"}, "render": {}},
        "files": {name: describe(content) for name, content in names.items()},
        **changed,
    }


def as_manifest(**changed: Any) -> Manifest:
    """A manifest as the press reads it."""
    return Manifest.model_validate_json(json.dumps(manifest(**changed)))
