"""A bad network in a box: two TUN devices, one of them in a network namespace, and between them a relay that loses,
delays and reorders packets. Needs root; the kernel's own `netem` is not asked for, many machines lack it.

``python -m tests.lossy`` is the relay; `lossy_link` runs it and yields the two addresses.
"""

import contextlib
import fcntl
import heapq
import json
import os
import random
import select
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_MTU = 1400


@dataclass
class Link:
    """A running link: `inside` is the address in the namespace, `outside` ours."""

    namespace: str
    inside: str
    outside: str
    _control: IO[str]

    def set(self, *, loss: float = 0.0, delay_s: float = 0.0, jitter_s: float = 0.0) -> None:
        """Change the link: share of packets lost each way, one-way delay and its spread (which reorders)."""
        self._control.write(json.dumps({"loss": loss, "delay_s": delay_s, "jitter_s": jitter_s}) + "\n")
        self._control.flush()


def can_lose() -> bool:
    """Return whether this machine lets us build such a link."""
    return os.geteuid() == 0 and shutil.which("ip") is not None and os.access("/dev/net/tun", os.R_OK | os.W_OK)


@contextlib.contextmanager
def lossy_link(seed: int = 1) -> Iterator[Link]:
    """Build the link, perfect at first; everything is taken down at the end."""
    name = f"rc{os.getpid() % 100000}"
    net = f"10.{os.getpid() % 200 + 20}.{os.getpid() // 200 % 250}"
    _ip("netns", "add", name)
    relay = subprocess.Popen(
        [sys.executable, "-m", "tests.lossy", f"{name}a", f"{name}b", str(seed)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert relay.stdin is not None
        assert relay.stdout is not None
        relay.stdout.readline()  # both devices are there
        _ip("link", "set", f"{name}b", "netns", name)
        _ip("addr", "add", f"{net}.1", "peer", f"{net}.2", "dev", f"{name}a")
        _ip("link", "set", f"{name}a", "mtu", str(_MTU), "up")
        _ip("-n", name, "addr", "add", f"{net}.2", "peer", f"{net}.1", "dev", f"{name}b")
        _ip("-n", name, "link", "set", f"{name}b", "mtu", str(_MTU), "up")
        _ip("-n", name, "link", "set", "lo", "up")
        yield Link(name, f"{net}.2", f"{net}.1", relay.stdin)
    finally:
        relay.communicate()
        _ip("netns", "del", name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _tun(name: str) -> int:
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(handle, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return handle


def relay(names: tuple[str, str], seed: int) -> None:
    """Carry packets between the two devices until the standard input ends."""
    one, other = map(_tun, names)
    print("ready", flush=True)
    across = {one: other, other: one}
    rng, way = random.Random(seed), {"loss": 0.0, "delay_s": 0.0, "jitter_s": 0.0}
    held: list[tuple[float, int, int, bytes]] = []
    count = 0
    while True:
        wait_s = max(0.0, held[0][0] - time.monotonic()) if held else None
        ready, _, _ = select.select([one, other, sys.stdin], [], [], wait_s)
        if sys.stdin in ready:
            line = sys.stdin.readline()
            if not line:
                return
            way = json.loads(line)
        for handle in across.keys() & set(ready):
            for packet in _packets(handle):
                if rng.random() >= way["loss"]:
                    count += 1
                    due_s = time.monotonic() + way["delay_s"] + rng.random() * way["jitter_s"]
                    heapq.heappush(held, (due_s, count, across[handle], packet))
        while held and held[0][0] <= time.monotonic():
            _, _, handle, packet = heapq.heappop(held)
            with contextlib.suppress(OSError):  # the device is still down
                os.write(handle, packet)


def _packets(handle: int) -> Iterator[bytes]:
    with contextlib.suppress(OSError):  # no more for now, or the device is still down
        while packet := os.read(handle, 65536):
            yield packet


if __name__ == "__main__":
    relay((sys.argv[1], sys.argv[2]), int(sys.argv[3]))
