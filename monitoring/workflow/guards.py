"""What must hold before a step, whatever is handed in: pure functions over the facts of a case.

Each gives all its reasons at once, in the household's own figures, with the page that mends it.
"""

from collections.abc import Callable

from fanpin.accounts.verdicts import Reason
from households.parameters import WITH_CHECK
from households.rules import windows
from monitoring.choices import EndReason, EvaluationConclusion, EvaluationState, Finding
from monitoring.rules import classification, notices
from monitoring.rules.elimination import Criterion
from monitoring.selectors.case_facts import CaseFacts
from monitoring.selectors.pages import page, page_of
from monitoring.workflow.transitions import Found, Guard

N1 = "通知一(三)"
N2 = "通知一(二)"


def _line_is_set(f: CaseFacts) -> Found:
    if f.line is None:
        yield Reason(f.line_problem or "未设置监测范围", page("households:parameters"))


def _admissible(f: CaseFacts) -> Found:
    if f.household.ended_on:
        yield f"该户已于{f.household.ended_on}销户"
    if not f.members:
        yield Reason("该户没有在册成员", page("households:members", f.household.pk))
    if len(f.members) == 1 and f.members[0].tekun_status == "rural_central":
        yield Reason(
            f"{f.members[0].name}为集中供养特困人员单人户，不纳入监测对象",
            page("households:members", f.household.pk),
        )
    if f.household.hh_type not in ("lifted", "general"):
        yield Reason(
            "未登记户类型，请先登记为脱贫户或一般农户", page("households:edit", f.household.pk)
        )


def _everybody_signed(f: CaseFacts) -> Found:
    signed = {a.member_id for a in f.authorizations}
    missing = [m.name for m in f.adults if m.pk not in signed]
    if missing:
        yield f"承诺授权未覆盖全部成年成员，缺：{'、'.join(missing)}"


def _comparison_requested(f: CaseFacts) -> Found:
    if not f.answers:
        yield "尚未提请部门比对，由乡镇提请"


def _compared_with_check(f: CaseFacts) -> Found:
    """Localities differ on where the comparison sits (policy.md §4.2); the place's parameter says it."""
    if f.param("comparison_position") != WITH_CHECK:
        yield "本地规定部门比对在入户核查之后提请"


def _all_answered(f: CaseFacts) -> Found:
    waiting = [a.get_department_display() for a in f.answers if a.result == "pending"]
    if waiting:
        yield f"{len(waiting)}个部门尚未反馈：{'、'.join(waiting)}"


def _conflicts_explained(f: CaseFacts) -> Found:
    for answer in f.answers:
        if answer.needs_explanation:
            yield f"{answer.get_department_display()}反馈信息不一致（{answer.note}），须先核实说明或重新核查"


def _not_yet_requested(f: CaseFacts) -> Found:
    if f.answers:
        yield "已提请部门比对"


def category_reasons(f: CaseFacts, category: str, *, hard: bool, reason: str = "") -> list[str]:
    """Every reason why a category cannot stand on what is known now."""
    situation = f.situation(hard=hard)
    if situation is None:
        return ["缺少入户核查的收入测算表，无法判断类别"]
    allow = bool(f.parameters.get("allow_sudden_for_guarantee_defect"))
    found = classification.refusals(category, situation, allow_defect=allow, reason=reason)
    if situation.four_haves and category == classification.SUDDEN:
        found += _four_haves_cause(f)
    return found


def _four_haves_cause(f: CaseFacts) -> list[str]:
    """Only 灾 and 意外事故 count by themselves; further causes are a parameter and need the county's written reason."""
    extra = str(f.parameters.get("four_haves_extra_causes", "")).split("|")
    causes = {r.cause for r in f.check_risks}
    if causes & {"disaster", "accident", *extra}:
        return []
    return ["四有人员须因灾、因意外事故等致困方可按例外纳入，核查登记的风险成因不符合"]


def _category_holds(f: CaseFacts) -> Found:
    d = f.deliberation
    if d is None:
        yield "尚未评议"
        return
    yield from category_reasons(f, d.category, hard=d.has_hardship, reason=f.case.category_reason)


def _roster_unchanged(f: CaseFacts) -> Found:
    if f.check and sorted(f.check.roster) != f.roster:
        yield Reason(
            f"入户核查时{len(f.check.roster)}人，现为{len(f.roster)}人，家庭成员已变化，须重新核查、评议、公示",
            page("households:changes", f.household.pk),
            "业务规程 §4.4",
        )


