"""Robot crews of the server: a client for each terminal, over its own door, quiet while a person holds it."""

import asyncio
import logging
import ssl as tls
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rescuecmd.errors import RescueError
from rescuecmd.server.auth import Keyring, terminal_role

if TYPE_CHECKING:
    from rescuecmd.drill.crew import CrewPolicy
    from rescuecmd.feeds.robot import RobotCrew

_LOG = logging.getLogger("rescuecmd.robot")


class Robots:
    """The robot crews of one operation."""

    def __init__(
        self, address: str, keyring: Keyring, policies: "Iterable[CrewPolicy]", *, ssl: tls.SSLContext | None = None
    ) -> None:
        from rescuecmd.feeds.robot import RobotCrew  # noqa: PLC0415  (a server without robots has no use for clients)

        self._crews = [
            RobotCrew(address, keyring.key(terminal_role(policy.terminal_id)), policy, ssl=ssl) for policy in policies
        ]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Let every crew connect."""
        self._tasks = [asyncio.create_task(_run(crew), name="robot") for crew in self._crews]

    async def close(self) -> None:
        """Let every crew leave."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _run(crew: "RobotCrew") -> None:
    try:
        await crew.run()
    except RescueError as error:
        _LOG.error("%s", error.message)
