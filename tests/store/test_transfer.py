from pathlib import Path

import pytest

from rescuecmd.errors import RefusedError
from rescuecmd.store import transfer
from rescuecmd.store.memory import MemoryLog
from rescuecmd.store.sqlite import SqliteLog
from rescuecmd.store.transfer import copy_operation
from rescuecmd.store.verify import verify
from tests.store.test_log import events


async def test_a_copy_is_the_same_and_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_PAGE", 4)
    source, target = MemoryLog(), await SqliteLog.open(tmp_path)
    await source.append("a", events(1, "x", "y", "y", "y", "y", "y", "z"), 0)
    assert await copy_operation(source, target, "a") == 7
    assert await target.read("a") == await source.read("a")
    await source.append("a", events(8, "w", "w"), 7)
    assert await copy_operation(source, target, "a") == 2
    assert await copy_operation(source, target, "a") == 0
    assert await copy_operation(source, target, "nothing") == 0
    assert [event.seq for event in await target.find_op("a", "y")] == [2, 3, 4, 5, 6]
    await target.close()
    assert [finding.events for finding in verify(tmp_path)] == [9]


async def test_another_operation_of_the_same_id_is_refused() -> None:
    source, target = MemoryLog(), MemoryLog()
    await source.append("a", events(1, "x", "y"), 0)
    await target.append("a", events(1, "y"), 0)
    with pytest.raises(RefusedError):
        await copy_operation(source, target, "a")
