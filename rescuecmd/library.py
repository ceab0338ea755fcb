"""Finds rivers, plans and drills: the checkout first, else the copy that travels in the wheel."""

from pathlib import Path

from rescuecmd.errors import unknown

_PACKAGE = Path(__file__).resolve().parent


def shelf(kind: str) -> Path:
    """Return the folder of `kind` (``rivers``, ``plans`` or ``drills``)."""
    checkout = _PACKAGE.parent / kind
    return checkout if checkout.is_dir() else _PACKAGE / "data" / kind


def names(kind: str, *, own: Path | None = None) -> list[str]:
    """Return what lies on a shelf, and on the same shelf of a folder of one's `own`, by name, sorted."""
    return sorted(
        {
            item.stem if item.is_file() else item.name
            for place in _shelves(kind, own)
            for item in place.iterdir()
            if (item.is_dir() or item.suffix == ".yaml") and not item.name.startswith((".", "_"))
        }
    )


def find(kind: str, name: str, *, own: Path | None = None) -> Path:
    """Return the file or folder for `name`: an item of one's `own` shelf, of the library's, else a path that exists.

    Raises
    ------
    NotFoundError
        Neither exists; the message carries the nearest known name.
    """
    items = [place / item for place in _shelves(kind, own) for item in (name, f"{name}.yaml")]
    for candidate in [Path(name)] if "/" in name else [*items, Path(name)]:
        if name and candidate.exists():
            return candidate
    raise unknown(kind.removesuffix("s"), name, names(kind, own=own))


def _shelves(kind: str, own: Path | None) -> list[Path]:
    mine = [own / kind] if own is not None and (own / kind).is_dir() else []
    return [*mine, shelf(kind)]
