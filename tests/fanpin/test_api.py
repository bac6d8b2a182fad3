"""The API: the same services, scope and words as the pages; its schema is a golden file."""

import datetime

import pytest
import time_machine
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework.test import APIClient

from fanpin.accounts.roles import Role
from fanpin.audit.models import AuditEntry
from fanpin.jobs.models import Job
from households.models import Household, MemberChange
from tests.factories import register
from tests.recording import agreed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_day_of_the_round(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel("2021-11-08T10:00:00+08:00", tick=False):
        yield


@pytest.fixture
def village(db):
    register.places()
    return register.user(Role.VILLAGE_CASEWORKER, register.VILLAGE)


@pytest.fixture
def household(village):
    return register.household(village)


def api(user):
    client = APIClient()
    client.force_login(user)
    return client


def reasons(answer):
    assert all(set(r) == {"text", "field", "url", "clause"} for r in answer.json()["reasons"])
    return {r["field"]: r["text"] for r in answer.json()["reasons"]}


def person(name, relation="02"):
    fields = register.person(name, relation)
    return {k: v for k, v in fields.items() if v is not None}


def test_the_schema_is_the_one_that_was_agreed():
    made = OpenApiYamlRenderer().render(SchemaGenerator().get_schema(request=None, public=True), {})
    agreed("api.yaml", made.decode())


def test_somebody_who_is_not_logged_in_gets_nothing():
    answer = APIClient().get("/api/v1/households/")
    assert answer.status_code == 403
    assert reasons(answer)


def test_households_are_listed_searched_filtered_and_paged(household, village):
    client = api(village)
    page = client.get("/api/v1/households/?limit=1").json()
    assert (page["count"], page["results"][0]["hh_code"]) == (1, household.hh_code)
    assert client.get("/api/v1/households/?q=wjg").json()["count"] == 1
    assert client.get("/api/v1/households/?q=李四").json()["count"] == 0
    assert client.get("/api/v1/households/?hh_type=general").json()["count"] == 0
    assert client.get(f"/api/v1/households/?division={register.VILLAGE}").json()["count"] == 1
    assert client.get(f"/api/v1/households/?division={register.FAR_VILLAGE}").status_code == 404


def test_numbers_are_masked_and_the_whole_one_needs_permission_and_reason(household, village):
    member = household.members.get(name="王建国")
    client = api(village)
    for url in (
        f"/api/v1/members/{member.pk}/",
        f"/api/v1/households/{household.pk}/",
        f"/api/v1/households/{household.pk}/members/",
        "/api/v1/households/",
    ):
        assert member.id_no not in client.get(url).content.decode()
    number = f"/api/v1/members/{member.pk}/number/"
    assert client.post(number, {"reason": "核对"}).status_code == 403
    county = api(register.user(Role.COUNTY_REVIEWER, register.COUNTY))
    assert "reason" in reasons(county.post(number, {}, format="json"))
    assert county.post(number, {"reason": "核对户籍"}).json() == {"id_no": member.id_no}
    assert AuditEntry.objects.filter(verb="member.number_shown").exists()


def test_a_household_is_registered_through_the_same_service(village):
    body = {
        "village": register.VILLAGE,
        "hh_type": "lifted",
        "members": [person("张有田"), person("李兰英", "10")],
    }
    made = api(village).post("/api/v1/households/", body, format="json")
    assert made.status_code == 201, made.json()
    assert made.json()["head_name"] == "张有田"
    assert AuditEntry.objects.filter(verb="household.registered").exists()
    body["members"][0]["id_no"] = "620421197005200012"
    refused = api(village).post("/api/v1/households/", body, format="json")
    assert refused.status_code == 400
    assert reasons(refused)


def test_a_wrong_shape_says_where(village):
    body = {"village": register.VILLAGE, "hh_type": "rich", "members": [{"relation": "02"}]}
    answer = api(village).post("/api/v1/households/", body, format="json")
    assert answer.status_code == 400
    assert {"hh_type", "members.0.name"} <= set(reasons(answer))


def test_a_stale_version_is_refused_with_both_values(household, village):
    client = api(village)
    url = f"/api/v1/households/{household.pk}/"
    version = client.get(url).json()["version"]
    body = {"address_detail": "二社3号", "version": version}
    saved = client.patch(url, body, format="json").json()
    assert (saved["address_detail"], saved["version"]) == ("二社3号", version + 1)
    stale = client.patch(url, {"address_detail": "五社", "version": version}, format="json")
    assert stale.status_code == 400
    assert stale.json()["version"] == version + 1
    assert "二社3号" in reasons(stale)["address_detail"]
    assert "version" in reasons(client.patch(url, {"address_detail": "五社"}, format="json"))


def test_members_are_corrected_joined_and_left(household, village):
    client = api(village)
    son = household.members.get(name="王小明")
    answer = client.patch(
        f"/api/v1/members/{son.pk}/", {"education": "junior", "version": son.version}, format="json"
    )
    assert answer.json()["education"] == "junior", answer.json()
    bare = {"reason": "dec_death", "changed_on": "2021-11-01"}
    refused = client.post(f"/api/v1/members/{son.pk}/decrease/", bare, format="json")
    assert refused.status_code == 400
    left = client.post(
        f"/api/v1/members/{son.pk}/decrease/",
        bare | {"papers": ["死亡证明"], "documents": [register.paper()]},
        format="multipart",
    )
    assert (left.status_code, left.json()["state"]) == (201, "township"), left.json()
    girl = register.person("王小花", "30", born=datetime.date(2010, 6, 6), sex="2")
    joined = client.post(
        f"/api/v1/households/{household.pk}/members/",
        girl | {"reason": "inc_hukou_in", "changed_on": "2021-11-01", "papers": ["户口簿"],
                "documents": [register.paper()]},
        format="multipart",
    )  # fmt: skip
    assert joined.status_code == 201, joined.json()
    assert MemberChange.objects.filter(kind="increase", state="township").exists()


def test_out_of_scope_is_404_and_without_permission_403(household):
    neighbour = api(register.user(Role.VILLAGE_CASEWORKER, register.OTHER_VILLAGE))
    member = household.members.first()
    for url in (f"/api/v1/households/{household.pk}/", f"/api/v1/members/{member.pk}/"):
        assert neighbour.get(url).status_code == 404
        assert neighbour.patch(url, {"version": 1}, format="json").status_code == 404
    assert neighbour.get("/api/v1/households/").json()["count"] == 0
    city = api(register.user(Role.CITY_OFFICIAL, "6204"))
    url = f"/api/v1/households/{household.pk}/"
    version = Household.objects.get().version
    denied = city.patch(url, {"address_detail": "x", "version": version}, format="json")
    assert denied.status_code == 403
    assert reasons(denied)
    officer = api(register.user(Role.DEPARTMENT_OFFICER, register.COUNTY, department="education"))
    assert officer.get("/api/v1/households/").status_code == 403


def test_a_job_is_seen_and_cancelled_by_who_started_it(village):
    job = Job.objects.create(
        kind="x", label="测试", owner=village, division_path="/62/6204/620421/"
    )
    answer = api(village).post(f"/api/v1/jobs/{job.pk}/cancel/")
    assert answer.json()["status"] == "cancelled"
    again = api(village).post(f"/api/v1/jobs/{job.pk}/cancel/")
    assert again.status_code == 400
    county = api(register.user(Role.COUNTY_REVIEWER, register.COUNTY))
    assert county.get("/api/v1/jobs/").json()["count"] == 1
    assert county.post(f"/api/v1/jobs/{job.pk}/cancel/").status_code == 403
    stranger = api(register.user(Role.VILLAGE_CASEWORKER, register.FAR_VILLAGE))
    assert stranger.get(f"/api/v1/jobs/{job.pk}/").status_code == 404
