"""Everybody of a county office at their own screens: pages opened, forms sent in, what is answered read back.

Nothing here calls a service; a step is the form of the page `monitoring:step`, filled as the clerk fills it.
"""

import datetime
import html
import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Role
from households.models import Household, Member
from monitoring.models import Case
from tests.factories import monitoring as make
from tests.factories import register

MEETING = {
    "place": "村委会", "chair": "张支书", "attendees": "张支书、李主任、王队长、赵党员、钱代表",
    "votes_for": "5", "votes_against": "0", "votes_abstain": "0", "minutes": "逐户评议，一致同意",
    "needs": "稳定务工、健康帮扶",
}  # fmt: skip
VISIT = {
    "household_signed": "on", "situation": "人口、就业、健康和保障已逐项查看，情况属实，收入连续多月稳定",
    "v1_name": "张村官", "v1_unit": "village", "v2_name": "赵审核", "v2_unit": "township",
    "house_safe": "1", "water_safe": "1", "schooling_ok": "1", "insured": "1",
    "longitude": "104.683", "latitude": "36.561",
}  # fmt: skip
NOTICE = {"place": "村委会公示栏", "text": "经村级评议，现将有关农户情况予以公示"}


def words(page: str) -> str:
    """What a reader sees of a piece of page: no tags, no doubled blanks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def problems(answer: HttpResponse) -> list[str]:
    """The list of problems on a page that was refused."""
    found = re.search(r'fp-problems tone-red".*?<ol>(.*?)</ol>', answer.content.decode(), re.DOTALL)
    return [words(item) for item in re.findall(r"<li>.*?</li>", found[1])] if found else []


def refused(answer: HttpResponse, *texts: str) -> None:
    """Refused with exactly these reasons, all on the one page."""
    found = problems(answer)
    assert answer.status_code == 422
    assert len(found) == len(texts), found
    for text in texts:
        assert any(text in problem for problem in found), (text, found)


class Office:
    """The screens of a county's staff."""

    def __init__(self, people: make.Staff) -> None:
        self.people = people
        self.city = register.user(Role.CITY_OFFICIAL, "6204", name="市级汇总")
        self._screens: dict[tuple[int, datetime.date], Client] = {}

    def screen(self, user: User) -> Client:
        """Everybody logs in afresh on every day."""
        seat = (user.pk, clock.today())
        if seat not in self._screens:
            self._screens[seat] = Client()
            self._screens[seat].force_login(user)
        return self._screens[seat]

    def read(self, user: User, name: str, *args: Any, **query: str) -> str:
        answer = self.screen(user).get(reverse(name, args=args), query)
        assert answer.status_code == 200
        return answer.content.decode()

    def send(self, user: User, name: str, *args: Any, **data: Any) -> HttpResponse:
        return self.screen(user).post(reverse(name, args=args), data)

    def done(self, user: User, name: str, *args: Any, **data: Any) -> HttpResponse:
        answer = self.send(user, name, *args, **data)
        assert answer.status_code == 302, problems(answer)
        return answer

    def try_step(self, user: User, case: Case, name: str, **data: Any) -> HttpResponse:
        """The step's form, with the papers it asks for chosen in its file fields."""
        case.refresh_from_db()
        page = self.screen(user).get(reverse("monitoring:step", args=[case.pk, name]))
        papers = re.findall(r'<input type="file" name="(\w+)"', page.content.decode())
        wanted = {field: [register.paper(), register.photo()] for field in papers}
        given = {"version": case.version, **wanted, **data}
        return self.send(user, "monitoring:step", case.pk, name, **given)

    def step(self, user: User, case: Case, name: str, **data: Any) -> None:
        """Send the step's form and see that the case went on."""
        answer = self.try_step(user, case, name, **data)
        assert answer.status_code == 302, problems(answer)
        before = case.version
        case.refresh_from_db()
        page = self.read(user, "monitoring:case", case.pk)
        assert case.version > before, words(page)

    def call(self, user: User, case: Case, name: str, **inputs: Any) -> HttpResponse:
        """The same step over the API."""
        url = f"/api/v1/cases/{case.pk}/transitions/{name}/"
        return self.screen(user).post(url, {"inputs": inputs}, content_type="application/json")

    # The stretches of the way that stories have in common ----------------------------------------

    def file_clue(self, household: Household, **data: Any) -> None:
        url = f"{reverse('monitoring:clue_create')}?household={household.pk}"
        given = {"source": "cadre_visit", "received_on": clock.today(), "facts": "走访发现家庭困难"}
        answer = self.screen(self.people.village).post(url, {**given, **data})
        assert answer.status_code == 302, problems(answer)

    def identification(self, household: Household, **data: Any) -> Case:
        self.file_clue(household, **data)
        return Case.objects.get(household=household)

    def authorise(self, case: Case) -> None:
        """Analysed, listed and signed by every adult on one day."""
        village = self.people.village
        meeting = {
            "held_on": clock.today(),
            "attendees": "张支书、李主任\n周队员",
            "reasons": "建议核查",
        }
        self.step(village, case, "analyse", **meeting)
        self.step(village, case, "key_list")
        adults = Member.objects.filter(household=case.household_id, birth_date__lt="2003-01-01")
        signed = {f"m{adult.pk}_mode": "signed" for adult in adults}
        self.step(village, case, "authorise", signed_on=clock.today(), **signed)

    def check(self, case: Case, **data: Any) -> None:
        self.step(self.people.village, case, "check", checked_on=clock.today(), **{**VISIT, **data})

    def compare(self, case: Case, hits: dict[str, str] | None = None) -> None:
        """The township asks; a department with a hit answers itself, the county for the others."""
        hits = hits or {}
        self.step(self.people.township, case, "request_comparison")
        for row in case.answers.all():
            item = hits.get(row.department)
            who = make.officer(self.people, row.department) if item else self.people.county
            given = {"result": "hit", "four_haves": item} if item else {"result": "none"}
            self.done(who, "monitoring:comparison_answer", row.pk, **given)
        self.step(self.people.township, case, "complete_comparison")

    def meeting(self, **data: Any) -> dict[str, Any]:
        return {"held_on": clock.today(), **MEETING, **data}

    def meet_and_post(self, case: Case, **data: Any) -> None:
        self.step(self.people.village, case, "deliberate", **self.meeting(**data))
        self.step(self.people.village, case, "post_notice", posted_on=clock.today(), **NOTICE)

    def decide(self, case: Case) -> None:
        self.step(self.people.township, case, "township_pass", note="情况属实，同意")
        self.step(self.people.county, case, "county_approve", note="同意")

    def evaluate(self, household: Household) -> None:
        """帮扶成效评估 of the year by the village, passed by the township."""
        obj = make.object_of(household)
        risks = make.found.live_risks(obj.episodes.latest("seq").pk)
        results = {f"r{risk.pk}_result": "gone" for risk in risks}
        self.done(
            self.people.village, "monitoring:evaluate", household.pk, evaluated_on=clock.today(),
            visitors="张村官、赵审核", conclusion="ready", effect="收入持续稳定，帮扶措施均已见效",
            household_agrees="1", **results,
        )  # fmt: skip
        row = obj.evaluations.get(year=clock.today().year)
        self.done(self.people.township, "monitoring:evaluation", row.pk, accept="1")

    def announce_and_register(self, case: Case, number: str, month: str) -> None:
        township = self.people.township
        self.step(township, case, "announce", posted_on=clock.today(), **NOTICE)
        self.step(township, case, "register", **self.entry(number, month))

    def entry(self, number: str, month: str) -> dict[str, Any]:
        return {
            "national_hh_no": number,
            "month": month,
            "entered_on": clock.today(),
            "operator": "赵审核",
        }

    # Plans and measures --------------------------------------------------------------------------

    def plan(self, household: Household, *items: dict[str, Any]) -> None:
        """一户一策 made at the village with one measure or more for its first risk, approved by the township."""
        village = self.people.village
        self.done(village, "assistance:plan_draft", household.pk)
        plan = household.plans.latest("version")
        head = {"made_on": clock.today(), "signed_on": clock.today(), "village_secretary": "赵书记",
                "township_cadre": "钱干部", "helper": "孙帮扶", "team_leader": "周队长",
                "situation": "三口之家", "adjust_note": "首次制定"}  # fmt: skip
        self.done(village, "assistance:plan_edit", plan.pk, **head)
        who = {"responsible_name": "李干事", "responsible_phone": "13900000000",
               "responsible_unit": "镇乡村振兴办", "deadline": "2021-12-31"}  # fmt: skip
        for item in items:
            given = {"risk": plan.risks.first().pk, **who, **item}
            self.done(village, "assistance:item_add", plan.pk, **given)
        page = {"kind": "signature", "upload": register.paper("签字页.pdf")}
        self.done(village, "assistance:document_add", plan.pk, **page)
        self.done(village, "assistance:plan_submit", plan.pk)
        self.done(self.people.township, "assistance:plan_approve", plan.pk, note="同意")
        plan.refresh_from_db()
        assert plan.state == "approved", words(self.read(village, "assistance:plan", plan.pk))

    def deliver(self, household: Household, plan_item: Any, *, risk: str) -> None:
        """A measure of the plan registered and delivered today with its voucher."""
        village = self.people.village
        given = {"plan_item": plan_item.pk, "item": plan_item.item, "risk": risk,
                 "department": "hr_social", "start_on": clock.today()}  # fmt: skip
        self.done(village, "assistance:measure_create", household.pk, **given)
        measure = household.measures.latest("pk")
        proof = {
            "delivered_on": clock.today(),
            "amount": "1500",
            "evidence": register.paper("凭证.pdf"),
        }
        self.done(village, "assistance:measure_deliver", measure.pk, **proof)

    def annual_income(self, household: Household, **lines: str) -> None:
        given = {"act": "confirm", **lines}
        self.done(self.people.village, "households:income_annual", household.pk, **given)

    # The city's tables ---------------------------------------------------------------------------

    def city_table(self, code: str) -> dict[str, Any]:
        """The county's row of a table, as the city reads it over the API."""
        report = self.screen(self.city).get("/api/v1/summaries/6204/").json()
        assert report["broken"] == []
        return next(r for r in report["tables"][code]["rows"] if r["name"] == "靖远县")

    def behind(self, table: str, key: str) -> str:
        """The list behind a number of the county."""
        return self.read(self.city, "counties:drill", register.COUNTY, table, key)
