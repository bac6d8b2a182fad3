"""Places of work anywhere in China by their county code (GB/T 2260): what a code means, and what the form offers."""

import re
from functools import cache

from stdnum import numdb

from fanpin.regions.models import Division, Level

OUR_PROVINCE = "62"
FIRST_PROVINCE, LAST_PROVINCE = 11, 82
# "[1983-2003]秦城区,[2004-]秦州区": a code that changed its name, each with its years.
_NAMED = re.compile(r"(?:\[(?P<since>\d*)-(?P<until>\d*)\])?(?P<name>[^,\[\]]+)")
# Headings of the list that are no place: what lies under them lies directly below the city or the province.
_HEADING = re.compile(r"市辖区|县|.*直辖县级行政(区划|单位)")


def name_of(code: str) -> str:
    """省市县 of a six-digit code as one name; "" when there is no such place."""
    if not re.fullmatch(r"\d{6}", code):
        return ""
    own = _entry(code)
    if not own:
        return _only_ours(code)
    parts = [_entry(f"{code[:2]}0000"), _entry(f"{code[:4]}00"), own]
    return "".join(dict.fromkeys(part for part in parts if _is_place(part)))


def offered() -> list[tuple[str, str]]:
    """Gansu's counties one by one; of the other provinces the prefectures, a county there is typed."""
    rows = Division.objects.filter(level=Level.COUNTY, valid_until__isnull=True).order_by("code")
    return [*rows.values_list("code", "full_name"), *_prefectures()]


@cache
def provinces() -> tuple[str, ...]:
    """The two digits every code in the country begins with."""
    numbers = range(FIRST_PROVINCE, LAST_PROVINCE + 1)
    return tuple(str(number) for number in numbers if _entry(f"{number}0000"))


def province_names() -> dict[str, str]:
    """The two digits of each province and its name."""
    return {code: _entry(f"{code}0000") for code in provinces()}


def _only_ours(code: str) -> str:
    """Places of Gansu that have a code of their own but none in the national list, such as 兰州新区."""
    if not code.startswith(OUR_PROVINCE):
        return ""
    row = Division.objects.filter(code=code, level=Level.COUNTY).first()
    return row.full_name if row else ""


@cache
def _prefectures() -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for province in provinces():
        if province != OUR_PROVINCE:
            listed = [f"{province}{n:02d}00" for n in range(1, 100)]
            places = [code for code in listed if _is_place(_entry(code, in_force=True))]
            found += [(code, name_of(code)) for code in places or [f"{province}0000"]]
    return tuple(found)


def _is_place(name: str) -> bool:
    return bool(name) and not _HEADING.fullmatch(name)


@cache
def _entry(code: str, *, in_force: bool = False) -> str:
    """The last name a code had; "" when unknown, or given up where it has to be in force."""
    found = numdb.get("cn/loc").info(code)
    text = found[-1][1].get("county", "") if len(found) > 1 else ""
    names = list(_NAMED.finditer(text))
    if not names or (in_force and names[-1]["until"]):
        return ""
    return names[-1]["name"]
