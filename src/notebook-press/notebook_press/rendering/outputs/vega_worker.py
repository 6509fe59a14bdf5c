"""Run as a program: charts of Vega and Vega-Lite drawn as SVG, in order, until one can't be.

It stands alone, so that it starts in an instant, and fetches nothing. The request comes on stdin;
the drawings lie in the folder as `made-1`, `made-2`, …; the answer says why there is no next one.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Answer the request on stdin."""
    request = json.load(sys.stdin)
    folder = Path(request["folder"])
    seconds, size = int(request["processor_seconds"]), int(request["bytes"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))  # V8 reserves far more than it uses
    for number, chart in enumerate(request["charts"], start=1):
        try:
            drawing = _drawn(chart["specification"], chart["lite"])
        except ValueError as error:
            sys.stdout.write(str(error))
            return  # what went wrong may be told again by the next one
        (folder / f"made-{number}").write_text(drawing, encoding="utf-8")


def _drawn(specification: dict[str, Any], major: int | None) -> Any:
    """The drawing of a specification of Vega, or of this major version of Vega-Lite."""
    import vl_convert  # an extra brings it, so this module can be imported without

    if major is None:
        return vl_convert.vega_to_svg(specification, allowed_base_urls=[])
    known = [
        version
        for version in vl_convert.get_vegalite_versions()
        if version.startswith(f"{max(major, 5)}.")  # which reads what older ones do
    ]
    newest = max(known, key=lambda version: int(version.partition(".")[2]), default=None)
    return vl_convert.vegalite_to_svg(specification, vl_version=newest, allowed_base_urls=[])


if __name__ == "__main__":
    main()
