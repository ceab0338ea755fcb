"""The beat of the live socket: a tick when something changed, a heartbeat when nothing did, and who is connected.

Nobody is waited for: a tick replaces the one before, and a reader that was busy takes the newest when it is ready.
"""

import asyncio
import itertools
import logging
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from rescuecmd.errors import RescueError
from rescuecmd.picture.commands import Actor, NoteKnowledge, Order, SeeTerminal
from rescuecmd.picture.state import Picture
from rescuecmd.server.frames import Pieces, Tick, encode
from rescuecmd.server.readers import Reader, Readers
from rescuecmd.server.training import nothing_loaded
from rescuecmd.server.wire import RecordState
from rescuecmd.server.witness import Head, Sealer
from rescuecmd.settings import Settings

if TYPE_CHECKING:
    from rescuecmd.server.operation import Running

_LOG = logging.getLogger("rescuecmd.server.live")
_SERVER = Actor("software", "server")
_DRILL_FRAME_S = 1.0


class Hub:
    """Everybody who is connected, and the frame that they get next."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.readers = Readers(settings.max_connections)
        self.sealer: Sealer | None = None
        self.record: Callable[[], RecordState] = lambda: "sound"
        self._bell, self._alarm = asyncio.Event(), asyncio.Event()
        self.over = False
        self._dirty = asyncio.Event()
        self._pieces = Pieces()
        self._drill_made_s = 0.0
        self._run_id = uuid.uuid4().hex[:8]
        self._numbers = itertools.count(1)
        self.tick = self._loud = Tick("", Picture(), 0.0, (), (), self._pieces)

    @property
    def connected(self) -> int:
        """How many live connections there are."""
        return len(self.readers)

    @property
    def somebody(self) -> asyncio.Event:
        """Set once a person has connected."""
        return self.readers.somebody

    def join(self, terminal_id: str, *, robot: bool) -> AbstractContextManager[Reader]:
        """Count a connection while it lasts; see `Readers.join`."""
        return self.readers.join(terminal_id, robot=robot)

    def say_goodbye(self) -> None:
        """Let everybody go who waits for a frame over plain HTTP: the server ends."""
        self.over = True
        self._ring()

    async def stir(self) -> None:
        """Wait for the next tick, or for the end."""
        await self._bell.wait()

    async def next(self, seen: Tick) -> Tick:
        """Return the newest tick that is neither `seen` nor older, waiting for one if need be."""
        while self.tick is seen or self.tick.before(seen):
            await self._bell.wait()
        return self.tick

    async def next_loud(self, seen: Tick) -> Tick:
        """Return the newest tick as soon as more than positions is new since `seen`: a thousand need not be woken."""
        while self._loud.epoch == seen.epoch and self._loud.picture.seq <= seen.picture.seq:
            await self._alarm.wait()
        return self.tick

    async def tick_now(self, running: "Running") -> Tick:
        """Return a tick of this moment."""
        picture, now_s = await running.moment()
        head = Head(running.epoch, picture.seq, running.desk.link)  # nothing waits since the picture was taken
        return Tick(
            running.epoch,
            picture,
            now_s,
            running.story,
            running.secrets,
            self._pieces,
            behind=self.readers.behind(asyncio.get_running_loop().time()),
            witness=self.sealer.token(head) if self.sealer and head.link else "",
            record=self.record(),
        )

    async def begin(self, running: "Running") -> None:
        """Show an operation from this moment on: nobody who comes now sees an empty picture before it."""
        self._pieces = Pieces()  # those of another operation have other sequence numbers
        await self._show(running)

    async def serve(self, running: "Running") -> None:
        """Beat for an operation until cancelled; a fault is logged and the beat goes on."""
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._listen(running), name="live-listen")
                    group.create_task(self._beat(running), name="live-beat")
                    group.create_task(self._announce(running), name="live-presence")
                    group.create_task(self._note_knowledge(running), name="live-knowledge")
            except* Exception:  # noqa: BLE001 - the border of the live tasks
                _LOG.exception("the live beat failed; it goes on")
            await asyncio.sleep(self._settings.heartbeat_s)

    async def serve_nothing(self) -> None:
        """Beat without an operation until cancelled: the pages see that the server lives."""
        while True:
            self._publish(Tick("", Picture(), 0.0, (), (), self._pieces, record=self.record()))
            await asyncio.sleep(self._settings.heartbeat_s)

    async def _listen(self, running: "Running") -> None:
        """Mark the picture as changed, whenever it is."""
        seq = running.desk.seq
        while True:
            seq = (await running.desk.wait_beyond(seq)).seq
            self._dirty.set()

    async def _beat(self, running: "Running") -> None:
        while True:
            self._dirty.clear()
            await self._show(running)
            await asyncio.sleep(self._settings.tick_s)
            try:
                async with asyncio.timeout(self._settings.heartbeat_s - self._settings.tick_s):
                    await self._dirty.wait()
            except TimeoutError:
                continue

    async def _show(self, running: "Running") -> None:
        tick = await self.tick_now(running)
        tick.drill = self._drill_frame(running)
        self._publish(tick)

    def _drill_frame(self, running: "Running") -> bytes:
        """Return the trainer's frame, made at most once a second."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._drill_made_s < _DRILL_FRAME_S and self.tick.drill:
            return self.tick.drill
        self._drill_made_s = now_s
        view = running.drill.view() if running.drill is not None else nothing_loaded(1.0)
        return encode({"type": "drill", **view.model_dump()})

    def _publish(self, tick: Tick) -> None:
        now_s = asyncio.get_running_loop().time()
        known = self.tick.waiting_since_s
        cards = (card.id for cards in tick.unconfirmed.values() for card in cards)
        tick.waiting_since_s = {card_id: known.get(card_id, now_s) for card_id in cards}
        if not tick.only_moves(epoch=self.tick.epoch, after=self.tick.picture.seq):
            self._loud = tick
            self._alarm.set()
            self._alarm = asyncio.Event()
        self.tick = tick
        self._ring()

    def _ring(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()

    async def _announce(self, running: "Running") -> None:
        """Tell the operation how many people and robots hold each terminal, also that nobody does after a restart."""
        changed = self.readers.changed
        changed.set()
        while True:
            await changed.wait()
            changed.clear()
            orders = self._presence(running)
            try:
                answers = await running.desk.handle_many(orders) if orders else ()
            except RescueError as error:  # the desk is closed or overrun; the next coming or going tries again
                answers = [error]
            for answer in answers:
                if isinstance(answer, RescueError):
                    _LOG.warning("presence not recorded: %s", answer.message)

    async def _note_knowledge(self, running: "Running") -> None:
        """Record now and then how far each terminal has followed; nothing where only such notes were new."""
        noted: dict[str, int] = {}
        last_note = 0
        while True:
            await asyncio.sleep(self._settings.knowledge_s)
            known = self.readers.known(running.epoch)
            fresh = {key: seq for key, seq in known.items() if seq > max(last_note, noted.get(key, 0))}
            if not fresh:
                continue
            op_id = f"known/{self._run_id}/{next(self._numbers)}"
            try:
                events = await running.order(_SERVER, NoteKnowledge(fresh), op_id)
            except RescueError as error:
                _LOG.info("not noted what terminals know: %s", error.message)
                continue
            noted |= fresh
            last_note = events[-1].seq if events else last_note

    def _presence(self, running: "Running") -> list[Order]:
        present, now_s = self.readers.present(), running.clock.now_s()
        counts = {
            terminal.id: (present[terminal.id, False], present[terminal.id, True])
            for terminal in running.desk.picture.terminals.values()
            if (present[terminal.id, False], present[terminal.id, True]) != (terminal.people, terminal.robots)
        }
        return [
            Order(f"see/{self._run_id}/{next(self._numbers)}", _SERVER, SeeTerminal(terminal_id, *count, now_s))
            for terminal_id, count in counts.items()
        ]
