"""A crew in a storm: a terminal that accepts every card, says so until it is answered, and reports where it is."""

import itertools
import random
import time
from typing import Any

from rescuecmd.feeds.robot import Frame
from tests.chaos.client import Client

ANSWER_AGAIN_S = 2.0
FIX = {"accuracy_m": 5.0, "source": "gps", "course_deg": 10.0, "speed_mps": 2.0}


class Crew(Client):
    """One terminal; what it said and what the server acknowledged of it are kept for the end."""

    def __init__(self, address: str, key: str, rng: random.Random, terminal_id: str) -> None:
        super().__init__(address, key, rng, terminal_id)
        self.answered: dict[str, list[int]] = {}
        self._unsent: dict[str, tuple[dict[str, Any], float]] = {}
        self._numbers = itertools.count(1)

    @property
    def settled(self) -> bool:
        """True when everything this crew has said was answered."""
        return not self._unsent

    async def report(self) -> None:
        """Say where we are; only the latest counts, so nobody keeps it."""
        n = next(self._numbers)
        fix = {**FIX, "lon_deg": 106.45 + n * 1e-5, "lat_deg": 29.6 + n * 1e-5, "time_s": 5e9 + n}
        body = {"fixes": {self.terminal_id: fix}}
        await self.write(_command(f"{self.terminal_id}/fix/{n}", "ReportPositions", body))

    async def _take(self, frame: Frame) -> None:
        if frame.op_id not in self._unsent:
            await super()._take(frame)
        elif frame.type == "done":
            self.answered[frame.op_id] = frame.seqs
            del self._unsent[frame.op_id]
        elif frame.type == "refused":
            self.wrong.append(f"{frame.op_id} was refused: {frame.error.get('code')}")
            del self._unsent[frame.op_id]

    async def act(self) -> None:
        """Accept what is new, and say again what nobody answered."""
        for card in self.shown:
            op_id = f"{card}/accepted"
            if op_id not in self.answered and op_id not in self._unsent:
                body = {"card_id": card, "receipt": "accepted", "reason": None}
                self._unsent[op_id] = _command(op_id, "GiveReceipt", body), 0.0
        now_s = time.monotonic()
        for op_id, (message, last_s) in list(self._unsent.items()):
            if now_s - last_s > ANSWER_AGAIN_S:
                self._unsent[op_id] = message, now_s
                await self.write(message)


def _command(op_id: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"type": "command", "op_id": op_id, "device_time_s": time.time(), "name": name, "body": body}
