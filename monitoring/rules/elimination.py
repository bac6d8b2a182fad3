"""E1–E7 of policy.md §5.1: may the risk of a household be marked as gone? Pure; the one evaluator of the pre-check, the
lights on the pages, the gates of a case and the closure check.

E1, E3 and E4 say what a 不消 condition says as well: while such a condition is in force, it alone refuses and the
criterion only points at it (`see`), so that nothing is said twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from households.rules.windows import shown
from monitoring.rules import no_elimination as seven
from monitoring.rules.no_elimination import Condition, Facts, Finding, Light

ELIMINATION = "业务规程 §5.1"
SEVEN = "通知一(二)、业务规程 §5.3"
State = Literal["red", "grey", "green"]
WORDS: dict[str, str] = {"red": "不符合", "grey": "待核查", "green": "符合"}


@dataclass(frozen=True)
class Criterion:
    """One light. `findings` refuse; `is_pending`: not known yet; `see`: the 不消 codes that say why it is red.

    `figure` is what is known of the household, told whatever the colour, with the kind of page that shows it.
    """

    code: str
    label: str
    findings: tuple[Finding, ...] = ()
    clause: str = ELIMINATION
    is_pending: bool = False
    see: tuple[str, ...] = ()
    figure: str = ""
    page: str = seven.CASE

    @property
    def state(self) -> State:
        if self.see or any(not f.is_gap for f in self.findings):
            return "red"
        return "grey" if self.is_pending or self.findings else "green"

    @property
    def word(self) -> str:
        """E criteria are met or not; a 不消 condition is present or absent."""
        if self.code.startswith("E") or self.state == "grey":
            return WORDS[self.state]
        return "存在" if self.state == "red" else "无"


def judge(facts: Facts, conditions: Sequence[Condition], *, known: bool) -> list[Criterion]:
    """E1–E7 and then each 不消 condition in force. `known`: a visit answered what no register can."""
    lights = seven.evaluate(facts, list(conditions))
    by_test = dict(zip((c.test_key for c in conditions), lights, strict=True))
    rows = [_of_light(light, c, facts) for light, c in zip(lights, conditions, strict=True)]
    present = tuple(row.code for row in rows if row.state == "red")
    return [
        _like("E1", "人均纯收入稳定超过当年监测范围", "income_unstable", facts, by_test),
        _sustained(facts, known=known),
        _like("E3", "“三保障”和饮水安全持续有保障", "guarantee_defect", facts, by_test),
        _like("E4", "大额刚性支出稳定解决", "rigid_expense_open", facts, by_test, known=known),
        _risks_gone(facts, known=known),
        _helped(facts),
        Criterion(
            "E7", "没有“七个不消”情形", see=present,
            is_pending=any(row.state == "grey" for row in rows), clause=SEVEN,
            figure=f"{len(rows)}项中命中{len(present)}项",
        ),
        *rows,
    ]  # fmt: skip


def refusals(criteria: Sequence[Criterion]) -> list[tuple[Criterion, Finding]]:
    """What a gate refuses on, each thing once."""
    return [(criterion, finding) for criterion in criteria for finding in criterion.findings]


def _of_light(light: Light, condition: Condition, f: Facts) -> Criterion:
    figure, page = _figure(condition.test_key, f)
    gap = condition.test_key == "no_labour" and bool(f.members) and not f.labour_known
    return Criterion(
        light.code.upper(), light.label, light.findings, SEVEN,
        is_pending=light.is_manual or gap, figure=figure, page=page,
    )  # fmt: skip


def _like(
    code: str, label: str, test_key: str, f: Facts, said: dict[str, Light], *, known: bool = True
) -> Criterion:
    """A criterion that asks what a 不消 condition asks; without that condition it refuses by itself."""
    figure, page = _figure(test_key, f)
    light = said.get(test_key)
    own = () if light else tuple(seven.TESTS[test_key](f, Condition(code.lower(), label, test_key)))
    found = light.findings if light else own
    see = (light.code.upper(),) if light and any(not x.is_gap for x in found) else ()
    pending = not known or any(x.is_gap for x in found)
    return Criterion(code, label, own, is_pending=pending, see=see, figure=figure, page=page)


def _sustained(f: Facts, *, known: bool) -> Criterion:
    """E2, in principle half a year; a shorter time needs words."""
    findings: tuple[Finding, ...] = ()
    months = f.income_months or 0
    if known and months < f.income_months_wanted and not f.is_explained:
        text = (
            f"收入已稳定{months}个月，原则上须{f.income_months_wanted}个月以上；"
            "不足的须在家庭情况中说明"
        )
        findings = (Finding(text, seven.CASE),)
    figure = f"核查认定已稳定{months}个月" if known else "由入户核查认定"
    return Criterion("E2", "收入稳定半年以上", findings, is_pending=not known, figure=figure)


def _risks_gone(f: Facts, *, known: bool) -> Criterion:
    """E5: each recorded risk is stably eliminated or naturally gone, and the visit saw no other."""
    label = "登记的风险均已消除"
    if not known or f.risks_left is None:
        open_ones = "、".join(f.risks_open) or "无"
        figure = f"未消除的风险：{open_ones}"
        return Criterion("E5", label, is_pending=True, figure=figure)
    findings = [
        Finding(f"登记的风险“{risk}”经核查尚未消除", seven.CASE) for risk in f.risks_left
    ] + [Finding(f"核查发现新风险“{risk}”", seven.CASE) for risk in f.risks_seen]
    figure = f"核查后未消除{len(f.risks_left)}项，新发现{len(f.risks_seen)}项"
    return Criterion("E5", label, tuple(findings), figure=figure)


def _helped(f: Facts) -> Criterion:
    """E6: 帮扶消除 without a delivered measure is an error; the months are the seventh 不消."""
    findings: tuple[Finding, ...] = ()
    if not f.is_natural and f.measures_delivered == 0:
        findings = (Finding("帮扶消除须至少有一项已落实的针对性措施，现为0项", seven.PLAN),)
    figure = f"已落实措施{f.measures_delivered}项"
    if f.months is not None:
        figure += f"，已监测{f.months}个月"
    return Criterion("E6", "已落实针对性帮扶措施", findings, figure=figure, page=seven.PLAN)


def _figure(test_key: str, f: Facts) -> tuple[str, str]:
    """The household's own figures behind a test, and the kind of page that shows them."""
    figures = {
        "income_unstable": (_income(f), seven.INCOME),
        "rigid_expense_open": (_reference(f), seven.INCOME),
        "guarantee_defect": (f"问题{len(f.defects)}项", seven.MEMBERS),
        "no_labour": (f"{f.members}人中{f.with_labour}人有劳动能力", seven.MEMBERS),
        "measures_open": (
            f"已落实{f.measures_delivered}项，计划中未落实{len(f.open_plan_items)}项", seven.PLAN,
        ),
        "new_risk": (
            f"未处理线索{len(f.open_clues)}条，新增风险{len(f.new_risks)}项", seven.CLUES,
        ),
        "procedure_short": (_months(f), seven.CASE),
    }  # fmt: skip
    return figures.get(test_key, ("", seven.CASE))


def _income(f: Facts) -> str:
    if f.per_capita is None:
        return "没有已确认的收入测算表"
    text = f"人均纯收入{shown(f.per_capita):,}元"
    if f.line is not None:
        text += f"，监测范围{f.line:,}元"
    if f.window is not None:
        text += f"（{f.window[0]:%Y-%m}至{f.window[1]:%Y-%m}）"
    return text


def _reference(f: Facts) -> str:
    if f.reference is None:
        return "没有已确认的收入测算表"
    return f"加赔付、减合规自付后人均{shown(f.reference):,}元"


def _months(f: Facts) -> str:
    if f.months is None:
        return ""
    least = f"，规定至少{f.min_months}个月" if f.min_months else ""
    return f"已监测{f.months}个月{least}"
