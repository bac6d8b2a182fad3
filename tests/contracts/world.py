"""A small county in which every kind of record exists once, made by the real services.

`inside` are the people who work there, one for each role; `outside` their nearest neighbours.
"""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Model
from django.utils import timezone

from assistance.models import (
    AdvanceEvidence,
    HouseholdFile,
    HouseholdFileItem,
    MeasureEvidence,
    PlanDocument,
)
from counties.closure import running
from counties.models import CitySummary, Finding, FindingEvidence, KeyCheck
from counties.screening import running as screened
from counties.services import (
    adjustments,
    comparisons,
    county_sheets,
    findings,
    sheet_imports,
    sheets,
)
from counties.services import (
    screening as screenings,
)
from fanpin.accounts.models import User
from fanpin.accounts.roles import Role
from fanpin.files.storing import store
from fanpin.jobs.models import Job
from fanpin.regions.models import Division
from households.models import Campaign, Household, Member, MemberChangeDocument, VisitPaper
from households.selectors.parameters import policy_items
from households.services import batching, changes, deciding, helping, income, receipts, visits
from monitoring.models import CaseDocument, Clue, Meeting, Prompt
from monitoring.selectors.cases import live_risks
from monitoring.selectors.reorganising import Place
from monitoring.services import applications, objections, prompts, reorganising, risks
from monitoring.workflow import inputs as i
from tests.counties import national
from tests.counties.books import agreeing_rows, hand_in
from tests.factories import assistance, monitoring, register
from tests.households import workbooks

TODAY = "2021-11-22"
NEAR_TOWNSHIP, FAR_COUNTY, FAR_TOWNSHIP, FAR_CITY = "620421101", "620422", "620422100", "6205"


@dataclass
class World:
    """`inside[role]` works where the records lie, `outside[role]` next door; `rows[name]` is one record of a kind."""

    inside: dict[str, User]
    outside: dict[str, User]
    rows: dict[str, Model] = field(default_factory=dict)


def make_world() -> World:
    people = monitoring.staff()
    world = World(_inside(people), _outside())
    with monitoring.day("2021-10-20"):
        _ordinary(world, people)
        _divided(world, people)
    _monitoring(world, people)
    with monitoring.day(TODAY):
        _assistance(world, people)
        _county(world, people)
        _sheets(world, people)
        _import(world, people)
        _reconciliation(world, people)
        _jobs(world, people)
    return world


def _inside(people: monitoring.Staff) -> dict[str, User]:
    return {
        Role.VILLAGE_CASEWORKER: people.village,
        Role.RESIDENT_TEAM: people.team,
        Role.TOWNSHIP_REVIEWER: people.township,
        Role.TOWNSHIP_LEADER: people.leader,
        Role.COUNTY_REVIEWER: people.county,
        Role.DEPARTMENT_OFFICER: monitoring.officer(people, "public_security"),
        Role.CITY_OFFICIAL: register.user(Role.CITY_OFFICIAL, "6204"),
        Role.PROVINCE: register.user(Role.PROVINCE, "62"),
        Role.ADMIN: register.user(Role.ADMIN, register.COUNTY),
    }


def _outside() -> dict[str, User]:
    """The nearest neighbours: the next village of the same township, the next township of the same county."""
    places = {
        Role.VILLAGE_CASEWORKER: register.OTHER_VILLAGE,
        Role.RESIDENT_TEAM: register.FAR_VILLAGE,
        Role.TOWNSHIP_REVIEWER: NEAR_TOWNSHIP,
        Role.TOWNSHIP_LEADER: FAR_TOWNSHIP,
        Role.COUNTY_REVIEWER: FAR_COUNTY,
        Role.CITY_OFFICIAL: FAR_CITY,
        Role.ADMIN: FAR_COUNTY,
    }
    made = {role: register.user(role, code) for role, code in places.items()}
    made[Role.DEPARTMENT_OFFICER] = register.user(
        Role.DEPARTMENT_OFFICER, FAR_COUNTY, department="public_security"
    )
    return made


