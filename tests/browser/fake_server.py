"""A stand-in for the server on loopback: the built pages, one snapshot, and whatever changes the test makes.

It speaks the wire of the real one (same frames, resume by epoch and sequence) and keeps every command it is given.
"""

import asyncio
import io
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import uvicorn
from fastapi import FastAPI, Query, Request, WebSocket, WebSocketDisconnect
from PIL import Image
from starlette.responses import FileResponse, JSONResponse, Response

from tests.browser import scene
from tests.browser.drill import drill_view

DIST = Path(__file__).parents[2] / "rescuecmd" / "web" / "dist"
TICK_S = 0.1
BEAT_S = 0.5
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 400"><rect width="300" height="400" fill="#cde"/>'
    '<text x="20" y="60" font-size="24">演练 DRILL</text><path d="M40,360 Q160,240 150,90" stroke="#b3007a" '
    'stroke-width="8" fill="none"/></svg>'
)


class FakeServer:
    """The state a test drives. `change` is what the world does; `commands` is what the page asked for."""

    def __init__(self) -> None:
        self.epoch = "e1"
        self.picture = scene.picture()
        self.operation: dict[str, Any] = scene.wire(scene.OPERATION)
        self.story = scene.story()
        self.seq = len(self.story)
        self.changed: dict[tuple[str, str], int] = {}
        self.clock = {"state": "running", "speed": 1.0}
        self.now_s = scene.START_S
        self.record = "sound"
        self.drill = drill_view()
        self.commands: list[dict[str, Any]] = []
        self.by_second_road: list[dict[str, Any]] = []
        self.confirmed = 0
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.connections: list[Mapping[str, str]] = []
        self.foreign: list[str] = []
        self.silent = False
        self.refusing = False
        self.answering = True
        self.slow_s = 0.0
        self.port = 0
        self._started = time.monotonic()
        self._kicks = 0
        self._server: uvicorn.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> float:
        return self.now_s + (time.monotonic() - self._started)

    def put(self, put: Mapping[str, list[Any]], *, drop: Mapping[str, list[str]] | None = None, say: str = "") -> None:
        """Put entities by collection and drop ids; one sequence number for all."""
        self.seq += 1
        for name, entities in put.items():
            for entity in entities:
                body = entity if isinstance(entity, dict) else scene.wire(entity)
                self.picture[name][body["id"]] = body
                self.changed[name, body["id"]] = self.seq
        for name, ids in (drop or {}).items():
            for entity_id in ids:
                self.picture[name].pop(entity_id, None)
                self.changed[name, entity_id] = self.seq
        if say:
            line = {"seq": self.seq, "time_s": self.now(), "kind": "note", "text": {"zh": say, "en": say}}
            self.story.append(line)

    def patch(self, collection: str, entity_id: str, **fields: Any) -> None:
        self.put({collection: [{**self.picture[collection][entity_id], **fields}]})

    def kick(self) -> None:
        """Cut every live connection."""
        self._kicks += 1

    def restart(self) -> None:
        """Become another server: other epoch, so every page needs a new snapshot."""
        self.epoch += "x"
        self.kick()

    def named(self, name: str) -> list[dict[str, Any]]:
        return [item["body"] for item in self.commands if item["name"] == name]

    def snapshot(self) -> dict[str, Any]:
        return {**self._head("snapshot"), "operation": self.operation, "picture": self.picture, "story": self.story}

    def delta(self, after: int) -> dict[str, Any]:
        put: dict[str, dict[str, Any]] = {}
        drop: dict[str, list[str]] = {}
        for (name, entity_id), seq in self.changed.items():
            if seq <= after:
                continue
            if entity_id in self.picture[name]:
                put.setdefault(name, {})[entity_id] = self.picture[name][entity_id]
            else:
                drop.setdefault(name, []).append(entity_id)
        story = [entry for entry in self.story if entry["seq"] > after]
        return {**self._head("delta"), "after": after, "put": put, "drop": drop, "story": story}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"type": kind, "epoch": self.epoch, "seq": self.seq, "now_s": self.now(), "clock": self.clock,
                "witness": f"{self.epoch}~{self.seq}~sealed", "record": self.record}  # fmt: skip

    def past(self, at_s: float, who: str) -> dict[str, Any]:
        """Return a made-up past: a boat had none of the cards and an older state of another boat."""
        picture = {**self.picture, "soses": {}} if who else self.picture
        differs = {"soses": {"s1": "missing"}, "vessels": {"fire-2": "older"}} if who else {}
        return {"epoch": self.epoch, "at_s": at_s, "first_s": scene.START_S - 600, "last_s": scene.START_S,
                "terminal_id": who, "seq": self.seq - (4 if who else 0), "centre_seq": self.seq,
                "proven_s": scene.START_S - 90 if who else None, "proof": "receipt" if who else "none",
                "connected": True, "operation": self.operation, "picture": picture, "differs": differs}  # fmt: skip

    def push(self, body: dict[str, Any]) -> dict[str, Any]:
        push_id = f"p{len(self.picture['pushes']) + 1}"
        made = scene.pushed(push_id, body["plan_id"], body["terminal_ids"])
        for name in ("pushes", "cards"):
            for i, item in enumerate(made[name]):
                made[name][i] = scene.wire(item, pushed_s=self.now())
        self.put(made, say=f"推送 {push_id}")
        return {"push_id": push_id, "card_ids": [card["id"] for card in made["cards"]], "seqs": [self.seq]}

    def start(self) -> None:
        config = uvicorn.Config(make_app(self), host="127.0.0.1", port=0, log_level="error", ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        threading.Thread(target=self._server.run, daemon=True).start()
        while not self._server.started:
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server:
            self._server.should_exit = True


@contextmanager
def running() -> Iterator[FakeServer]:
    fake = FakeServer()
    fake.start()
    try:
        yield fake
    finally:
        fake.stop()


def make_app(fake: FakeServer) -> FastAPI:
    app = FastAPI()

    @app.websocket("/api/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        fake.connections.append(dict(socket.query_params))
        with suppress(WebSocketDisconnect, RuntimeError):
            await _serve(fake, socket)

    @app.get("/api/replay")
    async def replay(at: float, who: Annotated[str, Query(alias="as")] = "") -> dict[str, Any]:
        return fake.past(at, who)

    @app.get("/api/story")
    async def story() -> dict[str, Any]:
        return {"seq": fake.seq, "story": fake.story}

    @app.get("/api/river")
    async def river() -> dict[str, Any]:
        return scene.river()

    @app.get("/api/depth")
    async def depth() -> dict[str, Any]:
        west, south = scene.at(8000, -1200)
        east, north = scene.at(0, 1400)
        level = fake.picture["gauges"]["ciqikou"]["recent"][-1]["level_m"]
        corners = [[west, north], [east, north], [east, south], [west, south]]
        name = f"d{level:.2f}"
        return {"id": name, "time_s": fake.now(), "level_m": level, "gauge_id": "ciqikou", "corners": corners,
                "png": f"/api/depth/{name}.png", "tier": "family", "classes": scene.DEPTH_CLASSES}  # fmt: skip

    @app.get("/api/reach")
    async def reach(vessel_id: str, minutes: float = 20.0) -> dict[str, Any]:
        return scene.reach(vessel_id, minutes, fake.now())

    @app.get("/api/route/profile")
    async def profile(route_id: str) -> dict[str, Any]:
        return scene.profile(route_id, fake.now())

    @app.get("/api/depth/{name}.png")
    async def depth_png(name: str) -> Response:
        return Response(_depth_png(), media_type="image/png")

    @app.get("/api/drill")
    async def drill() -> dict[str, Any]:
        return fake.drill

    @app.post("/api/drill/{verb}")
    async def control(verb: str, request: Request) -> dict[str, Any]:
        fake.calls.append((verb, await request.json()))
        return fake.drill

    @app.get("/api/next")
    async def next_frame() -> Response:
        await asyncio.sleep(1.0)
        return Response(status_code=204)

    @app.post("/api/commands")
    async def commands(request: Request) -> Response:
        if not fake.answering:
            return Response(status_code=503)
        fake.by_second_road.append(await request.json())
        return JSONResponse({"op_id": fake.by_second_road[-1]["op_id"], "seqs": [fake.seq]})

    @app.post("/api/pushes")
    async def pushes(request: Request) -> Response:
        body = await request.json()
        fake.calls.append(("push", body))
        if fake.refusing:
            error = {"code": "too-late", "message": "the picture has moved on", "facts": {}}
            return JSONResponse({"error": error}, 409)
        return JSONResponse(fake.push(body))

    @app.post("/api/pushes/preview")
    async def preview(request: Request) -> dict[str, Any]:
        await asyncio.sleep(fake.slow_s)
        body = await request.json()
        content = scene.wire(scene.content("police-1"))
        return {
            "cards": [{"terminal_id": item, "content": content} for item in body.get("terminal_ids", ["t-police-1"])]
        }

    @app.get("/api/cards/{push_id}/{terminal_id}/picture.svg")
    async def svg(push_id: str, terminal_id: str) -> Response:
        return Response(SVG, media_type="image/svg+xml", headers={"x-shows-s": f"{fake.now():.1f}"})

    @app.post("/whep/{camera_id}")
    async def whep(camera_id: str) -> Response:
        return JSONResponse({"error": {"code": "camera-missing", "message": "no frames", "facts": {}}}, 503)

    @app.get("/{path:path}")
    async def page(path: str) -> Response:
        name = {"command": "command", "trainer": "trainer", "": "index"}.get(path)
        if path.startswith("terminal/"):
            name = "terminal"
        file = DIST / (f"{name}.html" if name else path)
        return FileResponse(file) if file.is_file() else Response(status_code=404)

    return app


async def _serve(fake: FakeServer, socket: WebSocket) -> None:
    query = socket.query_params
    hello = {"type": "hello", "epoch": fake.epoch, "operation_id": fake.operation["id"], "role": "commander",
             "terminal_id": query.get("terminal", ""), "tick_s": TICK_S, "server_time_s": time.time(),
             "server_version": "test"}  # fmt: skip
    await socket.send_json(hello)
    if query.get("epoch") == fake.epoch:
        have = int(query["have"])
        await socket.send_json(fake.delta(have))
    else:
        await socket.send_json(fake.snapshot())
    sender = asyncio.create_task(_send(fake, socket, fake.seq, fake._kicks))
    try:
        while True:
            message = await socket.receive_json()
            if message["type"] == "have":
                fake.confirmed = message["seq"]
                continue
            fake.commands.append(message)
            if fake.answering:
                await socket.send_json({"type": "done", "op_id": message["op_id"], "seqs": [fake.seq]})
    finally:
        sender.cancel()


async def _send(fake: FakeServer, socket: WebSocket, seen: int, kicks: int) -> None:
    last = time.monotonic()
    trainer = socket.query_params.get("view") == "trainer"
    while True:
        await asyncio.sleep(TICK_S)
        if fake._kicks != kicks:
            await socket.close(1012)
            return
        if fake.silent or (fake.seq == seen and time.monotonic() - last < BEAT_S):
            continue
        await socket.send_json(fake.delta(seen))
        if trainer:
            await socket.send_json({"type": "drill", **fake.drill})
        seen, last = fake.seq, time.monotonic()


def _depth_png() -> bytes:
    """Return a depth shading of the made-up river: blue inside the banks, deeper towards the middle."""
    height, width = 400, 200
    west, south = scene.at(8000, -1200)
    east, north = scene.at(0, 1400)
    lat = np.linspace(north, south, height)[:, None]
    lon = np.linspace(west, east, width)[None, :]
    chainage = scene.LENGTH_M / 2 - (lat - scene.LAT) / scene.M_LAT
    offset = (lon - scene.LON) / scene.M_LON - 700 * np.sin(chainage / 1500)
    share = np.clip(1 - np.abs(offset) / scene.HALF_M, 0, 1)
    image = np.zeros((height, width, 4), np.uint8)
    image[..., 0] = 150 - 120 * share
    image[..., 1] = 205 - 110 * share
    image[..., 2] = 235 - 60 * share
    image[..., 3] = np.where(share > 0, 210, 0)
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()
