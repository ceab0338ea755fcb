"""A table is a dict that does not change: held against dicts, old versions included; marks against a plain search."""

import pickle
import sys
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.picture.delta import changes
from rescuecmd.picture.entity import Zone
from rescuecmd.picture.state import Picture
from rescuecmd.picture.table import Key, Marks, Table
from rescuecmd.store.codec import decode_picture, encode_picture
from rescuecmd.text import Text

IDS = st.sampled_from([f"i{n}" for n in range(40)])
STEPS = st.lists(st.tuples(st.booleans(), st.lists(IDS, min_size=1, max_size=6), st.booleans()), max_size=60)


@given(STEPS)
def test_a_table_is_a_dict_at_every_step_and_stays_what_it_was(steps: list[tuple[bool, list[str], bool]]) -> None:
    table: Table[int] = Table.of({})
    plain: dict[str, int] = {}
    kept: list[tuple[Table[int], dict[str, int]]] = []
    for n, (puts, ids, looks) in enumerate(steps):
        plain = dict(plain)
        if puts:
            table = table.put(dict.fromkeys(ids, n))
            plain.update(dict.fromkeys(ids, n))
        else:
            table = table.drop(ids)
            for key in ids:
                plain.pop(key, None)
        assert len(table) == len(plain)
        assert [(table.get(f"i{n}", -1), f"i{n}" in table) for n in range(40)] == [
            (plain.get(f"i{n}", -1), f"i{n}" in plain) for n in range(40)
        ]
        if looks:  # which folds it: the next step goes on from there
            assert list(table.items()) == list(plain.items())
        kept.append((table, plain))
    for one, then in kept:
        assert (list(one), list(one.values()), len(one)) == (list(then), list(then.values()), len(then))
        assert one == Table.of(then)
        assert list(pickle.loads(pickle.dumps(one)).items()) == list(then.items())  # noqa: S301


def test_what_is_not_there_is_a_key_error() -> None:
    table = Table.of({"a": 1, "b": 2}).drop(["a"])
    for key in ("a", "c"):
        with pytest.raises(KeyError):
            table[key]
    assert table["b"] == 2
    assert bool(table)
    assert not table.drop(["b"])


def test_a_table_is_read_while_another_thread_walks_through_it() -> None:
    wanted = {str(n): n for n in range(2000)}
    wrong: list[object] = []

    def read(table: Table[int]) -> None:
        wrong.extend(
            n for n in range(60) if table.get(str(n)) != n or len(table) != 2000 or table.put({"new": 1})[str(n)] != n
        )
        if dict(table.items()) != wanted:
            wrong.append(table)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(20):
            table = Table.of({**wanted, **{str(n): -1 for n in range(60)}}).put({str(n): n for n in range(60)})
            readers = [threading.Thread(target=read, args=(table,)) for _ in range(2)]
            for reader in readers:
                reader.start()
            read(table)
            for reader in readers:
                reader.join()
    finally:
        sys.setswitchinterval(before)
    assert not wrong


@given(st.lists(st.lists(IDS, min_size=1, max_size=5), max_size=60), st.integers(0, 70))
def test_marks_give_what_changed_after_in_the_order_of_first_marks(steps: list[list[str]], after: int) -> None:
    marks, plain = Marks.of({}), dict[Key, int]()
    for seq, ids in enumerate(steps, start=1):
        marks = marks.mark([("cards", key) for key in ids], seq)
        plain.update({("cards", key): seq for key in ids})
    assert list(marks.items()) == list(plain.items())
    assert marks.after(after) == [(key, seq) for key, seq in plain.items() if seq > after]
    again = Marks.of(plain)
    assert (again, again.after(after)) == (marks, marks.after(after))
    assert len(marks) == len(plain)


def _zone(key: str, n: int) -> Zone:
    return Zone(key, "no_go", Text(str(n), str(n)), ((1.0, 2.0), (1.1, 2.0), (1.1, 2.1)), 0.0)


@given(STEPS)
def test_a_picture_from_its_snapshot_goes_on_as_the_picture_does(steps: list[tuple[bool, list[str], bool]]) -> None:
    live, restored = Picture(), Picture()
    for seq, (puts, ids, looks) in enumerate(steps, start=1):
        both = [_step(one.at(seq, float(seq)), puts, ids) for one in (live, restored)]
        live, restored = both[0], decode_picture(encode_picture(both[1])) if looks else both[1]
        assert restored == live
        assert list(restored.zones.items()) == list(live.zones.items())
        for after in (0, seq - 3, seq - 1, seq):
            assert changes(restored, after) == changes(live, after)


def _step(picture: Picture, puts: bool, ids: list[str]) -> Picture:
    return picture.put("zones", *(_zone(key, picture.seq) for key in ids)) if puts else picture.drop("zones", *ids)


def test_a_change_costs_no_more_when_there_is_more() -> None:
    """Counted, not timed: what a put copies beside the entity grows with the root of what there is, at most."""
    copied: dict[int, int] = {}
    for size in (100, 10_000):
        table: Any = Table.of({str(n): n for n in range(size)})
        copied[size] = 0
        for n in range(2000):
            before, table = table, table.put({str(n * 7 % size): -n})
            copied[size] += len(table._base) if table._base is not before._base else len(table._over)
    assert copied[10_000] < 12 * copied[100]


def test_old_pictures_share_what_they_have_in_common() -> None:
    picture = Picture()
    for n in range(0, 5000, 50):
        picture = picture.at(n + 1, 0.0).put("zones", *(_zone(str(one), n) for one in range(n, n + 50)))
    kept = []
    for n in range(20):
        picture = picture.at(6000 + n, 0.0).put("zones", _zone(str(n), -1))
        kept.append(picture)
    assert len({id(one.zones._base) for one in kept}) <= 2  # type: ignore[attr-defined]
    assert len({id(one.changed._runs[0]) for one in kept}) <= 2  # type: ignore[attr-defined]
    assert [one.zones[str(n)].name.en for n, one in enumerate(kept)] == ["-1"] * 20
