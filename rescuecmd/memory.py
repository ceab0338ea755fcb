"""When garbage is looked for, and memory that was needed for a moment only: back to the system with it.

Looking through everything takes a third of a second where a thousand terminals are connected, and nobody is answered
meanwhile. A server therefore leaves out what is loaded for good, and looks through all the rest now and then only.
"""

import asyncio
import ctypes
import gc

_NEVER = 1_000_000
_YOUNG, _MIDDLE = 2_000, 10  # objects more than before, and such looks before one at those that outlived them


def give_back() -> None:
    """Collect what nobody holds and return freed pages to the system, where the C library can (glibc)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def settle() -> None:
    """Give back, and leave all that is there now out of later looks: it has been loaded for good."""
    give_back()
    gc.freeze()


def look_rarely() -> None:
    """Look for garbage among new objects only, from now on; the rest is left to `tidy`."""
    gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)


async def tidy(every_s: float) -> None:
    """Give back now and then, until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        give_back()
