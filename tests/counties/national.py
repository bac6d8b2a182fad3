"""Exports of the national system for tests, typed out here as the office's own files look: head in the third row."""

import io
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from counties.models import Reconciliation
from counties.reconciling import running
from counties.services import reconciling
from fanpin.accounts.models import User
from fanpin.regions.models import Division
from households.models import Household, Member
from households.selectors.parameters import current_campaign
from tests.factories import register

Row = dict[str, Any]
# Some of the 53 heads of 2021, in their order, letter by letter (forms.md §1).
HOUSEHOLD = (
    "省", "市", "县", "乡", "村", "户编号", "户主编号", "户主姓名", "户主证件号码", "家庭人口数",
    "是否危房户", "人均纯收入", "是否解决安全饮用水", "年度", "村办公电话", "主要致贫原因",
    "次要致贫原因", "工资性收入", "耕地面积（亩）", "住房面积", "主要燃料类型",
)  # fmt: skip
MEMBER = (
    "省", "市", "县", "乡", "村", "户编号", "人口编号", "姓名", "性别", "出生日期", "证件类型",
    "证件号码", "民族", "与户主关系", "文化程度", "健康状况", "是否享受低保", "务工所在地",
    "户主姓名",
)  # fmt: skip
TITLES = {"household": "（乡村建设）户信息", "member": "（自定义）人口信息"}
HEADS = {"household": HOUSEHOLD, "member": MEMBER}
PLACE = {
    "省": "甘肃省",
    "市": "白银市",
    "县": "靖远县",
    "乡": "北湾镇",
    "村": "泰和村",
    "年度": "2021",
}
FROM_KEYS = {"national_hh_no": "户编号", "head_id_no": "户主证件号码"}


def home(household: Household, **more: Any) -> Row:
    """What they would export of a household of ours, word for word; `more` by our key or by their head."""
    row = PLACE | {
        "户编号": household.national_hh_no,
        "户主姓名": household.head_name,
        "户主证件号码": household.head_id_no,
        "家庭人口数": str(household.family_size),
    }
    return row | {FROM_KEYS.get(key, key): value for key, value in more.items()}


def person(member: Member, **more: Any) -> Row:
    assert member.birth_date is not None
    row = PLACE | {
        "户编号": member.household.national_hh_no,
        "姓名": member.name,
        "性别": member.sex,
        "出生日期": f"{member.birth_date:%Y%m%d}",
        "证件类型": "居民身份证",
        "证件号码": member.id_no,
        "民族": "汉族",
        "与户主关系": member.get_relation_display(),  # type: ignore[attr-defined]
        "户主姓名": member.household.head_name,
    }
    return row | more


def workbook(kind: str, rows: list[Row], *, heads: tuple[str, ...] = ()) -> bytes:
    """A title, a line of who exported it, the heads, the rows; all cells are texts."""
    book = openpyxl.Workbook()
    page = book.active
    heads = heads or HEADS[kind]
    page.append([TITLES.get(kind, "导出")])
    page.append(["导出单位：靖远县　导出时间：2021-11-05"])
    page.append(list(heads))
    for row in rows:
        page.append([row.get(head, "") for head in heads])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def upload(
    kind: str, rows: list[Row], *, name: str = "", heads: tuple[str, ...] = ()
) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name or TITLES[kind]}.xlsx", workbook(kind, rows, heads=heads))


def reconciled(
    uploads: list[SimpleUploadedFile], *, by: User, division: str = register.COUNTY
) -> Reconciliation:
    """Start a run and go through it here and now."""
    run = reconciling.start(
        Division.objects.get(pk=division),
        campaign=current_campaign(),
        uploads=uploads,
        by=by,
        wait=True,
    )
    running.run(run, advance=lambda done, total, message: None)
    run.refresh_from_db()
    return run
