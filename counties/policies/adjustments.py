"""Who may adjust divisions, and what stands in the way."""

import datetime

from django.db.models import Q

from counties.models import DivisionChange, VillageSheet
from counties.selectors import adjustments as selectors
from counties.selectors.adjustments import Kind
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.regions.models import Division, Level
from fanpin.regions.scope import code_of
from households.models import Household
from households.policies.locks import unlocked

LEVELS = {
    Kind.RENAME: (Level.TOWNSHIP, Level.VILLAGE, Level.HAMLET),
    Kind.MERGE: (Level.VILLAGE, Level.HAMLET),
    Kind.SPLIT: (Level.VILLAGE,),
    Kind.ABOLISH: (Level.VILLAGE, Level.HAMLET),
}
LABELS = dict(Level.choices)
CLAUSE = "通知一(一)"


def may_adjust(user: User, division: Division) -> Verdict:
    """The county (or the administrator) adjusts what lies below it."""
    if not user.may(Permission.ADJUST_DIVISIONS, division.path):
        return Verdict.denied("区划调整由县级办理")
    if division.level not in (Level.TOWNSHIP, Level.VILLAGE, Level.HAMLET):
        return Verdict.no("只能调整乡镇、行政村和自然村")
    if division.valid_until is not None:
        return Verdict.no(f"{division.name}已停用，不能再调整")
    return Verdict.yes()


def may_plan(user: User, change: DivisionChange) -> Verdict:
    """Every reason at once why an adjustment cannot be as it is written."""
    verdict = may_adjust(user, change.division)
    if change.division.level not in LEVELS[Kind(change.kind)]:
        level = LABELS[change.division.level]
        verdict &= Verdict.no(f"{level}不能办理“{change.get_kind_display()}”")  # type: ignore[attr-defined]
    if change.kind == Kind.RENAME:
        verdict &= _new_name(change)
    if change.kind in (Kind.MERGE, Kind.ABOLISH) or (change.kind == Kind.SPLIT and change.target):
        verdict &= _target(change)
    if change.kind == Kind.SPLIT:
        verdict &= _split(change)
    return verdict


def _new_name(change: DivisionChange) -> Verdict:
    if not change.new_name.strip() or change.new_name == change.old_name:
        return Verdict.no(Reason("请填写与原名称不同的新名称", field="new_name"))
    beside = Division.objects.filter(parent=change.division.parent_id, valid_until=None)
    if beside.filter(name=change.new_name).exclude(pk=change.division_id).exists():
        return Verdict.no(Reason(f"同一上级下已有“{change.new_name}”", field="new_name"))
    return Verdict.yes()


def _target(change: DivisionChange) -> Verdict:
    target, division = change.target, change.division
    if target is None:
        needed = change.kind != Kind.ABOLISH
        return Verdict.no(Reason("请选择并入的区划", field="target")) if needed else Verdict.yes()
    wrong = (
        target.pk == division.pk
        or target.level != division.level
        or target.valid_until is not None
        or code_of(target.path, "county") != change.county_id
    )
    if wrong:
        text = "并入或划入的须是本县同级、仍在使用的另一个区划"
        return Verdict.no(Reason(text, field="target"))
    if division.level == Level.HAMLET and target.parent_id != division.parent_id:
        return Verdict.no(Reason("自然村只能并入同一行政村的自然村", field="target"))
    return Verdict.yes()


def _split(change: DivisionChange) -> Verdict:
    """Some, not all, of the natural villages go to another village or to a new one."""
    current = set(
        Division.objects.filter(
            parent=change.division, level=Level.HAMLET, valid_until=None
        ).values_list("code", flat=True)
    )
    verdict = Verdict.yes()
    if not change.hamlets or not set(change.hamlets) <= current:
        verdict &= Verdict.no(Reason("请选择要划出的自然村", field="hamlets"))
    elif set(change.hamlets) == current:
        verdict &= Verdict.no(Reason("全部自然村划出请办理“并入其他区划”", field="hamlets"))
    if change.target is None:
        verdict &= _new_village(change)
    return verdict


