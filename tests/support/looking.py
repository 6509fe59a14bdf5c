"""What is found on a page that a browser shows."""

from pathlib import Path

import axe_playwright_python

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

COLOURS = ["color-contrast", "link-in-text-block"]  # axe's rules that a colour can break


def violations(visit, **asked):
    """What axe has to complain of."""
    visit.page.evaluate(AXE)
    options = {"resultTypes": ["violations"], **asked}
    found = visit.page.evaluate("options => axe.run(options)", options)["violations"]
    return [
        f"{rule['id']}: {node['html'][:300]}\n{node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def outside(seen):
    """The requests for anything but the page itself."""
    allowed = (seen.page.url.split("#")[0], "data:")
    return [address for address in seen.requests if not address.startswith(allowed)]
