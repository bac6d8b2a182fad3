"""Makes the whole demonstration, step by step, in one order for one seed."""

import datetime
from collections.abc import Callable
from dataclasses import asdict
from random import Random
from typing import Any

from django.conf import settings

from counties.quality import check_county
from fanpin.accounts.models import Posting
from fanpin.clock.days import keep_demo_day, pretend
from fanpin.demo import finding, last_year
from fanpin.demo.accounts import Account, make_accounts
from fanpin.demo.bulk import load
from fanpin.demo.earning import lower
from fanpin.demo.ledgers import write_ledgers
from fanpin.demo.national import write_exports
from fanpin.demo.people import CENTRES, SURVEY_DAY, Draft, Maker, Place
from fanpin.demo.places import CITY, COUNTIES, places
from fanpin.demo.planting import plant_mistakes
from fanpin.demo.sheets import Sheets
from fanpin.demo.stories import Stories
from fanpin.web.once import showing
from households.models import Campaign
from households.selectors.parameters import current_campaign
from households.services.telling import judged_later
from monitoring.services import outlooks

LOADED_AT = datetime.datetime.fromisoformat("2021-10-19T09:00:00+08:00")
CHUNK = 5000
STORY_VILLAGES = 4
POOR_FIRST, POOR_OTHER = 18, 2
# Shares of a village's forms that are missing, not handed in, waiting for the township.
UNFINISHED_AT_HOME = (0.06, 0.1, 0.15)
UNFINISHED_NEAR = 0.2
TOWNSHIP_DIGITS = 9


class Demonstration:
    """One city with its counties, filled from one seed."""

    def __init__(self, *, counties: int, households: int, seed: int, say: Callable[[str], None]):
        self.rng = Random(seed)
        self.county_codes = list(COUNTIES[:counties])
        self.households = households
        self.say = say
        self.planted: dict[str, Any] = {}
        self.maker = Maker(self.rng, list(CENTRES))
        self.serials: dict[str, int] = {}

    def make(self) -> dict[str, Any]:
        """Everything; returns the accounts and what was planted."""
        campaign = current_campaign()
        keep_demo_day(SURVEY_DAY)
        with pretend(SURVEY_DAY):
            found = {code: places(code, self.households) for code in self.county_codes}
            accounts = make_accounts(
                CITY, self.county_codes, [found[c][0].village for c in self.county_codes]
            )
            for number, code in enumerate(self.county_codes):
                self._county(code, found[code], campaign, first=number == 0)
                last_year.carry(campaign, code)
            for number, code in enumerate(self.county_codes):
                self._lives(code, found[code], first=number == 0)
            for number, code in enumerate(self.county_codes):
                self.say(f"{code} 村表、自然村表、县表")
                Sheets(found[code], self.rng).make(code, first=number == 0)
                exports = settings.DATA_DIR / "demo" / code / "国家系统导出"
                self.planted[code]["national"] = write_exports(code, campaign, exports)
            self._check()
        return {"accounts": [asdict(a) for a in accounts], "planted": self.planted}

    def _lives(self, code: str, villages: list[Place], *, first: bool) -> None:
        """Histories, mistakes and ledgers of a county."""
        self.say(f"{code} 办理监测业务")
        chosen = [p.village for p in villages[:STORY_VILLAGES]]
        # Nobody changes the policy meanwhile: what every step asks of it is read once.
        with judged_later(), showing():
            stories = Stories(chosen, full=first)
            states = stories.tell()
        mistakes = plant_mistakes(code, chosen[0], self.rng)
        written = write_ledgers(
            code, chosen[0], settings.DATA_DIR / "demo" / code, self.rng, avoid=mistakes.households
        )
        # A seed of its own: what is drawn here moves nothing else.
        warned = finding.write_warnings(
            chosen[0],
            settings.DATA_DIR / "demo" / code,
            Random(int(code)),
            avoid=mistakes.households,
        )
        if first:
            finding.apply_for_help(chosen[0])
        self.planted[code] = {
            "warnings": warned,
            "states": states,
            "findings": written["findings"],
            "quality": dict(sorted((mistakes.expected + stories.left_undone).items())),
            "ledgers": written["files"],
            "corrected": written["corrected"],
            "waiting": dict(sorted(stories.waiting.items())),
        }
        self.say(f"{code} 部门台账在 {settings.DATA_DIR / 'demo' / code}")

    def _check(self) -> None:
        """Every household is judged once, as it would have been after each save."""
        for code in self.county_codes:
            self.say(f"{code} 数据质量检查、重点筛查")
            check_county(code)
            finding.screen(code, current_campaign())
        outlooks.refresh_all()

    def _county(self, code: str, villages: list[Place], campaign: Campaign, *, first: bool) -> None:
        total = self.households
        done = 0
        while done < total:
            size = min(CHUNK, total - done)
            drafts = [
                self.maker.household(villages[(done + i) * len(villages) // total])
                for i in range(size)
            ]
            for draft in drafts:
                self._collect(draft, villages[0].village)
            if done == 0:
                self._make_poor(drafts, villages, first=first)
            load(
                drafts,
                campaign=campaign,
                last=last_year.before(campaign),
                at=LOADED_AT,
                serials=self.serials,
            )
            done += size
            self.say(f"{code} 农户 {done}/{total}")

    def _collect(self, draft: Draft, home: str) -> None:
        """Collection is done but in the township of the accounts, who can finish it: some forms of their own village
        (`home`) are missing or not handed in, some of the township's other villages wait for its review.
        """
        here = draft.household["village_id"]
        near = here[:TOWNSHIP_DIGITS] == home[:TOWNSHIP_DIGITS]
        todo, collected, checked = (
            UNFINISHED_AT_HOME if here == home else (0, 0, UNFINISHED_NEAR * near)
        )
        draw = self.rng.random()
        # CC-05 asks for a statement of every household lifted out of poverty: only what is planted stands in its way.
        if draw < todo and not draft.is_lifted:
            state = "todo"
            draft.statement["skip"] = True
        elif draw < todo + collected:
            state = "collected"
        elif draw < todo + collected + checked:
            state = "checked"
        else:
            state = "reviewed"
        draft.household["collection_state"] = state

    def _make_poor(self, drafts: list[Draft], villages: list[Place], *, first: bool) -> None:
        """Some households with labour in the story villages live below the line: they have a history to come."""
        chosen = {p.village for p in villages[:STORY_VILLAGES]}
        wanted = POOR_FIRST if first else POOR_OTHER
        for draft in drafts:
            if wanted and draft.household["village_id"] in chosen and _fits(draft):
                lower(draft.statement, self.rng.randint(4300, 5600))
                wanted -= 1


def _fits(draft: Draft) -> bool:
    """Somebody can work, nobody works away, nobody has 低保, and the annual form is there."""
    return (
        any(m["labour"] == "ordinary" for m in draft.members)
        and not any(m["work_months"] or m["dibao_status"] != "none" for m in draft.members)
        and "skip" not in draft.statement
    )


def accounts_of() -> list[Account]:
    """The demonstration's accounts as they stand."""
    rows = Posting.objects.filter(user__is_demo=True, user__is_active=True)
    return [
        Account(
            username=row.user.username,
            password=settings.DEMO_PASSWORD,
            role=row.role,
            role_label=row.get_role_display(),
            division=row.division_id,
            division_name=row.division.full_name,
            name=row.user.name,
            department=row.department,
        )
        for row in rows.select_related("user", "division").order_by("user_id")
    ]
