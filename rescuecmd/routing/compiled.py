"""Compiles hot loops with numba where it is installed; the same functions run as plain Python where it is not."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray


def _find_compiler() -> Callable[..., Any] | None:
    try:
        from numba import njit  # noqa: PLC0415
    except ImportError:  # numba is big and optional; everything works without it, about 30 times slower
        return None
    return cast("Callable[..., Any]", njit(cache=True))


_compile = _find_compiler()
F = TypeVar("F", bound=Callable[..., Any])

Vector: TypeAlias = NDArray[Any]
"""A one-dimensional array; a plain list of the same numbers where loops are not compiled."""

COMPILED: bool = _compile is not None


def compiled(function: F) -> F:
    """Return the function compiled and cached on disk, or as it is without numba."""
    return cast("F", _compile(function)) if _compile is not None else function


def vector(values: NDArray[Any]) -> Vector:
    """Return an array as the loops read it fastest: flat and contiguous, or a list where they are plain Python."""
    flat = np.ascontiguousarray(values).ravel()
    return flat if COMPILED else cast("Vector", flat.tolist())


def blank(size: int, value: float) -> Vector:
    """Return a vector of one value, to be filled by a loop; its type follows the value."""
    return np.full(size, value) if COMPILED else cast("Vector", [value] * size)
