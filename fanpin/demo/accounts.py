"""The accounts of the demonstration: every role, in every county a village with its township."""

import datetime
from dataclasses import dataclass
from functools import cache
from random import Random

from django.conf import settings
from django.contrib.auth.hashers import make_password

from fanpin.accounts.departments import Department
from fanpin.accounts.models import Posting, User
from fanpin.accounts.roles import Role
from fanpin.demo.names import family_name, given_name
from fanpin.regions.models import Division

LEDGER_DEPARTMENTS = {
    Department.PUBLIC_SECURITY: "gongan",
    Department.CIVIL_AFFAIRS: "minzheng",
    Department.DISABLED_FEDERATION: "canlian",
    Department.MEDICAL_INSURANCE: "yibao",
    Department.EDUCATION: "jiaoyu",
    Department.HR_SOCIAL: "renshe",
    Department.FORESTRY: "lincao",
    Department.AGRICULTURE: "nongye",
}
# What the accounts of a post are called; a colleague without login has the division's code behind it.
USERNAMES = {
    Role.VILLAGE_CASEWORKER: "cun",
    Role.RESIDENT_TEAM: "zhucun",
    Role.TOWNSHIP_REVIEWER: "xiang",
    Role.TOWNSHIP_LEADER: "xiangling",
    Role.COUNTY_REVIEWER: "xian",
}
APPOINTED_ON = datetime.date(2020, 1, 1)


@dataclass(frozen=True)
class Account:
    """What a newcomer needs to log in as somebody."""

    username: str
    password: str
    role: str
    role_label: str
    division: str
    division_name: str
    name: str
    department: str = ""


def make_accounts(city: str, counties: list[str], villages: list[str]) -> list[Account]:
    """Accounts for each county, one of its villages with its township, the city, the province; idempotent.

    Those of the first county have the plain names, those of the second end in 2, and so on.
    """
    made = [
        account
        for number, (county, village) in enumerate(zip(counties, villages, strict=True), 1)
        for account in _county_accounts(county, village, "" if number == 1 else str(number))
    ]
    made += [
        _account("shi", Role.CITY_OFFICIAL, city),
        _account("sheng", Role.PROVINCE, "62"),
        _account("admin", Role.ADMIN, "62"),
    ]
    User.objects.filter(username="admin", is_demo=True).update(is_staff=True, is_superuser=True)
    return made


def _county_accounts(county: str, village: str, tail: str) -> list[Account]:
    township = village[:9]
    places = (village, village, township, township, county)
    return [
        *(
            _account(f"{username}{tail}", role, place)
            for (role, username), place in zip(USERNAMES.items(), places, strict=True)
        ),
        *(
            _account(f"{username}{tail}", Role.DEPARTMENT_OFFICER, county, department)
            for department, username in LEDGER_DEPARTMENTS.items()
        ),
    ]


def user(username: str) -> User:
    """The demonstration's user of that name, with postings read afresh."""
    return User.objects.get(username=username, is_demo=True)


def worker_at(division: str, role: str) -> User:
    """Who holds that post there: a demonstration account, else a colleague who acts in its past only, without login."""
    posts = Posting.objects.filter(division_id=division, role=role, user__is_demo=True)
    if (held := posts.select_related("user").order_by("user_id").first()) is not None:
        return held.user
    username = f"{USERNAMES[Role(role)]}-{division}"
    _account(username, role, division)
    User.objects.filter(username=username).update(is_active=False)
    return user(username)


@cache
def _sealed_password(password: str) -> str:
    """Hashed once: every account of a demonstration has the same password."""
    return make_password(password)


def _name_of(username: str) -> str:
    """A generated name, the same for the same account every time."""
    rng = Random(f"name of {username}")
    return family_name(rng) + given_name(rng, rng.choice("12"))


def _account(username: str, role: str, code: str, department: str = "") -> Account:
    division = Division.objects.get(code=code)
    who, _ = User.objects.get_or_create(
        username=username,
        defaults={"name": _name_of(username), "is_demo": True, "must_change_password": False},
    )
    if who.password != (sealed := _sealed_password(settings.DEMO_PASSWORD)):
        who.password = sealed
        who.save(update_fields=["password"])
    Posting.objects.get_or_create(
        user=who,
        role=role,
        division=division,
        department=department,
        defaults={"from_on": APPOINTED_ON},
    )
    return Account(
        username=username,
        password=settings.DEMO_PASSWORD,
        role=role,
        role_label=Role(role).label,
        division=code,
        division_name=division.full_name,
        name=who.name,
        department=department,
    )
