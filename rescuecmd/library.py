"""Finds rivers, plans and drills: the checkout first, else the copy that travels in the wheel."""

from pathlib import Path

from rescuecmd.errors import unknown

_PACKAGE = Path(__file__).resolve().parent


def shelf(kind: str) -> Path:
    """Return the folder of `kind` (``rivers``, ``plans`` or ``drills``)."""
    checkout = _PACKAGE.parent / kind
    return checkout if checkout.is_dir() else _PACKAGE / "data" / kind


def names(kind: str) -> list[str]:
    """Return what lies on a shelf, by name, sorted."""
    return sorted(
        item.stem if item.is_file() else item.name
        for item in shelf(kind).iterdir()
        if (item.is_dir() or item.suffix == ".yaml") and not item.name.startswith((".", "_"))
    )


def find(kind: str, name: str) -> Path:
    """Return the file or folder for `name`: an item of the shelf, else a path that exists.

    Raises
    ------
    NotFoundError
        Neither exists; the message carries the nearest known name.
    """
    candidates = [Path(name)] if "/" in name else [shelf(kind) / name, shelf(kind) / f"{name}.yaml", Path(name)]
    for candidate in candidates:
        if name and candidate.exists():
            return candidate
    raise unknown(kind.removesuffix("s"), name, names(kind))
