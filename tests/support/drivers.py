"""Programs that tests run in a process of their own; the last line that they print is JSON."""

import json
import subprocess
import sys
from typing import Any


def last_words(*arguments: object, timeout: float = 600) -> Any:
    """Return what a Python program says in its last line; it ends with 0.

    Args:
        *arguments: The interpreter's.
        timeout: The seconds that it may take.
    """
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