def _ordinary(world: World, people: monitoring.Staff) -> None:
    """A household with a draft statement and a son who moved out, waiting for the township."""
    home = register.household(people.village, has_safe_water=False)
    son = Member.objects.get(household=home, name="王小明")
    kinds = policy_items("change_document", home.division_path, datetime.date(2021, 10, 20))
    paper = next(item.label for item in kinds if item.code == "dec_hukou_out")
    change = changes.decrease(
        son, reason="dec_hukou_out", changed_on=datetime.date(2021, 10, 18),
        documents=register.papers(paper), by=people.village,
    )  # fmt: skip
    statement = income.save_statement(
        home, purpose="annual", campaign=Campaign.objects.get(year=2021),
        lines={"inc_wage": Decimal(30000)}, by=people.village,
    )  # fmt: skip
    aunt = register.person("冯姑姑", "99", born=datetime.date(1960, 3, 3), sex="2")
    register.household(people.village, members=[register.person("冯二爷"), aunt])
    claim = changes.increase(
        home, reason="inc_hukou_in", changed_on=datetime.date(2021, 10, 18), fields=aunt,
        documents=register.papers(), dispute=True, by=people.village,
    )  # fmt: skip
    visit = visits.record_visit(
        home, visited_on=datetime.date(2021, 10, 19), mode="home", photos=[register.photo()],
        by=people.village,
    )  # fmt: skip
    care = helping.assign(
        home, helper={"name": "孙帮扶", "sex": "1", "political_status": "", "unit": "县教育局",
                      "phone": "13900000000"}, start_on=datetime.date(2021, 10, 1), by=people.village,
    )  # fmt: skip
    receipt = receipts.book(
        home, fields={"line": "inc_crop", "amount": Decimal(800),
                      "received_on": datetime.date(2021, 8, 1)}, by=people.village,
    )  # fmt: skip
    world.rows |= {
        "receipt": receipt,
        "visit_paper": VisitPaper.objects.get(visit=visit),
        "helping": care,
        "household": home,
        "member": Member.objects.get(household=home, relation="02"),
        "child": son,
        "change": change,
        "dispute": claim.dispute,
        "change_document": MemberChangeDocument.objects.get(change=change),
        "statement": statement,
        "village": Division.objects.get(pk=register.VILLAGE),
        "form_batch": batching.begin(
            "submit", Household.objects.filter(pk=home.pk), campaign=Campaign.objects.get(year=2021),
            path=home.division_path, by=people.village,
        ),
    }  # fmt: skip


def _divided(world: World, people: monitoring.Staff) -> None:
    """A household that divided, with its papers and the checks that are due."""
    home = register.household(
        people.village,
        members=[register.person("冯大"), register.person("冯二", "70")],
    )
    places = {m.pk: Place(m.name == "冯二", "02") for m in home.members.all()}
    row = reorganising.file_split(
        home, places=places, changed_on=datetime.date(2021, 10, 18),
        documents=register.papers("村证明"), by=people.village,
    )  # fmt: skip
    row = reorganising.pass_on(row, by=people.township)
    row = reorganising.pass_on(row, by=people.county)
    world.rows |= {
        "reorganisation": row,
        "reorganisation_document": row.documents.get(),
        "split_check": row.checks.get(household=home),
    }


