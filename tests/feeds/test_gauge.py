"""Readings from outside: fetched from a real server on this machine, checked against the river, handed to the desk."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.errors import InputError, NotFoundError, RefusedError, RescueError, UnavailableError
from rescuecmd.feeds.gauge import GaugeIntake, GaugePoller, Taken, pause_s, to_river_m
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import shelf
from rescuecmd.picture import commands as c
from rescuecmd.picture.entity import Operation
from rescuecmd.river.model import River
from rescuecmd.settings import GaugeFeed
from rescuecmd.store.memory import MemoryLog
from rescuecmd.text import Text

NOW_S = 1_900_000_000.0
HYDRO = c.Actor("gauge")


@cache
def river() -> River:
    return load_river(shelf("rivers") / "teaching")


async def desk() -> Desk:
    made = await Desk.open(MemoryLog(), "live", DrillClock(NOW_S))
    name = Text("行动", "operation")
    operation = Operation("live", name, "live", "", "teaching", river().name, True, "local", NOW_S)
    await made.handle(c.Order("open", c.Actor("commander"), c.OpenOperation(operation)))
    return made


async def test_levels_come_to_the_rivers_datum_and_the_gauge_is_placed() -> None:
    here = await desk()
    intake = GaugeIntake(here, river())
    values = [(NOW_S - 600, 6.0), (NOW_S, 6.5)]
    assert await intake.take("down", values, HYDRO, vertical_datum="huanghai") == Taken(taken=2)
    gauge = here.picture.gauges["down"]
    assert [one.level_m for one in gauge.recent] == [11.0, 11.5]
    assert gauge.vertical_datum == "local"
    assert (gauge.every_s, gauge.max_rate_m_per_h) == (900.0, 6.0)
    seq = here.seq
    await intake.take("down", values, HYDRO, vertical_datum="huanghai")
    assert here.seq == seq
    assert len(here.picture.gauges["down"].recent) == 2


async def test_stages_stand_above_the_gauges_zero() -> None:
    here = await desk()
    await GaugeIntake(here, river()).take("down", [(NOW_S, 1.5)], HYDRO, quantity="stage")
    assert here.picture.gauges["down"].recent[0].level_m == 11.5


async def test_a_jump_is_held_until_the_next_reading_bears_it_out() -> None:
    intake = GaugeIntake(await desk(), river())
    assert await intake.take("up", [(NOW_S - 1200, 11.0), (NOW_S - 600, 15.0)], HYDRO, vertical_datum="local") == Taken(
        1, 1
    )
    assert await intake.take("up", [(NOW_S, 15.2)], HYDRO, vertical_datum="local") == Taken(taken=2)


@pytest.mark.parametrize(
    ("gauge", "value", "more", "error", "said"),
    [
        ("upp", (NOW_S, 11.0), {"vertical_datum": "local"}, NotFoundError, "did you mean 'up'"),
        ("up", (NOW_S, 11.0), {}, InputError, "needs its vertical_datum"),
        ("up", (NOW_S, 11.0), {"vertical_datum": "wusong"}, InputError, "no offset from 'wusong'"),
        ("up", (NOW_S, 11.0), {"vertical_datum": "locl"}, InputError, "did you mean 'local'"),
        ("up", (NOW_S, 11.0), {"quantity": "discharge"}, InputError, "not a level"),
        ("up", (NOW_S + 3600, 11.0), {"vertical_datum": "local"}, InputError, "in the future"),
        ("up", (NOW_S, 360.0), {"vertical_datum": "local"}, InputError, "in feet"),
        ("up", (NOW_S, float("nan")), {"vertical_datum": "local"}, InputError, "expected a time and a level"),
        ("down", (NOW_S, 11.0), {"vertical_datum": "local"}, RefusedError, "script of this drill"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_recorded(
    gauge: str, value: tuple[float, float], more: dict[str, str], error: type[RescueError], said: str
) -> None:
    here = await desk()
    with pytest.raises(error, match=said):
        await GaugeIntake(here, river(), ["down"]).take(gauge, [(NOW_S - 60, 11.0), value], HYDRO, **more)  # type: ignore[arg-type]
    assert here.picture.gauges == {}


def test_a_gauge_without_a_zero_takes_no_stages() -> None:
    site = replace(river().gauge("up"), zero_m=None)
    with pytest.raises(InputError, match="zero is not known"):
        to_river_m(site, "stage", "", "local")


@given(st.floats(10, 86400), st.integers(0, 50))
def test_the_pause_after_failures_grows_up_to_the_usual_one(every_s: float, failures: int) -> None:
    pause = pause_s(every_s, failures)
    assert 0 < pause <= every_s
    assert failures == 0 or pause_s(every_s, failures + 1) >= pause


@asynccontextmanager
async def answering(*bodies: bytes) -> AsyncIterator[str]:
    """Serve these bodies one after the other (the last one for ever; an empty one is a 503); yield the address."""
    left = list(bodies)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = left.pop(0) if len(left) > 1 else left[0]
        status = b"200 OK" if body else b"503 Gone fishing"
        writer.write(b"HTTP/1.1 %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (status, len(body), body))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/levels"


def body(*levels: float) -> bytes:
    at = "2030-03-17T17:{:02d}:00+00:00"
    return json.dumps(
        {"readings": [{"time": at.format(n), "level_m": level} for n, level in enumerate(levels)]}
    ).encode()


def feed(url: str, **more: object) -> GaugeFeed:
    given: dict[str, object] = {"gauge": "up", "url": url, "vertical_datum": "local", "every_s": 10, **more}
    return GaugeFeed.model_validate(given)


async def test_a_feed_is_fetched_in_each_format() -> None:
    usgs = {
        "sourceInfo": {"siteCode": [{"value": "7"}]},
        "variable": {"variableCode": [{"value": "00065"}], "unit": {"unitCode": "ft"}, "noDataValue": -999999.0},
        "values": [{"value": [{"value": "5.0", "qualifiers": ["P"], "dateTime": "2030-03-17T12:05:00.000-05:00"}]}],
    }
    csv = b"time,level_m\n2030-03-17T17:00:00Z,11.0\n"
    water_ml = json.dumps({"value": {"timeSeries": [usgs]}}).encode()
    for raw, form, level in ((body(11.0), None, 11.0), (csv, "csv", 11.0), (water_ml, "usgs", 10 + 5 * 0.3048)):
        here = await desk()
        async with answering(raw) as url, httpx.AsyncClient() as client:
            await GaugePoller([], GaugeIntake(here, river())).fetch(client, feed(url, form=form))
        assert here.picture.gauges["up"].recent[0].level_m == pytest.approx(level, abs=0.001)


def sensors(*told: tuple[str, str, str]) -> bytes:
    """Return an answer of the OGC service of USGS: one value in metres for each (parameter, sensor, value)."""
    rows = [
        {"properties": {"monitoring_location_id": "USGS-7", "parameter_code": code, "time_series_id": sensor,
                        "unit_of_measure": "m", "value": value, "time": "2030-03-17T17:00:00+00:00"}}
        for code, sensor, value in told
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": rows}).encode()


TWO_SENSORS = sensors(("00065", "radar", "1.0"), ("00065", "float", "1.5"), ("62615", "radar", "12.0"))


@pytest.mark.parametrize(
    ("choice", "level"),
    [
        ({"method": "float"}, 11.5),
        ({"method": "radar"}, 11.0),
        ({"parameter": "62615"}, 12.0),
        ({"parameter": "00065", "method": "radar", "site": "USGS-7"}, 11.0),
    ],
)
async def test_a_feed_names_its_parameter_and_its_sensor(choice: dict[str, str], level: float) -> None:
    here = await desk()
    async with answering(TWO_SENSORS) as url, httpx.AsyncClient() as client:
        await GaugePoller([], GaugeIntake(here, river())).fetch(client, feed(url, **choice))
    assert here.picture.gauges["up"].recent[0].level_m == pytest.approx(level)


@pytest.mark.parametrize(
    ("choice", "said", "zh"),
    [
        ({}, 'it has float, radar; choose with "method" of the feed', "多个传感器"),
        ({"method": "rader"}, "did you mean 'radar'", "没有传感器 'rader'"),
        ({"parameter": "62614"}, "did you mean '62615'", "没有参数"),
        ({"site": "USGS-8"}, "did you mean 'USGS-7'", "没有站点"),
    ],
)
async def test_a_choice_that_is_open_or_wrong_is_told(choice: dict[str, str], said: str, zh: str) -> None:
    async with answering(TWO_SENSORS) as url, httpx.AsyncClient() as client:
        with pytest.raises(InputError, match=said) as caught:
            await GaugePoller([], GaugeIntake(await desk(), river())).fetch(client, feed(url, **choice))
    assert zh in str(caught.value.facts["zh"])


async def test_nothing_new_is_no_failure_but_no_valid_value_is() -> None:
    ice = json.loads(sensors(("00065", "radar", "1.0")))
    ice["features"][0]["properties"]["qualifier"] = ["ICE", "Ice"]
    async with answering(b'{"readings": []}', json.dumps(ice).encode()) as url, httpx.AsyncClient() as client:
        poller = GaugePoller([], GaugeIntake(await desk(), river()))
        assert await poller.fetch(client, feed(url)) == Taken()
        with pytest.raises(InputError, match="ice"):
            await poller.fetch(client, feed(url))


@pytest.mark.parametrize(
    ("raw", "error", "said"),
    [
        (b"", UnavailableError, "503"),
        (b"<html>", RescueError, "unknown column"),
        (b'{"readings": [{"time": "2030-03-17T17:00:00", "level_m": 11}]}', InputError, "zone"),
    ],
)
async def test_a_server_that_fails_or_babbles_is_an_error_with_a_sentence(
    raw: bytes, error: type[RescueError], said: str
) -> None:
    async with answering(raw) as url, httpx.AsyncClient() as client:
        with pytest.raises(error, match=said):
            await GaugePoller([], GaugeIntake(await desk(), river())).fetch(client, feed(url))


async def test_a_closed_port_is_unavailable() -> None:
    async with answering(b"x") as url:
        pass
    async with httpx.AsyncClient() as client:
        with pytest.raises(UnavailableError):
            await GaugePoller([], GaugeIntake(await desk(), river())).fetch(client, feed(url))


async def test_polling_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rescuecmd.feeds.gauge.FIRST_RETRY_S", 0.01)
    here = await desk()
    async with answering(b"", b"{}", body(11.0, 11.01)) as url:
        poller = GaugePoller([feed(url)], GaugeIntake(here, river()))
        task = asyncio.create_task(poller.run())
        try:
            async with asyncio.timeout(60):
                while "up" not in here.picture.gauges or not here.picture.gauges["up"].recent:
                    await here.wait_beyond(here.seq)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert [one.level_m for one in here.picture.gauges["up"].recent] == [11.0, 11.01]
