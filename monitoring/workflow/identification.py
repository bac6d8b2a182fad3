"""识别 and 再标注: the same fifteen steps (policy.md §4.3), ending in a mark. One line per transition."""
# ruff: noqa: E501 – a table is read along its line

from typing import Any

from fanpin.accounts.roles import Permission as P
from monitoring import verbs as v
from monitoring.choices import CaseKind
from monitoring.workflow import guards as g
from monitoring.workflow import inputs as i
from monitoring.workflow import requirements as r
from monitoring.workflow.transitions import END, RETURN, SIDE, Limit, Procedure, Transition

VILLAGE, CHECKERS = (P.VILLAGE_CASE,), (P.CHECK_HOUSEHOLD,)
TOWNSHIP, GOVERNMENT, COUNTY = (P.TOWNSHIP_CASE,), (P.TOWNSHIP_GOVERNMENT,), (P.COUNTY_CASE,)
TOWN_ANY = (P.TOWNSHIP_CASE, P.TOWNSHIP_GOVERNMENT)
UP = (P.TOWNSHIP_CASE, P.COUNTY_CASE)

CHECK_LIMIT = Limit("check_days", working=True, from_opening=True)
COMPARISON_LIMIT = Limit("comparison_days")
MEETING_LIMIT = Limit("deliberation_days")
POST_LIMIT = Limit("notice_post_days")
TOWNSHIP_LIMIT = Limit("township_days", working=True)
COUNTY_LIMIT = Limit("county_days", working=True)
ANNOUNCE_LIMIT = Limit("announce_days")
ENTRY_LIMIT = Limit("entry_days")

VISIT = (r.CHECK, r.INCOME, r.SCOPE_BASIS, r.SHOCK, r.RISKS, r.NEW_RISK_DATED)
MEETING = (r.MEETING, r.MAJORITY_FOR, r.CATEGORY)
BEFORE_MEETING = (g.LINE_IS_SET, g.STATEMENT_STANDS, g.ROSTER_UNCHANGED)
STANDS = (g.LINE_IS_SET, g.CATEGORY_HOLDS, g.ROSTER_UNCHANGED, g.STATEMENT_STANDS)
HANDED_IN = (g.NOTICE_COMPLETE, g.NOTICE_IS_CURRENT, g.OBJECTIONS_SETTLED, *STANDS)
DECIDED = (g.WINDOW_IS_FRESH, g.NOTICE_COMPLETE, g.OBJECTIONS_SETTLED, *STANDS)
FILED = (g.ONLY_FOUR_HAVES, g.VILLAGE_CONFIRMED, g.GOVERNMENT_VERIFIED, g.THREE_ACCOUNTS, *DECIDED)

BEFORE_SUBMISSION = ("clue", "analysed", "key_listed", "authorised", "checked", "compared",
                     "deliberated", "noticed")  # fmt: skip
BEFORE_APPROVAL = (*BEFORE_SUBMISSION, "village_submitted", "township_passed")


def row(
    name: str, label: str, source: str, target: str, permission: tuple[str, ...], **rest: Any
) -> Transition:
    """One line of a table; `source` names its statuses with blanks between."""
    return Transition(
        name=name,
        label=label,
        source=tuple(source.split()),
        target=target,
        permission=permission,
        **rest,
    )


