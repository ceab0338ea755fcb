"""Memory that was needed for a moment only: back to the system with it."""

import ctypes
import gc


def give_back() -> None:
    """Collect what nobody holds and return freed pages to the system, where the C library can (glibc)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
