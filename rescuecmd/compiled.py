"""Compiles hot loops with numba where it is installed; the same functions run as plain Python where it is not.

Numba takes a second to import. It is therefore loaded with the first call of a loop, not with the module. What it has
compiled is kept on disk under the digest of the loops' sources: by itself numba looks at the file of one loop only and
would go on with an older version of those that it calls.
"""

import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from functools import update_wrapper
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])

Vector: TypeAlias = NDArray[Any]
"""A one-dimensional array; a plain list of the same numbers where loops are not compiled."""

COMPILED: bool = find_spec("numba") is not None
"""Without numba, which is big and optional, everything works about 30 times slower."""

SLOW = "numba is not installed: routes are the same, but take about 30 times as long"
"""What to say once where loops are not compiled."""


_MARK = b"rescuecmd.compiled import"
KEPT = 6
"""Versions of compiled loops that stay on disk beside the present one."""


class _Loop:
    """A loop that is compiled, together with all others, when the first of them is called."""

    waiting: list["_Loop"] = []  # noqa: RUF012  (one list for all of them is the point)
    guard = threading.Lock()

    def __init__(self, function: Callable[..., Any], *, lean: bool) -> None:
        self.function = function
        self.lean = lean
        self.fast: Callable[..., Any] | None = None
        update_wrapper(self, function)
        self.waiting.append(self)

    def __call__(self, *arguments: Any) -> Any:
        if self.fast is None:
            with self.guard:
                self._compile_all()
        return cast("Callable[..., Any]", self.fast)(*arguments)

    def _compile_all(self) -> None:
        """Let numba have every loop; loops that call each other have to find numba's own functions by their names."""
        from numba import config, njit  # noqa: PLC0415

        if not os.environ.get("NUMBA_CACHE_DIR"):
            config.__dict__["CACHE_DIR"] = str(
                _folder()
            )  # numba sets its options itself, so its types do not know them
        memory: Any = ({}, {"_nrt": False, "error_model": "numpy"})  # numba's switches for what `lean` promises
        made = {id(loop): njit(cache=True, **memory[loop.lean])(loop.function) for loop in self.waiting}
        made[id(ahead)] = _prefetch()
        for scope in {id(loop.function.__globals__): loop.function.__globals__ for loop in self.waiting}.values():
            scope.update({name: made[id(value)] for name, value in scope.items() if id(value) in made})
        for loop in self.waiting:  # not before all names are right: another thread may call one at any moment
            loop.fast = made[id(loop)]
        self.waiting.clear()


def ahead(values: "Vector", at: int) -> None:
    """Have a place of a vector on its way from memory when a loop reads it some hundred steps later.

    Any place may be asked for. Compiled only: where a river is larger than the processor's cache, waiting for memory is
    most of what a search does.
    """


def _prefetch() -> Any:
    """Return `ahead` as the processor's own instruction."""
    from llvmlite import ir  # noqa: PLC0415
    from numba import types  # noqa: PLC0415
    from numba.extending import intrinsic  # noqa: PLC0415

    byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)

    @intrinsic
    def ask(typing: Any, values: Any, at: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
            fetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
            place = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
            builder.call(fetch, [place, word(0), word(3), word(1)])  # to be read, into every cache, as data
            return context.get_dummy_value()

        return types.void(values, at), code

    return ask


def _folder() -> Path:
    """Return where the compiled loops of these sources are kept; folders of older versions go."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rescuecmd" / "loops"
    texts = [path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py"))]  # whatever is loaded by now
    digest = hashlib.sha256(b"".join(text for text in texts if _MARK in text)).hexdigest()[:16]
    older = sorted(home.glob("*"), key=lambda path: path.stat().st_mtime) if home.is_dir() else []
    for path in [path for path in older if path.name != digest][:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)
    return home / digest


def compiled(function: F) -> F:
    """Return the function compiled and cached on disk, or as it is without numba."""
    return cast("F", _Loop(function, lean=False)) if COMPILED else function


def lean(function: F) -> F:
    """Return `compiled` for a loop that makes no array, list or text itself and never divides by zero.

    Numba then leaves out those checks and the counting of references, which costs more than the loop itself where loops
    call each other with tuples of vectors.
    """
    return cast("F", _Loop(function, lean=True)) if COMPILED else function


@lean
def _first(value: float) -> float:
    """Return the value: the least that makes numba load all it needs."""
    return value


def warm() -> None:
    """Have numba ready to fetch any loop, which takes a second; without numba there is nothing to wait for."""
    _first(0.0)


def vector(values: NDArray[Any]) -> Vector:
    """Return an array as the loops read it fastest: flat and contiguous, or a list where they are plain Python."""
    flat = np.ascontiguousarray(values).ravel()
    return flat if COMPILED else cast("Vector", flat.tolist())


def blank(size: int, value: float) -> Vector:
    """Return a vector of one value, to be filled by a loop; its type follows the value."""
    return np.full(size, value) if COMPILED else cast("Vector", [value] * size)