def _monitoring(world: World, people: monitoring.Staff) -> None:
    """A monitored household with a new risk, and a case whose notice hangs with an objection."""
    home = monitoring.monitored_household(people, start="2021-04-01")
    obj = monitoring.object_of(home)
    with monitoring.day("2021-11-01"):
        risk = risks.propose(
            obj, i.Risk(cause="job_unstable"), evidence="户主所在工地停工，务工收入中断",
            by=people.village,
        )  # fmt: skip
        result = {live.pk: ("eased", "") for live in live_risks(obj.episodes.get().pk)}
        evaluation = monitoring.evaluation(
            people,
            home,
            conclusion="continue",
            next_steps="继续落实一户一策各项措施",
            results=result,
        )
    other = _second_family(people)
    case = monitoring.identified(people, other, at="noticed", start="2021-11-08", number="").case
    with monitoring.day("2021-11-19"):
        objection = objections.receive(
            case,
            raised_on=datetime.date(2021, 11, 19),
            content="该户在县城有住房",
            by=people.village,
        )
    with monitoring.day("2021-11-08"):
        application = applications.receive(
            world.rows["village"], channel="phone", head_name="赵某", applicant="赵某",
            phone="13900000000", facts="家中遭遇火灾", by=people.village,
        )  # fmt: skip
        application = applications.file(application, other, by=people.village)
    world.rows |= {
        "application": application,
        "prompt": _prompted(people, home),
        "monitored": home,
        "object": obj,
        "risk": risk,
        "meeting": _met(people),
        "evaluation": evaluation,
        "identified": other,
        "case": case,
        "notice": objection.notice,
        "objection": objection,
        "answer": case.answers.get(department="public_security"),
        "clue": Clue.objects.filter(case=case).order_by("pk").first(),
        "case_document": store(
            CaseDocument, register.paper(), by=people.village, case=case, kind="入户照片",
            status_at=case.status,
        ),
    }  # fmt: skip


def _prompted(people: monitoring.Staff, home: Household) -> Prompt:
    """A newborn of the monitored household, whose insurance somebody has to look after."""
    with monitoring.day("2021-11-01"):
        change = changes.increase(
            home, reason="inc_newborn", changed_on=datetime.date(2021, 10, 20),
            fields=register.person("王小满", "20", born=datetime.date(2021, 10, 20)),
            documents=register.papers("出生医学证明"), by=people.village,
        )  # fmt: skip
        deciding.pass_on(change, by=people.township)
        return prompts.ask_about([change.pk])[0]


def _met(people: monitoring.Staff) -> Meeting:
    """A meeting whose household went its own way since: what the page of a meeting shows."""
    return Meeting.objects.create(
        village_id=register.VILLAGE, held_on=datetime.date(2021, 11, 8), place="村委会会议室",
        chair="张支书", attendees=["张支书", "李主任", "周队员"], absentees=["王代表"], quorum=66,
        minutes="逐户评议", made_at=timezone.now(), made_by=people.village,
    )  # fmt: skip


def _second_family(people: monitoring.Staff) -> Household:
    with monitoring.day("2021-11-08"):
        return monitoring.household(people.village)


def _assistance(world: World, people: monitoring.Staff) -> None:
    home, other = world.rows["monitored"], world.rows["identified"]
    plan = assistance.complete_plan(home, by=people.village)
    measure = assistance.delivered_measure(home, by=people.village)
    help_first = monitoring.advance_help(people, other, world.rows["case"])
    item = HouseholdFileItem.objects.filter(household=home).first() or _file_item(home, people)
    world.rows |= {
        "plan": plan,
        "plan_risk": plan.risks.first(),
        "plan_item": plan.items.first(),
        "plan_document": PlanDocument.objects.filter(plan=plan).first(),
        "measure": measure,
        "evidence": MeasureEvidence.objects.get(measure=measure),
        "advance": help_first,
        "advance_evidence": AdvanceEvidence.objects.get(),
        "folder_file": store(HouseholdFile, register.paper(), by=people.village, item=item),
    }


def _sheets(world: World, people: monitoring.Staff) -> None:
    """The village's sheet begun and one natural village's."""
    village, campaign = world.rows["village"], Campaign.objects.get(year=2021)
    hamlet = register.hamlet(village, "一社")
    county_sheets.load_indicators()
    world.rows |= {
        "adjustment": adjustments.plan(
            Division.objects.get(pk=register.OTHER_VILLAGE),
            by=people.county,
            fields={
                "kind": "rename",
                "new_name": "新坪村",
                "document_no": "甘民函〔2021〕1号",
                "effective_on": datetime.date(2021, 12, 1),
            },
        ),
        "sheet_batch": sheet_imports.receive(
            register.paper("村表.csv"),
            kind="village",
            division=village,
            campaign=campaign,
            by=people.village,
        ),
        "hamlet": hamlet,
        "county_sheet": county_sheets.save(
            world.rows["county"],
            campaign=campaign,
            fields={"gdp": Decimal(900_000)},
            by=people.county,
        ),
        "place_sheet": sheets.save(
            village, campaign=campaign, fields={"hh_total": 60}, by=people.village
        ),
        "hamlet_sheet": sheets.save(
            hamlet, campaign=campaign, fields={"nv_hh_total": 30}, by=people.village
        ),
    }


