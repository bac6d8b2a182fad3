"""What handed-in inputs must satisfy: pure functions over facts and inputs, every reason at once with its field."""

import datetime
import re
from collections import Counter

from fanpin.accounts.verdicts import Reason
from households.choices import lists
from households.rules import windows
from households.selectors.income import TOTALS
from monitoring.choices import CheckUnit, EndReason, SignMode
from monitoring.rules import classification, notices
from monitoring.selectors.case_facts import CaseFacts
from monitoring.workflow import guards
from monitoring.workflow.inputs import (
    Analyse,
    Authorise,
    Check,
    Decide,
    Deliberate,
    End,
    Enter,
    Inputs,
    Post,
    Risk,
)
from monitoring.workflow.transitions import Found, Requirement

MAX_RISKS = 5
MIN_WORDS = 4
GUARANTEES = {
    "house_safe": "住房安全",
    "water_safe": "饮水安全",
    "schooling_ok": "义务教育",
    "insured": "基本医疗",
}
MOBILE = re.compile(r"1[3-9]\d{9}")
MONTH = re.compile(r"20\d\d(0[1-9]|1[0-2])")


def _not_future(f: CaseFacts, day: datetime.date | None, what: str, field: str) -> Found:
    if day is None:
        yield Reason(f"请填写{what}", field=field)
    elif day > f.today:
        yield Reason(f"{what}不能晚于今天", field=field)


def _said(text: str, what: str, field: str, least: int = MIN_WORDS) -> Found:
    if len(text.strip()) < least:
        yield Reason(f"请填写{what}（不少于{least}字）", field=field)


def _reason_given(f: CaseFacts, given: Inputs) -> Found:
    yield from _said(given.note, "原因", "note")


def _opinion_given(f: CaseFacts, given: Inputs) -> Found:
    if not given.note.strip():
        yield Reason("请填写意见", field="note")


def _analysis(f: CaseFacts, given: Analyse) -> Found:
    yield from _not_future(f, given.held_on, "研判日期", "held_on")
    least = int(f.param("analysis_min_attendees"))
    if len(set(given.attendees)) < least:
        yield Reason(
            f"分析研判须村两委、驻村工作队等不少于{least}人参加，现登记{len(set(given.attendees))}人",
            field="attendees",
        )
    yield from _said(given.reasons, "研判意见", "reasons")


def _signatures(f: CaseFacts, given: Authorise) -> Found:
    signed = {s.member_id: s for s in given.signatures}
    missing = [m.name for m in f.adults if m.pk not in signed]
    if missing:
        yield Reason(f"户主和每名成年成员均须签署，缺：{'、'.join(missing)}", field="signatures")
    known = {m.pk for m in f.members}
    if set(signed) - known:
        yield Reason("签署人不是本户在册成员", field="signatures")
    for signature in given.signatures:
        yield from _not_future(f, signature.signed_on, "签署日期", "signatures")
        if signature.mode == SignMode.PROXY and not signature.proxy_name.strip():
            yield Reason("委托代签须填写代签人", field="signatures")


def _check(f: CaseFacts, given: Check) -> Found:
    yield from _not_future(f, given.checked_on, "核查日期", "checked_on")
    yield from _check_group(f, given)
    yield from _said(given.situation, "家庭情况", "situation")
    signed = [a.signed_on for a in f.authorizations]
    if f.is_marking and signed and given.checked_on and given.checked_on < max(signed):
        yield Reason(f"核查日期早于承诺授权签署日期{max(signed)}", field="checked_on")
    if not given.household_signed:
        yield Reason("核查表须经农户签字确认", field="household_signed")
    safe = given.house_safe and given.water_safe and given.schooling_ok and given.insured
    if not safe and not given.guarantee_note.strip():
        yield Reason("“三保障”或饮水安全有问题的，请写明具体情况", field="guarantee_note")
    if (given.longitude is None) != (given.latitude is None):
        yield Reason("经度和纬度须同时填写", field="longitude")
    placed = given.longitude is not None or f.household.longitude is not None
    if f.is_marking and f.parameters.get("check_position_required") and not placed:
        yield Reason("请采集入户定位：在手机上点“取当前位置”，或填写经纬度", field="longitude")


def _check_group(f: CaseFacts, given: Check) -> Found:
    least = int(f.param("check_group_min"))
    names = {v.name for v in given.visitors if v.name.strip()}
    if len(names) < least:
        yield Reason(f"入户核查须不少于{least}人，现登记{len(names)}人", field="visitors")
    outside = {CheckUnit.TOWNSHIP, CheckUnit.RESIDENT_TEAM, CheckUnit.COUNTY}
    if not any(v.unit in outside for v in given.visitors):
        yield Reason("核查人员中至少一人须来自乡镇或驻村工作队", field="visitors")


