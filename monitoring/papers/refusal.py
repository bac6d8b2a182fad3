"""不予纳入告知书: why a household is not admitted, and where it may turn (policy.md §4.3 T3b, T10c)."""

from fanpin.papers.layout import Prose
from monitoring.choices import CaseStatus
from monitoring.papers import blocks as b
from monitoring.papers.declaring import MARKING, CasePaper, Copy, Page, Written
from monitoring.selectors.case_file import CaseFile

TOLD = (CaseStatus.DISMISSED, CaseStatus.NOT_ADMITTED)
APPEAL = {
    "dismiss": "乡（镇）人民政府",
    "township_refuse": "县级乡村振兴部门",
    "county_refuse": "市州乡村振兴部门",
}


def _copies(file: CaseFile) -> list[Copy]:
    end = file.end
    if end is None or file.case.status not in TOLD:
        return []
    return [Copy(end.done_at, end.done_on, end)]


def _missing(file: CaseFile) -> str:
    if file.case.is_open:
        return "办件尚未办结；不予纳入时才有告知书"
    return f"办件{file.case.get_status_display()}，不需要告知书"


def _write(page: Page) -> Written:
    case, end = page.file.case, page.row
    name = page.then.household.head_name
    where = APPEAL.get(end.transition, "乡（镇）人民政府")
    reason = case.get_end_reason_display()
    words = [
        f"{name}：",
        f"你户关于纳入防止返贫监测对象的事项（办件编号{case.number}，{b.day(case.opened_on)}受理），"
        f"经{_done(page)}，{b.day(end.done_on)}决定不予纳入监测范围。",
        f"原因：{reason}。{end.reason}",
        f"如对本决定有异议，可以自收到本告知书之日起向{where}申请复查，也可以拨打12317反映。"
        "家庭情况发生变化、出现新的困难时，可以随时重新申请。",
        "特此告知。",
    ]
    unit = end.unit or page.then.household.village.full_name
    return Written(
        blocks=(Prose("", words),),
        closing=(f"{unit}（盖章）", b.day(end.done_on)),
        signatures=("收件人（签字）：", f"送达日期：{b.DATE}", "送达人（签字）："),
    )


def _done(page: Page) -> str:
    """What had been gone through by then."""
    then = page.then
    went = [
        "分析研判" if then.analysis else "",
        "入户核查" if then.check else "",
        "部门比对" if then.answers else "",
        "村级民主评议" if then.deliberation else "",
        "公示" if then.notice else "",
        "审核" if then.reviews else "",
    ]
    return b.no_text(went) or "核实"


PAPER = CasePaper(
    key="refusal",
    title="不予纳入监测对象告知书",
    mark="BN",
    order=95,
    kinds=MARKING,
    step="办结",
    copies=_copies,
    write=_write,
    missing=_missing,
    about="不予纳入的原因和复查途径，书面告知申请人",
    style="letter",
)
