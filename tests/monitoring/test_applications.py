"""自主申请: the public page without login, its limits, the words of the step, and what the village makes of it."""

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from fanpin import clock
from fanpin.audit.models import AuditEntry
from fanpin.papers.declaring import Printing
from fanpin.regions.models import Division
from fanpin.web.limiting import key_of
from households.models import Parameter
from monitoring.models import Application, Case, Clue
from monitoring.papers.apply import PAPER
from monitoring.selectors import applications as selectors
from monitoring.services import applications, opening
from tests.factories import monitoring, register

pytestmark = pytest.mark.django_db
DAY = "2021-11-08"
GIVEN = {
    "head_name": "王建国", "applicant": "李秀英", "phone": "13900001234", "address": "一社12号",
    "difficulties": ["illness"], "facts": "丈夫中风住院，自付三万多元", "agrees": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _counters():
    """Only what these tests count is forgotten: the cache is also the worker's and the other tests'."""
    counted = [("apply.village", register.VILLAGE)]
    for address in ("127.0.0.1", "10.1.1.1", "10.1.1.2"):
        counted += [("apply.address", address), ("apply.status", address)]
    cache.delete_many([key_of(what, who) for what, who in counted])


@pytest.fixture
def people():
    with monitoring.day(DAY):
        yield monitoring.staff()


def url(code: str = register.VILLAGE) -> str:
    return reverse("monitoring:apply", args=[code])


def status(client, receipt: str, tail: str) -> str:
    return client.post(
        reverse("monitoring:apply_status"), {"receipt": receipt, "tail": tail}
    ).content.decode()


def test_anybody_applies_without_login_and_gets_a_receipt(people, client):
    assert "提交申请" in client.get(url()).content.decode()
    answer = client.post(url(), GIVEN)
    row = Application.objects.get()
    assert answer.status_code == 302
    assert row.receipt in client.get(answer.url).content.decode()
    assert (row.state, row.filed_by, row.channel) == ("waiting", None, "scan")
    assert row.consent == applications.CONSENT
    assert AuditEntry.objects.get(verb="application.received").actor is None


def test_the_answer_is_the_same_whether_the_household_is_on_the_register(people, client):
    register.household(people.village)
    known = client.post(url(), GIVEN)
    unknown = client.post(url(), GIVEN | {"head_name": "无此人", "applicant": "无此人"})
    assert known.status_code == unknown.status_code == 302
    pages = [client.get(answer.url).content.decode() for answer in (known, unknown)]
    receipts = list(Application.objects.order_by("pk").values_list("receipt", flat=True))
    assert pages[0].replace(receipts[0], "") == pages[1].replace(receipts[1], "")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [("phone", "12345", "电话号码不对"), ("agrees", "", "请填写或选择"), ("facts", "难", "至少")],
)
def test_what_was_typed_stays_when_something_is_wrong(people, client, field, value, told):
    answer = client.post(url(), GIVEN | {field: value})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "王建国" in page
    assert told in page
    assert not Application.objects.exists()


def test_a_place_that_is_no_village_of_today_has_no_page(people, client):
    for code in (register.TOWNSHIP, "620421100999", "x"):
        assert client.get(url(code)).status_code == 404


def test_the_way_down_the_tree_ends_at_the_form(people, client):
    page = client.get(
        reverse("monitoring:apply_places") + f"?place={register.TOWNSHIP}"
    ).content.decode()
    assert url() in page
    assert client.get(reverse("monitoring:apply_places") + "?place=nowhere").status_code == 404


def test_an_address_and_a_village_take_only_so_many(people, client):
    Parameter.objects.filter(key="apply_per_address").update(value="2")
    codes = [client.post(url(), GIVEN).status_code for _ in range(3)]
    assert codes == [302, 302, 429]
    other = {"REMOTE_ADDR": "10.1.1.1"}
    assert client.post(url(), GIVEN, **other).status_code == 302
    Parameter.objects.filter(key="apply_per_village").update(value="3")
    refused = client.post(url(), GIVEN, REMOTE_ADDR="10.1.1.2")
    assert refused.status_code == 429
    assert applications.BUSY in refused.content.decode()
    assert Application.objects.count() == 3


def test_asking_for_the_status_is_limited_too(people, client):
    Parameter.objects.filter(key="status_per_address").update(value="1")
    status(client, "1", "0000")
    again = client.post(reverse("monitoring:apply_status"), {"receipt": "1", "tail": "0000"})
    assert again.status_code == 429


def test_the_status_needs_number_and_telephone_and_says_only_public_words(people, client):
    client.post(url(), GIVEN)
    row = Application.objects.get()
    assert selectors.RECEIVED in status(client, row.receipt, "1234")
    wrong = [status(client, row.receipt, "9999"), status(client, "2021110800000000", "1234")]
    for page in wrong:
        assert "没有查到" in page
        assert "王建国" not in page
    assert "王建国" not in status(client, row.receipt, "1234")


