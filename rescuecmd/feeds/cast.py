"""Robot crews and a robot commander inside the process, for headless runs: the same characters as behind sockets."""

from collections.abc import Callable, Iterator, Mapping

from rescuecmd.drill.crew import CommanderPolicy, Wish, crew_policies
from rescuecmd.drill.script import DrillScript
from rescuecmd.errors import RescueError
from rescuecmd.picture.commands import Actor, GiveReceipt, Order, PushCard
from rescuecmd.picture.lifecycle import ANSWERED, CARD_RANK
from rescuecmd.picture.state import Picture
from rescuecmd.plan.card import PlanCard
from rescuecmd.plan.personal import make_push
from rescuecmd.routing.scene import Scene

COMMANDER = Actor("commander", "robot commander")


class Cast:
    """Everybody whom a robot plays. `commander` False leaves the orders to somebody else."""

    def __init__(
        self,
        script: DrillScript,
        plans: Mapping[str, PlanCard],
        scenes: Callable[[Picture], Scene],
        *,
        seed: int,
        start_s: float,
        commander: bool = True,
        link_up: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._crews = crew_policies(script, seed, start_s)
        self._commander = CommanderPolicy(seed) if commander else None
        self._plans, self._scenes, self._link_up = plans, scenes, link_up
        self.failed: list[str] = []

    def act(self, picture: Picture, now_s: float) -> list[Order]:
        """Return what everybody says now: first the crews, then the commander."""
        return [*self._answers(picture, now_s), *self._orders(picture, now_s)]

    def _answers(self, picture: Picture, now_s: float) -> Iterator[Order]:
        for card in picture.cards.values():
            if CARD_RANK[card.state] >= ANSWERED:
                continue
            crew = self._crews.get(card.terminal_id)
            if crew is None or not self._held_by_robot(picture, card.terminal_id):
                continue
            for command in crew.answers(card, now_s):
                said = command.receipt if isinstance(command, GiveReceipt) else type(command).__name__
                yield Order(f"crew/{card.id}/{said}", Actor(f"terminal/{card.terminal_id}"), command)

        for copy in picture.copies.values():
            crew = self._crews.get(copy.terminal_id)
            if crew is not None and copy.state == "queued" and self._held_by_robot(picture, copy.terminal_id):
                for command in crew.confirms(copy):
                    yield Order(f"crew/{copy.id}", Actor(f"terminal/{copy.terminal_id}"), command)

    def _held_by_robot(self, picture: Picture, terminal_id: str) -> bool:
        terminal = picture.terminals.get(terminal_id)
        return terminal is not None and terminal.people == 0 and self._link_up(terminal_id)

    def _orders(self, picture: Picture, now_s: float) -> Iterator[Order]:
        if self._commander is None:
            return
        for number, wish in enumerate(self._commander.orders(picture, now_s)):
            pushed = self._push(picture, wish, f"push-{len(picture.pushes) + number + 1}", now_s)
            if pushed is not None:
                yield Order(f"commander/{pushed.push.id}", COMMANDER, pushed)
        for number, command in enumerate(self._commander.commands(picture, now_s)):
            yield Order(f"commander/{picture.seq}/{number}", COMMANDER, command)

    def _push(self, picture: Picture, wish: Wish, push_id: str, now_s: float) -> PushCard | None:
        try:
            return make_push(
                picture,
                self._scenes(picture),
                self._plans[wish.plan_id],
                push_id=push_id,
                by=COMMANDER.id,
                now_s=now_s,
                terminal_ids=wish.terminal_ids,
                victim_ids=wish.victim_ids,
                place_id=wish.place_id,
                group_id=wish.group_id,
            )
        except RescueError as error:
            self.failed.append(f"{push_id}: {error.message}")
            return None
