"""For every test: no deadline per example, because the machines are shared; the time limit on each test stays.

What runs real servers, browsers and videos has the machine for itself (`alone`); all other tests share its cores.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ALONE = {"browser", "chaos", "media", "server", "store", "test_demo.py"}
_TESTS = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of folders and files that need the whole machine."""
    for item in items:
        if item.path.relative_to(_TESTS).parts[0] in ALONE:
            item.add_marker(pytest.mark.alone)


settings.register_profile("house", deadline=None)
settings.load_profile("house")
os.environ["RESCUECMD_LANG"] = "en"  # whatever the terminal speaks
os.environ.setdefault("RESCUECMD_RESERVE_MB", "1")  # hundreds of servers are started, each in a folder of its own
