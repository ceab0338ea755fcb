"""Bytes of files that people write, as text: UTF-8, or a fault with the line and what it seems to be instead."""

import codecs

from rescuecmd.errors import Fault, FaultsError


def decoded(raw: bytes, name: str, most: int) -> str:
    """Return bytes as text; FaultsError with the line where it is not UTF-8, or where it is too large."""
    if len(raw) > most:
        raise FaultsError([Fault(name, 0, "", f"at most {most // 1024} kB are read, this has {len(raw) // 1024}")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        seems = _seems(raw)
        remedy = f"; it seems to be {seems}: save it again as UTF-8" if seems else ""
        raise FaultsError([Fault(name, line, "", f"expected UTF-8 text{remedy}")]) from error


def _seems(raw: bytes) -> str:
    """Return the encoding in which office programs of Chinese systems save text, where these bytes can be that."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "GBK"
