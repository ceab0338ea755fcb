"""`rescuecmd river accuracy`: our water surface against the results that a HEC-RAS file holds."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from rescuecmd.cli.console import emit, hint, say
from rescuecmd.interop.hec_ras_accuracy import Report, accuracy_table
from rescuecmd.interop.hec_ras_accuracy import accuracy as report
from rescuecmd.river.accuracy import COVERED_PERCENT, FLOORS, Accuracy, uncovered
from rescuecmd.text import Text

_CODES = (
    "Exit codes: 0 every floor holds · 1 a floor is missed, or a profile could not be judged (dry, flowing back, "
    "outside our surfaces) · 2 not a HEC-RAS file with results · 3 no such reach"
)


def accuracy(
    model: Annotated[Path, typer.Argument(help="A HEC-RAS plan file with results (.pNN.hdf).")],
    reach: Annotated[str, typer.Option(help="One river of the model; empty: all of them.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare our solver and our level field with the results stored in a HEC-RAS file.

    Nothing is tuned to the results. Example: rescuecmd river accuracy Baxter.p01.hdf
    """
    if not as_json:
        hint(Text("正在计算水面线，每河段约数秒", "computing the water surfaces; some seconds a reach"))
    found = report(model, reach)
    missed = [*_missed(found.judged)]
    if as_json:
        floors = {**FLOORS, "covered_percent": COVERED_PERCENT}
        told = {"missed": missed, "unjudged": [asdict(one) for one in found.unjudged], "floors": floors}
        ok = not missed and not found.unjudged
        emit({"ok": ok, **told, "reaches": [_plain(one) for one in found.judged]})
    else:
        for line in _lines(found, missed):
            say(line)
    if missed or found.unjudged:
        raise typer.Exit(1)


def _lines(found: Report, missed: Sequence[str]) -> Iterator[str]:
    for one in found.judged:
        yield from accuracy_table(one)
        yield ""
    for left in found.unjudged:
        yield f"not judged: {left.reach}, {left.profile}: {left.why}"
    if missed:
        yield "missed: " + "; ".join(missed)
    elif found.judged:
        yield "every floor holds" + (" in what was judged" if found.unjudged else "")


def _missed(found: Sequence[Accuracy]) -> Iterator[str]:
    for one in found:
        yield from (f"{one.reach}, {one.profile}: {words}" for words in one.missed)
    for name, profiles in groupby(found, key=lambda one: one.reach):
        yield from (f"{name}: {words}" for words in uncovered(list(profiles)))


def _plain(one: Accuracy) -> dict[str, Any]:
    return {**asdict(one), "missed": one.missed}


def install(app: typer.Typer) -> None:
    """Add this command to `rescuecmd river`."""
    app.command("accuracy", epilog=_CODES)(accuracy)
