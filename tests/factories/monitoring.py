"""Monitored households for tests, walked there by the real services, day by day.

`Staff` is everybody a case needs; `Walk` takes the steps of S1 with sensible inputs that a test may change.
"""

import datetime
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import time_machine

from assistance.models import AdvanceHelp, Measure
from assistance.services import advance, filing, measures
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Role
from households.models import Campaign, Household
from households.services import income
from monitoring.models import Case, Clue, Evaluation, MonitoringObject
from monitoring.selectors import cases as found
from monitoring.selectors.case_facts import paper_facts
from monitoring.services import cases, comparisons, documents, evaluations, opening
from monitoring.workflow import inputs as i
from monitoring.workflow.papers import of_step
from monitoring.workflow.procedures import transition
from tests.factories import assistance, register

DEPARTMENTS = (
    "public_security", "civil_affairs", "disabled_federation", "medical_insurance", "education",
    "housing", "natural_resources", "vehicle_police", "market_regulation", "tax", "finance",
)  # fmt: skip
NINE = (
    "张支书",
    "李主任",
    "王队长",
    "赵党员",
    "钱代表",
    "孙代表",
    "周组长",
    "吴组长",
    "郑会计",
)
S1_INCOME = {
    "inc_wage": Decimal(14000),
    "inc_business": Decimal(11200),
    "inc_transfer": Decimal(3600),
    "exp_business": Decimal(7200),
}
GOOD_INCOME = {
    "inc_wage": Decimal(36000),
    "inc_transfer": Decimal(4000),
    "exp_business": Decimal(1000),
}


def day(text: str) -> Any:
    """Set the clock to ten o'clock of a day in China."""
    return time_machine.travel(f"{text}T10:00:00+08:00", tick=False)


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@dataclass
class Staff:
    """One account of each role around the village of tests.factories.register."""

    village: User
    team: User
    township: User
    leader: User
    county: User
    departments: dict[str, User] = field(default_factory=dict)


def staff() -> Staff:
    register.places()
    return Staff(
        village=register.user(Role.VILLAGE_CASEWORKER, register.VILLAGE, name="张村官"),
        team=register.user(Role.RESIDENT_TEAM, register.VILLAGE, name="周队员"),
        township=register.user(Role.TOWNSHIP_REVIEWER, register.TOWNSHIP, name="赵审核"),
        leader=register.user(Role.TOWNSHIP_LEADER, register.TOWNSHIP, name="钱镇长"),
        county=register.user(Role.COUNTY_REVIEWER, register.COUNTY, name="孙审定"),
    )


def officer(people: Staff, department: str) -> User:
    """The officer of a department in the county."""
    if department not in people.departments:
        people.departments[department] = register.user(
            Role.DEPARTMENT_OFFICER, register.COUNTY, department=department
        )
    return people.departments[department]


def family_of_four() -> list[dict[str, Any]]:
    """S1: 王某, his wife, his father after a stroke, a school child; three adults."""
    return [
        register.person("王建国", "02", labour="ordinary"),
        register.person("李秀英", "10", born=date("1972-08-25"), sex="2", labour="ordinary"),
        register.person("王德福", "51", born=date("1945-02-11"), labour="lost", health=["major"]),
        register.person("王小明", "20", born=date("2008-03-01"), labour="none"),
    ]


def household(by: User, **fields: Any) -> Household:
    """王某's household: four people, a 一般农户 unless told otherwise."""
    members = fields.pop("members", None) or family_of_four()
    return register.household(by, members=members, **{"hh_type": "general", **fields})


def check(**more: Any) -> i.Check:
    """A visit of the village and the township that finds S1's figures and one risk."""
    given = i.Check(
        checked_on=clock.today(),
        visitors=(
            i.Visitor(name="张村官", unit="village"),
            i.Visitor(name="赵审核", unit="township"),
        ),
        situation="父亲中风卧床，妻子在家照料，仅户主务工，家庭收入减少",
        income=S1_INCOME,
        risks=(i.Risk(cause="illness"),),
        scope_basis="resident",
        household_signed=True,
        longitude=Decimal("104.683"),
        latitude=Decimal("36.561"),
    )
    return replace(given, **more)


def meeting(**more: Any) -> i.Deliberate:
    given = i.Deliberate(
        held_on=clock.today(),
        place="村委会会议室",
        chair="张支书",
        attendees=NINE,
        votes_for=9,
        minutes="逐户评议，一致同意",
        category="marginal",
        needs="大病救治、稳定务工",
    )
    return replace(given, **more)


def notice(**more: Any) -> i.Post:
    given = i.Post(
        posted_on=clock.today(),
        place="村委会公示栏",
        text="经村级评议，拟将王某户纳入监测对象，现予公示",
    )
    return replace(given, **more)


def entry(**more: Any) -> i.Enter:
    given = i.Enter(
        national_hh_no="6200000001",
        month=clock.month_of(clock.today()),
        entered_on=clock.today(),
        operator="赵审核",
    )
    return replace(given, **more)


