"""Village, natural village and county sheets of the demonstration: last year's closed, this year's partly done.

What the register counts is the floor of every figure, so that rules speak only of what is unfinished.
"""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

from counties.models import HamletSheet, VillageSheet
from counties.models.sheets import SheetState
from counties.selectors import county_sheets as county_selectors
from counties.selectors import rollups
from counties.services import county_sheets
from counties.services.sheets import listed_values
from fanpin.accounts.models import User
from fanpin.demo.people import Place
from fanpin.regions.models import Division
from households.models import Campaign, PolicyItem
from households.selectors.parameters import current_campaign

FILLED_AT = datetime.datetime.fromisoformat("2021-11-05T15:00:00+08:00")
LAST_YEAR_AT = datetime.datetime.fromisoformat("2020-11-20T15:00:00+08:00")
STATES = (SheetState.REVIEWED, SheetState.REVIEWED, SheetState.CHECKED, SheetState.COLLECTED)
COUNTY_ANSWERS: dict[str, Decimal | str] = {
    "pop_hukou": Decimal(498_200), "rural_hh": Decimal(112_400), "rural_pop": Decimal(431_600),
    "pop_resident": Decimal(372_500), "urbanisation_rate": Decimal("42.15"),
    "area_km2": Decimal("5809.40"), "cultivated_mu": Decimal(1_689_000),
    "gdp": Decimal(868_300), "budget_revenue": Decimal(31_240),
    "budget_expenditure": Decimal(412_600), "rural_income_pc": Decimal(11_368),
    "urban_income_pc": Decimal(29_104), "village_clinics": Decimal(320),
    "coop_count": Decimal(1_420), "industry1_name": "马铃薯", "industry2_name": "枸杞",
    "county_hospitals": Decimal(3), "level2_hospitals": Decimal(2), "main_hospital_grade": "2A",
    "every_dept_has_doctor": "1", "township_hospitals": Decimal(19),
    "compulsory_retention": Decimal("97.60"), "senior_enrolment": Decimal("94.80"),
    "primary_schools": Decimal(186), "doctors": Decimal(1_012),
}  # fmt: skip


