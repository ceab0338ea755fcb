"""One running operation as the server sees it: desk, river and plans, with its drill, if it is one, and its video.

It carries out what routes ask for; it decides nothing that `decide` or `plan` decide.
"""

import asyncio
import hashlib
import logging
from collections import OrderedDict, deque
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from rescuecmd import compiled
from rescuecmd.desk import Desk
from rescuecmd.errors import RefusedError, RescueError
from rescuecmd.memory import settle
from rescuecmd.picture import commands as c
from rescuecmd.picture.events import CardPushed, Event, NoteAdded
from rescuecmd.picture.state import Picture
from rescuecmd.picture.story import Line, tell
from rescuecmd.server import wire
from rescuecmd.server.frames import encode, is_secret
from rescuecmd.server.guarded import guarded
from rescuecmd.server.replay import Replays
from rescuecmd.server.views import DepthAnswer, DepthClass
from rescuecmd.server.witness import LINK_CHARS, Head

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rescuecmd.feeds.gauge import GaugeIntake
    from rescuecmd.feeds.software import Software
    from rescuecmd.interop.svg import Language
    from rescuecmd.interop.svg_symbol import Theme
    from rescuecmd.reactions import Situation
    from rescuecmd.river.model import River
    from rescuecmd.routing.scene import Scene
    from rescuecmd.server.exercising import Exercising
    from rescuecmd.server.screening import Screening
    from rescuecmd.server.shading import DepthChart, Shading
    from rescuecmd.settings import GaugeFeed

_SERVER = c.Actor("software", "server")
_LOG = logging.getLogger("rescuecmd.server")
_STORY_KEPT = 2000
_FIRST_PUSH = ("rescuecmd.plan.personal", "rescuecmd.plan.draw", "rescuecmd.interop.svg")
_SHADINGS_KEPT = 4


