"""监测对象的状态: the 27 edges of policy.md §5.6. Anything not listed is forbidden."""
# ruff: noqa: E501 – a table is read along its line

from dataclasses import dataclass

from households.choices import MONITORING_STATES

ANY = "*"
PREVIOUS = "previous"


@dataclass(frozen=True)
class Edge:
    """From a state, on an event, to a state. `writes`: an edge that only says no, or moves nothing, writes none."""

    number: int
    source: str
    event: str
    target: str
    label: str
    who: str
    guard: str
    writes: bool = True


E = Edge
# fmt: off
EDGES: tuple[Edge, ...] = (
    E(1, "not_monitored", "open_case", "identifying", "受理识别", "村级、任何线索来源", "没有在办业务；属纳入范围"),
    E(2, "identifying", "end_case", "not_monitored", "不予纳入或撤回", "村级、乡镇、县级、农户", "写明原因"),
    E(3, "identifying", "return", "identifying", "退回", "乡镇、县级", "退一级，写明原因", writes=False),
    E(4, "identifying", "approve", "approved", "县级审定通过", "县级", "T1–T11齐备；类别成立；四有规则"),
    E(5, "approved", "register", "monitored", "录入国家系统", "乡镇", "户编号、识别监测时间"),
    E(6, "approved", "cancel", "not_monitored", "录入前撤销", "县级", "县级写明原因"),
    E(7, "monitored", "start_elimination", "eliminating", "拟消除", "村级", "E1–E7预检通过"),
    E(8, "monitored", "start_elimination_refused", "monitored", "存在不消情形，拒绝", "村级", "任一不消情形", writes=False),
    E(9, "monitored", "change_category", "monitored", "变更类别", "县级", "户类型或收入变化；经评议；写明原因"),
    E(10, "monitored", "change_risk", "monitored", "新增或消除风险", "村级→乡镇", "有佐证"),
    E(11, "monitored", "annual_update", "monitored", "年度更新", "村级→乡镇", "年度采集完整", writes=False),
    E(12, "monitored", "close", "closed", "整户减少", "乡镇→县级", "全部成员按规定减少"),
    E(13, "monitored", "void", "voided", "识别不准退出", "县级", "县级写明原因；市州备案"),
    E(14, "eliminating", "stop", "monitored", "终止消除", "村级、乡镇、县级", "写明原因或异议成立"),
    E(15, "eliminating", "auto_stop", "monitored", "出现新线索或不消情形，自动终止", "系统", "新线索或不消情形"),
    E(16, "eliminating", "eliminate", "eliminated", "综合审定通过并录入", "县级、乡镇", "V5、V6"),
    E(17, "eliminated", "annual_update", "eliminated", "年度更新", "村级", "—", writes=False),
    E(18, "eliminated", "propose_rollback", "rolling_back", "提出回退", "村级、乡镇、县级", "至少一项不消情形有佐证"),
    E(19, "rolling_back", "restore", "monitored", "回退审定并录入（原周期）", "县级、乡镇", "程序完整"),
    E(20, "rolling_back", "refuse_rollback", "eliminated", "回退不成立", "村级、乡镇、县级", "写明原因"),
    E(21, "eliminated", "propose_relabel", "relabelling", "提出再标注", "村级、任何线索来源", "新风险发生在消除之后"),
    E(22, "relabelling", "mark_again", "monitored", "再标注审定并录入（新周期）", "县级、乡镇", "识别程序完整；类别成立"),
    E(23, "relabelling", "end_relabel", "eliminated", "不予再标注", "各环节", "写明原因"),
    E(24, "relabelling", "redirect", "eliminated", "属原有风险，应走回退", "乡镇、县级", "写明原因"),
    E(25, "eliminated", "close", "closed", "整户减少", "乡镇→县级", "全部成员按规定减少"),
    E(26, "closed", "reopen", PREVIOUS, "恢复", "县级", "失踪人员返回或错误；县级写明原因"),
    E(27, ANY, "edit_while_locked", ANY, "县级闭合期间修改", "任何人", "拒绝，除非有更正令", writes=False),
)
# fmt: on

STATES = tuple(MONITORING_STATES)
EVENTS = tuple(dict.fromkeys(edge.event for edge in EDGES if edge.writes))


def edge(source: str, event: str) -> Edge | None:
    """The edge that leaves a state on an event; None means forbidden."""
    return next((e for e in EDGES if e.writes and e.source == source and e.event == event), None)
