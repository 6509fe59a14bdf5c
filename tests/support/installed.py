"""Packages and kernels as an installer leaves them."""

import json
from pathlib import Path


def install_package(site: Path, name: str, version: str, *needs: str) -> None:
    """Install a package that needs others."""
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {n}" for n in needs)]
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")


def install_kernel(jupyter: Path, name: str, *argv: str, **more: object) -> None:
    """Install a kernel in a folder of Jupyter's, or another in its place."""
    spec = {"argv": argv, "display_name": name, "language": "python", **more}
    folder = jupyter / "kernels" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(spec))
