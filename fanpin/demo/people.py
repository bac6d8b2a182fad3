"""Makes one household after another: who lives in it, how they live, what they earn. The same seed, the same people.

The people satisfy every quality rule; whatever is wrong in the demonstration is planted by `planting`.
"""

import datetime
from dataclasses import dataclass, field
from random import Random
from typing import Any

from fanpin.demo.earning import statement
from fanpin.demo.names import family_name, given_name
from fanpin.demo.numbers import Numbers

SURVEY_DAY = datetime.date(2021, 11, 8)
SCHOOL_DAY = datetime.date(2021, 8, 31)
CENTRES = {
    "620402": (104.17, 36.55),
    "620403": (104.82, 36.73),
    "620421": (104.68, 36.57),
    "620422": (105.05, 35.69),
    "620423": (104.06, 37.18),
}
WORK_PLACES = ("620102", "620421", "620422", "620402", "650102", "320505", "330203", "150102")
HIGHER = ("hvc1", "hvc2", "hvc3", "ug1", "ug2", "ug3", "ug4")


@dataclass
class Draft:
    """One household ready for the bulk path: columns by model field name."""

    household: dict[str, Any]
    members: list[dict[str, Any]] = field(default_factory=list)
    statement: dict[str, Any] = field(default_factory=dict)

    @property
    def is_lifted(self) -> bool:
        return self.household["hh_type"] == "lifted"


@dataclass(frozen=True)
class Place:
    """A village with its natural villages, by code."""

    village: str
    path: str
    name: str
    hamlets: tuple[str, ...]

    @property
    def county(self) -> str:
        return self.village[:6]


