"""Writes `docs/accuracy.md` from the HEC-RAS model in the shared data.

    python -m tests.cases.accuracy > docs/accuracy.md

`tests/cases/test_accuracy.py` fails when the file no longer says what is measured.
"""

from pathlib import Path

from rescuecmd.interop.hec_ras_accuracy import accuracy, accuracy_table

MODEL = Path(__file__).resolve().parents[3] / "shared" / "data" / "river" / "hec_ras" / "Baxter.p01.hdf"

HEAD = """\
# How right the water is

Written by `python -m tests.cases.accuracy`; a test keeps it true. Compare any HEC-RAS plan file with results yourself:

```
rescuecmd river accuracy MODEL.p01.hdf
```

## Method

The model is *Baxter*, an example of the US Army Corps of Engineers computed with HEC-RAS 6.5: surveyed sections,
horizontally varied roughness, ineffective areas, obstructions, five bridges. Solver and level field are not tuned to
it. Three things about the stated sigma of straight lines were settled with this model in view: the share of hidden
errors that it is made to hold (94 %), the flows of the family here (half to twice the stored one), and the shape of
the error between two gauges. That shape was a random walk's at first, and held 99.3 % here with six gauges, more than
the 99 that it may. It is a bow now, for a reason that other rivers give: on 16 synthetic ones (slopes 0.1 to 3 m/km, n
off at random) errors in the outer tenths of a span are 0.25 of those in its middle, where a bow has 0.22 and a random
walk 0.44, and twice sigma of a walk held 98.9 % of the errors near gauges, that of a bow 91.4 %. Pooled by river and
number of gauges a bow holds 90 to 99 % in 90 of 96 cases (a walk in 87); the others are 99.0 % once and 88 to 89.4 %
with two or three gauges on 14 km of 3 m/km. One surface alone may hold 100 %: a single bow is inside or it is not.
Where straight lines are off by less than a centimetre (Tule Creek) nothing is judged.

- *Our solver* gets the geometry, the flow at each section and the level at the lowest section, and computes every
  other level by the standard step, without the bridges.
- *Level field*: gauges stand at the sections nearest to equal distances and read the stored levels. The field takes
  the computed surface whose mean level at the gauges is theirs and lays it through them. It is not told the flow.
- *Flow believed 40 % too small*: the same field, its family of surfaces built around 0.6 of the true flow. *Bare shape
  of that flow*: what a field would give that trusts the flow it is told, corrected at the gauges. The first column
  does not need the flow; whoever asks for 0.10 m of the bare shape at 3 gauges does not get it.
- *Straight lines* between the same gauges are what the surfaces are better than. Their stated sigma comes from
  our own surfaces of other flows and of the river rougher here and smoother there (n in waves of half a period to
  eight over the reach, 15 % in the mean), never from the stored results; twice sigma is to hold 90 to 99 % of the
  errors.
- *Within 2 sigma by spacing*: a river without surveyed sections, or whose surfaces are not built, knows the distance
  between its gauges only and states what straight lines were off on this very model at such distances. The last column
  is therefore no test of it, and it is not judged: on a steeper river straight lines are worse, on a slack one better.
- The sigma of the level field is made the same way. As this model's n is the one that its results were computed with,
  nothing here can test it: `tests/river/test_sigma.py` does, on three other rivers (slopes 0.1 to 1 m/km) whose n is
  off at random over 0.5, 2 and 8 km by 15 % and whose flow is half to twice the one of the survey. Twice sigma holds
  90 to 99 % there with 2 to 13 gauges. Made from n that is wrong as a whole, it held a third of them: the gauges hide
  that.

Errors are taken between the gauges only, RMSE over the sections.

## Results
"""


def document() -> str:
    """Return the whole page."""
    lines = [line for report in accuracy(MODEL) for line in ("", *accuracy_table(report))]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")
