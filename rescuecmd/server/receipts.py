"""Cumulative receipts: "I have everything up to n" confirms every card up to there, once, durably."""

from contextlib import suppress
from typing import TYPE_CHECKING

from rescuecmd.errors import UnavailableError
from rescuecmd.picture.commands import Actor, GiveReceipt, Order

if TYPE_CHECKING:
    from rescuecmd.server.frames import Tick
    from rescuecmd.server.operation import Running


async def confirm(running: "Running", tick: "Tick", terminal_id: str, seq: int, actor: Actor) -> None:
    """Record that a terminal has its cards up to a sequence number; those that are confirmed already cost nothing."""
    marks = tick.picture.changed
    cards = [card for card in tick.unconfirmed.get(terminal_id, ()) if marks["cards", card.id] <= seq]
    orders = [Order(f"have/{card.id}", actor, GiveReceipt(card.id, "delivered")) for card in cards]
    if orders:
        with suppress(UnavailableError):  # the reader says it again within seconds
            await running.desk.handle_many(orders)  # a refusal means that the card has moved on: nothing is owed
