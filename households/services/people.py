"""What a member's identity number and workplace say by themselves: sex, birth date, disability, region of work."""

from typing import Any

from django.core.exceptions import ValidationError

from fanpin import clock
from fanpin.regions.pinyin import initials
from fanpin.regions.scope import code_of
from households.models import Household, Member
from households.rules import identity
from households.selectors import workplaces

WITHOUT_NUMBER = ("birth_cert", "none")
PROVINCE = "62"


def take_identity(member: Member, *, strict: bool) -> None:
    """Fill everything the number says. `strict` refuses a number that cannot be true (a new or retyped one)."""
    member.id_no = identity.normalise(member.id_no)
    member.pinyin = initials(member.name)[:40]
    if member.id_type in WITHOUT_NUMBER:
        member.id18 = None
        _no_disability(member)
        return
    found = identity.parse18(member.id_no, today=clock.today())
    if strict and found.error:
        raise ValidationError({"id_no": ValidationError(found.error, params={"remedy": REMEDY})})
    member.id18 = found.id18 or None
    member.sex = found.sex or member.sex
    member.birth_date = found.birth_date or member.birth_date
    if found.disability_type:
        member.id_type = "disability_cert"
        member.disability_cert_no = member.id_no
        member.disability_type = found.disability_type
        member.disability_level = found.disability_level
    else:
        _no_disability(member)
        member.id_type = member.id_type or "id_card"


REMEDY = "请对照户口簿或身份证逐位核对；确无号码的，证件类型选“无证件”或“出生医学证明”"


def _no_disability(member: Member) -> None:
    member.disability_cert_no = member.disability_type = member.disability_level = ""


def take_place_of_work(member: Member, household: Household) -> None:
    """务工区域 from the workplace and the household's own county (forms.md §1.13 no. 24)."""
    if member.work_county and not workplaces.name_of(member.work_county):
        raise ValidationError(
            {
                "work_county": f"没有“{member.work_county}”这个区划代码，请填写务工所在县（市、区）的六位代码"
            }
        )
    if member.work_county:
        member.work_province, member.work_city = member.work_county[:2], member.work_county[:4]
    member.work_region = _region(member, household) if member.work_months else "none"


def _region(member: Member, household: Household) -> str:
    if member.works_abroad:
        return "abroad"
    path = household.division_path
    if member.work_township and member.work_township == code_of(path, "township"):
        return "town"
    if member.work_county and member.work_county == household.county_code:
        return "county"
    if member.work_province and member.work_province != PROVINCE:
        return "outside"
    return "province" if member.work_province else ""


def require_basics(member: Member) -> None:
    """Without name, relation and something to tell the person by there is no member."""
    problems: dict[str, Any] = {}
    if not member.name:
        problems["name"] = "请填写姓名"
    if not member.relation:
        problems["relation"] = "请选择与户主关系"
    if member.id_type in WITHOUT_NUMBER:
        if not member.birth_date:
            problems["birth_date"] = "没有证件号码的，请填写出生日期"
        if member.sex not in ("1", "2"):
            problems["sex"] = "没有证件号码的，请选择性别"
    if problems:
        raise ValidationError(problems)
