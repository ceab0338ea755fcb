"""Copies an operation from one log into another: a drill played in memory is kept, an old log gets a new home."""

from rescuecmd.store.log import Log

_PAGE = 2000


async def copy_operation(source: Log, target: Log, operation: str) -> int:
    """Append to `target` whatever of an operation it does not have yet; return how many events that were.

    Sequence numbers, order ids and times stay what they were. Orders are never split between two appends.

    Raises
    ------
    RefusedError
        ``stale-seq`` or ``duplicate-op``: the target holds another operation of the same id.
    """
    copied = 0
    after = (await target.head(operation)).seq
    while page := list(await source.read(operation, after, limit=_PAGE)):
        while more := await source.read(operation, page[-1].seq, page[-1].seq + 1):
            if more[0].op_id != page[-1].op_id:
                break
            page += more
        await target.append(operation, page, after)
        after = page[-1].seq
        copied += len(page)
    return copied