def _check_is_newer(f: CaseFacts) -> Found:
    """A statement confirmed at the check must still be the one; a reopened one asks for a new visit."""
    if f.check and f.check.statement and f.check.statement.state != "confirmed":
        yield Reason(
            "入户核查的收入测算表被重新填写，尚未确认", page("households:income", f.household.pk)
        )


def _notice_complete(f: CaseFacts) -> Found:
    if f.notice is None:
        yield "尚未公示"
        return
    short = notices.too_short(f.notice.posted_on, f.notice.days, f.today)
    if short:
        yield short


def _notice_is_current(f: CaseFacts) -> Found:
    if f.notice and f.deliberation and f.notice.deliberation_id != f.deliberation.pk:
        yield "评议结论已变化，须重新公示"


def _objections_settled(f: CaseFacts) -> Found:
    waiting = [o for o in f.objections if o.finding == Finding.OPEN]
    if waiting:
        days = "、".join(f"{o.raised_on:%m-%d}" for o in waiting)
        yield f"有{len(waiting)}条公示异议尚未核实答复（{days}提出），请先登记核实结论并答复"
    for objection in f.objections:
        if objection.finding == Finding.UPHELD:
            yield f"{objection.raised_on}提出的异议成立，不能继续提交"
        elif objection.finding == Finding.PARTLY and not _rechecked_since(f, objection):
            yield f"{objection.raised_on}提出的异议部分成立，须重新入户核查"


def _rechecked_since(f: CaseFacts, objection: object) -> bool:
    answered_at = getattr(objection, "answered_at", None)
    return bool(f.check and answered_at and f.check.made_at > answered_at)


def _some_objection_upheld(f: CaseFacts) -> Found:
    if not any(o.finding == Finding.UPHELD for o in f.objections):
        yield "没有经核实成立的异议"


def _some_objection_partly_upheld(f: CaseFacts) -> Found:
    if not any(o.finding == Finding.PARTLY for o in f.objections):
        yield "没有经核实部分成立的异议"


def _conclusions_unchanged(f: CaseFacts) -> Found:
    """§4.4: same members, same category, same side of the line, and a check made after the deliberation."""
    d = f.deliberation
    if d is None or f.notice is None:
        yield "尚未评议公示，须按程序办理"
        return
    if f.check is None or f.check.made_at <= d.made_at:
        yield "退回后尚未重新入户核查"
        return
    if f.is_marking:
        if f.case.category_suggested != d.category and not f.case.is_flagged:
            yield "核查后建议类别已变化，须重新评议、公示"
        yield from category_reasons(
            f, d.category, hard=d.has_hardship, reason=f.case.category_reason
        )
    if d.check_form and sorted(d.check_form.roster) != f.roster:
        yield "家庭成员已变化，须重新评议、公示"


def _only_ordinary(f: CaseFacts) -> Found:
    if f.has_four_haves:
        yield Reason(
            "该户涉及四有人员，须由乡镇政府分管领导核实签字盖章",
            clause="通知一(三)、业务规程 §4.7",
        )


def _only_determination(f: CaseFacts) -> Found:
    if f.has_four_haves:
        yield "该户涉及四有人员，须按县级备案审查办理"


def _only_four_haves(f: CaseFacts) -> Found:
    if not f.has_four_haves:
        yield "该户不涉及四有人员，按一般程序办理"


def _village_confirmed_four_haves(f: CaseFacts) -> Found:
    if f.has_four_haves and not (f.deliberation and f.deliberation.confirms_four_haves):
        yield "村级评议未确认四有例外"


def _government_verified(f: CaseFacts) -> Found:
    passed = [r for r in f.reviews if r.kind == "government" and r.decision == "pass"]
    if not passed:
        yield "缺少乡镇政府核实签字"
    elif not passed[-1].is_sealed:
        yield "乡镇政府核实未盖章"


def _three_accounts(f: CaseFacts) -> Found:
    signers = [
        f.deliberation.made_by_id if f.deliberation else None,
        next((r.made_by_id for r in reversed(f.reviews) if r.kind == "government"), None),
    ]
    known = [s for s in signers if s]
    if len(set(known)) != len(known):
        yield "村级评议确认、乡镇政府核实须由不同账号签署"


