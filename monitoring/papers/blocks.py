"""Blocks that several papers of the procedure share: the household, its people, opinions, dates in words."""

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils import timezone

from fanpin.papers.declaring import Printing
from fanpin.papers.layout import OPEN, TICKED, Box, Boxes, Opinion, Rows
from households.choices import label, labels
from households.models import Household, IncomeStatement, Member
from households.rules.identity import age_on
from monitoring.models import HouseholdCheck, Review
from monitoring.papers.declaring import Page
from monitoring.selectors.case_file import Then, answered

DATE = "　　　年　　月　　日"
SIGN = "（签字）："
PEOPLE_HEADS = (
    "姓名",
    "与户主关系",
    "性别",
    "年龄",
    "证件号码",
    "健康状况",
    "劳动能力",
    "在校情况",
    "医疗保险",
)
PEOPLE_WIDTHS = (0.95, 1.0, 0.55, 0.55, 2.1, 1.2, 1.35, 1.1, 0.9)


def day(value: datetime.date | None) -> str:
    """2021年11月8日, or room to write a date."""
    return f"{value.year}年{value.month}月{value.day}日" if value else DATE


def china_day(at: datetime.datetime | None) -> datetime.date | None:
    """The day of a moment, in China."""
    return timezone.localtime(at).date() if at else None


def month(value: str) -> str:
    return f"{value[:4]}年{int(value[4:])}月" if len(value) == 6 else ""