def _file_item(home: Household, people: monitoring.Staff) -> HouseholdFileItem:
    monitoring.filing.note(home, by=people.village, code="f03", note="村委会档案柜")
    return HouseholdFileItem.objects.get(household=home, code="f03")


def _county(world: World, people: monitoring.Staff) -> None:
    """A police ledger without two people, compared; a finding explained, one referred; a closure, a city's report."""
    county, campaign = Division.objects.get(pk=register.COUNTY), Campaign.objects.get(year=2021)
    batch = hand_in("police", agreeing_rows("police")[2:], by=people.county)
    run = comparisons.start(county, campaign=campaign, by=people.county, wait=True)
    closure = running.run(county=county, campaign=campaign, by=people.county)
    member = Member.objects.filter(household=world.rows["household"]).order_by("pk").first()
    finding = member.household.findings.filter(origin="comparison").first()
    finding = findings.explain(
        finding, text="户口在外省，长期在本村居住", evidence=[register.paper()], by=people.village
    )
    referred = Finding.objects.filter(origin="comparison").exclude(pk=finding.pk).first()
    findings.refer(ids=[referred.pk], by=people.county)
    screening = screenings.start(county, campaign=campaign, by=people.county, wait=True)
    screened.run(screening, advance=lambda *_: None)
    listed = KeyCheck.objects.get(household=world.rows["household"])
    city = world.inside[Role.CITY_OFFICIAL]
    summary = CitySummary.objects.create(
        division_id="6204", campaign=campaign, version=1, as_of=datetime.date(2021, 11, 22),
        sha256="0" * 64, submitted_at=timezone.now(), submitted_by=city,
    )  # fmt: skip
    world.rows |= {
        "county": county,
        "city": Division.objects.get(pk="6204"),
        "batch": batch,
        "run": run,
        "closure": closure,
        "key_check": listed,
        "key_check_reason": listed.reasons.first(),
        "finding": finding,
        "referred": referred,
        "finding_evidence": FindingEvidence.objects.get(finding=finding),
        "summary": summary,
    }


def _import(world: World, people: monitoring.Staff) -> None:
    """A workbook with one wrong cell."""
    home = workbooks.family(born="1971-06-01")
    homes = [workbooks.home(home[0], house_area="很大")]
    content = workbooks.workbook(homes, home)
    batch = workbooks.checked(content, people.village, division=register.VILLAGE)
    world.rows |= {"import_batch": batch, "import_row": batch.staged.filter(kind="wrong").first()}


def _reconciliation(world: World, people: monitoring.Staff) -> None:
    """The village's households beside an export of the national system that has one of them, and one more."""
    home = world.rows["household"]
    rows = [national.home(home), national.home(home, national_hh_no="6299", head_id_no="")]
    run = national.reconciled(
        [national.upload("household", rows)], by=people.village, division=register.VILLAGE
    )
    world.rows |= {
        "reconciliation": run,
        "national_file": run.files.get(),
        "reconciled_item": run.items.first(),
    }


def _jobs(world: World, people: monitoring.Staff) -> None:
    village = Division.objects.get(pk=register.VILLAGE)
    world.rows["job"] = Job.objects.create(
        kind="households.import", label="导入农户表", owner=people.village,
        division_path=village.path, status="running", done=1, total=3,
    )  # fmt: skip
    world.rows["posting"] = people.village.postings.get()
    world.rows["user"] = people.village