def _rows(end: str, approve: str, register: str) -> tuple[Transition, ...]:
    """The table; `end`, `approve`, `register` are the object's events, which differ for a re-label."""
    # fmt: off
    return (
        row("analyse", "分析研判", "clue", "analysed", VILLAGE, guards=(g.ADMISSIBLE,), requires=(r.ANALYSIS,), takes=i.Analyse, verb=v.ANALYSED, limit=CHECK_LIMIT, clause="T2"),
        row("key_list", "列入重点核查户", "analysed", "key_listed", VILLAGE, verb=v.KEY_LISTED, limit=CHECK_LIMIT, clause="T3"),
        row("dismiss", "不列入核查", "analysed", "dismissed", VILLAGE, requires=(r.REASON,), verb=v.DISMISSED, way=END, moves=end, clause="T3"),
        row("review_dismissal", "乡镇复查重启", "dismissed not_admitted", "analysed", TOWNSHIP, guards=(g.VILLAGE_CONCLUDED, g.MAY_REOPEN), requires=(r.REASON,), verb=v.REOPENED, way=RETURN, moves="open_case" if end == "end_case" else "propose_relabel", clause="T3"),
        row("review_refusal", "县级复查重启", "not_admitted", "analysed", COUNTY, guards=(g.TOWNSHIP_CONCLUDED, g.MAY_REOPEN), requires=(r.REASON,), verb=v.REOPENED, way=RETURN, moves="open_case" if end == "end_case" else "propose_relabel", clause="T10"),
        row("authorise", "登记承诺授权", "key_listed", "authorised", VILLAGE, requires=(r.SIGNATURES,), takes=i.Authorise, verb=v.AUTHORISED, limit=CHECK_LIMIT, clause="T4"),
        row("refuse_authorisation", "农户拒绝授权", "key_listed", "not_admitted", VILLAGE, requires=(r.REASON,), verb=v.NOT_ADMITTED, way=END, moves=end, clause="T4"),
        row("resume_authorisation", "农户同意授权，恢复办理", "not_admitted", "key_listed", VILLAGE, guards=(g.REFUSED_TO_SIGN, g.MAY_REOPEN), requires=(r.REASON,), verb=v.REOPENED, way=RETURN, moves="open_case" if end == "end_case" else "propose_relabel", clause="T4"),
        row("check", "入户核查", "authorised", "checked", CHECKERS, guards=(g.LINE_IS_SET, g.EVERYBODY_SIGNED), requires=VISIT, takes=i.Check, verb=v.CHECKED, limit=CHECK_LIMIT, clause="T5"),
        row("recheck", "重新入户核查", "checked compared", "checked", CHECKERS, guards=(g.LINE_IS_SET, g.EVERYBODY_SIGNED), requires=VISIT, takes=i.Check, verb=v.CHECKED, way=SIDE, papers="check", clause="T5"),
        row("request_comparison", "提请部门比对", "checked", "checked", TOWNSHIP, guards=(g.EVERYBODY_SIGNED, g.NOT_YET_REQUESTED), verb=v.COMPARISON_REQUESTED, way=SIDE, clause="T6"),
        row("request_early", "提前提请部门比对", "authorised", "authorised", TOWNSHIP, guards=(g.COMPARED_WITH_CHECK, g.EVERYBODY_SIGNED, g.NOT_YET_REQUESTED), verb=v.COMPARISON_REQUESTED, way=SIDE, clause="T6"),
        row("complete_comparison", "比对完成", "checked", "compared", TOWNSHIP, guards=(g.COMPARISON_REQUESTED, g.ALL_ANSWERED, g.CONFLICTS_EXPLAINED), verb=v.COMPARED, limit=COMPARISON_LIMIT, clause="T6"),
        row("resume", "结论未变，沿用评议和公示", "checked compared", "noticed", VILLAGE, guards=(g.CONCLUSIONS_UNCHANGED, g.ALL_ANSWERED), requires=(r.REASON,), verb=v.RESUMED, way=SIDE, clause="业务规程 §4.4"),
        row("close_out", "核查不纳入", "authorised checked compared", "not_admitted", VILLAGE, requires=(r.END_REASON,), takes=i.End, verb=v.NOT_ADMITTED, way=END, moves=end, clause="业务规程 §3.2"),
        row("deliberate", "评议通过", "compared", "deliberated", VILLAGE, guards=BEFORE_MEETING, requires=MEETING, takes=i.Deliberate, verb=v.DELIBERATED, limit=MEETING_LIMIT, clause="T7"),
        row("vote_down", "评议未通过", "compared", "not_admitted", VILLAGE, requires=(r.MEETING, r.MAJORITY_AGAINST), takes=i.Deliberate, verb=v.NOT_ADMITTED, way=END, moves=end, papers="deliberate", clause="T7"),
        row("post_notice", "公示", "deliberated", "noticed", VILLAGE, guards=STANDS, requires=(r.NOTICE, r.NOTICE_AFTER_MEETING), takes=i.Post, verb=v.NOTICED, limit=POST_LIMIT, clause="T8"),
        row("submit", "提交乡镇审核", "noticed", "village_submitted", VILLAGE, guards=HANDED_IN, verb=v.SUBMITTED, clause="T9"),
        row("recheck_on_objection", "异议部分成立，重新核查", "noticed", "checked", VILLAGE, guards=(g.OBJECTION_PARTLY_UPHELD,), requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="T9"),
        row("uphold_objection", "异议成立，不予纳入", "noticed", "not_admitted", VILLAGE, guards=(g.OBJECTION_UPHELD,), requires=(r.REASON,), verb=v.NOT_ADMITTED, way=END, moves=end, clause="T9"),
        row("township_pass", "乡镇审核通过", "village_submitted", "township_passed", TOWNSHIP, guards=(g.ONLY_ORDINARY, *HANDED_IN), requires=(r.OPINION, r.VISIT), takes=i.Decide, verb=v.TOWNSHIP_PASSED, limit=TOWNSHIP_LIMIT, is_check=True, clause="T10"),
        row("government_pass", "乡镇政府核实通过", "village_submitted", "township_passed", GOVERNMENT, guards=(g.ONLY_FOUR_HAVES, g.VILLAGE_CONFIRMED, *HANDED_IN), requires=(r.OPINION, r.VISIT, r.GOVERNMENT), takes=i.Decide, verb=v.GOVERNMENT_VERIFIED, limit=TOWNSHIP_LIMIT, is_check=True, clause="业务规程 §4.7"),
        row("return_to_notice", "退回公示环节", "village_submitted", "noticed", TOWN_ANY, requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="T10"),
        row("return_to_meeting", "退回评议环节", "village_submitted", "deliberated", TOWN_ANY, requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="T10"),
        row("return_to_check", "退回核查环节", "village_submitted", "checked", TOWN_ANY, requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="T10"),
        row("township_refuse", "乡镇不予通过", "village_submitted", "not_admitted", TOWN_ANY, requires=(r.REASON,), verb=v.NOT_ADMITTED, way=END, moves=end, clause="T10"),
        row("county_approve", "县级审定通过", "township_passed", "county_approved", COUNTY, guards=(g.ONLY_DETERMINATION, *DECIDED), requires=(r.OPINION, r.COUNTY_WORDS), takes=i.Decide, verb=v.COUNTY_APPROVED, limit=COUNTY_LIMIT, is_check=True, moves=approve, clause="T11"),
        row("county_file", "县级备案审查通过", "township_passed", "county_approved", COUNTY, guards=FILED, requires=(r.OPINION, r.COUNTY_WORDS), takes=i.Decide, verb=v.COUNTY_FILED, limit=COUNTY_LIMIT, is_check=True, moves=approve, clause="业务规程 §4.7"),
        row("county_return", "退回乡镇", "township_passed", "village_submitted", COUNTY, requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="T11"),
        row("county_return_to_check", "退回村级重新核查", "township_passed", "checked", COUNTY, requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="T11"),
        row("county_refuse", "县级不予通过", "township_passed", "not_admitted", COUNTY, requires=(r.REASON,), verb=v.NOT_ADMITTED, way=END, moves=end, clause="T11"),
        row("announce", "公告", "county_approved", "announced", TOWNSHIP, requires=(r.NOTICE,), takes=i.Post, verb=v.ANNOUNCED, limit=ANNOUNCE_LIMIT, clause="T12"),
        row("register", "录入国家系统，纳入监测", "announced", "registered", TOWNSHIP, requires=(r.ENTRY,), takes=i.Enter, verb=v.REGISTERED, limit=ENTRY_LIMIT, moves=register, clause="T13"),
        row("cancel", "录入前撤销", "county_approved announced", "cancelled", COUNTY, requires=(r.REASON,), verb=v.CANCELLED, way=END, moves="cancel" if end == "end_case" else end, clause="业务规程 §5.6"),
        row("withdraw", "农户撤回", " ".join(BEFORE_APPROVAL), "withdrawn", VILLAGE, requires=(r.REASON,), verb=v.WITHDRAWN, way=END, moves=end, clause="T14"),
    )
    # fmt: on


MAIN_LINE = ("clue", "analysed", "key_listed", "authorised", "checked", "compared", "deliberated",
             "noticed", "village_submitted", "township_passed", "county_approved", "announced",
             "registered")  # fmt: skip

IDENTIFICATION = Procedure(CaseKind.IDENTIFY, _rows("end_case", "approve", "register"), MAIN_LINE)

REDIRECT = row(
    "redirect", "属原有风险，转回退", " ".join(BEFORE_APPROVAL), "redirected", UP,
    requires=(r.REASON,), verb=v.REDIRECTED, way=END, moves="redirect", clause="业务规程 §5.6",
)  # fmt: skip
RELABELLING = Procedure(
    CaseKind.RELABEL, (*_rows("end_relabel", "", "mark_again"), REDIRECT), MAIN_LINE
)
