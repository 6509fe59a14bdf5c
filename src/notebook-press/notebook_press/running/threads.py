"""How many threads a kernel's libraries use: told by the variables that they read as they load."""

import os
from collections.abc import Mapping

# OpenMP, OpenBLAS, MKL, Accelerate, NumExpr, BLIS, Numba, Rayon (Polars reads its own), TensorFlow.
VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_for(jobs: int) -> int:
    """Return how many threads each of so many runs side by side gets.

    A number that the user chose by `OMP_NUM_THREADS` stays; else the cores are shared out.
    """
    chosen = os.environ.get("OMP_NUM_THREADS", "")
    if chosen.isascii() and chosen.isdigit() and int(chosen):
        return int(chosen)
    return max(cores() // jobs, 1)


def threads_environment(threads: int | None) -> Mapping[str, str]:
    """Return the variables that keep a kernel's libraries to so many threads; none for None."""
    return {} if threads is None else dict.fromkeys(VARIABLES, str(threads))
