"""The ground of an operation: its river, and the network compiled from it.

Reading a river package takes geopandas and a graph of a hundred thousand edges; neither is needed afterwards. It is
therefore done in a process of its own, and the result is kept in the cache folder under the digest of everything that
went into it (the package's files and our own sources), so that the next start takes it from there.
"""

import hashlib
import logging
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from rescuecmd.errors import Fault, FaultsError, InputError, NotFoundError, RescueError, UnavailableError
from rescuecmd.river.model import River
from rescuecmd.routing.network import Network

_LOG = logging.getLogger("rescuecmd.server")
_PACKAGE = Path(__file__).resolve().parent.parent
_SOURCES = ("river", "routing", "interop", "compiled.py", "geo.py", "errors.py", "text.py")
_LOADING_S = 120.0
KEPT = 4
"""Compiled rivers kept in the cache; older ones go."""


def load_ground(package: Path, cache: Path) -> tuple[River, Network]:
    """Return a river and its compiled network; takes seconds the first time, a quarter of one afterwards.

    Raises
    ------
    FaultsError
        The package has faults; each has its file and line.
    UnavailableError
        The loading process failed.
    """
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    _check_ours(cache)
    kept = cache / f"{_digest(package)}.ground"
    if not kept.exists():
        _load_elsewhere(package, kept)
        _tidy(cache)
    return _unpack(kept)


def _digest(package: Path) -> str:
    """Return the mark of a package and of the program that reads it."""
    total = hashlib.sha256(sys.version.encode())
    for path in sorted(_files([package, *(_PACKAGE / name for name in _SOURCES)])):
        total.update(str(path).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:32]


def _files(places: Iterable[Path]) -> Iterable[Path]:
    for place in places:
        if place.is_file():
            yield place
        else:
            yield from (path for path in place.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _check_ours(cache: Path) -> None:
    """Refuse a folder that others can write: what lies in it is unpickled."""
    status = cache.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise UnavailableError("cache-folder", f"{cache} must belong to you alone (chmod 700), or set RESCUECMD_CACHE")


def _load_elsewhere(package: Path, kept: Path) -> None:
    command = [sys.executable, "-m", "rescuecmd.server.ground", str(package), str(kept)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_LOADING_S, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise UnavailableError("river-loading", f"reading {package} took more than {_LOADING_S:.0f} s") from None
    if done.returncode != 0:
        _LOG.error("reading %s failed:\n%s", package, done.stderr.decode(errors="replace"))
        raise UnavailableError("river-loading", f"reading {package} failed; the log says more")


def _unpack(kept: Path) -> tuple[River, Network]:
    """Return what the loading process left: ours, in our own folder, so that unpickling it is safe."""
    try:
        kind, value = pickle.loads(kept.read_bytes())  # noqa: S301
    except (pickle.UnpicklingError, EOFError, AttributeError, ValueError, TypeError) as error:
        kept.unlink()
        raise UnavailableError("river-loading", f"{kept} was damaged and has been removed; try again") from error
    if kind == "ground":
        river, network = value
        return river, network
    kept.unlink()
    if kind == "faults":
        raise FaultsError(value)
    code, message, facts, missing = value
    raise (NotFoundError if missing else InputError)(code, message, **facts)


def _tidy(cache: Path) -> None:
    kept = sorted(cache.glob("*.ground"), key=lambda path: path.stat().st_mtime, reverse=True)
    left = [path for path in cache.glob("*.new") if time.time() - path.stat().st_mtime > 2 * _LOADING_S]
    for path in (*kept[KEPT:], *left):
        path.unlink(missing_ok=True)


def _read(package: Path) -> tuple[str, object]:
    from rescuecmd.interop.river_package import load_river  # noqa: PLC0415  (geopandas)
    from rescuecmd.routing.network import draw_network  # noqa: PLC0415

    try:
        river = load_river(package)
        return "ground", (river, draw_network(river))
    except FaultsError as error:
        return "faults", [Fault(item.file, item.line, item.where, item.message) for item in error.faults]
    except RescueError as error:
        return "error", (error.code, error.message, dict(error.facts), isinstance(error, NotFoundError))


def main() -> None:
    """Read the package named first and leave the result in the file named second."""
    from rescuecmd.routing.warm import warm  # noqa: PLC0415

    package, kept = map(Path, sys.argv[1:3])
    draft = kept.with_suffix(f".{os.getpid()}.new")  # another server may be reading the same river
    draft.write_bytes(pickle.dumps(_read(package), protocol=pickle.HIGHEST_PROTOCOL))
    warm()  # the loops' code lies on disk before the server needs it; compiling there would cost it 300 MB
    draft.replace(kept)


if __name__ == "__main__":
    main()
