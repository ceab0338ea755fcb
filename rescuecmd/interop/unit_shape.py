"""The shape of boats and teams in a file, the same in a drill's script and in a service's own list of its units."""

from typing import Annotated, TypeAlias

from pydantic import Field, model_validator

from rescuecmd.interop.files import Bilingual, FileModel
from rescuecmd.picture.entity import Agency, Craft, TerminalRole

NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,39}$"
CRAFT_KINDS = ("rib", "assault-boat", "inflatable", "patrol", "tug", "jet-ski")
Name: TypeAlias = Annotated[str, Field(pattern=NAME)]


class CraftModel(FileModel):
    """The limits of a boat."""

    kind: str
    length_m: float = Field(gt=0, le=60)
    draught_m: float = Field(gt=0, le=5)
    under_keel_m: float = Field(ge=0, le=5)
    air_draught_m: float = Field(gt=0, le=30)
    speed_mps: float = Field(gt=0, le=30)
    seats: int = Field(ge=1, le=200)
    max_current_mps: float | None = Field(default=None, gt=0)

    def craft(self) -> Craft:
        """Return the value of the core."""
        return Craft(**self.model_dump())


class UnitModel(FileModel):
    """A boat, shore team or medical team."""

    id: Name
    name: Bilingual
    agency: Agency
    role: TerminalRole
    craft: CraftModel | None = None
    supervisor: Annotated[str, Field(pattern=f"({NAME})|^$")] = ""

    @model_validator(mode="after")
    def _boat_has_craft(self) -> "UnitModel":
        if (self.role == "boat") != (self.craft is not None):
            raise ValueError(f"{self.id}: a boat has 'craft', a team ashore has none")
        return self
