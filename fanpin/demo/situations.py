"""What troubles a household of the demonstration, and who acts for it."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from fanpin.accounts.models import User
from fanpin.demo import accounts
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

    def measure(self, cause: str) -> tuple[str, str, str, str]:
        """(category, item, domain, content) that answers a cause (policy.md §8.1)."""
        return MEASURES.get(cause, MEASURES["job_unstable"])


MEASURES = {
    "illness": ("health", "health.aid", "guarantee", "落实医疗救助"),
    "disability": ("comprehensive", "comprehensive.disabled", "guarantee", "落实残疾人补贴"),
    "schooling": ("other_edu", "other_edu.grant", "guarantee", "落实教育资助"),
    "disaster": ("social", "social.donation", "guarantee", "落实社会捐助"),
    "job_unstable": ("industry", "industry.subsidy", "industry", "落实到户产业奖补"),
}


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
    extra = accounts.extra_user
    return Team(
        village=extra(f"cun-{village}", "村级信息员", "village_caseworker", village),
        township=extra(f"xiang-{township}", "乡镇审核员", "township_reviewer", township),
        leader=extra(f"ling-{township}", "乡镇领导", "township_leader", township),
        county=extra(f"xian-{county}", "县级审定员", "county_reviewer", county),
    )
