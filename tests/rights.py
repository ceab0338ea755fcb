"""Writes the tables of `docs/security.md` from the program itself: ``python -m tests.rights``.

`tests/test_docs.py` fails when the document no longer says what the program is.
"""

import sys
from collections.abc import Iterator

from rescuecmd.server.pace import FREE, RATES
from rescuecmd.server.roles import ACTS, ROLES


def lines() -> Iterator[str]:
    """Yield the tables, line by line."""
    yield "| role | 中文 | views | may also | commands |"
    yield "| --- | --- | --- | --- | --- |"
    for role, rights in ROLES.items():
        acts = "; ".join(ACTS[act].en for act in ACTS if act in rights.acts) or "nothing"
        commands = " ".join(f"`{name}`" for name in sorted(rights.commands)) or "none"
        yield f"| `{role}` | {rights.name.zh} | {', '.join(rights.views) or 'none'} | {acts} | {commands} |"
    yield ""
    yield "| class | at once | then each second |"
    yield "| --- | --- | --- |"
    for kind, rate in RATES.items():
        yield f"| {kind} | {rate.burst:g} | {rate.per_s:.3g} |"
    yield f"| {', '.join(f'`{name}`' for name in sorted(FREE))} | never limited | |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
