"""Orders and positions over the real server: load, peers, loss, cuts, open cards, coming back after ten minutes.

Parts can be chosen: ``make bench NAME=orders ARGS="fanout scale"``; without any all run. ``--quick`` shortens them.
CPU is the server's alone. Latencies are of this machine at this hour and are held only where they are a promise.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from tests.bench.bench import Bench
from tests.bench.orders_fanout import fanout, taky
from tests.bench.orders_loss import cuts, loss, resume
from tests.bench.orders_open import open_cards
from tests.bench.orders_scale import scale

PARTS: Mapping[str, Callable[..., Coroutine[Any, Any, None]]] = {
    "fanout": fanout,
    "taky": taky,
    "scale": scale,
    "loss": loss,
    "cuts": cuts,
    "open": open_cards,
    "resume": resume,
}


def main() -> int:
    """Run the chosen parts."""
    bench = Bench("orders")
    quick = "--quick" in sys.argv
    chosen = [word for word in sys.argv[1:] if word in PARTS] or list(PARTS)
    for name in chosen:
        bench.say(f"part {name}")
        asyncio.run(PARTS[name](bench, quick=quick))
    if {"fanout", "taky"} <= set(chosen):
        bench.ratio("taky_cpu_over_ours", bench.figures["taky_cpu_us"] / bench.figures["fanout_cpu_us"])
        bench.at_least("taky_cpu_over_ours", 4.0)
    return bench.finish()


if __name__ == "__main__":
    sys.exit(main())
