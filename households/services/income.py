"""Income of a household in a window set by the system: saved as a draft, confirmed, opened again (policy.md §7)."""

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from households import verbs
from households.models import Campaign, Household, IncomeStatement
from households.policies.households import may_record_income
from households.policies.later import later_only_where_on
from households.rules import windows
from households.selectors import income as figures
from households.selectors.income import ALL_LINES, SUMS, TOTALS
from households.selectors.members import roster
from households.services import standing, telling, writing
from households.services.reopening import reopen_collection

Purpose, State = IncomeStatement.Purpose, IncomeStatement.State
MONTH = re.compile(r"20\d\d(0[1-9]|1[0-2])")


@transaction.atomic
def save_statement(
    household: Household,
    *,
    purpose: str,
    lines: Mapping[str, Any],
    campaign: Campaign | None = None,
    reference_month: str = "",
    version: int | None = None,
    by: User,
) -> IncomeStatement:
    """Save the draft for a purpose: "annual" with its campaign, "identify" / "eliminate" with the month (YYYYMM).

    A total that has parts is their sum. The roster is the household of today, frozen in the statement. Raises Refused
    when the statement is confirmed already, Conflict when somebody saved since `version`.
    """
    household = Household.objects.select_for_update().get(pk=household.pk)
    may_record_income(by, household).require()
    window = _window(purpose, campaign, reference_month)
    amounts = _amounts(lines)
    later_only_where_on(IncomeStatement, amounts, household.division_path).require()
    statement = _draft_of(household, purpose, campaign, reference_month)
    changed = writing.differences(statement, amounts)
    if statement.pk:
        writing.refuse_conflict(statement, changed, version)
    writing.assign(statement, changed)
    statement.window_from, statement.window_to = window
    statement.is_carried = False
    _freeze_roster(statement, household)
    _total(statement)
    statement.version += 1 if statement.pk else 0
    statement.made_at, statement.made_by = clock.now(), by
    writing.save(statement, exclude=("household", "campaign", "made_by"))
    before, after = writing.before_after(changed)
    record(verbs.INCOME_SAVED, by=by, on=statement, path=household.division_path, subject=str(household),
           before=before, after=after)  # fmt: skip
    if purpose == Purpose.ANNUAL:
        reopen_collection(household, by=by)
    telling.tell([household.pk], "income")
    return statement


@transaction.atomic
def adopt(household: Household, *, purpose: str, reference_month: str, by: User) -> IncomeStatement:
    """An event whose window is that of a confirmed statement takes its lines: nobody asks the family twice.

    Raises Refused when no confirmed statement has exactly the event's window.
    """
    window = _window(purpose, None, reference_month)
    source = figures.of_window(household, window)
    if source is None:
        Verdict.no(f"没有已确认的{window[0]}至{window[1]}收入测算表，请逐项填写").require()
    lines = {name: getattr(source, name) for name in ALL_LINES}
    return save_statement(
        household, purpose=purpose, lines=lines, reference_month=reference_month, by=by
    )


@transaction.atomic
def confirm(statement: IncomeStatement, *, by: User) -> IncomeStatement:
    """The household's figures stand: shown as its per-capita income, no longer edited."""
    statement = _locked(statement)
    household = statement.household
    may_record_income(by, household).require()
    if statement.state == State.CONFIRMED:
        return statement
    statement.state = State.CONFIRMED
    statement.version += 1
    statement.made_at, statement.made_by = clock.now(), by
    statement.save()
    _show(household)
    record(verbs.INCOME_CONFIRMED, by=by, on=statement, path=household.division_path, subject=str(household),
           after={"inc_net": statement.inc_net, "inc_net_pc": statement.inc_net_pc})  # fmt: skip
    telling.tell([household.pk], "income")
    return statement


@transaction.atomic
def reopen(statement: IncomeStatement, *, note: str, by: User) -> IncomeStatement:
    """Take a confirmed statement back to correct it; the reason stays in the audit."""
    statement = _locked(statement)
    household = statement.household
    may_record_income(by, household).require()
    if statement.purpose != Purpose.ANNUAL:
        # The papers of a case rest on it; whoever finds it wrong visits again and makes another.
        Verdict.no(
            "识别、风险消除时的收入测算表确认后留存备查，有误的请重新入户核查后另行测算"
        ).require()
    if not note.strip():
        Verdict.no(Reason("请写明重新填写的原因", field="note")).require()
    statement.state = State.DRAFT
    statement.version += 1
    statement.save()
    _show(household)
    record(verbs.INCOME_REOPENED, by=by, on=statement, path=household.division_path, subject=str(household),
           note=note)  # fmt: skip
    if statement.purpose == Purpose.ANNUAL:
        reopen_collection(household, by=by)
    telling.tell([household.pk], "income")
    return statement