@dataclass
class Walk:
    """Takes a case along its table. Every method is one step on the day the clock shows."""

    people: Staff
    case: Case

    def take(self, name: str, by: User, inputs: i.Inputs | None = None) -> Case:
        self.hand_in(name, by)
        self.case = cases.apply(self.case, name, by=by, inputs=inputs)
        return self.case

    def hand_in(self, name: str, by: User) -> None:
        """The papers the step asks for and that are not there yet."""
        t = transition(self.case.kind, name)
        self.case.refresh_from_db()
        for paper in of_step(paper_facts(self.case), t) if t else ():
            for _ in range(paper.missing):
                documents.attach(self.case, register.paper(), kind=paper.label, by=by)

    def analyse(self) -> Case:
        given = i.Analyse(
            held_on=clock.today(),
            attendees=("张支书", "李主任", "周队员"),
            reasons="父亲中风，建议核查",
        )
        return self.take("analyse", self.people.village, given)

    def list(self) -> Case:
        self.analyse()
        return self.take("key_list", self.people.village)

    def authorise(self) -> Case:
        adults = [
            m for m in self.case.household.members.all()
            if m.is_active and m.birth_date and m.birth_date.year <= clock.today().year - 18
        ]  # fmt: skip
        signed = tuple(
            i.Signature(member_id=m.pk, mode="signed", signed_on=clock.today()) for m in adults
        )
        return self.take("authorise", self.people.village, i.Authorise(signatures=signed))

    def check(self, **more: Any) -> Case:
        return self.take("check", self.people.village, check(**more))

    def compare(self, hits: dict[str, tuple[str, ...]] | None = None) -> Case:
        """The township asks, every department answers; `hits` names four-haves items by department."""
        self.take("request_comparison", self.people.township)
        self.answer(hits)
        return self.take("complete_comparison", self.people.township)

    def answer(self, hits: dict[str, tuple[str, ...]] | None = None) -> None:
        for row in self.case.answers.all():
            items = (hits or {}).get(row.department, ())
            result = "hit" if items else "none"
            by = officer(self.people, row.department)
            comparisons.answer(row, result=result, four_haves=items, by=by)
        self.case.refresh_from_db()

    def meet(self, **more: Any) -> Case:
        return self.take("deliberate", self.people.village, meeting(**more))

    def post(self, **more: Any) -> Case:
        return self.take("post_notice", self.people.village, notice(**more))

    def submit(self) -> Case:
        return self.take("submit", self.people.village)

    def township(self) -> Case:
        return self.take("township_pass", self.people.township, i.Decide(note="情况属实，同意"))

    def county(self, **more: Any) -> Case:
        return self.take("county_approve", self.people.county, i.Decide(note="同意", **more))

    def announce(self) -> Case:
        return self.take(
            "announce", self.people.township, notice(text="经县级审定，王某户纳入监测对象")
        )

    def register(self, **more: Any) -> Case:
        return self.take("register", self.people.township, entry(**more))


def clue(people: Staff, of: Household, **more: Any) -> Clue:
    given = {
        "source": "cadre_visit",
        "received_on": clock.today(),
        "facts": "父亲中风住院，花费较大",
    }
    return opening.file_clue(of, by=people.village, **{**given, **more})


def identification(people: Staff, of: Household, **more: Any) -> Walk:
    """A clue filed today, with its case."""
    filed = clue(people, of, **more)
    assert filed.case is not None
    return Walk(people, filed.case)


STOPS = ("clue", "key_listed", "authorised", "checked", "compared", "deliberated", "noticed",
         "village_submitted", "township_passed", "county_approved", "announced", "monitored")  # fmt: skip


def identified(
    people: Staff,
    of: Household,
    *,
    at: str = "monitored",
    start: str = "2021-11-01",
    visit: dict[str, Any] | None = None,
    vote: dict[str, Any] | None = None,
    number: str = "6200000001",
) -> Walk:
    """S1's days from the clue on, until the case stands at `at`: +7 visit, +10 meeting, +16 handed in, +18 decided."""
    first = date(start)

    def on(days: int) -> Any:
        return day((first + datetime.timedelta(days=days)).isoformat())

    with on(0):
        walk = identification(people, of)
    steps = (
        (1, walk.list),
        (1, walk.authorise),
        (7, lambda: walk.check(**(visit or {}))),
        (8, walk.compare),
        (10, lambda: walk.meet(**(vote or {}))),
        (10, walk.post),
        (16, walk.submit),
        (17, walk.township),
        (18, walk.county),
        (19, walk.announce),
        (19, lambda: walk.register(national_hh_no=number, month=walk.case.reference_month)),
    )
    for days, step in steps[: STOPS.index(at)]:
        with on(days):
            step()
    return walk


def monitored_household(
    people: Staff | None = None,
    *,
    at: str = "monitored",
    start: str = "2021-04-01",
    **fields: Any,
) -> Household:
    """A household whose object is in the state `at` of §5.6, brought there by the services."""
    people = people or staff()
    visit = fields.pop("visit", None)
    vote = fields.pop("vote", None)
    number = fields.pop("number", "6200000001")
    with day(start):
        made = household(people.village, **fields)
    if at == "not_monitored":
        return made
    last = {"identifying": "clue", "approved": "county_approved"}.get(at, "monitored")
    identified(people, made, at=last, start=start, visit=visit, vote=vote, number=number)
    made.refresh_from_db()
    if at in ("eliminating", "eliminated"):
        bring_out(people, made, at="proposed" if at == "eliminating" else "eliminated")
    made.refresh_from_db()
    return made


