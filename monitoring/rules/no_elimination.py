"""七个不消: the conditions under which a risk may not be marked as eliminated (policy.md §5.3). Pure.

One evaluator for the elimination gate and for rollback. Which conditions are in force is dated data (policy list
no_elim_rule): a row names its machine test here by `test_key`.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from households.rules.windows import shown

INCOME, MEMBERS, HOUSE, PLAN, CLUES, CASE = "income", "members", "house", "plan", "clues", "case"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a household that may, or may not, be marked as out of risk. None: not known yet."""

    per_capita: Fraction | None = None
    reference: Fraction | None = None
    window: tuple[datetime.date, datetime.date] | None = None
    line: Decimal | None = None
    line_problem: str = ""
    transfer_share: Decimal = Decimal(0)
    income_stable: bool | None = None
    rigid_expense_open: bool | None = None
    defects: tuple[str, ...] = ()
    members: int = 0
    with_labour: int = 0
    labour_known: bool = False
    open_plan_items: tuple[str, ...] = ()
    uncovered_risks: tuple[str, ...] = ()
    measures_delivered: int = 0
    open_clues: tuple[str, ...] = ()
    new_risks: tuple[str, ...] = ()
    months: int | None = None
    min_months: int = 0
    missing_steps: tuple[str, ...] = ()
    upheld_objections: int = 0
    is_natural: bool = False
    seriously_ill: tuple[str, ...] = ()
    rebuilding: tuple[str, ...] = ()
    labour_lost: tuple[str, ...] = ()
    # Only the visit of an elimination tells these.
    income_months: int | None = None
    income_months_wanted: int = 0
    is_explained: bool = False
    risks_open: tuple[str, ...] = ()
    risks_left: tuple[str, ...] | None = None
    risks_seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing that keeps the risk mark on, with the kind of page that shows it.

    `is_gap`: not something wrong, something that is not known yet; a gate refuses on it all the same.
    """

    text: str
    page: str
    is_gap: bool = False


@dataclass(frozen=True)
class Light:
    """One condition: red with its findings, or green. `is_manual`: no machine test, a person must judge."""

    code: str
    label: str
    findings: tuple[Finding, ...] = ()
    is_manual: bool = False

    @property
    def is_hit(self) -> bool:
        return bool(self.findings)


@dataclass(frozen=True)
class Condition:
    """A row of the policy list, as far as the evaluator needs it."""

    code: str
    label: str
    test_key: str
    limit: Decimal | None = None
    position: int = field(default=0, compare=False)


Test = Callable[[Facts, Condition], list[Finding]]


def evaluate(facts: Facts, conditions: list[Condition]) -> list[Light]:
    """Every condition in force with what it finds, in the order of the list."""
    lights = []
    for c in conditions:
        test = TESTS.get(c.test_key)
        found = tuple(test(facts, c)) if test else ()
        lights.append(Light(c.code, c.label, found, is_manual=test is None))
    return lights


def hits(facts: Facts, conditions: list[Condition]) -> list[Light]:
    """Only the conditions that are present."""
    return [light for light in evaluate(facts, conditions) if light.is_hit]


def _income_unstable(f: Facts, c: Condition) -> list[Finding]:
    found = []
    if f.line is None:
        found.append(Finding(f.line_problem or "未设置监测范围", INCOME, is_gap=True))
    if f.per_capita is None:
        found.append(Finding("缺少已确认的收入测算表，无法判定收入", INCOME, is_gap=True))
    elif f.line is not None and f.per_capita <= Fraction(f.line):
        found.append(
            Finding(f"人均纯收入{shown(f.per_capita):,}元，未超过监测范围{f.line:,}元", INCOME)
        )
    if f.income_stable is False:
        found.append(Finding("入户核查认定收入不稳定", CASE))
    limit = c.limit if c.limit is not None else Decimal(100)
    share = f.transfer_share * 100
    if share > limit:
        found.append(Finding(f"转移性收入占{share:.0f}%，超过{limit:.0f}%", INCOME))
    return found


def _rigid_expense_open(f: Facts, _c: Condition) -> list[Finding]:
    found = []
    if f.rigid_expense_open:
        found.append(Finding("大额刚性支出尚未解决", CASE))
    if f.reference is not None and f.line is not None and f.reference < Fraction(f.line):
        found.append(
            Finding(
                f"扣除合规自付支出后人均{shown(f.reference):,}元，低于监测范围{f.line:,}元", INCOME
            )
        )
    return found


def _guarantee_defect(f: Facts, _c: Condition) -> list[Finding]:
    return [
        Finding(text, HOUSE if "住房" in text or "饮水" in text else MEMBERS) for text in f.defects
    ]


def _no_labour(f: Facts, _c: Condition) -> list[Finding]:
    if f.members and f.labour_known and f.with_labour == 0:
        return [Finding(f"整户无劳动能力：{f.members}名成员均为无劳动力或丧失劳动力", MEMBERS)]
    return []


def _measures_open(f: Facts, _c: Condition) -> list[Finding]:
    found = [Finding(f"计划措施“{item}”尚未落实", PLAN) for item in f.open_plan_items]
    if f.is_natural:
        return found
    return found + [
        Finding(f"风险“{risk}”没有已落实的对应措施", PLAN) for risk in f.uncovered_risks
    ]


def _new_risk(f: Facts, _c: Condition) -> list[Finding]:
    found = [Finding(f"线索“{clue}”尚未处理", CLUES) for clue in f.open_clues]
    return found + [Finding(f"监测期间新增风险“{risk}”尚未消除", CASE) for risk in f.new_risks]


def _procedure_short(f: Facts, _c: Condition) -> list[Finding]:
    found = []
    if f.months is not None and not f.is_natural and f.months < f.min_months:
        found.append(Finding(f"监测帮扶{f.months}个月，不足{f.min_months}个月", CASE))
    found += [Finding(f"程序不到位：{step}", CASE) for step in f.missing_steps]
    if f.upheld_objections:
        found.append(Finding(f"有{f.upheld_objections}条公示异议成立", CASE))
    return found


def _illness_in_treatment(f: Facts, _c: Condition) -> list[Finding]:
    return [Finding(f"{name}患大病仍在治疗", MEMBERS) for name in f.seriously_ill]


def _rebuilding_open(f: Facts, _c: Condition) -> list[Finding]:
    return [Finding(f"灾后恢复重建“{item}”未完成", PLAN) for item in f.rebuilding]


def _labour_lost_recently(f: Facts, _c: Condition) -> list[Finding]:
    return [Finding(f"{text}，家庭主要劳动力变故未满一年", MEMBERS) for text in f.labour_lost]


TESTS: dict[str, Test] = {
    "income_unstable": _income_unstable,
    "rigid_expense_open": _rigid_expense_open,
    "guarantee_defect": _guarantee_defect,
    "no_labour": _no_labour,
    "measures_open": _measures_open,
    "new_risk": _new_risk,
    "procedure_short": _procedure_short,
    "illness_in_treatment": _illness_in_treatment,
    "rebuilding_open": _rebuilding_open,
    "labour_lost_recently": _labour_lost_recently,
}
