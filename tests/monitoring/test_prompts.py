"""policy.md §6.5: what a change of people asks of a monitored household; a person answers it."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from rest_framework.test import APIClient

from assistance.models import Plan
from assistance.services import plan_lines
from fanpin.accounts.verdicts import Refused
from fanpin.audit.models import AuditEntry
from households.models import Household, IncomeStatement, Parameter
from households.services import changes, deciding
from monitoring.models import EpisodeRisk, Prompt
from monitoring.selectors import prompts as selectors
from monitoring.selectors.reorganising import Place
from monitoring.services import prompts, reorganising
from monitoring.workflow.waiting import waiting
from tests.factories import assistance, monitoring, register

DAY = datetime.date(2021, 10, 25)


@pytest.fixture
def home(people):
    return monitoring.monitored_household(people)


def named(home, name):
    return home.members.get(name=name)


def passed(change, people):
    change = deciding.pass_on(change, by=people.township)
    return deciding.pass_on(change, by=people.county) if change.state == "county" else change


def leave(home, name, reason, people, callbacks):
    with callbacks(execute=True):
        change = changes.decrease(
            named(home, name), reason=reason, changed_on=DAY,
            documents=register.papers("死亡医学证明"), by=people.village,
        )  # fmt: skip
        return passed(change, people)


def kinds(home):
    return set(Prompt.objects.filter(household=home).values_list("kind", flat=True))


def net(home, amount):
    """The statement says what the household earned in all."""
    IncomeStatement.objects.filter(household=home).update(inc_net=Decimal(amount))


def test_the_death_of_the_bearer_of_an_illness_asks_and_changes_nothing(
    people, home, django_capture_on_commit_callbacks
):
    father = named(home, "王德福")
    EpisodeRisk.objects.update(member=father)
    leave(home, "王德福", "dec_death", people, django_capture_on_commit_callbacks)
    prompt = Prompt.objects.get(household=home, kind="risk")
    assert prompt.reason == (
        "减少王德福（死亡，2021-10-25）是“因病”的承担人，该风险可能自然消除，请核实"
    )
    assert prompt.due_on == datetime.date(2021, 11, 11)
    home.refresh_from_db()
    assert (home.monitoring_state, EpisodeRisk.objects.get().state) == ("monitored", "open")
    assert "look_back" not in kinds(home), "a man without labour is no loss of a labourer"
    prompts.answer(
        prompt, answer="natural", note="患者去世，家庭再无大额医疗支出", by=people.village
    )
    risk = EpisodeRisk.objects.get()
    assert (risk.state, risk.outcome) == ("resolving", "natural"), "the township confirms"
    home.refresh_from_db()
    assert home.monitoring_state == "monitored"
    entry = AuditEntry.objects.get(verb="prompt.answered")
    assert entry.subject.endswith("风险可能自然消除：风险已自然消除，提请乡镇确认")


def test_a_risk_that_stays_is_answered_without_touching_it(
    people, home, django_capture_on_commit_callbacks
):
    EpisodeRisk.objects.update(member=named(home, "王德福"))
    leave(home, "王德福", "dec_death", people, django_capture_on_commit_callbacks)
    prompt = Prompt.objects.get(kind="risk")
    with pytest.raises(Refused, match="请写明情况"):
        prompts.answer(prompt, answer="stays", note="", by=people.village)
    with pytest.raises(Refused, match="请选择办理结果"):
        prompts.answer(prompt, answer="sound", note="另一个问题的答案", by=people.village)
    with pytest.raises(PermissionDenied):
        prompts.answer(prompt, answer="stays", note="妻子也患大病", by=people.township)
    prompts.answer(prompt, answer="stays", note="妻子也患大病，支出仍大", by=people.village)
    assert EpisodeRisk.objects.get().state == "open"
    with pytest.raises(Refused, match="已由张村官办理"):
        prompts.answer(prompt, answer="stays", note="再答一次也不行", by=people.village)


def test_a_risk_of_the_whole_household_is_nobodys_to_take_along(
    people, home, django_capture_on_commit_callbacks
):
    EpisodeRisk.objects.update(member=None)
    leave(home, "王德福", "dec_death", people, django_capture_on_commit_callbacks)
    assert "risk" not in kinds(home)


def test_losing_a_labourer_asks_for_a_look_back_within_the_days_of_the_parameter(
    people, home, django_capture_on_commit_callbacks
):
    leave(home, "李秀英", "dec_hukou_out", people, django_capture_on_commit_callbacks)
    prompt = Prompt.objects.get(kind="look_back")
    assert prompt.due_on == datetime.date(2021, 11, 16)
    assert "还有劳动力1人" in prompt.reason
    assistance.complete_plan(home, by=people.village)
    Plan.objects.filter(household=home).update(
        state="approved", decided_at=datetime.datetime(2021, 5, 1, tzinfo=datetime.UTC),
        decided_by=people.township,
    )  # fmt: skip
    with pytest.raises(Refused, match="还没有登记一户一策回头看"):
        prompts.answer(prompt, answer="looked_back", note="已调整就业措施", by=people.village)
    plan_lines.look_back(
        Plan.objects.get(household=home), result="adjust", note="妻子迁出，增加公益岗位",
        by=people.village,
    )  # fmt: skip
    done = prompts.answer(prompt, answer="looked_back", note="已调整就业措施", by=people.village)
    assert (done.answered_by, done.is_open) == (people.village, False)


def test_the_last_labourer_leaves_a_household_without_labour(
    people, home, django_capture_on_commit_callbacks
):
    home.members.filter(name="王建国").update(labour="lost")
    leave(home, "李秀英", "dec_hukou_out", people, django_capture_on_commit_callbacks)
    assert "整户无劳动力" in Prompt.objects.get(kind="look_back").reason


def test_the_days_are_dated_parameters(people, home, django_capture_on_commit_callbacks):
    Parameter.objects.filter(key="look_back_after_loss_days").update(value="3")
    leave(home, "李秀英", "dec_hukou_out", people, django_capture_on_commit_callbacks)
    assert Prompt.objects.get(kind="look_back").due_on == datetime.date(2021, 11, 4)


@pytest.mark.parametrize(
    ("amount", "crosses"),
    [
        (21600, True),  # 5,400 → 7,200
        (24000, False),  # 6,000 is not below the line, nor is 8,000
        (12000, False),  # 3,000 → 4,000
    ],
)
def test_a_person_less_warns_only_when_the_income_per_person_passes_the_line(
    people, home, django_capture_on_commit_callbacks, amount, crosses
):
    net(home, amount)
    leave(home, "王德福", "dec_death", people, django_capture_on_commit_callbacks)
    found = Prompt.objects.filter(kind="line").first()
    assert bool(found) is crosses
    if found:
        assert (found.per_capita_before, found.per_capita_after) == (5400, 7200)
        assert "由5,400.00元变为7,200.00元，超过监测范围6,000元" in found.reason


def test_a_newborn_asks_for_insurance_and_takes_the_household_below_the_line(
    people, home, django_capture_on_commit_callbacks
):
    net(home, 26000)
    born = datetime.date(2021, 10, 20)
    with django_capture_on_commit_callbacks(execute=True):
        change = changes.increase(
            home, reason="inc_newborn", changed_on=born, documents=register.papers(),
            fields=register.person("王小满", "20", born=born), by=people.village,
        )  # fmt: skip
    assert not Prompt.objects.exists(), "a filed change has not happened yet"
    with django_capture_on_commit_callbacks(execute=True):
        passed(change, people)
    assert kinds(home) == {"line", "secured"}
    assert "低于监测范围" in Prompt.objects.get(kind="line").reason
    assert Prompt.objects.get(kind="secured").reason.endswith("请核实参保情况")


def test_a_school_child_that_moves_in_asks_for_the_school_too(
    people, home, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        change = changes.increase(
            home, reason="inc_hukou_in", changed_on=DAY, documents=register.papers(),
            fields=register.person("王小海", "20", born=datetime.date(2012, 5, 1)),
            by=people.village,
        )  # fmt: skip
        passed(change, people)
    assert Prompt.objects.get(kind="secured").reason.endswith("请核实参保和入学情况")


@pytest.mark.parametrize("at", ["not_monitored", "identifying", "eliminated"])
def test_only_a_monitored_household_is_asked(people, django_capture_on_commit_callbacks, at):
    home = monitoring.monitored_household(people, at=at)
    with monitoring.day("2021-11-20"):
        leave(home, "李秀英", "dec_hukou_out", people, django_capture_on_commit_callbacks)
    assert not Prompt.objects.exists()


def test_the_same_change_asks_once(people, home, django_capture_on_commit_callbacks):
    change = leave(home, "李秀英", "dec_hukou_out", people, django_capture_on_commit_callbacks)
    count = Prompt.objects.count()
    assert prompts.ask_about([change.pk]) == []
    assert Prompt.objects.count() == count


def thrown_out(home, people, callbacks):
    """The father "does not live here" any more, which alone takes the household over the line."""
    net(home, 21600)
    leave(home, "王德福", "dec_not_cohabit", people, callbacks)


def test_a_decrease_that_alone_passes_the_line_alerts_the_county_when_an_elimination_follows(
    people, home, django_capture_on_commit_callbacks
):
    thrown_out(home, people, django_capture_on_commit_callbacks)
    assert "decrease" not in kinds(home)
    monitoring.bring_out(people, home, at="proposed", start="2021-12-20")
    prompt = Prompt.objects.get(kind="decrease")
    assert "请县级核实减员是否属实" in prompt.reason
    assert prompt.due_on == datetime.date(2021, 12, 30)
    with monitoring.day("2021-12-21"):
        with pytest.raises(PermissionDenied):
            prompts.answer(prompt, answer="sound", note="确实分开居住", by=people.village)
        prompts.answer(prompt, answer="sound", note="入户核实确实分开居住", by=people.county)


def test_after_the_days_of_the_parameter_the_county_is_not_alerted(
    people, home, django_capture_on_commit_callbacks
):
    Parameter.objects.filter(key="decrease_alert_days").update(value="18")
    thrown_out(home, people, django_capture_on_commit_callbacks)
    monitoring.bring_out(people, home, at="proposed", start="2021-11-20")
    assert "decrease" not in kinds(home)


def test_a_death_before_an_elimination_is_no_alert(
    people, home, django_capture_on_commit_callbacks
):
    net(home, 21600)
    leave(home, "王德福", "dec_death", people, django_capture_on_commit_callbacks)
    monitoring.bring_out(people, home, at="proposed", start="2021-11-20")
    assert "decrease" not in kinds(home)


def test_prompts_are_to_dos_of_who_answers_them_and_stand_on_the_household(
    client, people, home, django_capture_on_commit_callbacks
):
    net(home, 12000)
    leave(home, "李秀英", "dec_hukou_out", people, django_capture_on_commit_callbacks)
    todo = next(t for t in waiting(people.village) if t.key == "prompts")
    assert (todo.count, todo.due_on) == (1, datetime.date(2021, 11, 16))
    assert not [t for t in waiting(people.county) if t.key == "prompts"]
    client.force_login(people.village)
    text = client.get(todo.url).content.decode()
    assert "减少劳动力，回头看一户一策" in text
    assert "王建国" in text
    tab = client.get(reverse("monitoring:household", args=[home.pk])).content.decode()
    assert "还有劳动力1人" in tab
    overview = client.get(reverse("households:detail", args=[home.pk])).content.decode()
    assert "还有劳动力1人" in overview
    url = reverse("monitoring:prompt", args=[Prompt.objects.get().pk])
    refused = client.post(url, {"answer": "looked_back", "note": "已看"})
    assert refused.status_code == 422
    assert "已看" in refused.content.decode()
    other = register.user("village_caseworker", register.OTHER_VILLAGE)
    client.force_login(other)
    assert client.get(url).status_code == 404
    assert not selectors.listed(other).exists()


def test_the_reviewer_sees_what_the_change_does_to_the_income_per_person(client, people, home):
    net(home, 21600)
    change = changes.decrease(
        named(home, "王德福"), reason="dec_death", changed_on=DAY,
        documents=register.papers("死亡医学证明"), by=people.village,
    )  # fmt: skip
    client.force_login(people.township)
    text = client.get(reverse("households:change", args=[change.pk])).content.decode()
    assert "4人5,400.00元 → 3人7,200.00元，超过监测范围6,000元" in text


def test_a_split_asks_like_any_other_loss(people, home, django_capture_on_commit_callbacks):
    wife = named(home, "李秀英")
    places = {m.pk: Place(m == wife, "02" if m == wife else m.relation) for m in home.members.all()}
    with django_capture_on_commit_callbacks(execute=True):
        row = reorganising.file_split(
            home, places=places, changed_on=DAY, documents=register.papers(), by=people.village
        )
        row = reorganising.pass_on(row, by=people.township)
        row = reorganising.pass_on(row, by=people.county)
    assert row.state == "done"
    assert kinds(home) >= {"look_back"}
    assert Household.objects.exclude(pk=home.pk).get().prompts.count() == 0


def test_the_api_lists_shows_and_answers_a_prompt(people, home, django_capture_on_commit_callbacks):
    EpisodeRisk.objects.update(member=named(home, "王德福"))
    leave(home, "王德福", "dec_death", people, django_capture_on_commit_callbacks)
    prompt = Prompt.objects.get(kind="risk")
    village, township = APIClient(), APIClient()
    village.force_login(people.village)
    township.force_login(people.township)
    assert village.get("/api/v1/prompts/?waiting=mine&kind=risk").json()["count"] == 1
    assert township.get("/api/v1/prompts/?waiting=mine").json()["count"] == 0
    url = f"/api/v1/prompts/{prompt.pk}/"
    shown = village.get(url).json()
    assert shown["answers"] == ["natural", "stays"]
    assert shown["acts"] == [{"name": "answer", "open": True, "reasons": []}]
    assert not township.get(url).json()["acts"][0]["open"]
    stranger = APIClient()
    stranger.force_login(register.user("village_caseworker", register.OTHER_VILLAGE))
    assert stranger.get(url).status_code == 404
    wrong = village.post(f"{url}answer/", {"answer": "sound", "note": "减员属实"}, format="json")
    assert (wrong.status_code, wrong.json()["reasons"][0]["field"]) == (400, "answer")
    given = {"answer": "stays", "note": "妻子也患大病，支出仍大"}
    assert township.post(f"{url}answer/", given, format="json").status_code == 403
    answered = village.post(f"{url}answer/", given, format="json").json()
    assert (answered["answer"], answered["is_open"]) == ("stays", False)
    again = village.post(f"{url}answer/", given, format="json").json()
    assert "已由张村官办理" in again["reasons"][0]["text"]
