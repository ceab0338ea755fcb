"""A server's worth of orders, to be killed at any moment: prints the id of each order once it is acknowledged.

Run as ``python -m tests.store.crash FOLDER LIFE``; it ends only by being killed.
"""

import asyncio
import itertools
import sys
from pathlib import Path

from rescuecmd import desk as desk_module
from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.picture.commands import Actor, AddNote, OpenOperation, Order
from rescuecmd.picture.entity import Operation
from rescuecmd.picture.order import Note
from rescuecmd.store.sqlite import SqliteLog
from rescuecmd.text import Text

NAME = Text("名", "name")
OPERATION = Operation(
    "op", NAME, "drill", "演练", "river", NAME, schematic=True, vertical_datum="wusong", started_s=0.0
)
OPEN = Order("open", Actor("drill"), OpenOperation(OPERATION))


def note(op_id: str, *, actor: str = "drill") -> Order:
    """Return an order that leaves one note of the same id."""
    return Order(op_id, Actor(actor), AddNote(Note(op_id, "report", NAME, (), "radio", "x", 0.0)))


async def live(folder: Path, life: str) -> None:
    """Send orders from eight senders until the end."""
    desk_module.SNAPSHOT_EVERY = 40  # so that some kills fall into a snapshot
    log = await SqliteLog.open(folder)
    desk = await Desk.open(log, "op", DrillClock(0.0))
    if desk.seq == 0:
        await desk.handle(OPEN)
    print("ready", flush=True)

    async def send(lane: int) -> None:
        for n in itertools.count():
            op_id = f"{life}/{lane}/{n}"
            await desk.handle(note(op_id))
            print(op_id, flush=True)

    await asyncio.gather(*(send(lane) for lane in range(8)))


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), sys.argv[2]))