def object_of(of: Household) -> MonitoringObject:
    return MonitoringObject.objects.get(household=of)


def annual_income(of: Household, lines: dict[str, Decimal], *, by: User) -> None:
    """A confirmed annual statement of the round."""
    campaign = Campaign.objects.get(year=2021)
    statement = income.save_statement(of, purpose="annual", campaign=campaign, lines=lines, by=by)
    income.confirm(statement, by=by)


def well_off(people: Staff, of: Household, *, risk: str = "illness") -> None:
    """What an elimination asks for: good income, an approved plan whose measure was delivered, the folder filled."""
    annual_income(of, GOOD_INCOME, by=people.village)
    work = {} if risk == "illness" else assistance.WORK
    assistance.delivered_measure(of, by=people.village, risk=risk, **work)
    for code in ("f03", "f12", "f14"):
        filing.note(of, by=people.village, code=code, note="村委会档案柜")


def evaluation(people: Staff, of: Household, **more: Any) -> Evaluation:
    """The village's 帮扶成效评估 of the year, every risk gone."""
    obj = object_of(of)
    episode = found.last_episode(obj.pk)
    risks = found.live_risks(episode.pk if episode else None)
    given = {
        "evaluated_on": clock.today(),
        "visitors": ("张村官", "赵审核"),
        "conclusion": "ready",
        "effect": "收入持续稳定，帮扶措施均已见效",
        "household_agrees": True,
        "results": {r.pk: ("gone", "") for r in risks},
    }
    return evaluations.record(obj, by=people.village, **{**given, **more})


def evaluated(people: Staff, of: Household) -> Evaluation:
    """The same, passed by the township."""
    return evaluations.review(evaluation(people, of), accept=True, by=people.township)


def advance_help(people: Staff, of: Household, case: Case) -> AdvanceHelp:
    """The township's word that help may begin before the procedure ends."""
    return advance.confirm(
        of,
        by=people.township,
        event_type="disaster",
        event_on=clock.today(),
        description="房屋失火烧毁",
        case_no=case.number,
        evidence=[register.paper()],
    )


def advance_measure(people: Staff, of: Household) -> Measure:
    """临时救助 5,000 for a household not yet admitted."""
    return measures.plan(
        of,
        by=people.village,
        risk="disaster",
        start_on=clock.today(),
        department="civil_affairs",
        category="comprehensive",
        item="comprehensive.temp",
        domain="guarantee",
        amount=Decimal(5000),
    )


def bring_out(
    people: Staff,
    of: Household,
    *,
    at: str = "eliminated",
    start: str = "2021-11-01",
    risk: str = "illness",
) -> Walk:
    """S7's days: proposed on the first, visited +1, meeting and notice +2, handed in +8, entered +10."""
    first = date(start)

    def on(days: int) -> Any:
        return day((first + datetime.timedelta(days=days)).isoformat())

    with on(0):
        well_off(people, of, risk=risk)
        evaluated(people, of)
        given = i.Propose(method="assisted")
        walk = Walk(people, opening.propose_elimination(of, inputs=given, by=people.village))
    steps = (
        (1, lambda: walk.check(**elimination_answers(of))),
        (2, lambda: walk.meet(category="")),
        (2, walk.post),
        (8, walk.submit),
        (9, walk.township),
        (9, walk.county),
        (10, lambda: walk.take("eliminate", people.township, elimination_entry(of))),
    )
    names = ("proposed", "checked", "deliberated", "noticed", "village_submitted",
             "township_passed", "county_approved", "eliminated")  # fmt: skip
    for days, step in steps[: names.index(at)]:
        with on(days):
            step()
    return walk


def elimination_answers(of: Household, **more: Any) -> dict[str, Any]:
    """Inputs of the elimination's visit: every recorded risk gone by assistance."""
    episode = found.last_episode(object_of(of).pk)
    risks = tuple(
        i.Risk(cause=r.cause, member_id=r.member_id, subtype=r.subtype, note=r.note,
               outcome="assisted", episode_risk_id=r.pk)
        for r in found.live_risks(episode.pk if episode else None)
    )  # fmt: skip
    return {
        "income": GOOD_INCOME,
        "risks": risks,
        "income_stable": True,
        "income_months": 7,
        "rigid_expense_open": False,
        "household_agrees": True,
        "situation": "风险已经消除，收入连续七个月稳定",
        **more,
    }


def elimination_entry(of: Household, **more: Any) -> i.Enter:
    of.refresh_from_db()
    return entry(
        national_hh_no=of.national_hh_no,
        contact_name="李秀英",
        contact_phone="13912345678",
        post_income_pc=Decimal(9750),
        post_house_safe=True,
        post_water_safe=True,
        post_schooling_ok=True,
        post_insured=True,
        announced_on=clock.today(),
        announce_place="村委会公示栏",
        **more,
    )
