import pytest

from tests.contracts.world import TODAY, make_world
from tests.factories import monitoring
from tests.factories.lasting import lasting


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker):
    """Made once for all contract tests, gone with the last of them."""
    with lasting(django_db_blocker):
        yield make_world()


@pytest.fixture
def today(world, db):
    """The day of the world, for one test."""
    with monitoring.day(TODAY):
        yield world