def yuan(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def tick(value: bool | None, yes: str = "是", no: str = "否") -> str:
    """■是　□否"""
    return f"{TICKED if value is True else OPEN}{yes}　{TICKED if value is False else OPEN}{no}"


def household(page: Page, *more: Box) -> Boxes:
    """Whose paper it is, as the register had it then."""
    return household_boxes(page.then.household, page.then.members, page.printing, *more)


def household_boxes(
    h: Household, members: Sequence[Member], printing: Printing, *more: Box
) -> Boxes:
    """The head of every form."""
    head = members[0] if members else None
    hamlet = h.natural_village.name if h.natural_village else ""
    return Boxes(
        "",
        (
            Box("户主姓名", h.head_name),
            Box("证件号码", printing.number(head.id_no) if head else "", span=2),
            Box("家庭人口", str(len(members)), "人"),
            Box("户类型", label("hh_type", h.hh_type) if h.hh_type else ""),
            Box("联系电话", printing.phone(h.phone)),
            Box("家庭住址", f"{hamlet} {h.address_detail}".strip(), span=3),
            *more,
        ),
    )


def people(
    members: Iterable[Member], on: datetime.date, printing: Printing, *, blank: int = 0
) -> Rows:
    """Everybody who lives together, head first."""
    rows = [_person(member, on, printing) for member in members]
    return Rows("家庭成员", PEOPLE_HEADS, rows, PEOPLE_WIDTHS, numbers=(3,), blank=blank)


def _person(m: Member, on: datetime.date, printing: Printing) -> tuple[str, ...]:
    insured = m.ins_med_resident or m.ins_med_employee
    unknown = m.ins_med_resident is None and m.ins_med_employee is None
    return (
        m.name,
        label("relation_to_head", m.relation) if m.relation else "",
        label("sex", m.sex) if m.sex else "",
        str(age_on(m.birth_date, on)) if m.birth_date else "",
        printing.number(m.id_no),
        labels("health", m.health),
        label("labour", m.labour) if m.labour else "",
        label("school_status", m.school_status) if m.school_status else "",
        "" if unknown else "已参保" if insured else "未参保",
    )


def income(statement: IncomeStatement | None, line: Decimal | None) -> Boxes:
    """The figures the visit worked out, with their window and the line."""
    s = statement
    window = f"{day(s.window_from)}至{day(s.window_to)}" if s else ""
    return Boxes(
        "家庭收入（元）",
        (
            Box("收入计算周期", window, span=2),
            Box("计算人口", str(s.members_count) if s else "", "人"),
            Box("工资性收入", yuan(s.inc_wage) if s else ""),
            Box("生产经营性收入", yuan(s.inc_business) if s else ""),
            Box("财产性收入", yuan(s.inc_property) if s else ""),
            Box("转移性收入", yuan(s.inc_transfer) if s else ""),
            Box("生产经营性支出", yuan(s.exp_business) if s else ""),
            Box("家庭纯收入", yuan(s.inc_net) if s else ""),
            Box("人均纯收入", yuan(s.inc_net_pc) if s else ""),
            Box("理赔收入", yuan(s.claim_income) if s else ""),
            Box("合规自付支出", yuan(s.self_pay) if s else ""),
            Box("当年监测范围", yuan(line)),
            Box("与监测范围比较", against(s, line), span=2),
        ),
    )


def against(statement: IncomeStatement | None, line: Decimal | None) -> str:
    """Below or not, by the unrounded figure."""
    if statement is None or line is None:
        return ""
    return "低于监测范围" if statement.per_capita < line else "不低于监测范围"


def guarantees(check: HouseholdCheck | None) -> Boxes:
    """The three guarantees, the water, and what else the visit asked about."""
    c = check
    return Boxes(
        "“三保障”和饮水安全",
        (
            Box("义务教育有保障", tick(c.schooling_ok if c else None)),
            Box("基本医疗有保障", tick(c.insured if c else None)),
            Box("住房安全有保障", tick(c.house_safe if c else None)),
            Box("饮水安全有保障", tick(c.water_safe if c else None)),
            Box("存在问题", c.guarantee_note if c else "", span=2),
        ),
    )


def risks(check: HouseholdCheck | None, *, outcome: bool = False, blank: int = 0) -> Rows:
    """The risks the visit found, the main one first; at an elimination what became of them."""
    heads = ["序号", "风险类型", "涉及成员", "首次发现", "说明"]
    widths = [0.5, 1.6, 1.0, 1.1, 3.0]
    rows = []
    for risk in check.risks.all() if check else ():
        kind = risk.get_cause_display()
        if risk.subtype:
            kind += f"（{risk.get_subtype_display()}）"
        member = risk.member.name if risk.member else "全户"
        row = [str(risk.position), kind, member, str(risk.first_seen_on or ""), risk.note]
        rows.append([*row, risk.get_outcome_display()] if outcome else row)
    if outcome:
        heads.append("消除情况")
        widths.append(1.4)
    return Rows("返贫致贫风险", heads, rows, widths, blank=blank)


def causes(check: HouseholdCheck | None) -> str:
    """The risks in one line."""
    return "、".join(risk.get_cause_display() for risk in check.risks.all()) if check else ""


def comparison(then: Then) -> str:
    """The departments' answers in one sentence; what exactly they found stays with those who may see it."""
    if not then.answers:
        return ""
    given = answered(then.answers, then.at)
    hits = sum(row.counts_as_four_haves for row in given)
    said = f"{len(given)}个部门已反馈（共{len(then.answers)}个）"
    return f"{said}，{f'{hits}个部门反馈有四有情形' if hits else '未发现四有情形'}"


def votes(then: Then) -> str:
    d = then.deliberation
    if d is None:
        return ""
    counted = f"同意{d.votes_for}票，不同意{d.votes_against}票，弃权{d.votes_abstain}票"
    return f"{day(d.held_on)}评议，到会{len(d.attendees)}人，{counted}"


def notice_days(then: Then) -> str:
    n = then.notice
    if n is None:
        return ""
    return f"{day(n.posted_on)}张贴于{n.place}，公示{n.days}天，至{day(n.complete_on)}期满"


def objections(then: Then) -> str:
    """What the notice brought."""
    if then.notice is None:
        return ""
    rows = [o for o in then.notice.objections.all() if o.made_at <= then.at]
    if not rows:
        return "公示期内无异议"
    found = "、".join(o.get_finding_display() for o in rows)
    return f"收到异议{len(rows)}件，核实结论：{found}"


def village_opinion(then: Then) -> Opinion:
    """The meeting's words; the seal of the village at the foot."""
    d = then.deliberation
    text = f"{votes(then)}。{d.minutes}" if d else ""
    chair = f"主持人（签字）：{d.chair}" if d else f"主持人{SIGN}"
    where = f"{then.household.village.name}村民委员会（盖章）"
    return Opinion("村级评议意见", text, (chair, where, day(d.held_on if d else None)))


def review_opinion(title: str, review: Review | None, unit: str, signer: str) -> Opinion:
    """A level's decision with its number; who decided stands beside the place to sign."""
    if review is None:
        return Opinion(title, "", (f"{signer}{SIGN}", f"{unit}（盖章）", DATE))
    number = f"（{review.number}）" if review.number else ""
    visited = f"实地核实：{day(review.visited_on)}。" if review.visited_on else ""
    text = f"{review.get_decision_display()}{number}。{review.opinion}　{visited}"
    foot = (f"{signer}{SIGN}{review.made_by.name}", f"{unit}（盖章）", day(review.reviewed_on))
    return Opinion(title, text.strip(), foot)


def township(then: Then) -> str:
    """The name of the township's government."""
    place = then.household.village.parent
    return f"{place.name}人民政府" if place else "乡（镇）人民政府"


def county(then: Then) -> str:
    """The county's bureau, by the second place above the village."""
    township_place = then.household.village.parent
    above = township_place.parent if township_place else None
    return f"{above.name}乡村振兴局" if above else "县乡村振兴局"


def no_text(values: Sequence[str]) -> str:
    return "、".join(value for value in values if value)
