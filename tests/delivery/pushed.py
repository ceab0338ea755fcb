"""Small pictures in which a card was pushed to some terminals at second 0."""

from dataclasses import replace
from typing import cast

from rescuecmd.errors import RescueError
from rescuecmd.picture.commands import Actor, Command, GiveReceipt, Receipt
from rescuecmd.picture.decide import decide
from rescuecmd.picture.entity import Operation, Terminal
from rescuecmd.picture.events import CardPushed, Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.order import Card, CardContent, DeclineReason, Push, Task, TaskState
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

NAME = Text("名", "name")
CONTENT = CardContent(Text("礁石救援", "Reef rescue"), NAME, NAME, NAME, (), (), (), (), (), "")
OPERATION = Operation(
    "op", NAME, "drill", "演练", "river", NAME, schematic=True, vertical_datum="wusong", started_s=0.0
)


def pushed(*terminal_ids: str, held: tuple[str, ...] = (), task_state: str = "offered") -> Picture:
    """Return a picture with one push `p`; terminals in `held` are connected."""
    picture = replace(Picture(seq=1), operation=OPERATION)
    for terminal_id in terminal_ids:
        name = Text(f"{terminal_id}号艇", f"boat {terminal_id}")
        people = int(terminal_id in held)
        picture = picture.put("terminals", Terminal(terminal_id, name, "boat", "fire", people=people))
    state = cast("TaskState", task_state)
    push = Push("p", "reef", "1", CONTENT.title, "commander", 0.0, terminal_ids)
    cards = tuple(Card(f"p/{one}", "p", one, "reef", CONTENT, 0.0, task_id=f"p/{one}") for one in terminal_ids)
    tasks = tuple(Task(f"p/{one}", "reef", "reef", "p", one, "", (), "", 0, 0, state, 0.0) for one in terminal_ids)
    return happen(picture, CardPushed(push, cards, tasks, ()), 0.0)


def answered(picture: Picture, terminal_id: str, receipt: Receipt, at_s: float) -> Picture:
    """Return the picture after a receipt, if that is one."""
    reason: DeclineReason | None = "busy" if receipt == "declined" else None
    try:
        return carried_out(picture, GiveReceipt(f"p/{terminal_id}", receipt, reason), at_s)
    except RescueError:
        return picture


def carried_out(picture: Picture, command: Command, at_s: float) -> Picture:
    """Return the picture after a command."""
    for body in decide(picture, command, Actor("software"), at_s):
        picture = happen(picture, body, at_s)
    return picture


def happen(picture: Picture, body: object, at_s: float) -> Picture:
    """Return the picture after an event with this body."""
    seq = picture.seq + 1
    return fold(picture, Event(seq, f"o{seq}", Actor("software"), "", at_s, at_s, None, body))  # type: ignore[arg-type]