def _income(f: CaseFacts, given: Check) -> Found:
    if given.income is None or not any(given.income.get(name) is not None for name in TOTALS):
        yield Reason("请填写收入测算表", field="income")


def _scope_basis(f: CaseFacts, given: Check) -> Found:
    if not given.scope_basis:
        yield Reason(
            "请选择纳入范围依据（脱贫户或农村常住人口）", field="scope_basis", clause="通知一(三)"
        )
    elif given.scope_basis == "lifted" and f.household.hh_type != "lifted":
        yield Reason("该户不是脱贫户，纳入范围依据应为农村常住人口", field="scope_basis")


def _shock(f: CaseFacts, given: Check) -> Found:
    if not given.has_shock:
        return
    yield from _not_future(f, given.event_on, "事件日期", "event_on")
    if not given.shock_kinds:
        yield Reason("请选择突发影响：刚性支出骤增或收入骤减", field="shock_kinds")
    yield from _said(given.shock_note, "突发情况及佐证", "shock_note", 8)


def risk_reasons(f: CaseFacts, risks: tuple[Risk, ...]) -> Found:
    """Codes, sub-items, notes and bearers of risks, as the national form wants them (policy.md §3.3)."""
    if len(risks) > MAX_RISKS:
        yield Reason(f"风险最多登记{MAX_RISKS}项，现为{len(risks)}项", field="risks")
    people = {m.pk: m.name for m in f.members}
    repeated = [k for k, n in Counter((r.cause, r.member_id) for r in risks).items() if n > 1]
    if repeated:
        yield Reason("同一风险重复登记", field="risks")
    for risk in risks:
        known = f.risk_causes.get(risk.cause)
        if known is None:
            yield Reason(f"风险成因“{risk.cause}”不在现行清单中", field="risks")
            continue
        if "needs_subtype" in known.flags and risk.subtype not in lists()["disaster_subtype"]:
            yield Reason(f"“{known.label}”须选择自然灾害子项", field="risks")
        if "needs_note" in known.flags and len(risk.note.strip()) < MIN_WORDS:
            yield Reason(f"“{known.label}”须填写备注（不少于{MIN_WORDS}字）", field="risks")
        if risk.member_id is not None and risk.member_id not in people:
            yield Reason(f"“{known.label}”的涉及成员不是本户在册成员", field="risks")


def _risks(f: CaseFacts, given: Check) -> Found:
    yield from risk_reasons(f, given.risks)


def _new_risk_dated(f: CaseFacts, given: Check) -> Found:
    if f.case.kind != "relabel" or f.episode is None or not f.episode.closed_month:
        return
    last = windows.last_day(f.episode.closed_month)
    for risk in given.risks:
        cause = f.risk_causes[risk.cause].label if risk.cause in f.risk_causes else risk.cause
        if risk.first_seen_on is None:
            yield Reason(f"再标注的风险“{cause}”须填写首次发现日期", field="risks")
        elif risk.first_seen_on <= last:
            yield Reason(
                f"风险“{cause}”首次发现于{risk.first_seen_on}，在消除前已存在，应走风险消除回退",
                field="risks",
                clause="通知一(二)",
            )


def _outcomes(f: CaseFacts, given: Check) -> Found:
    """For an elimination each recorded risk gets an answer, and the household's view is recorded."""
    answered = {r.episode_risk_id for r in given.risks if r.outcome}
    for risk in f.episode_risks:
        if risk.is_live and risk.pk not in answered:
            yield Reason(f"请填写风险“{risk}”的消除情况", field="risks")
    for value, what, field in (
        (given.income_stable, "收入是否持续稳定", "income_stable"),
        (given.rigid_expense_open, "大额刚性支出是否未解决", "rigid_expense_open"),
        (given.household_agrees, "农户是否认可", "household_agrees"),
    ):
        if value is None:
            yield Reason(f"请填写{what}", field=field)
    if given.household_agrees is False and not given.disagreement.strip():
        yield Reason("农户不认可的，请记录农户意见", field="disagreement")


