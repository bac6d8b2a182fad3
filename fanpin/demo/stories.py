"""Which households of the demonstration have which history: objects in every state, open cases at every step."""

import datetime
from collections import Counter, deque
from collections.abc import Callable

from assistance.services import advance
from fanpin.clock.days import pretend
from fanpin.demo import asking
from fanpin.demo.evaluating import evaluate_some
from fanpin.demo.pictures import picture
from fanpin.demo.situations import DEVELOPMENT, Situation, help_for, team_of
from fanpin.demo.walking import Walk
from households.models import Household, Member
from households.selectors.parameters import policy_items
from households.services import changes, deciding, visits
from monitoring.models import MonitoringObject
from monitoring.services import objects

D = datetime.date
OPEN_STEPS = (
    "clue",
    "analysed",
    "key_listed",
    "authorised",
    "checked",
    "compared",
    "deliberated",
    "noticed",
    "village_submitted",
    "township_passed",
    "county_approved",
    "announced",
)
# A case that is still open began this many days before the survey day, so that no step lies in the future.
OPEN_SINCE = D(2021, 10, 18)
VISITED_ON = D(2021, 11, 5)


class Stories:
    """Tells the histories of one county, each on a household of its own."""

    def __init__(self, villages: list[str], *, full: bool):
        self.teams = {village: team_of(village) for village in villages}
        self.full = full
        # What a story leaves undone on purpose: quality hits to expect by rule.
        self.left_undone: Counter[str] = Counter()
        # What waits for the people of the first village.
        self.waiting: Counter[str] = Counter()
        self.poor = self._households(villages, poor=True)
        self.others = self._households(villages, poor=False)

    def tell(self) -> dict[str, int]:
        """Walk every history; returns how many households stand in which state."""
        self._monitored(2 if self.full else 1)
        if self.full:
            self._waiting_for_a_plan()
            self._forgotten()
            self._claimed()
            self._cared_for_by_accident()
            self._out_of_risk(D(2021, 1, 11), D(2021, 6, 7))
            self._eliminating()
            self._rolled_back()
            self._relabelled()
            self._open_cases()
            self._ended()
            self._gone()
            self._emergency()
        self._visited()
        evaluate_some(self.teams)
        states = MonitoringObject.objects.filter(household__village_id__in=self.teams)
        return dict(Counter(states.values_list("state", flat=True)))

    def _households(self, villages: list[str], *, poor: bool) -> deque[Household]:
        """Households below, or well above, the line; every one at most once, those of the first village last."""
        rows = Household.objects.filter(village_id__in=villages, income_pc__isnull=False)
        rows = rows.filter(income_pc__lt=6000) if poor else rows.filter(income_pc__gte=8000)
        able = Member.objects.filter(labour__in=("ordinary", "skilled"), status="active")
        rows = rows.filter(pk__in=able.values("household_id")).exclude(
            members__dibao_status="rural"
        )
        return deque(rows.distinct().order_by("-village_id", "hh_code"))

    def _walk(self, start: D, *, poor: bool = True, near: bool = False) -> Walk:
        """`near` takes a household of the first village, whose people have accounts, while there is one."""
        left = self.poor if poor else self.others
        household = left.pop() if near else left.popleft()
        return Walk(household, self.teams[household.village_id], start)

    def _situation(self, household: Household) -> Situation:
        """The risk that fits the people of the house."""
        health = [h for m in household.members.all() for h in m.health]
        if "major" in health or "chronic" in health:
            return Situation(("illness",), "家中有病人长期治疗，医疗费用高，收入减少")
        if "disabled" in health:
            return Situation(("disability",), "家中有残疾人需要照料，劳动力受限")
        return Situation(("job_unstable",), "主要劳动力务工不稳定，收入明显减少")

    def _marked(
        self, start: D, *, poor: bool = True, near: bool = False, helped: bool = True,
        looked_back: bool = True,
    ) -> Walk:  # fmt: skip
        walk = self._walk(start, poor=poor, near=near)
        situation = self._situation(walk.household)
        walk.clue(situation.words)
        walk.identify("registered", situation)
        if helped:
            walk.help(situation)
            if looked_back:
                walk.look_back()
        return walk

    def _monitored(self, count: int) -> None:
        for n in range(count):
            self._marked(D(2021, 1 + n, 4))

    def _waiting_for_a_plan(self) -> None:
        """Registered a few days ago, with nobody due anything at once: the days for the plan still run."""
        walk = self._walk(OPEN_SINCE, poor=False)
        while help_for(walk.household, ()) != [DEVELOPMENT]:
            walk = self._walk(OPEN_SINCE, poor=False)
        unstable = Situation(("job_unstable",), "主要劳动力务工不稳定，收入明显减少")
        walk.clue(unstable.words)
        walk.identify("registered", unstable)

    def _forgotten(self) -> None:
        """Helped, but nobody has looked back at the plan this year; in a village with accounts, to be mended there."""
        self._near(lambda home: asking.labourer_of(home) is not None)
        walk = self._marked(D(2021, 3, 22), poor=False, near=True, looked_back=False)
        self.left_undone["R-MON-36"] += 1
        self.waiting += asking.a_labourer_left(walk.household, walk.team)

    def _claimed(self) -> None:
        """An old parent stands in the first village and is claimed by the next one."""
        self._near(lambda home: asking.parent_of(home) is not None)
        holder, claimant = self.others.pop(), self.others.popleft()
        team = self.teams[claimant.village_id]
        self.waiting += asking.a_parent_is_claimed(holder, claimant, team.village)

    def _near(self, fits: Callable[[Household], bool]) -> None:
        """The next household taken near is one that fits."""
        found = next(home for home in reversed(self.others) if fits(home))
        self.others.remove(found)
        self.others.append(found)

    def _cared_for_by_accident(self) -> None:
        """突发严重困难, with 四有 confirmed at three levels."""
        walk = self._walk(D(2021, 6, 1), poor=False)
        shock = Situation(
            ("accident",), "家中成员发生交通事故，住院自付费用大，基本生活严重困难",
            per_capita=7800, shock=True, four_haves=True,
        )  # fmt: skip
        walk.clue(shock.words, event_type="accident", event_on=D(2021, 5, 20))
        walk.identify("registered", shock)
        walk.help(shock)
        walk.look_back()

    def _out_of_risk(self, marked: D, cleared: D, *, until: str = "eliminated") -> Walk:
        """Marked on a low income of its window, helped, and cleared on the good income of a later one."""
        walk = self._marked(marked, poor=False)
        walk.day = cleared
        walk.eliminate(until)
        return walk

    def _eliminating(self) -> None:
        self._out_of_risk(D(2021, 2, 23), D(2021, 10, 18), until="township_passed")

    def _rolled_back(self) -> None:
        since = D(2021, 4, 1)
        walk = self._out_of_risk(D(2021, 1, 18), D(2021, 6, 14))
        walk.day = D(2021, 9, 6)
        walk.roll_back("restored", codes=("n2",), since=since)
        walk = self._out_of_risk(D(2021, 1, 19), D(2021, 6, 15))
        walk.day = D(2021, 10, 25)
        walk.roll_back("checked", codes=("n2",), since=since)

    def _relabelled(self) -> None:
        hail = Situation(("disaster",), "冰雹毁坏果园，当年绝收，收入骤减", per_capita=4700)
        walk = self._out_of_risk(D(2021, 1, 20), D(2021, 5, 17))
        walk.day = D(2021, 9, 8)
        walk.relabel("registered", hail)
        walk.help(hail)
        walk.look_back()
        walk = self._out_of_risk(D(2021, 1, 21), D(2021, 5, 18))
        walk.day = D(2021, 10, 21)
        walk.relabel("authorised", hail)

    def _open_cases(self) -> None:
        for status in OPEN_STEPS:
            walk = self._walk(OPEN_SINCE)
            situation = self._situation(walk.household)
            walk.clue(situation.words)
            if status != "clue":
                walk.identify(status, situation)

    def _ended(self) -> None:
        reason = "经复核，识别时收入漏算，不符合监测标准"
        walk = self._marked(D(2021, 3, 1), helped=False)
        with pretend(D(2021, 8, 2)):
            obj = MonitoringObject.objects.get(household=walk.household)
            objects.void(obj, reason=reason, city_filing_no="市备〔2021〕3号", by=walk.team.county)
        walk = self._walk(D(2021, 9, 13), poor=False)
        walk.clue("群众反映家庭有困难，请村里核查")
        walk.identify("analysed", Situation(("job_unstable",), "经研判收入稳定，无返贫风险"))
        walk.dismiss("收入稳定，无返贫致贫风险")

    def _gone(self) -> None:
        """Everybody of a monitored household moved away: 整户减少, not counted as eliminated."""
        walk = self._marked(D(2021, 2, 1), helped=False)
        team, household = walk.team, walk.household
        papers = policy_items("change_document", household.division_path, D(2021, 7, 5))
        kind = next(item.label for item in papers if item.code == "dec_hukou_out")
        with pretend(D(2021, 7, 5)):
            change = changes.end_household(
                household, reason="dec_hukou_out", changed_on=D(2021, 6, 28),
                documents=[(kind, picture("迁移证.png"))], note="全家迁往外省", by=team.village,
            )  # fmt: skip
            deciding.pass_on(change, by=team.township)
        with pretend(D(2021, 7, 6)):
            obj = MonitoringObject.objects.get(household=household)
            objects.propose_close(obj, reason="全户户籍已迁出", by=team.township)
            objects.close(obj, reason="情况属实，同意整户减少", by=team.county)

    def _visited(self) -> None:
        """Everybody under monitoring has been seen at home within the days set for it (R-MON-35)."""
        under = Household.objects.filter(
            village_id__in=self.teams, monitoring_state__in=("monitored", "eliminating")
        ).order_by("pk")
        with pretend(VISITED_ON):
            for household in under:
                visits.record_visit(
                    household, visited_on=VISITED_ON, mode="home",
                    findings="入户查看，家中生活正常，帮扶措施已落实",
                    by=self.teams[household.village_id].village,
                )  # fmt: skip

    def _emergency(self) -> None:
        """A fire: help first, the procedure behind it."""
        walk = self._walk(D(2021, 11, 2), poor=False)
        while walk.household.hh_type != "general":
            walk = self._walk(D(2021, 11, 2), poor=False)
        case = walk.clue(
            "住房失火，生活用品烧毁，急需安置", event_type="disaster", event_on=D(2021, 11, 2)
        )
        with pretend(D(2021, 11, 2)):
            advance.confirm(
                walk.household, by=walk.team.township, event_type="disaster",
                event_on=D(2021, 11, 2), description="住房失火，急需临时安置和生活救助",
                case_no=case.number, evidence=[picture("火灾现场.png")],
            )  # fmt: skip
