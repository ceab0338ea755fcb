"""What aiortc and aioice do not do, in one place with a guard on what they look like.

1. A sender whose track yields packets forgets a viewer's picture loss indication (PLI): the flag it sets is read only
   for frames that it encodes itself. `on_picture_loss` calls us instead.
2. aioice offers no 127.0.0.1, so that a browser on this machine without another address finds no path.
   `offer_loopback` adds it.

Each looks for the one name that it replaces; where a release has moved it, the first leaves the two-second keyframe
as the only remedy, the second leaves the machine's other addresses, and `missing` says so.
"""

from collections.abc import Callable

import aioice.ice
from aiortc import RTCRtpSender

LOOPBACK = "127.0.0.1"


def missing() -> tuple[str, ...]:
    """Return what of the installed aiortc and aioice is not as expected; empty when all is."""
    faults = []
    if not callable(getattr(RTCRtpSender, "_send_keyframe", None)):
        faults.append("aiortc: RTCRtpSender has no _send_keyframe; keyframes only every two seconds")
    if not callable(getattr(aioice.ice, "get_host_addresses", None)):
        faults.append("aioice: ice has no get_host_addresses; no video over 127.0.0.1")
    return tuple(faults)


def on_picture_loss(sender: RTCRtpSender, call: Callable[[], None]) -> None:
    """Call back whenever the viewer of this sender says that it lost its picture."""
    if callable(getattr(sender, "_send_keyframe", None)):
        setattr(sender, "_send_keyframe", call)  # noqa: B010 -- a method of theirs, replaced on this one sender


def offer_loopback() -> None:
    """Let every connection made from now on also offer 127.0.0.1; calling it again changes nothing."""
    found = getattr(aioice.ice, "get_host_addresses", None)
    if not callable(found) or getattr(found, "with_loopback", False):
        return

    def with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        addresses: list[str] = found(use_ipv4=use_ipv4, use_ipv6=use_ipv6)
        return [*addresses, LOOPBACK] if use_ipv4 and LOOPBACK not in addresses else addresses

    with_loopback.with_loopback = True  # type: ignore[attr-defined]
    aioice.ice.get_host_addresses = with_loopback
