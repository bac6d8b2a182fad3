import pytest
import time_machine

from tests.factories import monitoring


@pytest.fixture(autouse=True)
def _in_the_round(settings, tmp_path):
    """Monday 2021-11-01 unless a test moves on with `monitoring.day`."""
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel("2021-11-01T10:00:00+08:00", tick=False):
        yield


@pytest.fixture
def people(db):
    return monitoring.staff()