def _locked(statement: IncomeStatement) -> IncomeStatement:
    Household.objects.select_for_update().get(pk=statement.household_id)
    rows = IncomeStatement.objects.select_for_update(of=("self",)).select_related("household")
    return rows.get(pk=statement.pk)


def _window(
    purpose: str, campaign: Campaign | None, month: str
) -> tuple[datetime.date, datetime.date]:
    """Nobody types a window: it follows from the campaign or the month (notice 三(一))."""
    if purpose == Purpose.ANNUAL:
        if campaign is None:
            raise ValidationError("年度收入须指明年度")
        return windows.window_annual(campaign)  # type: ignore[arg-type]
    if purpose not in Purpose.values or not MONTH.fullmatch(month):
        raise ValidationError("识别或风险消除的收入须填写基准月份，例如202111")
    if month > clock.month_of(clock.today()):
        raise ValidationError("基准月份不能晚于本月")
    return windows.window_event(month)


def _draft_of(
    household: Household, purpose: str, campaign: Campaign | None, month: str
) -> IncomeStatement:
    """The open draft of this purpose, or a new one. An event statement that was confirmed keeps standing."""
    rows = IncomeStatement.objects.select_for_update().filter(household=household, purpose=purpose)
    if purpose == Purpose.ANNUAL:
        found = rows.filter(campaign=campaign).first()
        if found and found.state == State.CONFIRMED:
            Verdict.no(f"{campaign}收入测算表已确认，如需修改请先“重新填写”").require()
    else:
        found = rows.filter(reference_month=month, state=State.DRAFT).first()
    annual = campaign if purpose == Purpose.ANNUAL else None
    month = "" if purpose == Purpose.ANNUAL else month
    return found or IncomeStatement(
        household=household, purpose=purpose, campaign=annual, reference_month=month
    )


def _freeze_roster(statement: IncomeStatement, household: Household) -> None:
    """The window's last roster plus the changes known today, which is the roster of today (policy.md §7.1)."""
    people = list(roster(household).values_list("pk", flat=True))
    if not people:
        Verdict.no("本户没有在册成员，无法计算人均收入").require()
    statement.roster, statement.members_count = people, len(people)


def _amounts(lines: Mapping[str, Any]) -> dict[str, Decimal | None]:
    """Every line as an amount, totals made from their parts. Raises ValidationError by field."""
    problems: dict[str, str] = {}
    found: dict[str, Decimal | None] = {}
    for name in ALL_LINES:
        try:
            found[name] = _amount(lines.get(name))
        except (InvalidOperation, ValueError):
            problems[name] = "请填写不小于0、最多两位小数的金额"
            found[name] = None
    for total, (parts, deciding) in SUMS.items():
        if all(found[part] is None for part in deciding):
            continue
        filled = [value for part in parts if (value := found[part]) is not None]
        if found[total] not in (None, Decimal(0), sum(filled)):
            problems[total] = (
                f"合计{found[total]}与分项之和{sum(filled)}不一致，请核对分项，或清空合计由系统计算"
            )
        found[total] = Decimal(sum(filled))
    for total in TOTALS:
        found[total] = found[total] or Decimal(0)
    if (found["inc_wage_migrant"] or 0) > (found["inc_wage"] or 0):
        problems["inc_wage_migrant"] = "务工收入不能大于工资性收入合计"
    if problems:
        raise ValidationError(problems)
    return found


def _amount(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    amount = Decimal(str(value))
    if amount < 0 or amount != amount.quantize(windows.CENT):
        raise ValueError(value)
    return amount.quantize(windows.CENT)


def _total(statement: IncomeStatement) -> None:
    """Derived figures; the per-capita ones are rounded for display only."""
    s = statement
    s.inc_gross = s.inc_wage + s.inc_business + s.inc_property + s.inc_transfer
    s.inc_net = s.inc_gross - s.exp_business
    s.ref_income = s.inc_net + s.claim_income - s.self_pay
    s.inc_net_pc = windows.shown(s.per_capita)
    s.ref_income_pc = windows.shown(s.reference_per_capita)


def _show(household: Household) -> None:
    """The head of the household's page shows the newest confirmed statement."""
    newest = (
        household.statements.filter(state=State.CONFIRMED).order_by("-window_to", "-pk").first()
    )
    standing.set_income(
        household,
        per_capita=newest.inc_net_pc if newest else None,
        window_from=newest.window_from if newest else None,
        window_to=newest.window_to if newest else None,
    )


def preview(household: Household, lines: Mapping[str, Any]) -> IncomeStatement:
    """The figures that these lines would give, saved nowhere: what the form shows while somebody types."""
    statement = IncomeStatement(household=household)
    for name, amount in _amounts(lines).items():
        setattr(statement, name, amount)
    _freeze_roster(statement, household)
    _total(statement)
    return statement
