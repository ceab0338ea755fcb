"""The tables of a picture: read like a dict, never changed; a new one that differs in little shares the rest.

A table is a big dict that many versions share and a small one of what has changed since, folded into a big one of its
own when it has grown to about twice the root of it. So a change costs a copy of the small dict and now and then of the
big one: some microseconds, whether ten cards are open or ten thousand. Who walks through a whole table folds it first;
what has been folded is walked as fast as any dict. Order is that of a dict: first put first, what is put again stays
where it was, what was dropped and is put again comes last.
"""

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
from typing import Any, TypeAlias, TypeVar

V = TypeVar("V")
R = TypeVar("R")
Key: TypeAlias = tuple[str, str]
_Run: TypeAlias = dict[Key, tuple[int, int]]  # last change, and which one to be marked first
_GONE: Any = object()  # stands in a small dict for what its big one still has
_SHORT = 64  # marks: as many are copied for each new one, at most; 16 to 64 cost the same


def _grown(over: Mapping[Any, Any], base: Mapping[Any, Any]) -> bool:
    """Return whether copying the small dict each time begins to cost more than folding it in once."""
    return len(over) ** 2 > 4 * len(base)


class Table(Mapping[str, V]):
    """Entities by id; immutable, and safe to use from several threads at once.

    Folding writes `_base`, the whole, before `_over`, which is then empty. So everybody reads `_over` before `_base`:
    the small dict over either big one is the same table, the old big dict under nothing would not be.
    """

    __slots__ = ("_base", "_over", "_worked_out")

    def __init__(self, base: dict[str, V], over: dict[str, V] | None = None) -> None:
        self._base = base
        self._over = over or {}
        self._worked_out: dict[Any, Any] = {}

    @classmethod
    def of(cls, table: Mapping[str, V]) -> "Table[V]":
        """Return a mapping as a table; one that is a dict must not be changed any more."""
        if isinstance(table, Table):
            return table
        return cls(table if isinstance(table, dict) else dict(table))

    def put(self, fresh: Mapping[str, V]) -> "Table[V]":
        """Return the table with these added or replaced."""
        over, base = self._over, self._base
        if any(over.get(key) is _GONE for key in fresh):
            over, base = {}, self._folded()
        over = {**over, **fresh}
        return Table(base, over) if not _grown(over, base) else Table(_fold(base, over))

    def drop(self, ids: Iterable[str]) -> "Table[V]":
        """Return the table without these."""
        over, base = dict(self._over), self._base
        for key in ids:
            if key in base:
                over[key] = _GONE
            else:
                over.pop(key, None)
        return Table(base, over) if not _grown(over, base) else Table(_fold(base, over))

    def _folded(self) -> dict[str, V]:
        """Fold the small dict into the big one, in place, and return that: for readers nothing changes."""
        over, base = self._over, self._base
        if not over:
            return base
        self._base = whole = _fold(base, over)
        self._over = {}
        return whole

    def worked_out(self, how: Callable[[Mapping[str, V]], R]) -> R:
        """Return what `how` makes of the table, made once for each version of it."""
        kept = self._worked_out
        if how not in kept:
            kept[how] = how(self)
        made: R = kept[how]
        return made

    def __getitem__(self, key: str) -> V:
        over = self._over
        found = over[key] if key in over else self._base[key]
        if found is _GONE:
            raise KeyError(key)
        return found

    def get(self, key: str, default: Any = None) -> Any:
        """Return the entity of an id, or else `default`."""
        over = self._over
        found = over[key] if key in over else self._base.get(key, _GONE)
        return default if found is _GONE else found

    def __contains__(self, key: object) -> bool:
        over = self._over
        return over[key] is not _GONE if key in over else key in self._base

    def __len__(self) -> int:
        over, base = self._over, self._base
        return len(base) + sum((value is not _GONE) - (key in base) for key, value in over.items())

    def __iter__(self) -> Iterator[str]:
        return iter(self._folded())

    def keys(self) -> KeysView[str]:
        """Return the ids in order."""
        return self._folded().keys()

    def values(self) -> ValuesView[V]:
        """Return the entities in order."""
        return self._folded().values()

    def items(self) -> ItemsView[str, V]:
        """Return ids and entities in order."""
        return self._folded().items()

    def __eq__(self, other: object) -> bool:
        return self._folded() == (other._folded() if isinstance(other, Table) else other)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Table, (self._folded(),)

    def __repr__(self) -> str:
        return f"Table({self._folded()!r})"