def applied(people, **more) -> Application:
    given = {k: v for k, v in GIVEN.items() if k != "agrees"} | more
    return applications.receive(
        Division.objects.get(pk=register.VILLAGE), channel="scan", by=None, **given
    )


def test_the_village_finds_the_household_and_files_the_clue(people, client):
    home = register.household(people.village, hh_type="general")
    row = applied(people)
    assert selectors.candidates(row) == [home]
    row = applications.file(row, home, by=people.village)
    clue = Clue.objects.get()
    assert (row.state, row.household, row.clue) == ("filed", home, clue)
    assert (clue.source, clue.applicant, clue.channel) == ("self_apply", "李秀英", "扫码申报")
    assert clue.received_on == row.received_on
    assert "因病" in clue.facts
    case = Case.objects.get(household=home)
    assert selectors.told(row.receipt, "1234") == "已受理，正在安排入户核查"
    Case.objects.filter(pk=case.pk).update(status="noticed")
    assert selectors.told(row.receipt, "1234") == "正在村级评议公示"
    with pytest.raises(ValidationError, match="已登记线索"):
        applications.file(row, home, by=people.village)


def test_a_second_application_joins_the_case_of_the_first(people):
    home = register.household(people.village, hh_type="general")
    for _ in range(2):
        applications.file(applied(people), home, by=people.village)
    case = Case.objects.get()
    assert case.clues.count() == 2


def test_a_monitored_household_is_answered_instead(people):
    home = monitoring.monitored_household(people, start="2021-04-01")
    row = applied(people)
    with pytest.raises(ValidationError, match="已在监测"):
        applications.file(row, home, by=people.village)
    with pytest.raises(ValidationError, match="答复情况"):
        applications.decline(row, reply="无", by=people.village)
    row = applications.decline(row, reply="已在监测，11月8日当面告知", by=people.village)
    assert selectors.told(row.receipt, "1234") == selectors.DECLINED


def test_only_people_of_the_place_handle_it_and_only_its_households(people):
    home = register.household(people.village, hh_type="general")
    far = register.user("village_caseworker", register.OTHER_VILLAGE)
    elsewhere = register.household(far, village=register.OTHER_VILLAGE)
    row = applied(people)
    with pytest.raises(PermissionDenied):
        applications.file(row, home, by=far)
    with pytest.raises(ValidationError, match="所在村"):
        applications.file(row, elsewhere, by=people.township)


def test_a_clerk_writes_down_what_was_said_on_the_telephone(people, client):
    client.force_login(people.township)
    answer = client.post(
        reverse("monitoring:application_create"),
        GIVEN | {"village": register.VILLAGE, "channel": "hotline"},
    )
    row = Application.objects.get()
    assert answer.url == reverse("monitoring:application", args=[row.pk])
    assert (row.filed_by, row.channel) == (people.township, "hotline")
    home = register.household(people.village, hh_type="general")
    client.post(reverse("monitoring:application_file", args=[row.pk]), {"household": home.pk})
    assert Clue.objects.get().source == "hotline"
    page = client.get(reverse("monitoring:applications")).content.decode()
    assert row.receipt in page
    assert "13900001234" not in page


def test_the_page_of_an_application_offers_households_and_says_why_not(people, client):
    home = monitoring.monitored_household(people, start="2021-04-01")
    row = applied(people, head_name=home.head_name)
    client.force_login(people.village)
    page = client.get(reverse("monitoring:application", args=[row.pk])).content.decode()
    assert home.hh_code in page
    assert "已在监测" in page
    refused = client.post(reverse("monitoring:application_decline", args=[row.pk]), {"reply": ""})
    assert refused.status_code == 422


def test_the_villages_poster_has_its_address(people, client):
    client.force_login(people.village)
    answer = client.get(reverse("monitoring:apply_notice", args=[register.VILLAGE]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    printing = Printing("张村官", clock.now(), "https://x.example/households/papers/code/")
    (document,) = PAPER.build(register.VILLAGE, (), printing)
    assert document.address == f"https://x.example{url()}"


def test_an_open_clue_of_an_eliminated_household_is_still_being_looked_at(people):
    home = register.household(people.village, hh_type="general")
    row = applications.file(applied(people), home, by=people.village)
    Clue.objects.update(case=None, state="open")
    assert selectors.told(row.receipt, "1234") == selectors.STEPS[0][1]
    clue = Clue.objects.get()
    opening.handle_clue(clue, handling="已核实无风险", by=people.village)
    assert selectors.told(row.receipt, "1234") == selectors.HANDLED
