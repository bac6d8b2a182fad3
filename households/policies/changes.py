"""Is a reported change of people sound: reason, day, person, papers (policy.md §6.2, §6.3). All reasons at once."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from fanpin import clock
from fanpin.accounts.verdicts import Reason, Verdict
from households.choices import HEAD, label, lists
from households.models import Household, Member
from households.rules import identity
from households.rules.change_reasons import COURT_PAPER, DECREASE, INCREASE, MISSING, NEWBORN
from households.selectors.changes import papers_for
from households.selectors.members import COUNTED, roster
from households.selectors.parameters import parameter

CLAUSE = "业务规程 §6.3"


def increase_is_sound(
    household: Household,
    reason: str,
    changed_on: datetime.date,
    fields: Mapping[str, Any],
    counter_hh_code: str = "",
) -> Verdict:
    """The reason brings people in, the day has come, the newborn is newborn, the other household exists."""
    verdict = _reason_is(reason, INCREASE) & _not_in_future(changed_on)
    if fields.get("relation") == HEAD:
        verdict &= Verdict.no(
            Reason("新增成员不能直接登记为户主，请先增加成员，再办理“变更户主”", field="relation")
        )
    if reason == NEWBORN:
        verdict &= _newborn(household, changed_on, fields)
    if counter_hh_code and not Household.objects.filter(hh_code=counter_hh_code).exists():
        verdict &= Verdict.no(
            Reason(f"对方户号{counter_hh_code}不存在，请核对", field="counter_hh_code")
        )
    return verdict


def _newborn(household: Household, changed_on: datetime.date, fields: Mapping[str, Any]) -> Verdict:
    born = fields.get("birth_date") or identity.birth_date_of(
        identity.normalise(fields.get("id_no"))[:18]
    )
    if born is None:
        return Verdict.no(Reason("新生儿须填写出生日期或身份证号", field="birth_date"))
    most = parameter("newborn_max_months", household.division_path, changed_on)
    months = _months(born, clock.today())
    if months <= most:
        return Verdict.yes()
    return Verdict.no(
        Reason(
            f"出生于{born}，已满{months}个月，超过{most}个月不能按“新生儿”登记，"
            "请改选“户籍迁入”或“补录漏登人员”",
            field="reason",
            clause=CLAUSE,
        )
    )


def decrease_is_sound(member: Member, reason: str, changed_on: datetime.date) -> Verdict:
    """The head leaves only after a new head is chosen, the last member only with the household."""
    verdict = departure_is_sound(reason, changed_on)
    if member.status != "active":
        state = label("member_status", member.status)
        return verdict & Verdict.no(f"{member.name}当前为“{state}”，不能再申报减少")
    household = member.household
    others = roster(household).exclude(pk=member.pk).exclude(status="pending_out").exists()
    if not others:
        url = reverse("households:end", args=[household.pk])
        verdict &= Verdict.no(
            Reason(f"{member.name}是本户最后一名在册成员，须办理“整户减少”", url=url, clause=CLAUSE)
        )
    elif member.is_head:
        url = reverse("households:change_head", args=[household.pk])
        verdict &= Verdict.no(
            Reason(f"{member.name}是户主，须先变更户主再申报减少", url=url, clause=CLAUSE)
        )
    if member.joined_on and changed_on < member.joined_on and not _was_here_before(member):
        verdict &= Verdict.no(
            Reason(f"变更日期早于该成员的增加日期{member.joined_on}", field="changed_on")
        )
    return verdict


def _was_here_before(member: Member) -> bool:
    """Registered with the household: the day it was typed in says nothing about when the person joined."""
    return not member.changes.filter(kind="increase", state="done").exists()


def departure_is_sound(reason: str, changed_on: datetime.date) -> Verdict:
    return _reason_is(reason, DECREASE) & _not_in_future(changed_on)


def papers_are_there(
    household: Household,
    reason: str,
    changed_on: datetime.date,
    kinds: Sequence[str],
    ledger_line: str = "",
) -> Verdict:
    """At least one paper where the reason asks for one; a missing person needs a court's word or months of search.

    A line of the police's own ledger stands for the paper.
    """
    path = household.division_path
    wanted = papers_for(reason, path, changed_on)
    verdict = Verdict.yes()
    if wanted.required and not kinds and not ledger_line:
        verdict = Verdict.no(
            Reason(
                f"“{label('change_reason', reason)}”须上传佐证材料：{wanted.text}",
                field="documents",
                clause=CLAUSE,
            )
        )
    if reason == MISSING and COURT_PAPER not in kinds:
        verdict &= _missing_long_enough(path, changed_on)
    return verdict


def _missing_long_enough(path: str, changed_on: datetime.date) -> Verdict:
    least = parameter("missing_min_months", path, changed_on)
    if _months(changed_on, clock.today()) >= least:
        return Verdict.yes()
    return Verdict.no(
        Reason(
            f"失踪须报案满{least}个月（报案日期{changed_on}）或有法院宣告失踪文书",
            field="changed_on",
            clause="业务规程 §6.2 D4",
        )
    )


def _reason_is(reason: str, direction: str) -> Verdict:
    if reason in lists()["change_reason"] and reason.startswith(direction):
        return Verdict.yes()
    word = "增加" if direction == INCREASE else "减少"
    return Verdict.no(Reason(f"请选择{word}原因", field="reason"))


def _not_in_future(changed_on: datetime.date) -> Verdict:
    if changed_on <= clock.today():
        return Verdict.yes()
    return Verdict.no(
        Reason(
            f"变更日期{changed_on}晚于今天，请填写实际发生的日期", field="changed_on", clause=CLAUSE
        )
    )


def _months(earlier: datetime.date, later: datetime.date) -> int:
    """Completed months."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (later.day < earlier.day)


def heads_are_sound(
    household: Household, new_head: Member, relations: Mapping[int, str]
) -> Verdict:
    """Everybody who stays gets a kinship to the new head, and nobody else is head."""
    others = [m for m in roster(household) if m.pk != new_head.pk]
    verdict = Verdict.yes()
    if new_head.household_id != household.pk or new_head.status not in COUNTED:
        verdict &= Verdict.no("新户主须是本户在册成员")
    if new_head.is_head:
        verdict &= Verdict.no(f"{new_head.name}已是户主")
    missing = [m.name for m in others if not relations.get(m.pk)]
    if missing:
        verdict &= Verdict.no(f"请填写与新户主的关系：{'、'.join(missing)}")
    if any(relations.get(m.pk) == HEAD for m in others):
        verdict &= Verdict.no("一户只能有一名户主，其他成员不能选择“户主”")
    return verdict
