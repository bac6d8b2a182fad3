import datetime

import pytest
import time_machine

from fanpin.accounts.roles import Role
from tests.factories import register
from tests.factories.assistance import put_under_monitoring

NOW = datetime.datetime(2021, 11, 8, 2, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _on_the_eighth_of_november(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def places(db):
    return register.places()


@pytest.fixture
def village(places):
    return register.user(Role.VILLAGE_CASEWORKER, register.VILLAGE)


@pytest.fixture
def township(places):
    return register.user(Role.TOWNSHIP_REVIEWER, register.TOWNSHIP)


@pytest.fixture
def elsewhere(places):
    return register.user(Role.VILLAGE_CASEWORKER, register.OTHER_VILLAGE)


@pytest.fixture
def household(village):
    """A household that is neither lifted nor monitored."""
    return register.household(village, hh_type="general")


@pytest.fixture
def monitored(village):
    return put_under_monitoring(register.household(village, hh_type="general"))
