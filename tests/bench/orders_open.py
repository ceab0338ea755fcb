"""What an order costs while more and more cards are open: pushed, received, accepted, and none of them ever done."""

import asyncio
import json

from tests.bench.bench import Bench
from tests.bench.crowd import Frame, Member
from tests.bench.harbour import Harbour, harbour
from tests.bench.orders_loss import Terminal

PHONES = 50
ROUND_S = 0.2  # a push now and then, not one hard upon another: what is batched costs less than it does one by one


class Crew(Terminal):
    """A terminal that accepts whatever it is sent."""

    def __init__(self, server: Harbour, role: str) -> None:
        super().__init__(server, role)
        self.accepted = 0

    def _look(self, member: Member, frame: Frame) -> None:
        before = len(self.shown)
        super()._look(member, frame)
        self.accepted += frame["type"] == "done"
        for card_id in self.shown[before:]:
            body = {"card_id": card_id, "receipt": "accepted"}
            order = {"type": "command", "op_id": f"accept/{card_id}", "name": "GiveReceipt", "body": body}
            member.say(json.dumps(order).encode())


async def open_cards(bench: Bench, *, quick: bool) -> None:
    """Hold what an order costs with ten thousand cards open against what it costs with two thousand."""
    rounds = 80 if quick else 200
    with harbour(PHONES, 50) as server:
        crews = [Crew(server, role) for role in server.terminals]
        tasks = [asyncio.create_task(crew.run()) for crew in crews]
        ids = [crew.role.removeprefix("terminal/") for crew in crews]
        used_s = [server.cpu_s()]
        for n in range(rounds):
            await asyncio.gather(server.ask(push=ids, n=n), asyncio.sleep(ROUND_S))
            while sum(crew.accepted for crew in crews) < (n + 1) * PHONES:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            used_s.append(server.cpu_s())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    fifth = rounds // 5
    few, many = (1e6 * (used_s[end] - used_s[end - fifth // 2]) / (fifth // 2 * PHONES) for end in (fifth, rounds))
    bench.figure("open_cpu_us_an_order_few", few)
    bench.figure("open_cpu_us_an_order_many", many)
    bench.figure("open_many_over_few", many / few)
    bench.at_most("open_many_over_few", 2.0)
