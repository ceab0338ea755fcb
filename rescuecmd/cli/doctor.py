"""`rescuecmd doctor`: look whether everything is here that a server needs."""

import datetime as dt
import importlib.util
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from rescuecmd.cli.console import emit, say
from rescuecmd.cli.options import make_settings
from rescuecmd.compiled import COMPILED, SLOW
from rescuecmd.errors import FaultsError, NotFoundError
from rescuecmd.settings import Settings

app = typer.Typer(add_completion=False)

NEEDED = (
    "aiortc", "apsw", "argon2", "av", "cryptography", "cv2", "fastapi", "geopandas", "httpx", "matplotlib", "msgspec",
    "networkx", "numpy", "PIL", "pydantic", "pydantic_settings", "pyogrio", "pyotp", "pyproj", "rich",
    "ruamel.yaml", "scipy", "segno", "shapely", "uvicorn", "webauthn", "websockets",
)  # fmt: skip
_LEAST_FREE_BYTES = 500 * 2**20
_FSYNCS = 50
_SLOW_FSYNC_MS = 50.0  # an order is acknowledged after one of these
_PATTERN = b"rescuecmd" * 57


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `needed` ones that are not `ok` make the command fail."""

    name: str
    ok: bool
    needed: bool
    detail: str
    remedy: str = ""


@app.command()
def doctor(
    data: Annotated[Path | None, typer.Option(help="Data folder to look at.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to look at.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Look at everything a server needs. Exit 1: something needed is missing."""
    findings = list(examine(make_settings(data=data, port=port)))
    ok = all(finding.ok or not finding.needed for finding in findings)
    if as_json:
        emit({"ok": ok, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            mark = "ok  " if finding.ok else "FAIL" if finding.needed else "warn"
            say(f"{mark} {finding.name:10} {finding.detail}" + (f"  -> {finding.remedy}" if finding.remedy else ""))
    if not ok:
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what is found, one thing after the other."""
    checks: tuple[Callable[[], Finding], ...] = (
        _python,
        _packages,
        lambda: _port(settings),
        lambda: _disk(settings.data),
        lambda: _fsync(settings.data),
        lambda: _certificate(settings.data),
        _files,
        lambda: _units(settings.units_file),
        _pages,
        _numba,
        _video,
        _font,
        _chromium,
        _clock,
    )
    for check in checks:
        try:
            yield check()
        except (OSError, ImportError, RuntimeError, ValueError) as error:
            yield Finding(check.__name__.strip("_<>"), False, True, f"{type(error).__name__}: {error}")


def _python() -> Finding:
    return Finding("python", sys.version_info >= (3, 11), True, sys.version.split()[0])


def _packages() -> Finding:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    detail = f"missing: {', '.join(missing)}" if missing else f"all {len(NEEDED)} there"
    return Finding("packages", not missing, True, detail, "pip install rescuecmd" if missing else "")


def _port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            why = error.strerror or str(error)
            return Finding("port", False, False, f"{settings.host}:{settings.port}: {why}", "serve --port N")
    return Finding("port", True, False, f"{settings.host}:{settings.port} is free")


def _disk(data: Path) -> Finding:
    place = _existing(data)
    free = shutil.disk_usage(place).free
    writable = os.access(place, os.W_OK)
    detail = f"{data}: {free / 2**30:.1f} GiB free" + ("" if writable else ", not writable")
    return Finding("disk", writable and free > _LEAST_FREE_BYTES, True, detail)


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _certificate(data: Path) -> Finding:
    from rescuecmd.server import tls  # noqa: PLC0415  (the crypto library is not loaded for --help)

    try:
        made = tls.look(data / tls.FOLDER)
    except NotFoundError:
        remedy = "phones need one for camera, position and enrolment: rescuecmd tls init ADDRESS"
        return Finding("tls", ok=False, needed=False, detail="no certificate", remedy=remedy)
    days = made.days_left(dt.datetime.now(dt.UTC))
    good = days > tls.RENEW_DAYS
    detail = f"good for {days:.0f} days, for {' '.join(made.names)}"
    return Finding("tls", ok=good, needed=False, detail=detail, remedy="" if good else "rescuecmd tls renew")


def _fsync(data: Path) -> Finding:
    """Measure what an order waits for: the slowest of a hundred small durable writes."""
    probe = _existing(data) / f".rescuecmd-probe-{os.getpid()}"
    times = []
    try:
        with probe.open("wb", buffering=0) as file:
            for _ in range(_FSYNCS):
                start = time.perf_counter()
                file.write(_PATTERN)
                os.fsync(file.fileno())
                times.append((time.perf_counter() - start) * 1000)
    finally:
        probe.unlink(missing_ok=True)
    times.sort()
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    return Finding("fsync", p99 < _SLOW_FSYNC_MS, False, f"p50 {p50:.1f} ms, p99 {p99:.1f} ms")


def _files() -> Finding:
    from rescuecmd import library  # noqa: PLC0415

    counts = {kind: len(library.names(kind)) for kind in ("rivers", "plans", "drills")}
    detail = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    return Finding("library", all(counts.values()), True, detail)


def _units(file: Path) -> Finding:
    """Units are for live operations; a server of drills does without."""
    from rescuecmd.interop.unit_file import load_units  # noqa: PLC0415

    try:
        units = load_units(file)
    except NotFoundError:
        return Finding("units", False, False, "none yet; a live operation needs them", "rescuecmd units init")
    except FaultsError as error:
        return Finding("units", False, False, f"{file}: {len(error.faults)} faults", "rescuecmd units check")
    return Finding("units", True, False, f"{len(units)} for live operations")


def _pages() -> Finding:
    from rescuecmd.server import pages  # noqa: PLC0415

    built = pages.built()
    return Finding("pages", built, True, "built" if built else "not built", "" if built else pages.BUILD_COMMAND)


def _numba() -> Finding:
    """Numba makes routes fast; without it they are slow and right."""
    if not COMPILED:
        return Finding("numba", False, False, SLOW, "pip install numba")
    import numba  # noqa: PLC0415

    return Finding("numba", True, False, str(numba.__version__))


def _video() -> Finding:
    import av  # noqa: PLC0415

    ok = "libx264" in av.codecs_available or "h264" in av.codecs_available
    return Finding("video", ok, True, f"PyAV {av.__version__}, H.264 {'there' if ok else 'missing'}")


def _font() -> Finding:
    """OpenCV brings its own font with Chinese signs; browsers bring theirs."""
    import cv2  # noqa: PLC0415

    ok = hasattr(cv2, "FontFace")
    return Finding("font", ok, True, f"OpenCV {cv2.__version__}" + ("" if ok else " without FontFace"))


def _chromium() -> Finding:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    return Finding("browser", found is not None, False, found or "no Chromium here; any modern browser will do")


def _clock() -> Finding:
    ok = time.time() > 1_700_000_000
    return Finding("clock", ok, True, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