def _meeting(f: CaseFacts, given: Deliberate) -> Found:
    yield from _not_future(f, given.held_on, "评议日期", "held_on")
    if f.check and given.held_on and given.held_on < f.check.checked_on:
        yield Reason(f"评议日期早于入户核查日期{f.check.checked_on}", field="held_on")
    for value, what, field in (
        (given.place, "评议地点", "place"),
        (given.chair, "主持人", "chair"),
    ):
        if not value.strip():
            yield Reason(f"请填写{what}", field=field)
    least = int(f.param("deliberation_min_attendees"))
    present = len(set(given.attendees))
    if present < least:
        yield Reason(f"到会{present}人，不足{least}人，评议无效，须重新组织", field="attendees")
    yield from _quorum(f, given, present)
    votes = given.votes_for + given.votes_against + given.votes_abstain
    if votes > present:
        yield Reason(f"票数{votes}多于到会人数{present}", field="votes_for")
    elif votes == 0:
        yield Reason("请填写表决票数", field="votes_for")
    yield from _said(given.minutes, "会议记录", "minutes")


def _quorum(f: CaseFacts, given: Deliberate, present: int) -> Found:
    """Of those who should have come, so many did; asked once somebody is named as absent."""
    absent = set(given.absentees)
    both = sorted(absent & set(given.attendees))
    if both:
        yield Reason(f"{'、'.join(both)}既到会又缺席，请核对", field="absentees")
    if not absent:
        return
    share, expected = int(f.param("deliberation_quorum_percent")), present + len(absent - set(both))
    if present * 100 < share * expected:
        yield Reason(
            f"应到{expected}人，到会{present}人，不足{share}%，评议无效，须重新组织",
            field="attendees",
        )


def has_majority(given: Deliberate) -> bool:
    """More than half of those present voted for it."""
    return given.votes_for * 2 > len(set(given.attendees))


def _majority_for(f: CaseFacts, given: Deliberate) -> Found:
    if not has_majority(given):
        yield Reason(
            f"同意{given.votes_for}票，未超过到会{len(set(given.attendees))}人的半数，请按“评议未通过”办理",
            field="votes_for",
        )


def _majority_against(f: CaseFacts, given: Deliberate) -> Found:
    if has_majority(given):
        yield Reason(f"同意{given.votes_for}票已过半数，请按“评议通过”办理", field="votes_for")
    yield from _reason_given(f, given)


def _category(f: CaseFacts, given: Deliberate) -> Found:
    if not given.needs.strip():
        yield Reason("请填写初步帮扶需求", field="needs", clause="业务规程 §4.3 T7")
    found = guards.category_reasons(
        f, given.category, hard=given.has_hardship, reason=given.category_reason
    )
    for text in found:
        yield Reason(text, field="category")
    if f.has_four_haves and not given.confirms_four_haves and not found:
        yield Reason(
            "四有人员须由村级评议确认例外情形", field="confirms_four_haves", clause="业务规程 §4.7"
        )


def _notice(f: CaseFacts, given: Post) -> Found:
    yield from _not_future(f, given.posted_on, "张贴日期", "posted_on")
    if not given.place.strip():
        yield Reason("请填写张贴地点", field="place")
    yield from _said(given.text, "公示内容", "text", 10)
    illnesses = tuple(m.disease_name for m in f.members if m.disease_name)
    for text in notices.personal_data(given.text, names_of_health=illnesses):
        yield Reason(text, field="text", clause="业务规程 附录B")


def _notice_after_meeting(f: CaseFacts, given: Post) -> Found:
    if f.deliberation and given.posted_on and given.posted_on < f.deliberation.held_on:
        yield Reason(f"公示日期早于评议日期{f.deliberation.held_on}", field="posted_on")


def _visit_not_future(f: CaseFacts, given: Decide) -> Found:
    if given.visited_on and given.visited_on > f.today:
        yield Reason("实地核实日期不能晚于今天", field="visited_on")


def _government(f: CaseFacts, given: Decide) -> Found:
    if given.visited_on is None:
        yield Reason("乡镇政府核实须填写实地核实日期", field="visited_on", clause="业务规程 §4.7")
    if not given.is_sealed:
        yield Reason("乡镇政府核实须盖章", field="is_sealed", clause="业务规程 §4.7")


def _county_words(f: CaseFacts, given: Decide) -> Found:
    """The written reason of the county: a flagged category, or a four-haves cause other than 灾 and 意外事故."""
    short = len(given.category_reason.strip()) < classification.MIN_REASON
    if f.case.is_flagged and short:
        yield Reason(
            f"该户类别提请县级关注，县级须写明认定理由（不少于{classification.MIN_REASON}字）",
            field="category_reason",
            clause="业务规程 §3.2",
        )
    causes = {r.cause for r in f.check_risks}
    if f.has_four_haves and not causes & {"disaster", "accident"} and short:
        yield Reason(
            "四有人员的致困原因不是灾害或意外事故，县级须写明理由（不少于10字）",
            field="category_reason",
            clause="业务规程 §4.7",
        )


