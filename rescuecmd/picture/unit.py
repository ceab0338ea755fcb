"""Who can be sent: the boats and teams of the services, as a drill's script or a service's own file names them."""

from collections.abc import Iterator
from dataclasses import dataclass

from rescuecmd.picture.commands import Command, EnrolTerminal, JoinVessel
from rescuecmd.picture.entity import Agency, Craft, Fix, Terminal, TerminalRole, Vessel
from rescuecmd.text import Text


def terminal_of(unit_id: str) -> str:
    """Return the id of the terminal that a unit carries."""
    return f"t-{unit_id}"


@dataclass(frozen=True, slots=True)
class Unit:
    """A boat, shore team or medical team with its terminal; a boat has a craft, a team ashore has none.

    ``supervisor`` is the unit that is told when this one does not answer.
    """

    id: str
    name: Text
    agency: Agency
    role: TerminalRole
    craft: Craft | None = None
    supervisor: str = ""

    @property
    def terminal_id(self) -> str:
        """The terminal that this unit carries."""
        return terminal_of(self.id)

    def joining(self, fix: Fix | None = None) -> Iterator[Command]:
        """Yield what brings the unit into an operation; without a fix nobody knows yet where it is."""
        vessel_id = self.id if self.craft is not None else ""
        told = terminal_of(self.supervisor) if self.supervisor else ""
        yield EnrolTerminal(
            Terminal(self.terminal_id, self.name, self.role, self.agency, vessel_id, fix, supervisor_id=told)
        )
        if self.craft is not None:
            yield JoinVessel(Vessel(self.id, self.name, self.agency, self.craft, self.terminal_id, fix))
