import pytest
import time_machine

from tests.factories import register


@pytest.fixture
def round_2021():
    """A working day of the round: Monday 2021-11-08, 10 o'clock in China."""
    with time_machine.travel("2021-11-08T10:00:00+08:00", tick=False):
        yield


@pytest.fixture
def tree(db, round_2021, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return register.places()


@pytest.fixture
def caseworker(tree):
    return register.user("village_caseworker", register.VILLAGE, name="张村官")


@pytest.fixture
def township(tree):
    return register.user("township_reviewer", register.TOWNSHIP, name="赵审核")


@pytest.fixture
def county(tree):
    return register.user("county_reviewer", register.COUNTY, name="孙审定")


@pytest.fixture
def household(caseworker):
    return register.household(caseworker)
