import hashlib
import json
from pathlib import Path

import nbformat
import pytest
from manifests import manifest
from nbformat import v4


@pytest.fixture
def publish(tmp_path):
    """A function that publishes a report as the press leaves it; it returns the run's folder."""

    def published(side, *cells, report="story", run="default", **changed) -> Path:
        folder = tmp_path / side / run
        folder.mkdir(parents=True, exist_ok=True)
        content = nbformat.writes(v4.new_notebook(cells=list(cells))).encode()
        digest = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        told = {"report": report, "run": run, "files": {f"{report}.ipynb": digest}, **changed}
        (folder / f"{report}.ipynb").write_bytes(content)
        (folder / f"{report}.json").write_text(json.dumps(manifest(**told)))
        return folder

    return published