def _new_village(change: DivisionChange) -> Verdict:
    code, parent = change.new_code, change.division.parent_id
    reasons = []
    if not (len(code) == 12 and code.isdigit() and code.startswith(str(parent))):
        reasons.append(Reason(f"新设行政村代码应为12位数字，以{parent}开头", field="new_code"))
    elif Division.objects.filter(pk=code).exists():
        reasons.append(Reason("该代码已使用过，区划代码不重复使用", field="new_code"))
    if not change.new_name.strip():
        reasons.append(Reason("请填写新设行政村的名称", field="new_name"))
    elif Division.objects.filter(parent=parent, name=change.new_name, valid_until=None).exists():
        reasons.append(Reason(f"本乡镇已有“{change.new_name}”", field="new_name"))
    return Verdict.no(*reasons)


def may_apply(user: User, change: DivisionChange) -> Verdict:
    """Carry out what was planned, from the day it takes effect, in a county whose books are open."""
    if not user.may(Permission.ADJUST_DIVISIONS, change.division.path):
        return Verdict.denied("区划调整由县级办理")
    verdict = unlocked(change.county.path)
    if change.state not in (DivisionChange.State.PLANNED, DivisionChange.State.APPLYING):
        verdict &= Verdict.no(f"该调整{change.get_state_display()}")  # type: ignore[attr-defined]
    if clock.today() < change.effective_on:
        verdict &= Verdict.no(f"该调整自{change.effective_on:%Y-%m-%d}起生效，届时方可执行")
    if change.target is not None and change.target.valid_until is not None:
        verdict &= Verdict.no(f"{change.target.name}已停用，请取消后重新登记")
    if change.kind == Kind.ABOLISH:
        verdict &= _empty(change.division)
    return verdict


def _empty(division: Division) -> Verdict:
    """Nobody may be left in what is abolished."""
    here = Household.objects.filter(
        Q(village=division) | Q(natural_village=division), ended_on__isnull=True
    ).count()
    below = Division.objects.filter(parent=division, valid_until=None).count()
    reasons = []
    if here:
        reasons.append(f"{division.name}还有{here}户，请改为“并入其他区划”，或先转移农户")
    if below:
        reasons.append(f"{division.name}下还有{below}个自然村，请先并入或撤销")
    return Verdict.no(*reasons)


def may_cancel(user: User, change: DivisionChange) -> Verdict:
    if not user.may(Permission.ADJUST_DIVISIONS, change.division.path):
        return Verdict.denied("区划调整由县级办理")
    if change.state != DivisionChange.State.PLANNED:
        return Verdict.no("只有待执行的调整才能取消")
    return Verdict.yes()


def after(day: datetime.date | None) -> datetime.date:
    """The day something that began on `day` ends when it is taken back: today, at the earliest the day after."""
    today = clock.today()
    return max(today, day + datetime.timedelta(days=1)) if day else today


def may_undo(user: User, change: DivisionChange) -> Verdict:
    """Take back what was carried out, unless later work stands on it."""
    if not user.may(Permission.ADJUST_DIVISIONS, change.county.path):
        return Verdict.denied("区划调整由县级办理")
    verdict = unlocked(change.county.path)
    if change.state not in (DivisionChange.State.APPLIED, DivisionChange.State.UNDOING):
        return verdict & Verdict.no(f"该调整{change.get_state_display()}，不能撤回")  # type: ignore[attr-defined]
    if change.state == DivisionChange.State.UNDOING:
        return verdict
    return verdict & Verdict.no(*_stands_on(change))


def _stands_on(change: DivisionChange) -> list[str]:
    """Every later thing that an undo would pull the ground from."""
    found = [
        f"其后又登记了“{later}”（{later.get_state_display()}），须先撤回或取消该项"  # type: ignore[attr-defined]
        for later in selectors.later_adjustments(change)
    ]
    if change.kind == Kind.RENAME:
        return found + _name_taken(change)
    if count := selectors.moved_on(change).count():
        found.append(f"已转移的农户中有{count}户又转到了别处")
    if count := selectors.new_since(change).count():
        found.append(f"调整形成的村或自然村又登记了{count}户，须先转移这些农户")
    if change.kind == Kind.SPLIT and change.new_code:
        sheets = VillageSheet.objects.filter(division=change.target_id).exclude(state="draft")
        if sheets.exists():
            found.append(f"{change.new_name}的村表已提交，须先退回")
    return found


def _name_taken(change: DivisionChange) -> list[str]:
    beside = Division.objects.filter(parent=change.division.parent_id, valid_until=None)
    taken = beside.filter(name=change.old_name).exclude(pk=change.division_id).exists()
    return [f"同一上级下已有另一个“{change.old_name}”"] if taken else []
