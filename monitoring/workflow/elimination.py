"""风险消除 (policy.md §5.2 V1–V6) and 风险消除回退, which runs the same assessment again (§5.4)."""
# ruff: noqa: E501 – a table is read along its line

from fanpin.accounts.roles import Permission as P
from monitoring import verbs as v
from monitoring.choices import CaseKind
from monitoring.workflow import guards as g
from monitoring.workflow import inputs as i
from monitoring.workflow import requirements as r
from monitoring.workflow.identification import (
    CHECK_LIMIT,
    CHECKERS,
    COUNTY,
    COUNTY_LIMIT,
    ENTRY_LIMIT,
    MEETING_LIMIT,
    POST_LIMIT,
    TOWNSHIP,
    TOWNSHIP_LIMIT,
    VILLAGE,
    row,
)
from monitoring.workflow.transitions import END, RETURN, SIDE, Procedure, Transition

CRITERIA = (
    g.LINE_IS_SET,
    g.NO_HITS,
    g.POSITIVE,
    g.RISKS_GONE,
    g.INCOME_SUSTAINED,
    g.MEASURES_DELIVERED,
)
SERVED = (g.NOTICE_COMPLETE, g.NOTICE_IS_CURRENT, g.OBJECTIONS_SETTLED, g.ROSTER_UNCHANGED)
ANY_PROPOSER = (P.VILLAGE_CASE, P.TOWNSHIP_CASE, P.COUNTY_CASE)
BEFORE_SUBMISSION = "proposed checked deliberated noticed"
BEFORE_DECISION = f"{BEFORE_SUBMISSION} village_submitted township_passed"


def _rows(stop: str, visit: tuple, standing: tuple, deciding: tuple) -> tuple[Transition, ...]:
    """The common table; `stop` is the object's event when the case ends without its purpose."""
    # fmt: off
    return (
        row("check", "入户核查", "proposed", "checked", CHECKERS, requires=visit, takes=i.Check, verb=v.CHECKED, limit=CHECK_LIMIT, clause="V2"),
        row("recheck", "重新入户核查", "checked", "checked", CHECKERS, requires=visit, takes=i.Check, verb=v.CHECKED, way=SIDE, papers="check", clause="V2"),
        row("deliberate", "评议通过", "checked", "deliberated", VILLAGE, guards=(*standing, g.ROSTER_UNCHANGED), requires=(r.MEETING, r.MAJORITY_FOR), takes=i.Deliberate, verb=v.DELIBERATED, limit=MEETING_LIMIT, clause="V3"),
        row("vote_down", "评议未通过", "checked", "stopped", VILLAGE, requires=(r.MEETING, r.MAJORITY_AGAINST), takes=i.Deliberate, verb=v.STOPPED, way=END, moves=stop, papers="deliberate", clause="V3"),
        row("post_notice", "公示", "deliberated", "noticed", VILLAGE, guards=standing, requires=(r.NOTICE, r.NOTICE_AFTER_MEETING), takes=i.Post, verb=v.NOTICED, limit=POST_LIMIT, clause="V3"),
        row("submit", "提交乡镇审核", "noticed", "village_submitted", VILLAGE, guards=(*SERVED, *standing), verb=v.SUBMITTED, clause="V4"),
        row("recheck_on_objection", "异议部分成立，重新核查", "noticed", "checked", VILLAGE, guards=(g.OBJECTION_PARTLY_UPHELD,), requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="V3"),
        row("resume", "结论未变，沿用评议和公示", "checked", "noticed", VILLAGE, guards=(g.CONCLUSIONS_UNCHANGED, *standing), requires=(r.REASON,), verb=v.RESUMED, way=SIDE, clause="业务规程 §4.4"),
        row("uphold_objection", "异议成立，终止", "noticed", "stopped", VILLAGE, guards=(g.OBJECTION_UPHELD,), requires=(r.REASON,), verb=v.STOPPED, way=END, moves=stop, clause="V3"),
        row("township_pass", "乡镇审核通过", "village_submitted", "township_passed", TOWNSHIP, guards=(*SERVED, *standing), requires=(r.OPINION, r.VISIT), takes=i.Decide, verb=v.TOWNSHIP_PASSED, limit=TOWNSHIP_LIMIT, is_check=True, clause="V4"),
        row("return_to_notice", "退回公示环节", "village_submitted", "noticed", TOWNSHIP, requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="V4"),
        row("return_to_meeting", "退回评议环节", "village_submitted", "deliberated", TOWNSHIP, requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="V4"),
        row("return_to_check", "退回核查环节", "village_submitted", "checked", TOWNSHIP, requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="V4"),
        row("township_refuse", "乡镇不予通过", "village_submitted", "stopped", TOWNSHIP, requires=(r.REASON,), verb=v.STOPPED, way=END, moves=stop, clause="V4"),
        row("county_approve", "县级综合审定通过", "township_passed", "county_approved", COUNTY, guards=(*SERVED, *standing, *deciding), requires=(r.OPINION, r.ROLLBACK_WORDS), takes=i.Decide, verb=v.COUNTY_APPROVED, limit=COUNTY_LIMIT, is_check=True, clause="V5"),
        row("county_return", "退回乡镇", "township_passed", "village_submitted", COUNTY, requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="V5"),
        row("county_return_to_check", "退回村级重新核查", "township_passed", "checked", COUNTY, requires=(r.REASON,), verb=v.RETURNED, way=RETURN, clause="V5"),
        row("county_refuse", "县级不予通过", "township_passed", "stopped", COUNTY, requires=(r.REASON,), verb=v.STOPPED, way=END, moves=stop, clause="V5"),
        row("stop", "终止办理", BEFORE_SUBMISSION, "stopped", VILLAGE, requires=(r.REASON,), verb=v.STOPPED, way=END, moves=stop, clause="业务规程 §5.6"),
        row("county_cancel", "录入前撤销", "county_approved", "stopped", COUNTY, requires=(r.REASON,), verb=v.STOPPED, way=END, moves=stop, clause="业务规程 §5.6"),
    )
    # fmt: on


