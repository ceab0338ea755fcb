"""Level series at the reference points of a HEC-RAS run: what a gauge there would have shown, into a river package."""

from dataclasses import replace as with_source
from pathlib import Path

import numpy as np

from rescuecmd.errors import InputError
from rescuecmd.interop.gauge_choice import choose_levels
from rescuecmd.interop.gauge_values import GaugeValues
from rescuecmd.interop.hec_ras_results import ReferencePoint, read_reference_points
from rescuecmd.interop.river_import import Origin, SeriesSpec, add_series
from rescuecmd.text import Text

_NOTE = Text("模型计算值；时间按 UTC。", "Computed by the model; its times are taken as UTC.")


def import_reference_point(
    path: Path, folder: Path, origin: Origin, spec: SeriesSpec, *, replace: bool = False
) -> GaugeValues:
    """Add the stored level series of a reference point to a package; return what was read.

    Parameters
    ----------
    spec
        Its ``site`` is the reference point's name; empty: the only one.

    Raises
    ------
    InputError
        The file is damaged or in unknown units, has no such reference point, several of which none was named, or a zero
        was given: levels of a model stand above its vertical datum.
    """
    if spec.zero_m is not None:
        raise InputError("no-stages", f"{path} holds levels above the model's datum, not stages: leave out --zero")
    points = read_reference_points(path)
    if not points:
        raise InputError(
            "no-results",
            f"{path} has no level series at reference points; draw some in HEC-RAS and run the plan again, or take "
            "the sections of a 1D model: rescuecmd river import hec-ras",
        )
    values = choose_levels([_values(point) for point in points], spec, str(path))
    told = with_source(origin, source=f"reference point {values.site} of a HEC-RAS run: {origin.source}")
    add_series(folder, told, spec, values, note=_NOTE, replace=replace)
    return values


def _values(point: ReferencePoint) -> GaugeValues:
    """Return a point's series; where its cell was dry there may be no level."""
    wet = np.isfinite(point.levels_m)
    pairs = zip(point.times_s[wet], point.levels_m[wet], strict=True)
    left_out = (f"{point.name}, row {at + 1}: no level" for at in np.flatnonzero(~wet))
    return GaugeValues(point.name, "level", tuple((float(time), float(level)) for time, level in pairs), (*left_out,))
