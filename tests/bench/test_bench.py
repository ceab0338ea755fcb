"""The frame of the benches: table, then one JSON line, and a status that fails when a floor is missed."""

import json

import pytest

from tests.bench.bench import Bench


def test_last_line_is_the_whole_result(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench("demo")
    bench.figure("ours_s", 0.5)
    bench.ratio("peer_over_ours", 3.0)
    assert bench.at_most("ours_s", 1.0)
    assert bench.at_least("peer_over_ours", 2.0)
    assert bench.check("same_answer", True)
    assert bench.finish() == 0
    out, err = capsys.readouterr()
    result = json.loads(out.strip().splitlines()[-1])
    assert set(result) == {"name", "figures", "ratios", "floors", "ok"}
    assert result["ok"] is True
    assert result["floors"]["ours_s"] == {"value": 0.5, "sense": "<=", "bound": 1.0, "ok": True}
    assert "ours_s = 0.5" in err


def test_a_missed_floor_fails_the_bench(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench("demo")
    bench.ratio("peer_over_ours", 1.0)
    assert not bench.at_least("peer_over_ours", 2.0)
    assert bench.finish() == 1
    assert json.loads(capsys.readouterr().out.strip().splitlines()[-1])["ok"] is False


def test_jobs_take_turns() -> None:
    order: list[str] = []
    times = Bench("demo").interleave({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, rounds=2)
    assert order == ["a", "b", "a", "b", "a", "b"]
    assert set(times) == {"a", "b"}
