"""What a process of its own writes to stderr while Keras is imported and first used."""

import subprocess
import sys
import textwrap

import pytest

MAKE = """
from handwriting.models import networks, training
import numpy as np
training.predict(networks.dense((8, 8), 3), np.zeros((2, 8, 8), np.uint8))
"""
BROKEN = """
import os, sys, types, warnings
keras = types.ModuleType("keras")
sys.modules["keras"] = keras
def zeros(_):
    os.write(2, b"E0000 no such processor\\n")
    warnings.warn("Python warns")
    {ending}
keras.ops = types.SimpleNamespace(zeros=zeros)
import handwriting.models.backend
os.write(2, b"and after it\\n")
"""


def stderr_of(program: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True
    )
    return done.returncode, done.stderr


@pytest.mark.slow
@pytest.mark.promise("A first network makes no line of log.")
def test_a_first_network_leaves_stderr_empty():
    assert stderr_of(MAKE) == (0, "")


def test_lines_of_libraries_are_shown_where_the_import_fails():
    status, shown = stderr_of(BROKEN.format(ending='raise ImportError("no keras")'))
    assert status == 1
    assert "E0000 no such processor\n" in shown
    assert "ImportError: no keras" in shown
    assert "and after it" not in shown


def test_what_python_says_is_shown_and_nothing_is_caught_afterwards():
    status, shown = stderr_of(BROKEN.format(ending="pass"))
    assert status == 0
    assert "UserWarning: Python warns" in shown
    assert shown.endswith("and after it\n")
    assert "E0000" not in shown
