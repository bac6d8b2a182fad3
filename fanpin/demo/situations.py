"""What troubles a household of the demonstration, and who acts for it."""

import datetime
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Q

from fanpin.accounts.models import User
from fanpin.accounts.roles import Role
from fanpin.demo.accounts import worker_at
from households.models import Household, IncomeStatement, Member
from monitoring.workflow import inputs as i


@dataclass(frozen=True)
class Team:
    """Who acts for a household: from its village up to its county."""

    village: User
    township: User
    leader: User
    county: User


@dataclass
class Situation:
    """What troubles a household: its risks, how bad it is, what helps."""

    causes: tuple[str, ...]
    words: str
    per_capita: int = 4800
    shock: bool = False
    four_haves: bool = False
    subtype: str = ""
    seen_on: datetime.date | None = None

    def category(self, household: Household) -> str:
        if self.shock:
            return "sudden"
        return "unstable" if household.hh_type == "lifted" else "marginal"

    def risks(self, household: Household) -> tuple[i.Risk, ...]:
        return tuple(
            i.Risk(
                cause=cause,
                subtype="0205" if cause == "disaster" else "",
                first_seen_on=self.seen_on,
            )
            for cause in self.causes
        )

    def income(self, household: Household) -> dict[str, Decimal]:
        """Lines of the window that come to the situation's per-capita figure."""
        size = Member.objects.filter(household=household, status="active").count()
        return {
            "inc_wage": Decimal(self.per_capita * size),
            "inc_business": Decimal(0),
            "inc_property": Decimal(0),
            "inc_transfer": Decimal(0),
            "exp_business": Decimal(0),
            "self_pay": Decimal(38000 if self.shock else 2600 if "illness" in self.causes else 0),
        }


@dataclass(frozen=True)
class Help:
    """One measure: which risk it answers ("" is for everybody), what it is, and what is done."""

    cause: str
    item: str
    domain: str
    content: str

    @property
    def category(self) -> str:
        return self.item.partition(".")[0]


DEVELOPMENT = Help("", "industry.subsidy", "industry", "落实到户产业奖补")
ANSWERS = {
    "illness": Help("illness", "health.aid", "guarantee", "落实医疗救助"),
    "disability": Help("disability", "comprehensive.disabled", "guarantee", "落实残疾人补贴"),
    "schooling": Help("schooling", "other_edu.grant", "guarantee", "落实教育资助"),
    "disaster": Help("disaster", "social.donation", "guarantee", "落实社会捐助"),
}
# What people of a household are due whatever its risk (R-MON-51, 52, 55).
DUE: tuple[tuple[Q, Help], ...] = (
    (
        Q(disability_level__in=("1", "2")),
        Help("", "comprehensive.disabled", "guarantee", "落实残疾人补贴"),
    ),
    (
        Q(school_status__startswith="voc") | Q(school_status__startswith="hvc"),
        Help("", "other_edu.yulu", "guarantee", "落实雨露计划"),
    ),
    (~Q(dibao_status__in=("", "none")), Help("", "comprehensive.dibao", "guarantee", "落实低保金")),
    (~Q(tekun_status__in=("", "none")), Help("", "comprehensive.tekun", "guarantee", "落实供养金")),
)


def help_for(household: Household, causes: tuple[str, ...]) -> list[Help]:
    """What the coverage rules ask for: an answer to each risk, development for those who can work, and what is due."""
    found = [ANSWERS.get(cause, replace(DEVELOPMENT, cause=cause)) for cause in causes]
    people = Member.objects.filter(household=household, status="active")
    if people.exclude(labour__in=("", "none", "lost")).exists():
        found.append(DEVELOPMENT)
    found += [given for condition, given in DUE if people.filter(condition).exists()]
    first: dict[str, Help] = {}
    for given in found:
        first.setdefault(given.item, given)
    return list(first.values())


def annual_income(household: Household) -> dict[str, Decimal]:
    """The lines of the annual statement again, for a window in which nothing changed."""
    row = IncomeStatement.objects.get(
        household=household, purpose="annual", campaign__is_current=True
    )
    names = ("inc_wage", "inc_business", "inc_property", "inc_transfer", "exp_business")
    return {name: getattr(row, name) for name in names}


def team_of(village: str) -> Team:
    """The people who act in a village of the demonstration; colleagues elsewhere are made as needed."""
    township, county = village[:9], village[:6]
    return Team(
        village=worker_at(village, Role.VILLAGE_CASEWORKER),
        township=worker_at(township, Role.TOWNSHIP_REVIEWER),
        leader=worker_at(township, Role.TOWNSHIP_LEADER),
        county=worker_at(county, Role.COUNTY_REVIEWER),
    )
