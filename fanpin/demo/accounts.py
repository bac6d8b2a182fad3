"""One account for each role of the demonstration, and the places they work in."""

import datetime
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import make_password

from fanpin.accounts.departments import Department
from fanpin.accounts.models import Posting, User
from fanpin.accounts.roles import Role
from fanpin.regions.models import Division

LEDGER_DEPARTMENTS = {
    Department.PUBLIC_SECURITY: "gongan",
    Department.CIVIL_AFFAIRS: "minzheng",
    Department.DISABLED_FEDERATION: "canlian",
    Department.MEDICAL_INSURANCE: "yibao",
    Department.EDUCATION: "jiaoyu",
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
    """Accounts for the first village, its township, every county, the city and the province; idempotent."""
    village = villages[0]
    township = village[:9]
    made = [
        _account("cun", "村级信息员甲", Role.VILLAGE_CASEWORKER, village),
        _account("zhucun", "驻村队员乙", Role.RESIDENT_TEAM, village),
        _account("xiang", "乡镇审核员丙", Role.TOWNSHIP_REVIEWER, township),
        _account("xiangling", "乡镇领导丁", Role.TOWNSHIP_LEADER, township),
    ]
    for number, county in enumerate(counties):
        tail = "" if number == 0 else str(number + 1)
        made.append(
            _account(f"xian{tail}", f"县级审定员{number + 1}", Role.COUNTY_REVIEWER, county)
        )
        for department, username in LEDGER_DEPARTMENTS.items():
            made.append(
                _account(
                    f"{username}{tail}",
                    f"{Department(department).label}联络员{number + 1}",
                    Role.DEPARTMENT_OFFICER,
                    county,
                    department,
                )
            )
    made += [
        _account("shi", "市级汇总员", Role.CITY_OFFICIAL, city),
        _account("sheng", "省级查看员", Role.PROVINCE, "62"),
        _account("admin", "系统管理员", Role.ADMIN, "62"),
    ]
    User.objects.filter(username="admin", is_demo=True).update(is_staff=True, is_superuser=True)
    return made


def user(username: str) -> User:
    """The demonstration's user of that name, with postings read afresh."""
    return User.objects.get(username=username, is_demo=True)


def extra_user(username: str, name: str, role: str, division: str, department: str = "") -> User:
    """A colleague elsewhere in the demonstration county, who acts in its past and cannot log in."""
    _account(username, name, role, division, department)
    User.objects.filter(username=username).update(is_active=False)
    return user(username)


@cache
def _sealed_password(password: str) -> str:
    """Hashed once: every account of a demonstration has the same password."""
    return make_password(password)


def _account(username: str, name: str, role: str, code: str, department: str = "") -> Account:
    division = Division.objects.get(code=code)
    who, _ = User.objects.get_or_create(
        username=username, defaults={"name": name, "is_demo": True, "must_change_password": False}
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
        name=name,
        department=department,
    )