class Running:
    """An operation that people are looking at."""

    def __init__(
        self,
        desk: Desk,
        situation: "Situation",
        *,
        origin: str,
        software: "Software",
        drill: "Exercising | None",
        video: "Screening",
        feeds: "Sequence[GaugeFeed]" = (),
    ) -> None:
        self.desk = desk
        self.clock = desk.clock
        self._origin = origin
        self.replays = Replays(desk)
        self._software = software
        self._reacting: asyncio.Task[None] | None = None
        self.drill = drill
        self.video = video
        self._situation = situation
        self._feeds = feeds
        self._polling: asyncio.Task[None] | None = None
        self.feed_problems: Mapping[str, str] = {}
        self._told_seq = 0
        self._warming: asyncio.Task[None] | None = None
        self.story: deque[Line] = deque(maxlen=_STORY_KEPT)
        self.secrets: set[int] = set()
        self._shadings: OrderedDict[str, Shading] = OrderedDict()

    @property
    def operation_id(self) -> str:
        """The id of the operation."""
        return self.desk.operation_id

    @property
    def epoch(self) -> str:
        """The name of this course of events: another one when the record turns out to have lost its end."""
        operation = self.desk.picture.operation
        return f"{self._origin}.{operation.cuts if operation else 0}"

    @property
    def live(self) -> bool:
        """True for a real operation, and not a drill."""
        return self.drill is None

    @property
    def ended(self) -> bool:
        """True when it is over."""
        operation = self.desk.picture.operation
        return operation is not None and operation.state == "ended"

    def need_drill(self) -> "Exercising":
        """Return the drill.

        Raises
        ------
        RefusedError
            ``live``: this is a real operation; nobody sets its clock or plays anything into it.
        """
        if self.drill is None:
            raise RefusedError("live", f"{self.operation_id} is a live operation, not a drill")
        return self.drill

    def need_live(self) -> None:
        """Refuse what is for real operations only.

        Raises
        ------
        RefusedError
            ``drill``: this is a drill; its trainer ends it.
        """
        if self.drill is not None:
            raise RefusedError("drill", f"{self.operation_id} is a drill; its trainer ends it")

    async def hear(self, head: Head, link: str) -> None:
        """Take what a witness saw of this operation; `link` is what the log has there.

        Where the log has less, or something else, that is recorded and raised as an alarm, once for each course.
        """
        if head.link and link[:LINK_CHARS] != head.link:
            command = c.ReportRecordCut(self.desk.seq, head.seq)
            await self.order(_SERVER, command, f"cut/{head.epoch}", cause="witness")

    @property
    def river(self) -> "River":
        """The river it is on."""
        return self._situation.river

    async def moment(self) -> tuple[Picture, float]:
        """Return the picture and the time, with the story told up to exactly that picture."""
        while self._told_seq < self.desk.seq:
            for event in await self.desk.since(self._told_seq):
                if event.seq > self._told_seq:  # somebody else may have told it while we waited
                    self._told_seq = event.seq
                    line = tell(self.desk.picture, event)
                    if line is not None:
                        self.story.append(line)
                    if isinstance(event.body, NoteAdded) and is_secret(event.body.note):
                        self.secrets.add(event.seq)
        return self.desk.picture, self.clock.now_s()

    async def order(
        self,
        actor: c.Actor,
        command: c.Command,
        op_id: str,
        *,
        device_time_s: float | None = None,
        cause: str = "",
    ) -> tuple[Event, ...]:
        """Hand an order to the desk; return its events when they are durable."""
        if isinstance(command, c.DrawZone):
            from rescuecmd.reactions.opened import check_rule  # noqa: PLC0415  (routing comes with the river)

            check_rule(command.zone, self.river)
        return await self.desk.handle(c.Order(op_id, actor, command, cause, device_time_s))

    async def make_push(self, request: wire.PushRequest, actor: c.Actor) -> c.PushCard:
        """Make every terminal's own version of a plan, from the picture as it stands.

        Raises
        ------
        NotFoundError
            There is no such plan, terminal, victim or place.
        """
        self._situation.plan(request.plan_id)
        return await asyncio.to_thread(self._make_push, request, actor.id, self.desk.picture, self.clock.now_s())

    def _make_push(self, request: wire.PushRequest, by: str, picture: Picture, now_s: float) -> c.PushCard:
        from rescuecmd.plan.personal import make_push  # noqa: PLC0415  (loaded with the first push's plan)

        return make_push(
            picture,
            self._situation.scene_for_orders(picture, now_s),
            self._situation.plan(request.plan_id),
            push_id=f"push-{hashlib.sha256(request.op_id.encode()).hexdigest()[:10]}",
            by=by,
            now_s=now_s,
            terminal_ids=request.terminal_ids,
            victim_ids=request.victim_ids,
            place_id=request.place_id,
            group_id=request.group_id,
        )

    def plans(self) -> tuple[wire.PlanBrief, ...]:
        """Return the plan cards there are, in the order of their ids."""
        cards = (card for _, card in sorted(self._situation.plans.items()))
        return tuple(
            wire.PlanBrief(id=card.id, title=card.title, verb=card.verb, victims=card.victims) for card in cards
        )

    async def push(self, request: wire.PushRequest, actor: c.Actor) -> wire.PushAnswer:
        """Push a plan; the same `op_id` again gives the same answer and pushes nothing."""
        command = await self.make_push(request, actor)
        about = request.offer_id or request.suggestion_id
        events = await self.order(
            actor, command, request.op_id, device_time_s=request.device_time_s, cause=f"screen:{about}" if about else ""
        )
        pushed = next((event.body for event in events if isinstance(event.body, CardPushed)), None)
        if pushed is None:
            raise RefusedError("op-id-taken", f"{request.op_id!r} was used for something else", op_id=request.op_id)
        cards = tuple(card.id for card in pushed.cards)
        return wire.PushAnswer(push_id=pushed.push.id, card_ids=cards, seqs=tuple(event.seq for event in events))

    async def card_picture(self, card_id: str, *, lang: "Language", theme: "Theme") -> tuple[str, float]:
        """Return the picture of a card as SVG, drawn from where its terminal is now, and the time it shows, s."""
        self.desk.picture.find("cards", card_id)
        return await asyncio.to_thread(self._draw, card_id, lang, theme)

    def _draw(self, card_id: str, lang: "Language", theme: "Theme") -> tuple[str, float]:
        from rescuecmd.interop.svg import render  # noqa: PLC0415
        from rescuecmd.plan.draw import draw_card  # noqa: PLC0415

        picture, now_s = self.desk.picture, self.clock.now_s()
        drawing = draw_card(picture, self._situation.scene(picture, now_s), card_id)
        marking = picture.operation.marking if picture.operation else ""
        return render(drawing, marking=marking, theme=theme, lang=lang), now_s

    @cached_property
    def gauges(self) -> "GaugeIntake":
        """Where readings from outside come in; those that the drill makes up are not to be had from there."""
        from rescuecmd.feeds.gauge import GaugeIntake  # noqa: PLC0415

        return GaugeIntake(self.desk, self.river, self.drill.scripted_gauges if self.drill else ())

    @cached_property
    def _river_json(self) -> bytes:
        from rescuecmd.server.chart import river_answer  # noqa: PLC0415

        return encode(river_answer(self.river))

    async def river_json(self) -> bytes:
        """Return the river with its layers, as JSON."""
        return await asyncio.to_thread(lambda: self._river_json)

    @cached_property
    def _chart(self) -> "DepthChart":
        from rescuecmd.server.shading import DepthChart  # noqa: PLC0415

        return DepthChart(self.river)

    def scene(self, picture: Picture, now_s: float) -> "Scene":
        """Return the water and its ways at a time; may take a tenth of a second."""
        return self._situation.scene(picture, now_s)

    async def depth(self) -> DepthAnswer:
        """Return the depth shading of now, drawn if the level has changed noticeably."""
        picture, now_s = self.desk.picture, self.clock.now_s()
        return await asyncio.to_thread(self._depth, picture, now_s)

    def _depth(self, picture: Picture, now_s: float) -> DepthAnswer:
        from rescuecmd.server.shading import depth_classes  # noqa: PLC0415

        water = self._situation.water(picture)
        time_s = max(now_s, water.start_s)
        gauge = next(gauge for gauge in picture.gauges.values() if gauge.id in water.series)
        key = self._chart.key(water, time_s, gauge.chainage_m)
        if key not in self._shadings:
            self._shadings[key] = self._chart.draw(water, time_s, gauge.chainage_m)
        self._shadings.move_to_end(key)
        while len(self._shadings) > _SHADINGS_KEPT:
            self._shadings.popitem(last=False)
        shading = self._shadings[key]
        return DepthAnswer(
            id=key,
            time_s=time_s,
            level_m=shading.level_m,
            gauge_id=gauge.id,
            corners=list(shading.corners),
            png=f"/api/depth/{key}.png",
            tier=water.tier,
            classes=[DepthClass(from_m=low, to_m=high, colour=css) for low, high, css in depth_classes()],
        )

    def depth_png(self, depth_id: str) -> bytes | None:
        """Return a recent depth picture, or None where there is none of that id."""
        shading = self._shadings.get(depth_id)
        return shading.png if shading else None

    async def start(self, somebody: asyncio.Event) -> None:
        """Let reactions and drill run, and the video as soon as there is `somebody` to see it."""
        self.video.start(somebody)
        self._warming = asyncio.create_task(self._warm(somebody), name="warm")
        self._reacting = asyncio.create_task(guarded(self._software.run(), "software"), name="software")
        if self.drill is not None:
            self.drill.start()
        if self._feeds:
            self._polling = asyncio.create_task(self._poll(self._feeds), name="gauges")

    async def _poll(self, feeds: "Sequence[GaugeFeed]") -> None:
        from rescuecmd.feeds.gauge import GaugePoller  # noqa: PLC0415  (httpx, for the few who fetch)

        poller = GaugePoller(feeds, self.gauges)
        self.feed_problems = poller.problems
        await poller.run()

    async def _warm(self, somebody: asyncio.Event) -> None:
        """Have the loops ready, and a push rehearsed when it can be: the first real one finds all loaded."""
        await asyncio.to_thread(compiled.warm)
        settle()
        await somebody.wait()
        while not self._ready_for_a_push():
            await self.desk.wait_beyond(self.desk.seq)
        try:
            await asyncio.to_thread(self._rehearse, self.desk.picture, self.clock.now_s())
        except RescueError as error:
            _LOG.info("not warmed: %s", error.message)

    def _ready_for_a_push(self) -> bool:
        """Return whether a boat's position and the water are known; in a live operation neither is at first."""
        picture = self.desk.picture
        return any(boat.fix is not None for boat in picture.vessels.values()) and any(
            gauge.recent or gauge.forecast for gauge in picture.gauges.values()
        )

    def _rehearse(self, picture: Picture, now_s: float) -> None:
        """Make a push that nobody gets: what the first real one needs is loaded then, and its loops are compiled."""
        for module in _FIRST_PUSH:
            import_module(module)
        boat = next((one for one in picture.vessels.values() if one.fix is not None and one.terminal_id), None)
        place = next((one for one in self.river.places.values() if one.kind == "reef"), None)
        if boat is None or place is None:
            return
        for plan_id in self._situation.plans:
            request = wire.PushRequest(
                op_id="rehearsal", plan_id=plan_id, terminal_ids=(boat.terminal_id,), place_id=place.id
            )
            with suppress(RescueError):  # a plan that does not fit the place
                self._make_push(request, "software", picture, now_s)
        settle()

    async def close(self) -> None:
        """Stop everything that runs and let go of the desk; the log stays open."""
        for task in (self._warming, self._polling, self._reacting):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self.drill is not None:
            await self.drill.close()
        await self.video.close()
        await self.desk.close()
