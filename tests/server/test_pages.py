import gzip
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from rescuecmd.server import pages
from rescuecmd.server.app import bare_app
from rescuecmd.server.guard import Guard


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "assets").mkdir()
    for name in ("command", "terminal", "trainer"):
        (tmp_path / f"{name}.html").write_text(f"<!doctype html><title>{name}</title>")
    (tmp_path / "assets" / "map-abc123.js").write_text("let x = 1;\n" * 200)
    (tmp_path / "assets" / "worker-abc123.mjs").write_text("let x = 1;\n")
    (tmp_path / ".secret").write_text("no")
    (tmp_path.parent / "outside.txt").write_text("no")
    monkeypatch.setattr(pages, "DIST", tmp_path)
    return tmp_path


def client() -> httpx.AsyncClient:
    app: FastAPI = bare_app()
    app.add_middleware(Guard, max_body_bytes=65536, refused=lambda *_: None)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here")


async def test_pages_carry_their_headers(dist: Path) -> None:
    async with client() as http:
        for path in ("/command", "/trainer", "/terminal/t-rib"):
            answer = await http.get(path)
            assert answer.status_code == 200
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] == "no-cache"


async def test_assets_are_packed_and_kept_for_ever(dist: Path) -> None:
    async with client() as http:
        answer = await http.get("/assets/map-abc123.js", headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        assert len(answer.text) == 2200
        assert int(answer.headers["content-length"]) < 200
        again = await http.get("/assets/map-abc123.js", headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304
        module = await http.get("/assets/worker-abc123.mjs")
        assert module.headers["content-type"].startswith("text/javascript")


async def test_a_file_that_the_build_packed_is_sent_as_it_is(dist: Path) -> None:
    (dist / "assets" / "map-abc123.js.gz").write_bytes(gzip.compress(b"packed by the build"))
    async with client() as http:
        answer = await http.get("/assets/map-abc123.js", headers={"accept-encoding": "gzip"})
        assert answer.text == "packed by the build"
        plain = await http.get("/assets/map-abc123.js", headers={"accept-encoding": "identity"})
        assert plain.text.startswith("let x")


@pytest.mark.parametrize(
    "path", ["/.secret", "/../outside.txt", "/%2e%2e/outside.txt", "/assets", "/nothing.js", "/api/nothing", "/a%00b"]
)
async def test_nothing_else_is_served(dist: Path, path: str) -> None:
    async with client() as http:
        answer = await http.get(path)
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not-found"


async def test_pages_that_are_not_built_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "DIST", tmp_path)
    async with client() as http:
        for path in ("/", "/command"):
            answer = await http.get(path)
            assert answer.status_code == 503
            assert "make pages" in answer.text


async def test_a_foreign_page_may_not_write(dist: Path) -> None:
    async with client() as http:
        answer = await http.post("/api/commands", json={}, headers={"origin": "http://evil.example"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin")


async def test_a_body_that_is_too_large_is_not_read(dist: Path) -> None:
    async with client() as http:
        answer = await http.post("/api/commands", content=b"x" * 70000)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too-large")

        async def endless() -> object:
            while True:
                yield b"x" * 4096

        answer = await http.post("/api/commands", content=endless())  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too-large")
