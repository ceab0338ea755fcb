"""A HEC-RAS model as a river package, wholly or not at all: sections and, where it has been run, the water."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rescuecmd.errors import FaultsError, InputError
from rescuecmd.interop.gis_file import LonLat
from rescuecmd.interop.hec_ras_package import Imported, import_model
from rescuecmd.interop.hec_ras_water import import_water
from rescuecmd.interop.river_import import Origin


def import_hec_ras(
    path: Path,
    folder: Path,
    origin: Origin,
    *,
    datum: str,
    reach: str = "",
    at: LonLat | None = None,
    beyond_m: float = 20.0,
) -> tuple[Imported, int]:
    """Make a package of a reach of a model; return what came of its sections and how many water surfaces it has.

    A model that has not been run has none. Whatever goes wrong, the folder is as it was before.

    Raises
    ------
    FaultsError, InputError
        As for `import_model` and `import_water`, or the folder is not empty.
    """
    with _whole(folder) as draft:
        done = import_model(path, draft, origin, datum=datum, reach=reach, at=at, beyond_m=beyond_m)
        return done, _water(path, draft, origin, datum=datum, reach=reach, kept=done.kept)


def _water(path: Path, folder: Path, origin: Origin, *, datum: str, reach: str, kept: Sequence[str]) -> int:
    try:
        return import_water(path, folder, origin, datum=datum, reach=reach, kept=kept)
    except InputError as error:
        if error.code != "no-results":
            raise
        return 0


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """Give a folder of the same name beside the wanted one, and put it in its place once it is complete."""
    wanted = folder.resolve()
    if wanted.exists() and (not wanted.is_dir() or any(wanted.iterdir())):
        raise InputError(
            "exists", f"{folder} exists already and is not empty; nothing is overwritten", path=str(folder)
        )
    with _written(folder):
        wanted.parent.mkdir(parents=True, exist_ok=True)
        home = Path(tempfile.mkdtemp(prefix=".importing-", dir=wanted.parent))
    draft = home / wanted.name  # a package's id is its folder's name
    try:
        yield draft
        with _written(folder):
            if wanted.exists():
                wanted.rmdir()
            draft.replace(wanted)
    except FaultsError as error:
        told = [replace(one, file=one.file.replace(str(draft), str(folder))) for one in error.faults]
        raise FaultsError(told) from error
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError("cannot-write", f"{folder} cannot be written: {error.strerror or error}") from error
