"""A server's worth of orders, to be killed at any moment: prints the id of each order once it is acknowledged.

``python -m tests.store.crash`` reads lines ``FOLDER LIFE SYNCHRONOUS`` and lives each of these lives in a fork of
itself, so that dying costs milliseconds. It prints the fork's process id, then what the fork says, then ``gone``.
"""

import asyncio
import itertools
import os
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


def note(op_id: str, *, actor: str = "drill", words: int = 1) -> Order:
    """Return an order that leaves one note of the same id."""
    text = Text(NAME.zh, " ".join([NAME.en] * words))
    return Order(op_id, Actor(actor), AddNote(Note(op_id, "report", text, (), "radio", "x", 0.0)))


async def live(folder: Path, life: str, synchronous: str) -> None:
    """Send orders from eight senders until the end."""
    desk_module.SNAPSHOT_EVERY = 40  # so that some kills fall into a snapshot
    log = await SqliteLog.open(folder)
    assert log._writer is not None
    log._writer._connection.pragma("synchronous", synchronous)
    desk = await Desk.open(log, "op", DrillClock(0.0))
    if desk.seq == 0:
        await desk.handle(OPEN)
    say("ready")

    async def send(lane: int) -> None:
        for n in itertools.count():
            op_id = f"{life}/{lane}/{n}"
            await desk.handle(note(op_id))
            say(op_id)

    await asyncio.gather(*(send(lane) for lane in range(8)))


def say(line: str) -> None:
    """Write a line in one go, so that death never leaves half of one."""
    os.write(1, f"{line}\n".encode())


def main() -> None:
    for order in sys.stdin:
        folder, life, synchronous = order.split()
        child = os.fork()
        if not child:
            try:
                asyncio.run(live(Path(folder), life, synchronous))
            finally:  # only a broken disk ends a life from inside
                os._exit(1)
        say(str(child))
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main()