def _with_rest(rows: tuple[Transition, ...], *rest: Transition) -> tuple[Transition, ...]:
    return (*rows, *rest)


VISIT = (r.CHECK, r.INCOME, r.RISKS, r.OUTCOMES)
MAIN_LINE = ("proposed", "checked", "deliberated", "noticed", "village_submitted",
             "township_passed", "county_approved")  # fmt: skip

# fmt: off
ELIMINATION = Procedure(
    CaseKind.ELIMINATE,
    _with_rest(
        _rows("stop", VISIT, CRITERIA, (g.WINDOW_IS_FRESH, g.EVALUATED, g.FOLDER_COMPLETE, g.FINDINGS_CLEAN)),
        row("eliminate", "录入国家系统，标注风险消除", "county_approved", "eliminated", TOWNSHIP, guards=(g.LINE_IS_SET, g.NO_HITS), requires=(r.ELIMINATION_ENTRY,), takes=i.Enter, verb=v.ELIMINATED, limit=ENTRY_LIMIT, moves="eliminate", clause="V6"),
        row("auto_stop", "系统自动终止", f"{BEFORE_DECISION} county_approved", "stopped", (), requires=(r.REASON,), verb=v.AUTO_STOPPED, way=END, moves="auto_stop", clause="业务规程 §5.6"),
    ),
    (*MAIN_LINE, "eliminated"),
)
ROLLBACK = Procedure(
    CaseKind.ROLLBACK,
    _with_rest(
        _rows("refuse_rollback", (r.CHECK, r.RISKS), (), ()),
        row("submit_without_notice", "提交乡镇审核（免公示）", "deliberated", "village_submitted", VILLAGE, guards=(g.NOTICE_NOT_REQUIRED, g.ROSTER_UNCHANGED), verb=v.SUBMITTED, clause="业务规程 §5.4"),
        row("restore", "录入国家系统，标注回退", "county_approved", "restored", TOWNSHIP, requires=(r.ENTRY,), takes=i.Enter, verb=v.RESTORED, limit=ENTRY_LIMIT, moves="restore", clause="业务规程 §5.4"),
    ),
    (*MAIN_LINE, "restored"),
)
# fmt: on
