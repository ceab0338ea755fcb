import pytest

from rescuecmd.river.model import River
from tests.ar.reach import make_reach


@pytest.fixture(scope="session")
def reach() -> River:
    return make_reach()
