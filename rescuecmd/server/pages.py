"""The pages: built files of `rescuecmd/web/dist`, compressed, hashed assets cached for ever."""

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from rescuecmd.errors import NotFoundError

DIST = Path(__file__).resolve().parent.parent / "web" / "dist"
BUILD_COMMAND = "make pages"
_FOREVER = "public, max-age=31536000, immutable"
_FRESH = "no-cache"
_TYPES = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".pbf": "application/x-protobuf",
}
_ICON_PX = (192, 512)
_PACKED_ALREADY = frozenset({".woff2", ".png", ".jpg", ".webp", ".pbf", ".gz", ".br"})
_WORTH_PACKING = 512  # bytes; below it the headers weigh as much as what is saved

router = APIRouter(include_in_schema=False)


def built() -> bool:
    """Return whether the pages are there."""
    return (DIST / "command.html").is_file()


@router.get("/")
async def root(request: Request) -> Response:
    """Show where the pages are."""
    if not built():
        return _not_built()
    if (DIST / "index.html").is_file():
        return _file(request, DIST / "index.html")
    return RedirectResponse("/command")


@router.get("/command")
async def command(request: Request) -> Response:
    """Show the command wall."""
    return _page(request, "command")


@router.get("/terminal/{terminal_id}")
async def terminal(request: Request, terminal_id: str) -> Response:
    """Show a terminal; which one, the page reads from its address."""
    return _page(request, "terminal")


@router.get("/enrol")
async def enrol(request: Request) -> Response:
    """Show the enrolment of a phone."""
    return _page(request, "enrol")


@router.get("/signin")
async def signin(request: Request) -> Response:
    """Show the sign-in of the command staff."""
    return _page(request, "signin")


@router.get("/trust")
async def trust(request: Request) -> Response:
    """Show how a phone comes to trust this server."""
    return _page(request, "trust")


@router.get("/terminal/{terminal_id}/app.webmanifest")
async def manifest(terminal_id: str) -> Response:
    """Describe a terminal's page as an app that opens this very terminal."""
    address = f"/terminal/{quote(terminal_id, safe='')}"
    icons = [
        {"src": f"/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
        for size in _ICON_PX
    ]
    about = {
        "id": address,
        "name": f"现场终端 {terminal_id}",
        "short_name": "现场终端",
        "lang": "zh-CN",
        "start_url": address,
        "scope": "/terminal/",
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#0a1118",
        "theme_color": "#0a56a3",
        "icons": icons,
    }
    return JSONResponse(about, media_type=_TYPES[".webmanifest"], headers={"cache-control": _FRESH})


@router.get("/l/{secret}")
async def locate(request: Request, secret: str) -> Response:
    """Show a caller's page; its secret the page reads from its address."""
    return _page(request, "locate")


@router.get("/trainer")
async def trainer(request: Request) -> Response:
    """Show the trainer's page."""
    return _page(request, "trainer")


@router.get("/{path:path}")
async def static(request: Request, path: str) -> Response:
    """Serve a built file; nothing outside the folder, nothing hidden."""
    file = (DIST / path.replace("\0", "")).resolve()
    if (
        path.startswith("api/")
        or "\0" in path
        or not file.is_relative_to(DIST)
        or not file.is_file()
        or "/." in f"/{path}"
    ):
        raise NotFoundError("not-found", f"there is nothing at /{path}", path=path)
    return _file(request, file)


def _page(request: Request, name: str) -> Response:
    return _file(request, DIST / f"{name}.html") if built() else _not_built()


def _not_built() -> Response:
    text = (
        "<!doctype html><meta charset=utf-8><title>rescuecmd</title>"
        "<h1>页面尚未构建 / The pages are not built yet</h1>"
        f"<p>请在程序目录执行 / run in the checkout: <code>{BUILD_COMMAND}</code></p>"
        "<p>API: <a href=/openapi.json>/openapi.json</a></p>"
    )
    return HTMLResponse(text, 503, headers={"cache-control": _FRESH})


def _file(request: Request, file: Path) -> Response:
    stat = file.stat()
    tag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    headers = {
        "cache-control": _FOREVER if file.parent.name == "assets" else _FRESH,
        "etag": tag,
        "vary": "accept-encoding",
    }
    if request.headers.get("if-none-match") == tag:
        return PlainTextResponse("", 304, headers=headers)
    body, encoding = _packed(file, stat.st_mtime_ns, _wanted(request))
    if encoding:
        headers["content-encoding"] = encoding
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Response(body, media_type=kind, headers=headers)


def _wanted(request: Request) -> tuple[str, ...]:
    offered = {part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    return tuple(name for name in ("br", "gzip") if name in offered)


@lru_cache(maxsize=256)
def _packed(file: Path, mtime_ns: int, wanted: tuple[str, ...]) -> tuple[bytes, str]:
    """Return the file's bytes and their encoding: the sibling that the build packed, else gzip made here once."""
    for name, suffix in (("br", ".br"), ("gzip", ".gz")):
        sibling = file.with_name(file.name + suffix)
        if name in wanted and sibling.is_file() and sibling.stat().st_mtime_ns >= mtime_ns:
            return sibling.read_bytes(), name
    plain = file.read_bytes()
    if "gzip" not in wanted or file.suffix in _PACKED_ALREADY or len(plain) < _WORTH_PACKING:
        return plain, ""
    return gzip.compress(plain, 9, mtime=0), "gzip"
