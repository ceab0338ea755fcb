"""Every setting, with its unit and default. A command-line flag beats ``RESCUECMD_<NAME>``, which beats the default."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

UNITS_FILE = "units.yaml"


def default_data_dir() -> Path:
    """Return where the log and the keys of this person's server live (XDG base directory specification)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "rescuecmd"


def default_cache_dir() -> Path:
    """Return where what can be made again is kept between starts (XDG base directory specification)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "rescuecmd"


class GaugeFeed(BaseModel):
    """An address where the readings of one gauge are fetched."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gauge: Annotated[str, Field(min_length=1, description="Gauge of the river.")]
    url: Annotated[str, Field(pattern=r"^https?://", description="Address that answers with JSON or CSV.")]
    every_s: Annotated[float, Field(ge=10, le=86400, description="How often to ask, s.")] = 300.0
    form: Annotated[Literal["usgs", "csv", "json"] | None, Field(description="Format; none: found out.")] = None
    site: Annotated[str, Field(description="Site in the answer, where it has several.")] = ""
    parameter: Annotated[str, Field(description="USGS code: 00065 stage, 62615 level; empty: the stage.")] = ""
    method: Annotated[str, Field(description="Sensor (methodID, time_series_id), where it has several.")] = ""
    vertical_datum: Annotated[str, Field(description="Datum of levels; stages need none.")] = ""


class Settings(BaseSettings):
    """What a server may be told."""

    model_config = SettingsConfigDict(env_prefix="RESCUECMD_", extra="ignore", frozen=True)

    host: Annotated[str, Field(description="Address to listen on; the default is this machine only.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="TCP port; 0 takes a free one.")] = 8123
    data: Path = Field(default_factory=default_data_dir, description="Folder of the event log and the keys.")
    reserve_mb: Annotated[int, Field(ge=0, description="Room kept on the disk for when it is full, MB.")] = 64
    cache: Path = Field(default_factory=default_cache_dir, description="Folder of compiled rivers.")
    drill: Annotated[str, Field(description="Drill to open when no operation is running; empty: none.")] = ""
    river: Annotated[str, Field(description="River of a live operation to open unless one is running; no drill.")] = ""
    units: Annotated[Path | None, Field(description="Its boats and teams; none: units.yaml of the data folder.")] = None
    speed: Annotated[float, Field(gt=0, le=1000, description="Drill seconds per real second.")] = 1.0
    seed: Annotated[int | None, Field(ge=0, description="Seed of everything random; none: the drill's own.")] = None
    robots: Annotated[bool, Field(description="Robot crews answer for the terminals that nobody holds.")] = True
    camera: Annotated[str, Field(description="virtual, a file, a device, an rtsp:// address, or off.")] = "virtual"
    video: Annotated[bool, Field(description="Run the video process.")] = True
    video_language: Annotated[Literal["zh", "en"], Field(description="Language of the marks on the video.")] = "zh"
    tick_s: Annotated[float, Field(gt=0.01, le=1.0, description="Shortest time between two frames to a page, s.")] = 0.2
    heartbeat_s: Annotated[float, Field(gt=0.1, le=1.0, description="Longest time between two frames, s.")] = 1.0
    knowledge_s: Annotated[float, Field(gt=0, description="How often it is recorded what terminals know, s.")] = 5.0
    max_message_bytes: Annotated[int, Field(ge=1024, le=1 << 20, description="Largest message taken, bytes.")] = 65536
    max_connections: Annotated[int, Field(ge=1, description="Most pages and terminals connected at once.")] = 1000
    tls: Annotated[bool, Field(description="Serve over TLS with the certificate that `tls init` made.")] = False
    two_persons: Annotated[bool, Field(description="Abandoning a search and mass recalls need a second person.")] = True
    live_links: Annotated[bool, Field(description="Keys of links also open a live operation, not only drills.")] = False
    device_hours: Annotated[float, Field(gt=0, le=8760, description="How long an enrolled device is good, h.")] = 72.0
    public_address: Annotated[str, Field(description="Address that phones use, such as https://192.168.1.5:8123.")] = ""
    gauges: Annotated[
        tuple[GaugeFeed, ...],
        Field(description='Gauges to fetch, JSON: [{"gauge": "ciqikou", "url": "https://...", "every_s": 300}].'),
    ] = ()
    stall_s: Annotated[float, Field(gt=0, description="A reader that takes nothing for so long is let go, s.")] = 20.0

    @model_validator(mode="after")
    def _drill_or_live(self) -> "Settings":
        if self.drill and self.river:
            raise ValueError("give a drill or the river of a live operation, not both")
        return self

    @property
    def units_file(self) -> Path:
        """The file that names who takes part in a live operation."""
        return self.units or self.data / UNITS_FILE
