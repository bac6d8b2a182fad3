"""The division tree as shipped: all of Gansu, province to village."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from fanpin.regions.loading import load_divisions
from fanpin.regions.models import Division, Level
from fanpin.regions.scope import code_of
from fanpin.regions.services import add_hamlet
from tests.factories.lasting import lasting

ROWS = 19_224


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gansu")]


@pytest.fixture(scope="module")
def gansu(django_db_setup, django_db_blocker):
    """The whole tree, loaded once for this module; returns what loading said."""
    with lasting(django_db_blocker):
        yield load_divisions()


def test_all_of_gansu_is_loaded_and_loading_again_changes_nothing(gansu):
    assert gansu == (ROWS, ROWS)
    assert Division.objects.count() == ROWS
    assert load_divisions() == (ROWS, 0)
    assert Division.objects.count() == ROWS


def test_every_path_is_the_line_of_codes_from_the_province_down():
    parents = {d.code: d for d in Division.objects.all()}
    for division in parents.values():
        upper = parents[division.parent_id].path if division.parent_id else "/"
        assert division.path == f"{upper}{division.code}/"
        depth = division.path.count("/") - 2
        assert division.level == Level.values[depth], division


def test_every_village_reaches_its_county_in_the_path():
    for path in Division.objects.filter(level=Level.VILLAGE).values_list("path", flat=True):
        assert len(code_of(path, "county")) == 6


@pytest.mark.parametrize(
    ("code", "name", "city"), [("620201", "嘉峪关", "6202"), ("620171", "兰州新区", "6201")]
)
def test_a_city_without_counties_and_the_new_area_stand_at_county_level(code, name, city):
    """forms.md §7: both report as counties."""
    division = Division.objects.get(code=code)
    assert name in division.name
    assert division.level == Level.COUNTY
    assert division.parent_id == city
    assert division.children.filter(level=Level.TOWNSHIP).exists()


def test_a_renamed_place_keeps_its_code_and_what_people_added_stays():
    village = Division.objects.filter(level=Level.VILLAGE).first()
    hamlet = add_hamlet(village, name="阳山社")
    Division.objects.filter(pk=village.pk).update(name="旧名村")
    assert load_divisions() == (ROWS, 1)
    village.refresh_from_db()
    assert village.name != "旧名村"
    assert Division.objects.filter(pk=hamlet.pk).exists()


def test_a_missing_file_is_told_in_one_line():
    with pytest.raises(CommandError, match="找不到区划文件"):
        call_command("load_divisions", "/nowhere.csv")
