"""The gauges themselves: who has fallen silent, who repeats himself, whose last value nobody believes."""

from collections.abc import Iterator

from rescuecmd.picture.commands import JudgeGauge
from rescuecmd.picture.gauging import judge
from rescuecmd.picture.order import AlarmKind, Priority
from rescuecmd.picture.water import Gauge
from rescuecmd.reactions.moment import Moment, Wish
from rescuecmd.reactions.water import stand
from rescuecmd.text import Text
from rescuecmd.units import format_duration


def watch(moment: Moment) -> Iterator[Wish]:
    """Judge every gauge, and raise or take back what is said about it."""
    gauges = moment.picture.gauges
    for gauge in gauges.values():
        state = judge(gauge, gauges.values(), moment.now_s)
        if state != gauge.state:
            yield gauge.id, JudgeGauge(gauge.id, state)
        yield from stand(moment, _stale(gauge) if state == "stale" else None, f"gauge_stale/{gauge.id}")
        yield from stand(moment, _stuck(gauge) if state == "stuck" else None, f"gauge_stuck/{gauge.id}")
        yield from stand(moment, _spike(gauge), f"gauge_spike/{gauge.id}")


def _stale(gauge: Gauge) -> tuple[AlarmKind, Priority, Text]:
    every = format_duration(gauge.every_s or 0.0)
    zh = f"{gauge.name.zh}水位读数中断（应每 {every} 一次），显示的水位已过时"
    return (
        "gauge_stale",
        "warning",
        Text(zh, f"{gauge.name.en} has fallen silent (due every {every}); its level is old"),
    )


def _stuck(gauge: Gauge) -> tuple[AlarmKind, Priority, Text]:
    level = gauge.recent[-1].level_m
    zh = f"{gauge.name.zh}读数停在 {level:.2f} m，而邻近水尺在变化：可能卡死，不再采用"
    en = f"{gauge.name.en} stands at {level:.2f} m while its neighbours move: stuck, no longer used"
    return "gauge_stuck", "warning", Text(zh, en)


def _spike(gauge: Gauge) -> "tuple[AlarmKind, Priority, Text] | None":
    if not gauge.held:
        return None
    level = gauge.held[-1].level_m
    zh = f"{gauge.name.zh}读数 {level:.2f} m 变化过快，暂不采用"
    return "gauge_spike", "caution", Text(zh, f"{gauge.name.en}: {level:.2f} m is too fast a change, held aside")
