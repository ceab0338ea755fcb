"""For every test: no deadline per example, because the machines are shared; the time limit on each test stays."""

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
