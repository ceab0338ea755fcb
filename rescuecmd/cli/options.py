"""From flags to settings: a flag that was not given leaves the environment and the defaults alone."""

from typing import Any

from pydantic import ValidationError

from rescuecmd.errors import InputError
from rescuecmd.settings import Settings


def make_settings(**given: Any) -> Settings:
    """Return the settings with these flags on top.

    Raises
    ------
    InputError
        A flag or a ``RESCUECMD_`` variable has a value that is not allowed.
    """
    flags = {name: value for name, value in given.items() if value is not None and value != ""}
    for name, other in (("drill", "river"), ("river", "drill")):
        if name in flags:
            flags.setdefault(other, "")  # one excludes the other, and a flag beats the environment
    try:
        return Settings(**flags)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise InputError("bad-setting", faults) from None