def _rollback_words(f: CaseFacts, given: Decide) -> Found:
    if f.episode is None or f.episode.closed_on is None:
        return
    months = windows.months_between(f.episode.closed_month, f"{f.today:%Y%m}")
    limit = int(f.param("rollback_reason_after_months"))
    if months > limit and len(given.category_reason.strip()) < classification.MIN_REASON:
        yield Reason(
            f"消除已{months}个月，超过{limit}个月的回退须县级写明理由（不少于10字）",
            field="category_reason",
            clause="业务规程 §5.4",
        )


def _entry(f: CaseFacts, given: Enter) -> Found:
    if not given.national_hh_no.strip():
        yield Reason("请填写国家系统户编号", field="national_hh_no")
    elif f.household.national_hh_no and f.household.national_hh_no != given.national_hh_no.strip():
        yield Reason(
            f"与本户已登记的户编号{f.household.national_hh_no}不一致，请核对",
            field="national_hh_no",
        )
    if not MONTH.fullmatch(given.month):
        yield Reason("标注月份写作6位数字，例如202111", field="month")
    elif f.case.reference_month and given.month != f.case.reference_month:
        month = f.case.reference_month
        yield Reason(
            f"标注月份应为基准月份{month}（入户核查所在月）", field="month", clause="业务规程 §7.4"
        )
    yield from _not_future(f, given.entered_on, "录入日期", "entered_on")
    if not given.operator.strip():
        yield Reason("请填写录入人", field="operator")


def _elimination_entry(f: CaseFacts, given: Enter) -> Found:
    yield from _entry(f, given)
    if f.episode and MONTH.fullmatch(given.month) and given.month < f.episode.identified_month:
        yield Reason(f"消除监测时间早于识别监测时间{f.episode.identified_month}", field="month")
    if not given.contact_name.strip():
        yield Reason("请填写监测联系人", field="contact_name")
    if not MOBILE.fullmatch(given.contact_phone.strip()):
        yield Reason("监测联系人电话须为11位手机号码", field="contact_phone")
    if given.post_income_pc is None:
        yield Reason("请填写消除后人均纯收入", field="post_income_pc")
    for name, what in GUARANTEES.items():
        value = getattr(given, f"post_{name}")
        if value is None:
            yield Reason(f"请填写消除后{what}情况", field=f"post_{name}")
        elif not value:
            yield Reason(f"消除后{what}没有保障，不能标注风险消除", field=f"post_{name}")
    yield from _not_future(f, given.announced_on, "公告日期", "announced_on")


def _end_reason(f: CaseFacts, given: End) -> Found:
    if given.reason not in EndReason.values:
        yield Reason("请选择终止原因", field="reason")
    yield from _said(given.note, "原因说明", "note")


R = Requirement
REASON = R(_reason_given)
OPINION = R(_opinion_given)
ANALYSIS = R(_analysis, "业务规程 §4.3 T2")
SIGNATURES = R(_signatures, "业务规程 §4.3 T4")
CHECK = R(_check, "业务规程 §4.3 T5")
INCOME = R(_income, "通知三(一)")
SCOPE_BASIS = R(_scope_basis)
SHOCK = R(_shock, "业务规程 §3.2")
RISKS = R(_risks, "业务规程 §3.3")
NEW_RISK_DATED = R(_new_risk_dated)
OUTCOMES = R(_outcomes, "业务规程 §5.2 V2")
MEETING = R(_meeting, "业务规程 §4.3 T7")
MAJORITY_FOR = R(_majority_for, "业务规程 §4.3 T7")
MAJORITY_AGAINST = R(_majority_against, "业务规程 §4.3 T7")
CATEGORY = R(_category, "业务规程 §3.2")
NOTICE = R(_notice, "业务规程 §4.3 T8")
NOTICE_AFTER_MEETING = R(_notice_after_meeting, "业务规程 §4.3 T8")
VISIT = R(_visit_not_future)
GOVERNMENT = R(_government)
COUNTY_WORDS = R(_county_words)
ROLLBACK_WORDS = R(_rollback_words)
ENTRY = R(_entry, "业务规程 §4.3 T13")
ELIMINATION_ENTRY = R(_elimination_entry, "业务规程 §5.2 V6")
END_REASON = R(_end_reason)
