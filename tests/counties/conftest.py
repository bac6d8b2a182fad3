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
def township(tree):
    return register.user("township_reviewer", register.TOWNSHIP, name="赵审核")


@pytest.fixture
def reviewer(tree):
    return register.user("county_reviewer", register.COUNTY, name="孙审定")


@pytest.fixture
def insured_family(caseworker):
    """王建国, 李秀英 and 王小明 (13, grade 7), all insured."""
    people = register.family()
    for person in people:
        person |= {"ins_med_resident": True, "dibao_status": "none", "tekun_status": "none"}
    people[2] |= {"school_status": "g7"}
    return register.household(caseworker, members=people)
