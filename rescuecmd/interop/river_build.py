"""Builds what a river package computes from its own files: the family of water surfaces in ``profiles.csv``."""

from pathlib import Path

from rescuecmd.interop.river_edit import set_entry, write
from rescuecmd.interop.river_package import load_river
from rescuecmd.interop.river_profiles import profiles_text, sections_digest
from rescuecmd.river.family import Family
from rescuecmd.river.steady import river_family


def build(folder: Path) -> Family:
    """Compute the family of a package and write it into the package.

    Raises
    ------
    FaultsError
        The package has faults; nothing is written.
    NotCoveredError
        Its sections hold no range of levels, or it has neither a rating nor a slope.
    """
    river = load_river(folder, profiles=False)
    family = river_family(river)
    sections, rating = river.trust("sections"), river.rating
    trust = min((sections.confidence, rating.confidence if rating else "low"), key=["low", "medium", "high"].index)
    words = "schematic: " if river.schematic else ""
    entry = {
        "source": f"{words}{family.source}",
        "confidence": trust,
        "licence": sections.licence,
        "built_from": sections_digest(folder),
    }
    write(folder / "profiles.csv", profiles_text(family, river.sections))
    set_entry(folder, "profiles", entry, under="layers")
    return family
