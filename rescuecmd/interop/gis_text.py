"""How the text of a GIS file is encoded: as the file says, as the caller says, never a guess.

A Shapefile says it in a ``.cpg`` file beside it or in byte 29 of its ``.dbf``. Where neither does, libraries read
Latin-1, which any bytes are, and Chinese names come out as letters with accents. Here such a file is refused, with
what its text would read as, and the caller chooses.
"""

import codecs
import zipfile
from pathlib import Path

import geopandas as gpd
import pyogrio

from rescuecmd.errors import InputError, nearest

LIKELY = ("gb18030", "utf-8", "big5", "latin-1")
"""What a file that does not say may be; GB18030 holds GBK and GB 2312."""

_SHAPEFILE = "ESRI Shapefile"
_OPEN = (_SHAPEFILE, "GeoJSON", "GeoJSONSeq")  # formats whose files may leave it open; the others say it or are UTF-8
_LANGUAGE_BYTE = 29
_UNSAID = (0x00, 0x57)  # nothing; "ANSI", the code page of whichever computer wrote it (dBASE language drivers)
_LIBRARY = "latin-1"  # what GDAL takes where a Shapefile says nothing


def check_encoding(path: Path, layer: str, encoding: str) -> None:
    """Raise `InputError` where there is no such encoding or the file is of a kind that says its own."""
    try:
        "".encode(encoding)
    except LookupError:
        message = f"no encoding {encoding!r}{nearest(encoding, LIKELY)}; usual ones are {', '.join(LIKELY)}"
        zh = f"没有编码 {encoding!r}；常用：{', '.join(LIKELY)}"
        raise InputError("bad-encoding", message, zh=zh) from None
    driver = _driver(path, layer)
    if driver not in _OPEN:
        message = f"{path} ({driver}) says itself how its text is encoded: leave --encoding out"
        raise InputError("own-encoding", message, zh=f"{path}（{driver}）自带编码说明：请去掉 --encoding")


def untold_text(path: Path, layer: str, frame: gpd.GeoDataFrame) -> str:
    """Return what is wrong where a Shapefile holds more than ASCII and does not say in which encoding; else empty."""
    strange = next((text for text in _texts(frame) if not text.isascii()), "")
    if not strange or _driver(path, layer) != _SHAPEFILE or _says(path, layer):
        return ""
    readings = " · ".join(f"{name}: {text}" for name, text in _readings(strange.encode(_LIBRARY, "replace")))
    return (
        "it does not say how its text is encoded (no .cpg beside it): choose with --encoding what reads right: "
        f"{readings}"
    )


def _driver(path: Path, layer: str) -> str:
    return str(pyogrio.read_info(path, layer=layer)["driver"])


def _texts(frame: gpd.GeoDataFrame) -> list[str]:
    columns = [str(column) for column in frame.columns]
    return columns + [cell for column in columns for cell in frame[column] if isinstance(cell, str)]


def _readings(raw: bytes) -> list[tuple[str, str]]:
    """Return the bytes as each likely encoding reads them, where it can."""
    found = []
    for name in LIKELY:
        try:
            found.append((name, codecs.decode(raw, name)))
        except UnicodeDecodeError:
            continue
    return found


def _says(path: Path, layer: str) -> bool:
    """Return whether a ``.cpg`` or the ``.dbf`` tells the encoding; no where the files are not found."""
    wanted, head = f"{layer}.dbf".lower(), b""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            names = {Path(name).name.lower(): name for name in packed.namelist()}
            if wanted in names:
                with packed.open(names[wanted]) as table:
                    head = table.read(_LANGUAGE_BYTE + 1)
    else:
        folder = path if path.is_dir() else path.parent
        names = {one.name.lower(): str(one) for one in folder.iterdir()}
        if wanted in names:
            with Path(names[wanted]).open("rb") as file:
                head = file.read(_LANGUAGE_BYTE + 1)
    return f"{layer}.cpg".lower() in names or (len(head) > _LANGUAGE_BYTE and head[_LANGUAGE_BYTE] not in _UNSAID)
