"""Walks generated households through the real services: each step on its own day, by its own person."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from assistance.choices import PLANNED, DocumentKind
from assistance.models import Plan
from assistance.services import filing, measures, plan_lines, plans
from fanpin.accounts.models import User
from fanpin.clock.days import add_working_days, pretend
from fanpin.demo.evaluating import evaluate_and_pass
from fanpin.demo.people import CENTRES
from fanpin.demo.pictures import picture
from fanpin.demo.situations import Situation, Team, annual_income, help_for
from households.models import Household, Member
from households.selectors.parameters import policy_items
from monitoring.models import Case
from monitoring.selectors.case_facts import paper_facts
from monitoring.services import cases, comparisons, documents, opening
from monitoring.workflow import inputs as i
from monitoring.workflow.papers import of_procedure, of_step
from monitoring.workflow.procedures import transition

DAY = datetime.timedelta(days=1)
ADULT = 18
MEETING = ("村党组织书记", "村委会主任", "驻村队员", "村民代表甲", "村民代表乙", "村民组长")


class Walk:
    """One household on its way through one case. `to` goes forward status by status."""

    def __init__(self, household: Household, team: Team, start: datetime.date):
        self.household = household
        self.team = team
        self.day = start
        self.case: Case | None = None

    @contextmanager
    def on(self, days: int = 0) -> Iterator[datetime.date]:
        """A day later on; offices work on it."""
        self.day += days * DAY
        with pretend(self.day):
            yield self.day

    # identification -----------------------------------------------------------------------------

    def clue(self, facts: str, source: str = "cadre_visit", **more: Any) -> Case:
        """T1: the clue that opens an identification."""
        with self.on():
            clue = opening.file_clue(
                self.household, source=source, received_on=self.day, facts=facts,
                by=self.team.village, **more,
            )  # fmt: skip
        clue.refresh_from_db()
        self.case = clue.case
        assert self.case is not None
        return self.case

    def identify(self, until: str, situation: Situation) -> Case:
        """From the clue to `until`, a status of the main line."""
        steps = {
            "analysed": self._analyse,
            "key_listed": lambda s: self._step("key_list", self.team.village),
            "authorised": self._authorise,
            "checked": self._check,
            "compared": self._compare,
            "deliberated": self._deliberate,
            "noticed": self._notice,
            "village_submitted": lambda s: self._step("submit", self.team.village, days=6),
            "township_passed": self._township,
            "county_approved": self._county,
            "announced": self._announce,
            "registered": self._register,
        }
        for status, step in steps.items():
            if self.case is not None and self.case.status == until:
                break
            step(situation)
            if status == until:
                break
        assert self.case is not None
        return self.case

    def dismiss(self, why: str) -> Case:
        """T3b: the analysis found no reason to check."""
        return self._step("dismiss", self.team.village, i.Inputs(note=why))

    def _step(self, name: str, by: User, given: i.Inputs | None = None, *, days: int = 0) -> Case:
        assert self.case is not None
        with self.on(days):
            self._papers(name, by)
            self.case = cases.apply(self.case, name, by=by, inputs=given)
        return self.case

    def _papers(self, name: str, by: User) -> None:
        """The papers the step asks for."""
        assert self.case is not None
        t = transition(self.case.kind, name)
        listed = policy_items("case_paper", self.household.division_path, self.day)
        step = t and (t.papers or t.name)
        if not any(row.code.split(".")[1] == step for row in of_procedure(self.case.kind, listed)):
            return
        for paper in of_step(paper_facts(self.case), t) if t else ():
            for _ in range(paper.missing):
                documents.attach(self.case, picture(f"{paper.label}.png"), kind=paper.label, by=by)

    def _analyse(self, s: Situation) -> None:
        self.day = add_working_days(self.day, 1)
        self._step("analyse", self.team.village, i.Analyse(
            held_on=self.day, attendees=("村党组织书记", "村委会主任", "驻村队员"), reasons=s.words,
        ))  # fmt: skip

    def _authorise(self, s: Situation) -> None:
        self._step("authorise", self.team.village, i.Authorise(signatures=tuple(
            i.Signature(member_id=m.pk, mode="signed", signed_on=self.day) for m in self.adults()
        )))  # fmt: skip

    def adults(self) -> list[Member]:
        rows = Member.objects.filter(household=self.household, status="active")
        limit = self.day.replace(year=self.day.year - ADULT)
        return [m for m in rows if m.relation == "02" or (m.birth_date and m.birth_date <= limit)]

    def _check(self, s: Situation) -> None:
        lifted = self.household.hh_type == "lifted"
        self._step("check", self.team.village, i.Check(
            checked_on=self.day + DAY,
            visitors=(
                i.Visitor(name="驻村队员", unit="resident_team"),
                i.Visitor(name="村委会主任", unit="village"),
            ),
            situation=s.words,
            income=s.income(self.household),
            risks=s.risks(self.household),
            scope_basis="lifted" if lifted else "resident",
            has_shock=s.shock,
            shock_kinds=("rigid_expense",) if s.shock else (),
            shock_note=s.words if s.shock else "",
            event_on=self.day - 20 * DAY if s.shock else None,
            household_signed=True,
            **self._position(),
        ), days=1)  # fmt: skip

    def _position(self) -> dict[str, Decimal]:
        """Where the house stands, when the register does not know it yet."""
        if self.household.longitude is not None:
            return {}
        longitude, latitude = CENTRES[self.household.county_code]
        return {"longitude": Decimal(str(longitude)), "latitude": Decimal(str(latitude))}

    def _compare(self, s: Situation) -> None:
        assert self.case is not None
        self._step("request_comparison", self.team.township)
        with self.on(2):
            for row in self.case.answers.all():
                hit = s.four_haves and row.department == "natural_resources"
                comparisons.answer(
                    row,
                    result="hit" if hit else "none",
                    four_haves=("house",) if hit else (),
                    note="登记有城镇商品房" if hit else "",
                    by=self.team.county,
                )
        self._step("complete_comparison", self.team.township)

    def _deliberate(self, s: Situation) -> None:
        self._step("deliberate", self.team.village, i.Deliberate(
            held_on=self.day + DAY, place="村委会会议室", chair=self.team.village.name, attendees=MEETING,
            votes_for=6, minutes=s.words, has_hardship=s.shock, category=s.category(self.household),
            confirms_four_haves=s.four_haves, needs="按风险落实针对性帮扶措施",
        ), days=1)  # fmt: skip

    def _notice(self, s: Situation) -> None:
        text = f"经村级评议，拟将{self.household.head_name}户纳入监测对象，现予公示。"
        self._step("post_notice", self.team.village, i.Post(
            posted_on=self.day, place="村务公开栏", text=text,
        ))  # fmt: skip

    def _township(self, s: Situation) -> None:
        if s.four_haves:
            self._step("government_pass", self.team.leader, i.Decide(
                note="经核实情况属实", visited_on=self.day + DAY, is_sealed=True,
            ), days=1)  # fmt: skip
        else:
            self._step("township_pass", self.team.township, i.Decide(note="同意上报"), days=1)

    def _county(self, s: Situation) -> None:
        name = "county_file" if s.four_haves else "county_approve"
        self._step(name, self.team.county, i.Decide(
            note="同意纳入", category_reason=f"经县级研究认定：{s.words}",
        ), days=1)  # fmt: skip

    def _announce(self, s: Situation) -> None:
        text = f"经县级审定，{self.household.head_name}户纳入监测对象，现予公告。"
        self._step("announce", self.team.township, i.Post(
            posted_on=self.day + DAY, place="村务公开栏", text=text,
        ), days=1)  # fmt: skip

    def _register(self, s: Situation) -> None:
        assert self.case is not None
        self._step("register", self.team.township, i.Enter(
            national_hh_no=f"62{self.household.hh_code}", month=self.case.reference_month,
            entered_on=self.day + DAY, operator="乡镇录入员",
        ), days=1)  # fmt: skip
        self.household.refresh_from_db()

    # help ----------------------------------------------------------------------------------------

    def help(self, situation: Situation, *, deliver: bool = True) -> None:
        """A plan with a measure for everything the household needs, approved, each measure delivered with its proof."""
        with self.on(3):
            plan = plans.draft(
                self.household, by=self.team.village, made_on=self.day, village_secretary=self.team.village.name,
                township_cadre=self.team.township.name, helper=self.team.leader.name, signed_on=self.day,
                dev_measure_status="implemented",
            )  # fmt: skip
            if plan.version > 1:
                plans.edit(plan, by=self.team.village, adjust_note="按现状调整措施")
            plans.add_document(
                plan,
                by=self.team.village,
                upload=picture("签字页.png"),
                kind=DocumentKind.SIGNATURE,
            )
            self._lines(plan, situation)
            plans.submit(plan, by=self.team.village)
        with self.on(2):
            plans.approve(plan, by=self.team.township, note="同意")
        if deliver:
            self._deliver(plan)

    def _lines(self, plan: Plan, situation: Situation) -> None:
        """Every risk in the plan, and a measure for each need that an earlier version did not have."""
        known = {risk.cause for risk in plan.risks.all()}
        for cause in situation.causes:
            if cause not in known:
                plan_lines.add_risk(plan, by=self.team.village, cause=cause)
        risks = {risk.cause: risk for risk in plan.risks.all()}
        had = set(plan.items.values_list("item", flat=True))
        for given in help_for(self.household, tuple(risks)):
            if given.item in had:
                continue
            plan_lines.add_item(
                plan, by=self.team.village, risk=risks.get(given.cause), category=given.category,
                item=given.item, domain=given.domain, content=given.content, amount=Decimal(3000),
                responsible_name=self.team.leader.name, responsible_phone="19900000000",
                responsible_unit="镇政府", start_on=self.day, deadline=self.day + 60 * DAY,
            )  # fmt: skip

    def _deliver(self, plan: Plan) -> None:
        with self.on(5):
            for item in plan.items.filter(status=PLANNED).select_related("risk"):
                made = measures.plan(
                    self.household, by=self.team.township, category=item.category, item=item.item,
                    domain=item.domain, start_on=self.day, department="agriculture",
                    risk=item.risk.cause if item.risk else "", plan_item=item, amount=item.amount,
                    note=item.content,
                )  # fmt: skip
                measures.deliver(
                    made, by=self.team.township, delivered_on=self.day, amount=item.amount,
                    evidence=[picture("落实凭证.png")],
                )  # fmt: skip

    def look_back(self) -> None:
        """回头看 of the year on the plan in force."""
        plan = Plan.objects.get(household=self.household, state="approved")
        with self.on(3):
            plan_lines.look_back(
                plan, by=self.team.village, result="keep",
                note="风险准确，措施对路，责任人在岗，措施已落实见效，资料齐全",
            )  # fmt: skip

    # elimination and after ------------------------------------------------------------------------

    def eliminate(self, until: str) -> Case:
        """From the proposal to `until`; the folder is completed by hand where paper lies in the village."""
        evaluate_and_pass(self.household, self.team, self.day, ready=True)
        with self.on():
            self.case = opening.propose_elimination(
                self.household, inputs=i.Propose(method="assisted"), by=self.team.village
            )
        steps = {
            "checked": self._check_elimination,
            "deliberated": self._agree,
            "noticed": self._notice_elimination,
            "village_submitted": lambda: self._step("submit", self.team.village, days=6),
            "township_passed": lambda: self._step(
                "township_pass", self.team.township, i.Decide(note="同意上报"), days=1
            ),
            "county_approved": lambda: self._step(
                "county_approve", self.team.county, i.Decide(note="综合审定通过"), days=1
            ),
            "eliminated": self._enter_elimination,
        }
        return self._through(steps, until)

    def roll_back(self, until: str, *, codes: tuple[str, ...], since: datetime.date) -> Case:
        """An elimination that did not hold goes back, step by step."""
        given = i.Propose(
            rule_codes=codes, problem_since=since, note="回访发现大额支出一直未解决，凭证齐全"
        )
        with self.on():
            self.case = opening.propose_rollback(self.household, inputs=given, by=self.team.village)
        steps = {
            "checked": self._check_rollback,
            "deliberated": self._agree,
            "noticed": self._notice_elimination,
            "village_submitted": lambda: self._step("submit", self.team.village, days=6),
            "township_passed": lambda: self._step(
                "township_pass", self.team.township, i.Decide(note="情况属实"), days=1
            ),
            "county_approved": lambda: self._step(
                "county_approve", self.team.county, i.Decide(note="同意回退"), days=1
            ),
            "restored": self._restore,
        }
        return self._through(steps, until)

    def relabel(self, until: str, situation: Situation) -> Case:
        """A new risk after the elimination: clue, then the whole identification."""
        seen = self.day
        with self.on():
            opening.file_clue(
                self.household, source="cadre_visit", received_on=self.day, facts=situation.words,
                by=self.team.village, event_type="disaster", event_on=seen,
            )  # fmt: skip
            self.case = opening.propose_relabel(
                self.household,
                inputs=i.Relabel(cause=situation.causes[0], first_seen_on=seen),
                by=self.team.village,
            )
        situation.seen_on = seen
        return self.identify(until, situation)

    def _through(self, steps: dict[str, Any], until: str) -> Case:
        assert self.case is not None
        for status, step in steps.items():
            if self.case.status == until:
                break
            step()
            if status == until:
                break
        return self.case

    def _check_elimination(self) -> None:
        self._file_papers()
        risks = [r for e in self.household.monitoring_object.episodes.all() for r in e.risks.all()]
        self._step("check", self.team.village, i.Check(
            checked_on=self.day + DAY,
            visitors=(
                i.Visitor(name="驻村队员", unit="resident_team"),
                i.Visitor(name="村委会主任", unit="village"),
            ),
            situation="就业稳定，收入持续超过监测范围，医疗支出已报销，农户认可",
            income=annual_income(self.household),
            risks=tuple(
                i.Risk(cause=r.cause, outcome="assisted", episode_risk_id=r.pk) for r in risks
            ),
            income_stable=True, income_months=8, rigid_expense_open=False, household_agrees=True,
            household_signed=True,
        ), days=1)  # fmt: skip

    def _file_papers(self) -> None:
        with self.on():
            for code in ("f03", "f14"):
                filing.note(
                    self.household, by=self.team.village, code=code, note="纸质资料存村委会档案柜"
                )

    def _check_rollback(self) -> None:
        self._step("check", self.team.village, i.Check(
            checked_on=self.day + DAY,
            visitors=(
                i.Visitor(name="驻村队员", unit="resident_team"),
                i.Visitor(name="村委会主任", unit="village"),
            ),
            situation="透析费用每年三万元，一直未解决", rigid_expense_open=True,
            household_signed=True, household_agrees=True,
        ), days=1)  # fmt: skip

    def _agree(self) -> None:
        self._step("deliberate", self.team.village, i.Deliberate(
            held_on=self.day + DAY, place="村委会会议室", chair=self.team.village.name, attendees=MEETING,
            votes_for=6, minutes="到会人员一致同意，理由充分",
        ), days=1)  # fmt: skip

    def _notice_elimination(self) -> None:
        self._step("post_notice", self.team.village, i.Post(
            posted_on=self.day, place="村务公开栏",
            text=f"经村级评议，{self.household.head_name}户拟变更监测标注，现予公示。",
        ))  # fmt: skip

    def _enter_elimination(self) -> None:
        self._enter("eliminate", contact=True)

    def _restore(self) -> None:
        self._enter("restore", contact=False)

    def _enter(self, name: str, *, contact: bool) -> None:
        assert self.case is not None
        month = self.case.reference_month or f"{self.day + DAY:%Y%m}"
        self._step(name, self.team.township, i.Enter(
            national_hh_no=self.household.national_hh_no, month=month, entered_on=self.day + DAY,
            operator=self.team.township.name, contact_name=self.team.leader.name if contact else "",
            contact_phone="19900000001" if contact else "",
            post_income_pc=Decimal(9000) if contact else None, post_house_safe=True,
            post_water_safe=True, post_schooling_ok=True, post_insured=True,
            announced_on=self.day + DAY if contact else None, announce_place="村务公开栏",
        ), days=1)  # fmt: skip
        self.household.refresh_from_db()
