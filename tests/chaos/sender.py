"""A commander in a storm: gives each order with its id until the server has answered, and some again after that."""

import asyncio
import contextlib
import random
from typing import Any

import httpx

from tests.server.door import Door, note

PUSH_EVERY = 3
AGAIN_SHARE = 0.2
PAUSE_S = 0.2


class Sender:
    """Sends notes to one terminal and plan cards to two, one after the other."""

    def __init__(self, door: Door, name: str, rng: random.Random) -> None:
        self._door, self._name, self._rng = door, name, rng
        self.answered: dict[str, list[int]] = {}
        self.cards: dict[str, int] = {}  # every card of an answered push, with the seq of its push
        self.wrong: list[str] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop; the order under way is seen through."""
        async with self._door.http() as http:
            n = 0
            while not stop.is_set():
                n += 1
                op_id = f"{self._name}-{n}"
                path, body = self._push(op_id) if n % PUSH_EVERY == 0 else self._note(op_id)
                answer = await _insist(http, path, body)
                self.answered[op_id] = answer["seqs"]
                self.cards |= dict.fromkeys(answer.get("card_ids", ()), answer["seqs"][0])
                if self._rng.random() < AGAIN_SHARE and await _insist(http, path, body) != answer:
                    self.wrong.append(f"{op_id} had two effects")
                await asyncio.sleep(PAUSE_S)

    def _note(self, op_id: str) -> tuple[str, dict[str, Any]]:
        body = {"note": {**note(op_id)["note"], "to": [self._rng.choice(self._door.terminals)]}}
        return "/api/commands", {"op_id": op_id, "name": "AddNote", "body": body}

    def _push(self, op_id: str) -> tuple[str, dict[str, Any]]:
        two = sorted(self._rng.sample(self._door.terminals, 2))
        return "/api/pushes", {"op_id": op_id, "plan_id": "reef", "terminal_ids": two, "place_id": "huangpanshi"}


async def _insist(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give an order until it is answered."""
    while True:
        with contextlib.suppress(httpx.HTTPError):
            answer = await http.post(path, json=body)
            if answer.is_success:
                return dict(answer.json())
            code = answer.json()["error"]["code"]  # not yet open, too fast, not recorded: all else is a fault
            assert answer.status_code in {429, 503} or code == "no-operation", answer.text
        await asyncio.sleep(0.1)