def worked_out(table: Mapping[str, V], how: Callable[[Mapping[str, V]], R]) -> R:
    """Return what `how` makes of a table, an index for one, which all who ask about the same version share."""
    return table.worked_out(how) if isinstance(table, Table) else how(table)


def _fold(base: dict[str, V], over: dict[str, V]) -> dict[str, V]:
    whole = {**base, **over}
    for key, value in over.items():
        if value is _GONE:
            del whole[key]
    return whole


class Marks(Mapping[Key, int]):
    """The sequence at which each (collection, id) last changed, kept in the order of those changes as well.

    As a mapping it is in the order in which each was marked first, which is that of the tables. It is kept as runs,
    each at most half as long as the one before it, of which the later hides the earlier: a mark copies the last, short
    one; one that has grown longer than half of the run before it is joined to that.
    """

    __slots__ = ("_born", "_runs")

    def __init__(self, runs: Sequence[_Run], born: int) -> None:
        self._runs = tuple(runs)  # the oldest first, and in each the oldest change first
        self._born = born

    @classmethod
    def of(cls, marks: Mapping[Key, int]) -> "Marks":
        """Return a mapping, in the order of first marks, as marks."""
        if isinstance(marks, Marks):
            return marks
        numbered = ((key, (seq, born)) for born, (key, seq) in enumerate(marks.items()))
        return cls([dict(sorted(numbered, key=lambda item: item[1][0]))], len(marks))

    def mark(self, keys: Iterable[Key], seq: int) -> "Marks":
        """Return the marks with these changed at `seq`, which is not before any other."""
        *runs, last = self._runs
        if len(last) >= _SHORT:
            runs.append(last)
            last = {}
        fresh, born = dict(last), self._born
        for key in keys:
            known = fresh.pop(key, None) or self._find(key)
            fresh[key] = seq, known[1] if known else born
            born += known is None
        while runs and len(fresh) >= _SHORT and len(runs[-1]) < 2 * len(fresh):
            fresh = _renewed(runs.pop(), fresh)
        return Marks([*runs, fresh], born)

    def after(self, seq: int) -> list[tuple[Key, int]]:
        """Return what changed after `seq`, in the order of first marks; it costs what changed, not what there is."""
        found: dict[Key, tuple[int, int]] = {}
        for key, mark in self._newest_first():
            if mark[0] <= seq:
                break
            found.setdefault(key, mark)
        return [(key, at) for key, (at, _) in sorted(found.items(), key=_first_mark)]

    def _newest_first(self) -> Iterator[tuple[Key, tuple[int, int]]]:
        for run in reversed(self._runs):
            yield from reversed(run.items())

    def _find(self, key: Key) -> tuple[int, int] | None:
        for run in reversed(self._runs):
            if key in run:
                return run[key]
        return None

    def __getitem__(self, key: Key) -> int:
        found = self._find(key)
        if found is None:
            raise KeyError(key)
        return found[0]

    def __len__(self) -> int:
        return self._born

    def __iter__(self) -> Iterator[Key]:
        return (key for key, _ in self.items())

    def items(self) -> ItemsView[Key, int]:
        """Return keys and marks in order."""
        whole: _Run = {}
        for run in self._runs:
            whole.update(run)
        return {key: at for key, (at, _) in sorted(whole.items(), key=_first_mark)}.items()

    def __repr__(self) -> str:
        return f"Marks({dict(self.items())!r})"


def _first_mark(item: tuple[Key, tuple[int, int]]) -> int:
    return item[1][1]


def _renewed(older: _Run, newer: _Run) -> _Run:
    whole = dict(older)
    for key in newer:
        whole.pop(key, None)
    whole.update(newer)
    return whole
