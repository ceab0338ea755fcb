"""The border of an operation's own tasks: a fault in one is logged and stops it alone."""

import logging
from collections.abc import Coroutine
from typing import Any

from rescuecmd.errors import RefusedError

_LOG = logging.getLogger("rescuecmd.server")


async def guarded(work: Coroutine[Any, Any, None], name: str) -> None:
    """Run a task to its end; a fault in it is logged and stops it alone."""
    try:
        await work
    except RefusedError as error:
        _LOG.error("%s stopped: %s", name, error.message)
    except Exception:  # noqa: BLE001 - the border of a task of the operation
        _LOG.exception("%s stopped", name)
