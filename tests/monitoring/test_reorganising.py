"""Stories of policy.md §6.4: households divide, unite, get another head and end, monitored or in procedure."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from assistance.models import Measure, Plan
from counties.reports import figures
from fanpin.accounts.verdicts import Refused
from fanpin.audit.models import AuditEntry
from fanpin.regions.models import Division
from households.choices import HEAD
from households.models import Campaign, Collection, Household, Member, MemberChange, SplitCheck
from households.services import changes, deciding, heads
from monitoring.models import Case, EpisodeRisk, MonitoringObject, RiskFlag
from monitoring.selectors.reorganising import Place
from monitoring.services import objects, reorganising
from tests.factories import monitoring, register

DAY = datetime.date(2021, 11, 1)
STAY, MOVE = False, True
POOR = {"inc_wage": Decimal(4000)}


def places(household, **by_name):
    """name → (moves, relation); who is not named stays as they are."""
    return {m.pk: Place(*by_name.get(m.name, (STAY, m.relation))) for m in household.members.all()}


SON_LEAVES = {"王小明": (MOVE, "20"), "李秀英": (MOVE, HEAD)}


def split(household, by, **by_name):
    return reorganising.file_split(
        household, places=places(household, **(by_name or SON_LEAVES)), changed_on=DAY,
        documents=register.papers("分户后的户口簿页"), by=by,
    )  # fmt: skip


def decided(row, people):
    return reorganising.pass_on(reorganising.pass_on(row, by=people.township), by=people.county)


def names(household):
    return set(household.members.filter(status="active").values_list("name", flat=True))


def test_a_split_waits_for_township_and_county_and_then_makes_a_second_household(people):
    home = monitoring.household(people.village)
    row = split(home, people.village)
    assert (row.state, home.members.filter(status="active").count()) == ("township", 4)
    row = reorganising.pass_on(row, by=people.township)
    assert (row.state, Household.objects.count()) == ("county", 1)
    with pytest.raises(PermissionDenied):
        reorganising.pass_on(row, by=people.township)
    row = reorganising.pass_on(row, by=people.county)
    home.refresh_from_db()
    new = Household.objects.exclude(pk=home.pk).get()
    assert (names(home), names(new)) == ({"王建国", "王德福"}, {"李秀英", "王小明"})
    assert (home.family_size, new.family_size, new.head_name) == (2, 2, "李秀英")
    assert new.hh_code != home.hh_code
    assert new.hh_type == home.hh_type
    gone = home.members.get(name="李秀英")
    assert (gone.status, gone.left_on, gone.left_reason) == ("decreased", DAY, "split")
    kinds = MemberChange.objects.filter(household=new).values_list("kind", flat=True)
    assert sorted(kinds) == ["increase", "increase", "split"]
    assert Collection.objects.filter(household=new, state="todo").count() == 1
    verbs = AuditEntry.objects.filter(verb__startswith="reorganisation").order_by("seq")
    assert [v.verb.partition(".")[2] for v in verbs] == ["filed", "passed", "passed", "effected"]


def test_both_parts_of_a_split_are_checked_within_thirty_days(people):
    home = monitoring.household(people.village)
    row = decided(split(home, people.village), people)
    checks = SplitCheck.objects.order_by("pk")
    assert {c.due_on for c in checks} == {datetime.date(2021, 12, 1)}
    home.refresh_from_db()
    assert home.next_due_text == "分户后核查"
    with pytest.raises(Refused, match="核查情况"):
        reorganising.note_check(checks[0], finding="", by=people.village)
    reorganising.note_check(checks[0], finding="确已分开居住，收入稳定", by=people.village)
    home.refresh_from_db()
    assert home.next_due_on is None
    with pytest.raises(Refused, match="已核查"):
        reorganising.note_check(checks[0], finding="再看一次也一样", by=people.village)
    assert row.checks.filter(done_at=None).count() == 1


@pytest.mark.parametrize("at", ["identifying", "eliminating"])
def test_a_household_in_procedure_is_not_divided_united_or_ended(people, at):
    if at == "identifying":
        home = monitoring.household(people.village)
        monitoring.identification(people, home)
    else:
        home = monitoring.monitored_household(people, at=at)
    home.refresh_from_db()
    with pytest.raises(Refused) as refusal:
        reorganising.file_split(home, places={}, changed_on=DAY, documents=[], by=people.village)
    words = " ".join(refusal.value.messages)
    number = Case.objects.get(household=home, ended_on=None).number
    assert number in words
    assert "请选择分出的成员" in words
    assert "须上传佐证材料" in words
    with pytest.raises(Refused, match="正在办理"):
        changes.end_household(
            home, reason="dec_death", changed_on=DAY, documents=register.papers(), by=people.village
        )
    neighbour = register.household(people.village)
    with pytest.raises(Refused, match=number):
        unite(neighbour, home, people)


def test_a_case_opened_while_the_split_waits_stops_it(people):
    home = monitoring.household(people.village)
    row = split(home, people.village)
    monitoring.identification(people, home)
    with pytest.raises(Refused, match="在申报后开始办理"):
        reorganising.pass_on(row, by=people.township)
    assert reorganising.send_back(row, note="先办结识别", by=people.township).state == "returned"
    assert len(names(home)) == 4


def test_the_object_stays_with_the_head_or_with_who_bears_the_risk(people):
    home = monitoring.monitored_household(people)
    father = home.members.get(name="王德福")
    EpisodeRisk.objects.filter(episode__object__household=home).update(member=father)
    with pytest.raises(Refused, match=r"监测对象须随户主（王建国）或风险承担人"):
        split(
            home, people.village, 王建国=(MOVE, HEAD), 王德福=(MOVE, "51"), 李秀英=(STAY, HEAD),
            王小明=(STAY, "20"),
        )  # fmt: skip
    row = split(
        home, people.village, 王建国=(MOVE, HEAD), 王小明=(MOVE, "20"), 王德福=(STAY, HEAD),
        李秀英=(STAY, "38"),
    )  # fmt: skip
    decided(row, people)
    home.refresh_from_db()
    new = Household.objects.exclude(pk=home.pk).get()
    assert (home.head_name, home.monitoring_state, names(home)) == (
        "王德福", "monitored", {"王德福", "李秀英"},
    )  # fmt: skip
    assert (new.head_name, new.monitoring_state) == ("王建国", "not_monitored")
    assert MonitoringObject.objects.get().household_id == home.pk
    assert Plan.objects.get().household_id == home.pk
    assert MemberChange.objects.get(household=home, kind="head").after[str(father.pk)] == HEAD


def test_a_second_filing_finds_the_first(people):
    home = monitoring.household(people.village)
    split(home, people.village)
    with pytest.raises(Refused, match="已有一件分户待乡镇审核"):
        split(home, people.team)


def test_of_two_reviewers_one_wins_and_the_other_is_told_who(people):
    other = register.user("township_reviewer", register.TOWNSHIP, name="钱审核")
    row = split(monitoring.household(people.village), people.village)
    reorganising.send_back(row, note="户口簿看不清", by=people.township)
    with pytest.raises(Refused, match="已由赵审核办理，现为“已退回”"):
        reorganising.pass_on(row, by=other)


def unite(a, b, people, head="王建国", **papers):
    relations = {}
    for home in (a, b):
        for m in home.members.filter(status="active"):
            first = home.pk == a.pk and m.name == head
            relations[m.pk] = HEAD if first else (m.relation if home.pk == a.pk else "99")
    return reorganising.file_merge(
        a, b, relations=relations, changed_on=DAY, documents=register.papers("合并后的户口簿页"),
        by=people.village,
    )  # fmt: skip


def test_a_monitored_household_unites_with_an_unmonitored_one_and_stays_monitored(people):
    monitored = monitoring.monitored_household(people)
    plain = register.household(people.village, members=[register.person("赵孤老")])
    row = unite(plain, monitored, people, head="赵孤老")
    assert row.household_id == monitored.pk
    decided(row, people)
    monitored.refresh_from_db()
    plain.refresh_from_db()
    assert (monitored.monitoring_state, monitored.family_size, monitored.head_name) == (
        "monitored", 5, "赵孤老",
    )  # fmt: skip
    assert (plain.ended_on, plain.family_size) == (DAY, 0)
    assert plain.ended_reason == f"并户：并入{monitored.hh_code}"
    assert Member.objects.get(name="赵孤老", status="active").household_id == monitored.pk
    assert RiskFlag.objects.filter(action="merge").count() == 0


def test_two_monitored_households_become_one_with_all_risks_and_the_earlier_month(people):
    first = monitoring.monitored_household(people, start="2021-03-01", number="6200000001")
    second = monitoring.monitored_household(
        people, start="2021-05-03", number="6200000002",
        members=[register.person("周大山"), register.person("周小山", "20", born=datetime.date(1999, 1, 5))],
        visit={"risks": (monitoring.i.Risk(cause="accident"),), "income": POOR},
    )  # fmt: skip
    son = second.members.get(name="周小山")
    EpisodeRisk.objects.filter(episode__object__household=second).update(member=son)
    decided(unite(second, first, people, head="周大山"), people)
    first.refresh_from_db()
    second.refresh_from_db()
    kept, gone = first.monitoring_object, second.monitoring_object
    assert (kept.state, gone.state, second.monitoring_state) == ("monitored", "closed", "closed")
    episode = kept.episodes.get()
    assert episode.identified_month == "202103"
    came = episode.risks.get(cause="accident")
    assert (came.member.name, came.member.household_id) == ("周小山", first.pk)
    assert gone.episodes.get().closed_month == "202111"
    mark = RiskFlag.objects.get(action="merge")
    assert (mark.object_id, mark.reason) == (gone.pk, f"并户：并入{first.hh_code}")
    assert not Plan.objects.filter(household=second).exclude(state="closed").exists()
    plan = Plan.objects.filter(household=first).latest("version")
    assert set(plan.risks.values_list("cause", flat=True)) == {"illness", "accident"}


def test_an_eliminated_household_stays_eliminated_when_an_unmonitored_one_joins(people):
    home = monitoring.monitored_household(people, at="eliminated")
    plain = register.household(people.village, members=[register.person("赵孤老")])
    with monitoring.day("2021-12-20"):
        row = unite(plain, home, people, head="赵孤老")
        decided(row, people)
    home.refresh_from_db()
    assert (home.monitoring_state, home.family_size) == ("eliminated", 5)


def test_the_citys_tables_still_add_up_after_a_merge_of_two_monitored_households(people):
    first = monitoring.monitored_household(people, start="2021-03-01", number="6200000001")
    second = monitoring.monitored_household(
        people, start="2021-05-03", number="6200000002", members=[register.person("周大山")],
        visit={"income": POOR},
    )  # fmt: skip
    decided(unite(second, first, people, head="周大山"), people)
    report = figures.compute(Division.objects.get(pk="6204"), Campaign.objects.get(year=2021))
    assert figures.broken_identities(report) == []


def test_a_new_head_while_an_identification_is_open_leaves_the_case_open_and_tells_it(
    people, django_capture_on_commit_callbacks
):
    home = monitoring.household(people.village)
    walk = monitoring.identified(people, home, at="noticed", start="2021-10-18")
    wife = home.members.get(name="李秀英")
    relations = {m.pk: "99" for m in home.members.exclude(pk=wife.pk)}
    with django_capture_on_commit_callbacks(execute=True):
        heads.change_head(home, new_head=wife, relations=relations, by=people.village)
    case = Case.objects.get(pk=walk.case.pk)
    home.refresh_from_db()
    assert (case.status, home.monitoring_state) == ("noticed", "identifying")
    last = case.steps.last()
    assert (last.label, last.reason) == ("户主变更", "新户主李秀英，后续办件文书按新户主办理")
    assert str(case).endswith("李秀英户")
    with monitoring.day("2021-11-05"):
        assert walk.submit().status == "village_submitted"


def test_a_monitored_household_that_is_gone_is_closed_by_the_county_and_nothing_stays_due(
    people, django_capture_on_commit_callbacks
):
    home = monitoring.monitored_household(people)
    with django_capture_on_commit_callbacks(execute=True):
        change = changes.end_household(
            home, reason="dec_hukou_out", changed_on=DAY, documents=register.papers(),
            by=people.village,
        )  # fmt: skip
        deciding.pass_on(change, by=people.township)
    obj = monitoring.object_of(home)
    assert (obj.state, obj.gone_on) == ("monitored", DAY)
    obj = objects.propose_close(obj, reason="全部迁出", by=people.township)
    objects.close(obj, reason="情况属实", by=people.county)
    home.refresh_from_db()
    assert (home.monitoring_state, home.ended_on, home.next_due_on) == ("closed", DAY, None)
    assert not Plan.objects.filter(household=home).exclude(state="closed").exists()
    assert not Measure.objects.filter(household=home, status__in=("planned", "ongoing")).exists()
    assert RiskFlag.objects.filter(action="eliminate").count() == 0


def posted(home, **more):
    data = {"changed_on": "2021-11-01", "note": "儿子成家另过", "other_type": "general"}
    for m in home.members.all():
        moves, relation = SON_LEAVES.get(m.name, (STAY, m.relation))
        data |= {f"side_{m.pk}": "move" if moves else "stay", f"relation_{m.pk}": relation}
    return data | more


def test_the_page_previews_without_writing_and_keeps_what_was_typed(client, people):
    home = monitoring.monitored_household(people)
    client.force_login(people.village)
    url = reverse("monitoring:split", args=[home.pk])
    assert client.get(url).status_code == 200
    page = client.post(url, posted(home, act="preview"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "分出户不是监测对象" in text
    assert "儿子成家另过" in text
    assert not home.reorganisations.exists()
    refused = client.post(url, posted(home, act="file"))
    assert refused.status_code == 422
    assert "须上传佐证材料" in refused.content.decode()
    assert "儿子成家另过" in refused.content.decode()
    paper = {"kind_1": "其他佐证", "file_1": register.paper()}
    assert client.post(url, posted(home, act="file", **paper)).status_code == 302
    row = home.reorganisations.get()
    client.force_login(people.township)
    detail = reverse("monitoring:reorganisation", args=[row.pk])
    assert "儿子成家另过" in client.get(detail).content.decode()
    assert client.post(detail, {"act": "pass"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "county"
    assert client.post(detail, {"act": "pass"}).status_code == 403


def test_the_merge_page_finds_the_other_household_of_the_village(client, people):
    home = monitoring.household(people.village)
    other = register.household(people.village, members=[register.person("赵孤老")])
    client.force_login(people.village)
    url = reverse("monitoring:merge", args=[home.pk])
    assert other.hh_code in client.get(url, {"q": "赵"}).content.decode()
    data = {"changed_on": "2021-11-01", "act": "preview"}
    data |= {f"relation_{m.pk}": m.relation for m in home.members.all()}
    data |= {f"relation_{other.members.get().pk}": "39"}
    page = client.post(
        f"{url}?with={other.pk}", data | {f"relation_{other.members.get().pk}": "99"}
    )
    assert "销户，资料保留可查" in page.content.decode()
