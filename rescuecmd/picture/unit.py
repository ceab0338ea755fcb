"""Who can be sent: the boats and teams of the services, as a drill's script or a service's own file names them."""

from collections.abc import Iterator
from dataclasses import dataclass

from rescuecmd.picture.commands import Command, EnrolTerminal, JoinVessel
from rescuecmd.picture.entity import Agency, Craft, Fix, Terminal, TerminalRole, Vessel
from rescuecmd.text import Text


@dataclass(frozen=True, slots=True)
class Unit:
    """A boat, shore team or medical team with its terminal; a boat has a craft, a team ashore has none."""

    id: str
    name: Text
    agency: Agency
    role: TerminalRole
    craft: Craft | None = None

    @property
    def terminal_id(self) -> str:
        """The terminal that this unit carries."""
        return f"t-{self.id}"

    def joining(self, fix: Fix | None = None) -> Iterator[Command]:
        """Yield what brings the unit into an operation; without a fix nobody knows yet where it is."""
        vessel_id = self.id if self.craft is not None else ""
        yield EnrolTerminal(Terminal(self.terminal_id, self.name, self.role, self.agency, vessel_id, fix))
        if self.craft is not None:
            yield JoinVessel(Vessel(self.id, self.name, self.agency, self.craft, self.terminal_id, fix))