class Sheets:
    """Makes the sheets of one county's populated villages."""

    def __init__(self, places: Sequence[Place], rng: Random) -> None:
        self.rng = rng
        self.villages = list(
            Division.objects.filter(code__in=[p.village for p in places]).order_by("path")
        )
        self.campaign = current_campaign()

    def make(self, county: str, *, first: bool) -> None:
        """Mark the 出列村, close last year, fill this year's; the first village is left to its caseworker."""
        listed = {
            v.pk: self.rng.randint(2016, 2020) for n, v in enumerate(self.villages) if n % 2 == 0
        }
        self._list(listed)
        last = self._last_campaign()
        share = 0.85 if first else 0.4
        for number, village in enumerate(self.villages):
            answers, hamlets = self._answers(village, listed)
            self._write(
                last, village, _a_year_before(answers), hamlets, SheetState.CLOSED, LAST_YEAR_AT
            )
            if number and self.rng.random() < share:
                state = self.rng.choice(STATES)
                self._write(self.campaign, village, answers, hamlets, state, FILLED_AT)
        if first:
            self._county(Division.objects.get(pk=county))

    def _list(self, listed: dict[str, int]) -> None:
        PolicyItem.objects.bulk_create(
            [
                PolicyItem(
                    list_key="listed_village", code="listed", label="出列村", division_id=code,
                    limit=year, effective_from=datetime.date(2020, 1, 1), basis="演示数据",
                )
                for code, year in listed.items()
            ]
        )  # fmt: skip

    def _last_campaign(self) -> Campaign:
        """The round before, for what it left behind."""
        year = self.campaign.year - 1
        dates = {
            f.name: _a_year_back(getattr(self.campaign, f.name))
            for f in Campaign._meta.concrete_fields
            if isinstance(getattr(self.campaign, f.name), datetime.date)
        }
        dates |= {"name": f"{year}年度采集", "is_current": False}
        return Campaign.objects.get_or_create(year=year, defaults=dates)[0]

    def _answers(
        self, village: Division, listed: dict[str, int]
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """A village's figures with its natural villages', which add up to it."""
        counted = {n: int(v) for n, v in self._counted(village).items()}
        hamlets = self._hamlets(village)
        households = sum(h["nv_hh_total"] for h in hamlets.values())
        people = sum(h["nv_pop_total"] for h in hamlets.values())
        more = people - counted["pop_total"]
        answers = self._village(village, counted, households, people, more) | {
            "natural_village_count": len(hamlets),
            "nv_powered": len(hamlets),
            **listed_values(village, village.pk in listed, listed.get(village.pk)),
        }
        return answers, hamlets

    def _counted(self, village: Division) -> dict[str, Decimal]:
        return {
            name: value.to_integral_value("ROUND_CEILING")
            for name, value in rollups.numbers(rollups.VILLAGE, [village.pk])[village.pk].items()
        }

    def _hamlets(self, village: Division) -> dict[str, dict[str, Any]]:
        codes = list(
            Division.objects.filter(parent=village, level="hamlet").values_list("code", flat=True)
        )
        counted = rollups.numbers(rollups.HAMLET, codes, by="natural_village_id")
        rng, found = self.rng, {}
        for code in codes:
            extra = rng.randint(3, 9)
            found[code] = {
                "nv_hh_total": int(counted[code]["nv_hh_total"]) + extra,
                "nv_pop_total": int(counted[code]["nv_pop_total"]) + extra * 3,
                "nv_road": True, "nv_power": True, "nv_broadband": rng.random() < 0.9,
                "nv_longitude": _degrees(rng, 104.6), "nv_latitude": _degrees(rng, 36.5),
                "nv_active": True,
            }  # fmt: skip
        return found

    def _village(
        self, village: Division, counted: dict[str, int], households: int, people: int, more: int
    ) -> dict[str, Any]:
        rng = self.rng
        lands = {
            name: counted[name] + rng.randint(40, 300)
            for name in counted
            if name.startswith("land_")
        }
        lands["land_irrigated"] = min(lands["land_irrigated"], lands["land_cultivated"])
        return lands | {
            "terrain": rng.choice(("hill", "mountain", "plain")),
            "longitude": _degrees(rng, 104.6), "latitude": _degrees(rng, 36.5),
            "leader_name": rng.choice("张王李赵刘陈") + rng.choice(("建忠", "万成", "玉兰", "国栋")),
            "leader_title": "村党支部书记", "phone": f"139{rng.randint(0, 99_999_999):08d}",
            "hh_total": households, "pop_total": people,
            "pop_resident": people - people // 5,
            "pop_minority": counted["pop_minority"],
            "pop_female": counted["pop_female"] + more // 2,
            "pop_disabled": counted["pop_disabled"] + more // 30,
            "pop_labour": counted["pop_labour"] + more // 2,
            "pop_migrant": counted["pop_migrant"] + more // 4,
            **{n: counted[n] for n in ("hh_dibao", "pop_dibao", "hh_tekun", "pop_tekun")},
            **{n: counted[n] for n in ("hh_lifted", "pop_lifted", "hh_unstable", "hh_marginal", "hh_sudden")},
            "party_members": counted["party_members"] + 5, "work_team_size": 3,
            "farmer_income_pc": Decimal(rng.randint(9_600, 12_400)),
            "collective_income": Decimal(rng.randint(52, 180)) / 10,
            "ins_med_count": counted["ins_med_count"] + more - more // 20,
            "ins_pension_count": counted["ins_pension_count"] + more // 2,
            "ins_pension_emp_count": counted["ins_pension_emp_count"] + more // 20,
            "road_to_town": True, "has_bus": rng.random() < 0.9,
            "hh_unsafe_water": counted["hh_unsafe_water"],
            "hh_water_difficult": counted["hh_water_difficult"],
            "hh_dangerous": counted["hh_dangerous"], "coop_count": rng.randint(1, 5),
            "coop_hh": counted["coop_hh"], "primary_schools": rng.randint(0, 1), "clinics": 1,
            "doctors": rng.randint(1, 2), "public_toilets": rng.randint(1, 3),
            "garbage_points": rng.randint(1, 5), "libraries": 1, "tv_hh": households,
            "broadband_hh": max(counted["broadband_hh"], households * 4 // 5),
            "mobile_net_hh": households - households // 20, "info_officers": 1,
            "filler_name": rng.choice(("杨文娟", "马晓军", "何佳")),
        }  # fmt: skip

    def _write(
        self,
        campaign: Campaign,
        village: Division,
        answers: dict[str, Any],
        hamlets: dict[str, dict[str, Any]],
        state: str,
        at: datetime.datetime,
    ) -> None:
        given = {"campaign": campaign, "state": state, "version": 1, "changed_at": at}
        VillageSheet.objects.create(division=village, **given, **answers)
        HamletSheet.objects.bulk_create(
            [HamletSheet(division_id=code, **given, **values) for code, values in hamlets.items()]
        )

    def _county(self, county: Division) -> None:
        """The county's own account fills its sheet; nothing is reported yet."""
        reviewer = User.objects.get(username="xian")
        known = county_selectors.system_answers(county, self.campaign)
        fields: dict[str, Any] = {}
        for row in county_selectors.indicators(county):
            if row.from_system:
                continue
            counted = known.get(row.code)
            plain = self._figure(row) if row.kind in ("int", "decimal") else "1"
            fields[row.code] = COUNTY_ANSWERS.get(row.code, counted if counted else plain)
        county_sheets.save(county, campaign=self.campaign, fields=fields, by=reviewer)

    def _figure(self, row: Any) -> Decimal:
        """Something within the indicator's limits."""
        least, most = int(row.least or 0), int(row.most if row.most is not None else 900)
        return Decimal(self.rng.randint(least + (most - least) * 3 // 4, most))


def _degrees(rng: Random, start: float) -> Decimal:
    return Decimal(str(round(start + rng.random() / 5, 6)))


def _a_year_back(day: datetime.date) -> datetime.date:
    return day.replace(year=day.year - 1)


def _a_year_before(answers: dict[str, Any]) -> dict[str, Any]:
    """Last year a little less of what grows."""
    grown = {
        "farmer_income_pc": answers["farmer_income_pc"] * 92 // 100,
        "collective_income": answers["collective_income"] * 9 / 10,
        "broadband_hh": answers["broadband_hh"] * 9 // 10,
    }
    return answers | grown