def _window_is_fresh(f: CaseFacts) -> Found:
    month = f.case.reference_month
    if not month:
        return
    now = f"{f.today:%Y%m}"
    by_check = f.parameters.get("reference_month_basis", "CHECK") == "CHECK"
    lag = int(f.param("reference_month_max_lag")) if by_check else 0
    behind = windows.months_between(month, now)
    if behind > lag:
        yield (
            f"收入周期已过期，须重新入户核查：基准月份{month[:4]}-{month[4:]}，"
            f"距审定月份{behind}个月，最多{lag}个月"
        )


def _told_in_village(f: CaseFacts) -> Found:
    ends = (
        EndReason.NOT_LISTED,
        EndReason.CHECKED_OUT,
        EndReason.ABOVE_LINE,
        EndReason.NO_RISK,
        EndReason.VOTED_DOWN,
        EndReason.OBJECTION,
        EndReason.FOUR_HAVES,
    )
    if f.case.end_reason not in ends:
        yield "只有村级作出的结论由乡镇复查"


def _told_by_township(f: CaseFacts) -> Found:
    if f.case.end_reason != EndReason.TOWNSHIP:
        yield "只有乡镇不予通过的办件由县级复查"


def _refused_to_sign(f: CaseFacts) -> Found:
    if f.case.end_reason != EndReason.REFUSED_AUTHORISATION:
        yield "该办件不是因拒绝授权终止"


def _state_allows_reopening(f: CaseFacts) -> Found:
    wanted = "not_monitored" if f.case.kind == "identify" else "eliminated"
    if f.object.state != wanted:
        yield f"该户现为“{f.object.label}”，不能恢复本办件"


def _no_hits(f: CaseFacts) -> Found:
    """七个不消: every condition present, each finding with its page."""
    for condition in f.seven:
        yield from _of_criterion(f, condition)


def _income_holds(f: CaseFacts) -> Found:
    """E1, E3, E4 by themselves: they say something only where the list of the seven lacks their condition."""
    for code in ("E1", "E3", "E4"):
        if criterion := f.criterion(code):
            yield from _of_criterion(f, criterion)


def _of_criterion(f: CaseFacts, criterion: Criterion) -> Found:
    for finding in criterion.findings:
        yield Reason(
            f"{criterion.code} {criterion.label}：{finding.text}",
            page_of(finding.page, f.household.pk),
            criterion.clause,
        )


def _told(code: str) -> Callable[[CaseFacts], Found]:
    """A criterion that the visit or the measures answer, in its own words."""

    def test(f: CaseFacts) -> Found:
        criterion = f.criterion(code)
        if criterion is None:
            return
        if code == "E5" and f.check is None:
            yield "尚未入户核查"
        for finding in criterion.findings:
            yield Reason(finding.text, page_of(finding.page, f.household.pk), criterion.clause)

    return test


def _folder_complete(f: CaseFacts) -> Found:
    if f.file_missing:
        yield Reason(
            f"户内资料不完整，缺{len(f.file_missing)}项：{'、'.join(f.file_missing)}",
            page("assistance:household", f.household.pk),
            "通知一(六)、业务规程 §8.3",
        )


def _evaluated(f: CaseFacts) -> Found:
    """The county decides on the year's evaluation, passed by the township (notice 一(二), policy.md §5.2 V5)."""
    found, url = f.evaluation, page("monitoring:evaluate", f.household.pk)
    if found is None:
        yield Reason(f"{f.today.year}年度帮扶成效评估还没有提交", url)
        return
    shown = page("monitoring:evaluation", found.pk)
    if found.state != EvaluationState.PASSED:
        yield Reason(f"{found}{found.get_state_display()}，须经乡镇审核通过", shown)
    elif found.conclusion != EvaluationConclusion.READY:
        yield Reason(f"{found}的结论为“{found.get_conclusion_display()}”，不能审定消除", shown)


def _findings_clean(f: CaseFacts) -> Found:
    if f.household.open_errors:
        yield Reason(
            f"该户有{f.household.open_errors}条未处理的数据错误，须先整改",
            page("counties:household", f.household.pk),
            "业务规程 §5.2 V5",
        )


def _notice_not_required(f: CaseFacts) -> Found:
    if f.param("rollback_notice_required"):
        yield "本地规定回退须公示"


def _risk_is_after_elimination(f: CaseFacts) -> Found:
    """A re-label answers a risk first seen after the month of elimination (policy.md §5.4)."""
    if f.case.kind != "relabel" or f.episode is None or not f.episode.closed_month:
        return
    last = windows.last_day(f.episode.closed_month)
    for risk in f.check_risks:
        if risk.first_seen_on and risk.first_seen_on <= last:
            yield (
                f"风险“{risk}”首次发现于{risk.first_seen_on}，在{f.episode.closed_month}消除前已存在，"
                "应走风险消除回退"
            )


