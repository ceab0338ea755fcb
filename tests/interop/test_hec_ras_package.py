"""A real HEC-RAS model becomes a river package that loads, is sailed on, and keeps the model's beds."""

from pathlib import Path

import numpy as np
import pytest

from rescuecmd.errors import InputError
from rescuecmd.interop.geojson_layer import load_layer
from rescuecmd.interop.hec_ras import read_model
from rescuecmd.interop.hec_ras_package import import_model
from rescuecmd.interop.river_edit import set_entry, write
from rescuecmd.interop.river_import import Origin
from rescuecmd.interop.river_pack import pack, unpack
from rescuecmd.interop.river_package import load_river
from rescuecmd.interop.river_write import layer_text
from rescuecmd.river.model import River

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "river" / "hec_ras"
BAXTER = DATA / "Baxter.p01.hdf"
pytestmark = pytest.mark.skipif(not BAXTER.is_file(), reason="the HEC-RAS model is not beside the project")
ORIGIN = Origin("USACE example model", "public domain", "high")


def finish(folder: Path) -> River:
    """Add what no model says, a gauge and the slope of the surface, and load the package."""
    features, _ = load_layer(folder / "centreline.geojson", "LineString")
    line = features[0].geometry
    names = {"id": "lower", "name_zh": "下游", "name_en": "Lower", "confidence": "low", "source": "drawn"}
    gauge = {**names, "vertical_datum": "local", "zero_m": None, "warning_m": None, "guarantee_m": None}
    write(folder / "gauges.geojson", layer_text("gauges", [(gauge, line.interpolate(1.0, normalized=True))]))
    set_entry(folder, "gauges", ORIGIN.entry(), under="layers")
    slopes = {"low": {"level_m": 30, "slope": 3e-4}, "flood": {"level_m": 50, "slope": 3e-4}}
    set_entry(folder, "surface", {**slopes, "confidence": "low", "source": "guessed"})
    return load_river(folder)


def test_a_real_model_becomes_a_package(tmp_path: Path) -> None:
    folder = tmp_path / "baxter"
    done = import_model(BAXTER, folder, ORIGIN, datum="local", at=(0.5, 0.5))
    assert (done.sections, done.left_out) == (148, ())
    river = finish(folder)
    surveys = read_model(BAXTER).reach().surveys
    assert river.length_m == pytest.approx(surveys[-1].chainage_m, rel=0.002)
    for section, survey in zip(river.sections, surveys, strict=True):
        left, right = survey.banks_m
        channel = survey.beds_m[(survey.stations_m >= left) & (survey.stations_m <= right)]
        assert section.beds_m.min() == pytest.approx(channel.min(), abs=0.02)
        assert section.channel_m[1] - section.channel_m[0] == pytest.approx(right - left, rel=0.05, abs=1.0)
    pack(folder, tmp_path / "baxter.gpkg")
    assert unpack(tmp_path / "baxter.gpkg", tmp_path / "back").changed == ()


def test_the_channel_is_where_the_model_has_it(tmp_path: Path) -> None:
    folder = tmp_path / "baxter"
    import_model(BAXTER, folder, ORIGIN, datum="local", at=(0.5, 0.5))
    river = finish(folder)
    at = np.array([section.chainage_m for section in river.sections])
    bed = river.bed_m(at[:, None], np.linspace(-400, 400, 801)[None, :])
    lowest = np.nanmin(bed, axis=1)
    assert np.allclose(lowest, [section.beds_m.min() for section in river.sections], atol=0.25)


def test_a_model_without_a_projection_needs_a_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--at lon,lat"):
        import_model(BAXTER, tmp_path / "x", ORIGIN, datum="local")
    import_model(BAXTER, tmp_path / "twice", ORIGIN, datum="local", at=(0.5, 0.5))
    with pytest.raises(InputError, match="exists already"):
        import_model(BAXTER, tmp_path / "twice", ORIGIN, datum="local", at=(0.5, 0.5))
