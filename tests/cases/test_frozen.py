"""The frozen-against-moving table in the documentation is the one that the program gives."""

from pathlib import Path

from tests.cases.frozen import demonstrate, table

PAIRS = 80


def test_frozen_routes_run_aground_and_moving_ones_do_not() -> None:
    lines = demonstrate(PAIRS)
    assert all(line.moving_aground == 0 for line in lines)
    assert sum(line.aground for line in lines) > 0.2 * sum(line.planned for line in lines)
    assert sum(line.rerouted for line in lines) > 0.8 * sum(line.aground for line in lines)
    written = (Path(__file__).parents[2] / "docs" / "routing.md").read_text(encoding="utf-8")
    assert table(lines) in written, f"docs/routing.md holds another table; this is the true one:\n{table(lines)}"
