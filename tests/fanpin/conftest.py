import pytest
import time_machine

from tests.factories import register


@pytest.fixture
def tree(db, settings, tmp_path):
    """Monday 2021-11-08, 10 o'clock in China, on a small tree with two counties."""
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel("2021-11-08T10:00:00+08:00", tick=False):
        yield register.places()


@pytest.fixture
def caseworker(tree):
    return register.user("village_caseworker", register.VILLAGE, name="张村官")


@pytest.fixture
def manager(tree):
    """Manages users of one county."""
    return register.user("admin", register.COUNTY, name="县管理员")