LINE_IS_SET = Guard("已设置监测范围", _line_is_set, "业务规程 §3.1")
ADMISSIBLE = Guard("属于纳入范围", _admissible, N1)
EVERYBODY_SIGNED = Guard("全部成年成员已签署承诺授权", _everybody_signed, "业务规程 §4.3 T4")
NOT_YET_REQUESTED = Guard("尚未提请比对", _not_yet_requested)
COMPARED_WITH_CHECK = Guard("本地规定比对与入户核查同步", _compared_with_check, "业务规程 §4.2")
COMPARISON_REQUESTED = Guard("已提请部门比对", _comparison_requested, "业务规程 §4.3 T6")
ALL_ANSWERED = Guard("部门全部反馈", _all_answered, "业务规程 §4.3 T6")
CONFLICTS_EXPLAINED = Guard("不一致信息已核实", _conflicts_explained, "业务规程 §4.3 T6")
CATEGORY_HOLDS = Guard("评议类别符合条件", _category_holds, "业务规程 §3.2")
ROSTER_UNCHANGED = Guard("家庭成员与核查时一致", _roster_unchanged, "业务规程 §4.4")
STATEMENT_STANDS = Guard("收入测算表已确认", _check_is_newer, "通知三(一)")
NOTICE_COMPLETE = Guard("公示期满", _notice_complete, "业务规程 §4.3 T9")
NOTICE_IS_CURRENT = Guard("公示与评议一致", _notice_is_current, "业务规程 §4.4")
OBJECTIONS_SETTLED = Guard("公示异议均已办结", _objections_settled, "业务规程 §4.3 T9")
OBJECTION_UPHELD = Guard("有异议经核实成立", _some_objection_upheld)
OBJECTION_PARTLY_UPHELD = Guard("有异议经核实部分成立", _some_objection_partly_upheld)
CONCLUSIONS_UNCHANGED = Guard("重新核查后结论未变", _conclusions_unchanged, "业务规程 §4.4")
ONLY_ORDINARY = Guard("不涉及四有人员", _only_ordinary)
ONLY_DETERMINATION = Guard("不涉及四有人员", _only_determination, N1)
ONLY_FOUR_HAVES = Guard("涉及四有人员", _only_four_haves)
VILLAGE_CONFIRMED = Guard("村级评议确认四有例外", _village_confirmed_four_haves, N1)
GOVERNMENT_VERIFIED = Guard("乡镇政府核实并盖章", _government_verified, N1)
THREE_ACCOUNTS = Guard("三级三个账号签署", _three_accounts, "业务规程 §4.7")
WINDOW_IS_FRESH = Guard("收入周期未过期", _window_is_fresh, "业务规程 §7.4")
VILLAGE_CONCLUDED = Guard("属村级结论", _told_in_village)
TOWNSHIP_CONCLUDED = Guard("属乡镇结论", _told_by_township)
REFUSED_TO_SIGN = Guard("因拒绝授权终止", _refused_to_sign)
MAY_REOPEN = Guard("该户现状允许恢复", _state_allows_reopening, "业务规程 §5.6")
NO_HITS = Guard("不存在“七个不消”情形", _no_hits, N2)
POSITIVE = Guard("收入、“三保障”和支出条件符合", _income_holds, "业务规程 §5.1")
RISKS_GONE = Guard("登记的风险均已消除，无新风险", _told("E5"), "业务规程 §5.1 E5")
INCOME_SUSTAINED = Guard("收入稳定半年以上", _told("E2"), "业务规程 §5.1 E2")
MEASURES_DELIVERED = Guard("已落实针对性措施", _told("E6"), "业务规程 §5.1 E6")
FOLDER_COMPLETE = Guard("户内资料完整", _folder_complete, "通知一(六)")
EVALUATED = Guard("帮扶成效评估已审核", _evaluated, N2)
FINDINGS_CLEAN = Guard("没有未处理的数据错误", _findings_clean, "业务规程 §5.2 V5")
NOTICE_NOT_REQUIRED = Guard("本地不要求回退公示", _notice_not_required, "业务规程 §5.4")
RISK_AFTER_ELIMINATION = Guard("新风险发生在消除之后", _risk_is_after_elimination, N2)
