"""For every test: no deadline per example, because the machines are shared; the time limit on each test stays."""

import os

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
os.environ.setdefault("RESCUECMD_RESERVE_MB", "1")  # hundreds of servers are started, each in a folder of its own
