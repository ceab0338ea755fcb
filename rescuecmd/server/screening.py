"""The cameras of a running operation: the video process is fed with the truth and the picture, viewers are let in."""

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rescuecmd.desk import Desk
from rescuecmd.errors import RescueError, UnavailableError, unknown
from rescuecmd.feeds.exercise import Exercise
from rescuecmd.picture.state import Picture
from rescuecmd.reactions import Situation
from rescuecmd.server.views import CamerasAnswer, CameraStats
from rescuecmd.settings import Settings

_LOG = logging.getLogger("rescuecmd.server")


class Screening:
    """The video of an operation, or its absence."""

    def __init__(self, exercise: Exercise, desk: Desk, situation: Situation, settings: Settings) -> None:
        self._exercise = exercise
        self._desk = desk
        self._situation = situation
        self._settings = settings

    async def start(self) -> None:
        """Start."""

    async def close(self) -> None:
        """Close."""

    async def watch(self, camera_id: str, sdp: str) -> tuple[str, str]:
        """Let a viewer in."""
        raise UnavailableError("video-off", "this server runs without video")

    async def unwatch(self, session_id: str) -> None:
        """Let a viewer go."""

    def cameras(self, picture: Picture) -> CamerasAnswer:
        """Return what each camera does."""
        return CamerasAnswer(
            cameras=tuple(
                CameraStats(id=x.id, state=x.state, detail=x.detail, fps=0.0, viewers=0, width=0, height=0)
                for x in picture.cameras.values()
            )
        )
