"""Policy as dated data: the nearest division's value of the day, nothing guessed, nothing rewritten."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from fanpin.audit.models import AuditEntry
from fanpin.regions.models import Division
from households.models import Parameter, PolicyItem
from households.parameters import PARAMETERS
from households.selectors.parameters import (
    MissingParameter,
    current_campaign,
    monitoring_line,
    parameter,
    parameters,
    policy_items,
)
from households.services.policy import set_parameter
from households.services.reference import load_reference
from tests.factories import register

DAY = datetime.date(2021, 11, 8)
VILLAGE_PATH = "/62/6204/620421/620421100/620421100201/"
FAR_PATH = "/62/6204/620422/620422100/620422100201/"
KEY = "village_notice_days"


@pytest.fixture
def province(tree):
    return register.user("province", "62", name="省级")


def put(key: str, division: str, value: str, start: str, end: str | None = None) -> Parameter:
    """A row as somebody may have entered it before."""
    return Parameter.objects.create(
        key=key, division_id=division, value=value, effective_from=start, effective_to=end
    )


def set_value(by, *, division="62", value="9", start=datetime.date(2022, 1, 1), **more):
    return set_parameter(
        **{
            "key": KEY,
            "division": Division.objects.get(pk=division),
            "value": value,
            "effective_from": start,
            "basis": "甘乡振函〔2021〕34号",
            "by": by,
            **more,
        }
    )


@pytest.fixture
def empty(tree):
    Parameter.objects.filter(key=KEY).delete()


def test_the_nearest_division_upwards_wins(empty):
    put(KEY, "62", "5", "2021-01-01")
    put(KEY, "620421", "7", "2021-01-01")
    assert parameter(KEY, VILLAGE_PATH, DAY) == 7
    assert parameter(KEY, FAR_PATH, DAY) == 5
    assert parameter(KEY, "/62/", DAY) == 5
    put(KEY, register.VILLAGE, "8", "2021-01-01")
    assert parameter(KEY, VILLAGE_PATH, DAY) == 8
    assert parameters(VILLAGE_PATH, DAY)[KEY] == 8


def test_the_value_of_the_day_counts_not_the_value_of_today(empty):
    put(KEY, "62", "5", "2021-01-01", "2021-06-30")
    put(KEY, "62", "7", "2021-07-01")
    assert parameter(KEY, VILLAGE_PATH, datetime.date(2021, 6, 30)) == 5
    assert parameter(KEY, VILLAGE_PATH, datetime.date(2021, 7, 1)) == 7


def test_an_expired_local_value_gives_way_to_the_province(empty):
    put(KEY, "62", "5", "2021-01-01")
    put(KEY, "620421", "7", "2021-01-01", "2021-10-31")
    assert parameter(KEY, VILLAGE_PATH, DAY) == 5


def test_a_missing_value_refuses_and_names_parameter_place_and_day(empty):
    with pytest.raises(MissingParameter) as refused:
        parameter(KEY, VILLAGE_PATH, DAY)
    (text,) = refused.value.messages
    for part in ("村级公示天数", "白银市靖远县", "泰和村", "2021-11-08", "参数"):
        assert part in text
    assert KEY not in parameters(VILLAGE_PATH, DAY)


def test_a_missing_monitoring_line_refuses(tree):
    Parameter.objects.filter(key="monitoring_line").delete()
    with pytest.raises(MissingParameter, match="监测范围"):
        monitoring_line(VILLAGE_PATH, DAY)


def test_every_shipped_value_can_be_read_and_has_a_clause(tree):
    for row in Parameter.objects.all():
        assert PARAMETERS[row.key].read(row.value) is not None
    assert all(kind.clause for kind in PARAMETERS.values())


def test_loading_the_shipped_policy_again_adds_nothing_and_keeps_an_edit(tree):
    Parameter.objects.filter(key=KEY).update(value="6")
    assert set(load_reference().values()) == {0}
    assert parameter(KEY, VILLAGE_PATH, DAY) == 6


def test_a_new_value_ends_the_one_before_it_and_is_recorded(empty, province):
    put(KEY, "62", "5", "2021-01-01")
    set_value(province)
    rows = list(Parameter.objects.filter(key=KEY).order_by("effective_from"))
    assert [(r.value, str(r.effective_from), r.effective_to) for r in rows] == [
        ("5", "2021-01-01", datetime.date(2021, 12, 31)),
        ("9", "2022-01-01", None),
    ]
    entry = AuditEntry.objects.get(verb="parameter.set")
    assert (entry.before, entry.after["value"]) == ({"value": "5"}, "9")
    assert "村级公示天数" in entry.subject


def test_values_of_other_divisions_stay_when_one_is_set(empty, province):
    put(KEY, "62", "5", "2021-01-01")
    set_value(province, division="620421", start=DAY)
    assert parameter(KEY, VILLAGE_PATH, DAY) == 9
    assert parameter(KEY, FAR_PATH, DAY) == 5


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime.date(2021, 1, 1), None),
        (datetime.date(2020, 6, 1), None),
        (datetime.date(2020, 6, 1), datetime.date(2021, 1, 1)),
    ],
)
def test_two_values_on_one_day_are_refused(empty, province, start, end):
    put(KEY, "62", "5", "2021-01-01")
    with pytest.raises(ValidationError, match="生效期间重叠"):
        set_value(province, start=start, effective_to=end)
    assert parameter(KEY, VILLAGE_PATH, DAY) == 5


def test_a_value_for_a_time_before_is_added_without_touching_what_follows(empty, province):
    put(KEY, "62", "5", "2021-01-01")
    set_value(province, start=datetime.date(2020, 1, 1), effective_to=datetime.date(2020, 12, 31))
    assert parameter(KEY, VILLAGE_PATH, datetime.date(2020, 5, 1)) == 9
    assert parameter(KEY, VILLAGE_PATH, DAY) == 5


def test_an_end_before_the_start_is_refused(empty, province):
    with pytest.raises(ValidationError, match="失效日期不能早于生效日期"):
        set_value(province, effective_to=datetime.date(2021, 12, 1))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (KEY, "五天"),
        (KEY, "5.5"),
        (KEY, "-5"),
        ("monitoring_line", "六千"),
        ("monitoring_line", "NaN"),
        ("rollback_notice_required", "true"),
    ],
)
def test_a_value_that_cannot_be_what_the_parameter_is_is_refused(province, key, value):
    with pytest.raises(ValidationError, match="不能作为"):
        set_value(province, key=key, value=value)


def test_only_whoever_maintains_parameters_there_may_set_one(tree, county):
    with pytest.raises(PermissionDenied):
        set_value(county, division="620421")
    reviewer_elsewhere = register.user("admin", "620421")
    with pytest.raises(PermissionDenied):
        set_value(reviewer_elsewhere, division="62")


def test_a_lower_divisions_entry_replaces_its_code_in_a_policy_list(tree):
    items = {i.code: i for i in policy_items("risk_cause", VILLAGE_PATH, DAY)}
    assert items
    code, shipped = next(iter(items.items()))
    PolicyItem.objects.create(
        list_key="risk_cause",
        code=code,
        label="县里的叫法",
        division_id="620421",
        effective_from="2021-01-01",
        position=shipped.position,
    )
    labels = {i.code: i.label for i in policy_items("risk_cause", VILLAGE_PATH, DAY)}
    assert labels[code] == "县里的叫法"
    assert len(labels) == len(items)
    elsewhere = {i.code: i.label for i in policy_items("risk_cause", FAR_PATH, DAY)}
    assert elsewhere[code] == shipped.label


def test_an_entry_switched_off_below_is_gone_there_only(tree):
    code = policy_items("risk_cause", VILLAGE_PATH, DAY)[0].code
    PolicyItem.objects.create(
        list_key="risk_cause",
        code=code,
        label="停用",
        active=False,
        division_id="620421",
        effective_from="2021-01-01",
    )
    assert code not in {i.code for i in policy_items("risk_cause", VILLAGE_PATH, DAY)}
    assert code in {i.code for i in policy_items("risk_cause", FAR_PATH, DAY)}


def test_without_a_current_campaign_work_is_refused_in_words(tree):
    campaign = current_campaign()
    campaign.is_current = False
    campaign.save()
    with pytest.raises(MissingParameter, match="未设置当前年度工作"):
        current_campaign()


def test_the_page_sets_a_value_and_shows_what_is_in_force(client, empty, province):
    put(KEY, "62", "5", "2021-01-01")
    client.force_login(province)
    data = {
        "key": KEY,
        "division": "62",
        "value": "9",
        "effective_from": "2021-11-09",
        "basis": "依据",
    }
    assert client.post(reverse("households:parameter_set"), data).status_code == 302
    html = client.get(reverse("households:parameters"), {"q": KEY}).content.decode()
    assert "生效中" in html
    assert "未生效" in html
    again = client.post(reverse("households:parameter_set"), data)
    assert again.status_code == 422
    assert "生效期间重叠" in again.content.decode()


def test_values_are_decimals_and_days_are_whole(tree):
    assert isinstance(monitoring_line(VILLAGE_PATH, DAY), Decimal)
    assert isinstance(parameter(KEY, VILLAGE_PATH, DAY), int)