def age(born: datetime.date, on: datetime.date = SURVEY_DAY) -> int:
    """Completed years on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


class Maker:
    """Draws households from one random stream."""

    def __init__(self, rng: Random, regions: list[str]):
        self.rng = rng
        self.numbers = Numbers(rng, regions)

    def household(self, place: Place) -> Draft:
        rng = self.rng
        lifted = rng.random() < 0.35
        draft = Draft(household={"hh_type": "lifted" if lifted else "general"})
        for relation, sex, years in self._shape():
            draft.members.append(self._member(draft, place, relation, sex, years))
        self._allowances(draft)
        self._location(draft, place)
        self._classification(draft, lifted)
        self._living(draft)
        self._links(draft, place)
        draft.statement = statement(rng, draft.household, draft.members)
        return draft

    def _shape(self) -> list[tuple[str, str, int]]:
        """(relation, sex, age) of everybody, head first."""
        rng = self.rng
        head_age = rng.choices(
            (rng.randint(30, 44), rng.randint(45, 58), rng.randint(59, 74)), (4, 4, 2)
        )[0]
        head_sex = "1" if rng.random() < 0.88 else "2"
        people = [("02", head_sex, head_age)]
        married = rng.random() < 0.86
        spouse_age = max(20, head_age + rng.randint(-5, 3))
        if married:
            people.append(("10", "2" if head_sex == "1" else "1", spouse_age))
        youngest_parent = min(head_age, spouse_age) if married else head_age
        if head_age < 59:
            people += self._children(youngest_parent, 2 if head_age < 45 else 1)
            if rng.random() < (0.45 if head_age < 50 else 0.15):
                people.append(("52", "2", min(92, head_age + rng.randint(19, 30))))
                if rng.random() < 0.5:
                    people.append(("51", "1", min(93, head_age + rng.randint(20, 31))))
        elif rng.random() < 0.55:
            people += self._younger_family(youngest_parent)
        return people

    def _children(self, parent_age: int, most: int) -> list[tuple[str, str, int]]:
        rng = self.rng
        oldest = parent_age - 20
        if oldest < 0:
            return []
        found = []
        for _ in range(rng.randint(0, most + 1)):
            sex = rng.choice("12")
            years = rng.randint(max(0, parent_age - 40), min(oldest, 26))
            found.append(("20" if sex == "1" else "30", sex, years))
        return found

    def _younger_family(self, parent_age: int) -> list[tuple[str, str, int]]:
        rng = self.rng
        son = rng.randint(max(24, parent_age - 40), max(25, parent_age - 22))
        people = [("20", "1", son), ("38", "2", max(22, son - rng.randint(0, 4)))]
        for _ in range(rng.randint(0, 2)):
            sex = rng.choice("12")
            years = rng.randint(0, max(0, son - 24))
            people.append(("41" if sex == "1" else "42", sex, years))
        return people

    def _member(
        self, draft: Draft, place: Place, relation: str, sex: str, years: int
    ) -> dict[str, Any]:
        rng = self.rng
        born = SURVEY_DAY - datetime.timedelta(days=years * 365 + years // 4 + rng.randint(25, 360))
        same_line = relation in ("02", "20", "30", "41", "42", "51", "70")
        family = family_name(rng)
        if draft.members and same_line:
            family = draft.members[0]["name"][0]
        id18 = self.numbers.identity(born, sex)
        born = datetime.datetime.strptime(id18[6:14], "%Y%m%d").date()  # noqa: DTZ007
        member: dict[str, Any] = {
            "name": family + given_name(rng, sex),
            "sex": sex,
            "id_type": "id_card",
            "id_no": id18,
            "id18": id18,
            "birth_date": born,
            "relation": relation,
            "ethnicity": "01",
            "political_status": self._politics(age(born)),
            "speaks_mandarin": age(born) < 60 or rng.random() < 0.5,
            "is_resettled_person": False,
            "is_active_military": False,
            "joined_ym": f"{max(2014, born.year)}12",
        }
        self._schooling(member)
        self._health(member)
        self._labour(member, place)
        self._insurance(member)
        return member

    def _politics(self, years: int) -> str:
        if years >= 30 and self.rng.random() < 0.06:
            return "01"
        return "03" if 15 <= years < 25 and self.rng.random() < 0.4 else "13"

    def _schooling(self, member: dict[str, Any]) -> None:
        rng = self.rng
        years = age(member["birth_date"], SCHOOL_DAY)
        grade = ""
        if years < 3:
            grade = "preschool_age"
        elif years < 6:
            grade = "preschool"
        elif years < 12:
            grade = "primary"
        elif years < 15:
            grade = ("g7", "g8", "g9")[years - 12]
        elif years < 18:
            grade = (("sh1", "sh2", "sh3"), ("voc1", "voc2", "voc3"))[rng.random() < 0.3][
                years - 15
            ]
        elif 18 < years < 23 and rng.random() < 0.4:
            grade = rng.choice(HIGHER)
        member["school_status"] = grade
        if not grade:
            member["education"] = self._education(years)

    def _education(self, years: int) -> str:
        rng = self.rng
        if years < 23:
            return "senior" if rng.random() < 0.6 else "junior"
        if years < 45:
            return rng.choices(("junior", "senior", "primary"), (6, 2, 2))[0]
        return rng.choices(("primary", "junior", "illiterate"), (5, 3, 2 if years < 60 else 6))[0]

    def _health(self, member: dict[str, Any]) -> None:
        rng = self.rng
        years = age(member["birth_date"])
        draw = rng.random()
        health = ["healthy"]
        if draw < 0.035:
            health = ["disabled"]
            member["id_type"] = "disability_cert"
            kind, level = rng.choice("1234456"), rng.choice("12334")
            member["id_no"] = f"{member['id18']}{kind}{level}"
            member["disability_cert_no"] = member["id_no"]
            member["disability_type"], member["disability_level"] = kind, level
            member["disability_cert_year"] = rng.randint(2010, 2020)
        elif years > 40 and draw < 0.16:
            health = ["chronic"]
        elif years > 25 and draw < 0.18:
            health = ["major"]
            member["disease_name"] = rng.choice(("终末期肾病", "脑卒中", "胃癌", "急性心肌梗死"))
        member["health"] = health

    def _labour(self, member: dict[str, Any], place: Place) -> None:
        rng = self.rng
        # Labour is judged at the end of the income period (forms.md §5.1, D.survey).
        years = age(member["birth_date"], datetime.date(2021, 9, 30))
        able = member["health"] == ["healthy"]
        member["work_months"] = 0
        member["works_abroad"] = False
        member["work_region"] = "none"
        if years < 16 or member["school_status"]:
            member["labour"] = "none"
        elif years >= 60:
            member["labour"] = "weak_half" if able and years < 75 else "none"
        elif not able:
            member["labour"] = "lost" if "major" in member["health"] else "weak_half"
        else:
            member["labour"] = "ordinary"
            if years >= 18 and rng.random() < 0.55:
                self._work(member, place)

    def _work(self, member: dict[str, Any], place: Place) -> None:
        rng = self.rng
        code = rng.choice(WORK_PLACES)
        member["labour"] = "skilled" if rng.random() < 0.15 else "ordinary"
        member["work_months"] = rng.randint(5, 11)
        member["work_province"], member["work_city"] = code[:2], code[:4]
        member["work_county"] = code
        member["work_region"] = (
            "county" if code == place.county else "province" if code[:2] == "62" else "outside"
        )
        member["employer"] = rng.choice(
            ("建筑劳务公司", "电子装配厂", "物流公司", "餐饮店", "采棉合作社")
        )
        member["work_channel"] = [rng.choice(("self", "enterprise", "gov_labour"))]
        member["member_phone"] = self.numbers.phone()

    def _insurance(self, member: dict[str, Any]) -> None:
        years = age(member["birth_date"])
        employee = member["work_months"] >= 10 and self.rng.random() < 0.05
        member["ins_med_resident"] = not employee
        member["ins_med_employee"] = employee
        member["ins_critical"] = not employee
        member["ins_commercial"] = False
        member["ins_accident_subsidy"] = False
        member["got_medical_aid"] = "major" in member["health"]
        member["got_other_health_aid"] = False
        if years >= 16 and not member["school_status"]:
            member["ins_pension_resident"] = not employee
            member["ins_pension_employee"] = employee
        member["dibao_status"] = member["tekun_status"] = "none"

    def _allowances(self, draft: Draft) -> None:
        """低保 for households without labour and some others; 特困 for old people alone."""
        rng = self.rng
        people = draft.members
        labour = any(m["labour"] in ("ordinary", "skilled") for m in people)
        alone = len(people) == 1 and age(people[0]["birth_date"]) >= 60
        if alone and rng.random() < 0.7:
            people[0]["tekun_status"] = "rural_dispersed"
        elif not labour or rng.random() < (0.10 if draft.is_lifted else 0.03):
            for member in people:
                member["dibao_status"] = "rural"

    def _location(self, draft: Draft, place: Place) -> None:
        rng = self.rng
        longitude, latitude = CENTRES.get(place.county, (103.83, 36.06))
        hamlet = rng.choice(place.hamlets)
        filled = datetime.date(2021, 10, 19) + datetime.timedelta(days=rng.randint(0, 18))
        draft.household |= {
            "village_id": place.village,
            "natural_village_id": hamlet,
            "division_path": place.path,
            "county_code": place.county,
            "address_detail": f"{place.name}{rng.randint(1, 299)}号",
            "is_hukou_separated": False,
            "longitude": round(longitude + rng.uniform(-0.08, 0.08), 6),
            "latitude": round(latitude + rng.uniform(-0.08, 0.08), 6),
            "coord_system": "cgcs2000",
            "phone": self.numbers.phone(),
            "is_martyr_family": False,
            "in_resettlement_site": False,
            "filler_name": family_name(rng) + given_name(rng, "1"),
            "filler_phone": self.numbers.phone(),
            "filled_on": filled,
            "location_at": f"{filled} 10:00:00+08",
        }

    def _classification(self, draft: Draft, lifted: bool) -> None:
        rng = self.rng
        people = draft.members
        no_labour = not any(m["labour"] in ("ordinary", "skilled", "weak_half") for m in people)
        draft.household["is_no_labour_guaranteed"] = no_labour
        if not lifted:
            return
        dibao = any(m["dibao_status"] != "none" for m in people)
        tekun = any(m["tekun_status"] != "none" for m in people)
        draft.household |= {
            "hh_attribute": "tekun" if tekun else "dibao" if dibao else "general",
            "policy_status": "enjoy",
            "poverty_standard": "national",
            "first_identified_ym": rng.choice(("201312", "201412", "201712")),
            "lift_year": rng.randint(2015, 2020),
            "cause_main": rng.choice(("1", "2", "3", "7", "8", "9")),
        }

    def _living(self, draft: Draft) -> None:
        rng = self.rng
        size = len(draft.members)
        forest = rng.choice((0, 0, 2, 5))
        draft.household |= {
            "land_cultivated": rng.randint(3, 24),
            "land_irrigated": rng.randint(0, 3),
            "land_forest": forest,
            "land_returned_forest": min(forest, rng.choice((0, 2))),
            "land_orchard": rng.choice((0, 0, 1)),
            "land_pasture": rng.choice((0, 0, 4)),
            "land_water": 0,
            "has_prod_power": True,
            "has_life_power": True,
            "has_tv": True,
            "has_internet": rng.random() < 0.9,
            "road_distance_km": round(rng.uniform(0.05, 2.5), 2),
            "road_type": rng.choice(("cement", "cement", "gravel", "asphalt")),
            "house_area": max(60, size * rng.randint(18, 32)),
            "house_structure": rng.choice(("brick_concrete", "brick_wood")),
            "is_dangerous_house": False,
            "house_level": rng.choice("AAB"),
            "house_appraised_on": datetime.date(2020, rng.randint(3, 11), rng.randint(1, 28)),
            "has_sanitary_toilet": rng.random() < 0.7,
            "fuel_type": [rng.choice(("coal", "clean", "firewood"))],
            "has_safe_water": True,
            "water_source": "treated_tap",
            "water_difficult": False,
        }
        sanitary = draft.household["has_sanitary_toilet"]
        draft.household["toilet_type"] = "double_urn" if sanitary else "dry_plain"

    def _links(self, draft: Draft, place: Place) -> None:
        rng = self.rng
        joined = rng.random() < 0.2
        loan = draft.is_lifted and rng.random() < 0.12
        moved = draft.is_lifted and rng.random() < 0.08
        draft.household |= {
            "in_cooperative": joined,
            "cooperative_uscc": self.numbers.cooperative(place.county) if joined else "",
            "has_leading_enterprise": rng.random() < 0.15,
            "has_leader_driven": rng.random() < 0.1,
            "is_resettled": moved,
            "has_microloan": loan,
            "has_pv_income": False,
        }
        if loan:
            draft.household["microloan_balance"] = rng.choice((20000, 30000, 50000))
            draft.household["microloan_due_on"] = datetime.date(2022, rng.randint(1, 12), 20)
        if moved:
            draft.household |= {
                "resettle_year": rng.randint(2016, 2019),
                "resettle_mode": "central",
                "old_house_status": "demolished",
                "in_resettlement_site": True,
                "resettlement_site": "集中安置点",
            }
            for member in draft.members:
                member["is_resettled_person"] = True
