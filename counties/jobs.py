"""The counties' long work: checking a ledger's file, comparing a county."""

import datetime
import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from counties.closure import running as closing
from counties.closure import signing
from counties.comparison import SPECS, receiving, running
from counties.models import CheckRun, DivisionChange, LedgerBatch, Reconciliation, ScreeningRun
from counties.models.ledgers import BatchState
from counties.quality import check_county
from counties.reconciling import keying
from counties.reconciling import running as reconciling
from counties.reconciling.layouts import LAYOUTS
from counties.screening import running as screening
from counties.selectors import adjustments as moving
from counties.selectors import closures
from counties.selectors.closures import SIGN_JOB
from counties.services import adjustments, undoing
from counties.services.printing import JOB as PRINT
from counties.services.reconciling import JOB as RECONCILE
from counties.services.reconciling import KEYING_JOB
from counties.services.screening import JOB as SCREEN
from counties.services.screening import start as start_screening
from fanpin.accounts.models import User
from fanpin.jobs import Progress, runner
from fanpin.papers import many
from fanpin.papers.declaring import Printing, papers
from fanpin.regions.models import Division
from fanpin.sheets import error_files
from households.models import Campaign

logger = logging.getLogger(__name__)


@runner("counties.ledger", label="检查部门台账")
def load_ledger(progress: Progress, *, batch: int) -> None:
    received = LedgerBatch.objects.get(pk=batch)
    progress.advance(0, 1, f"正在检查{SPECS[received.ledger].title}台账")
    received = receiving.load(received)
    if SPECS[received.ledger].warns and received.state == BatchState.IN_USE:
        _screen(received.division, received.campaign, None)
    progress.advance(1, 1, "检查完成")
    text = (
        "文件无法读取，请查看问题清单"
        if received.state == BatchState.REFUSED
        else f"共{received.rows}行，可比对{received.loaded}行，有误{received.wrong}行"
    )
    progress.result(text=text, url=reverse("counties:ledger", args=[received.pk]))


@runner("counties.ledger_errors", label="标出台账的错误")
def error_file(progress: Progress, *, batch: int) -> None:
    """The department's own file with the wrong cells marked; from the beginning at each attempt."""
    row = LedgerBatch.objects.get(pk=batch)
    problems = error_files.problems_of(row.errors.all())
    error_files.produce(progress, row.file.path, problems, rows=row.rows, name=row.original_name)


@runner("counties.compare", label="部门比对")
def compare(progress: Progress, *, run: int) -> None:
    """One step for each ledger; a later attempt goes on with the ledger the earlier one did not finish."""
    check_run = CheckRun.objects.select_related("division", "campaign").get(pk=run)
    if check_run.finished_at is None:
        running.run(check_run, advance=progress.advance, done=progress.done)
        _screen(check_run.division, check_run.campaign, check_run.started_by)
    found = sum(
        count.found
        for part in check_run.parts.prefetch_related("counts")
        for count in part.counts.all()
    )
    progress.result(
        text=f"比对{len(check_run.ledgers)}个台账，不一致{found}处",
        url=reverse("counties:run", args=[check_run.pk]),
    )


def _screen(county: Division, campaign: Campaign, by: User | None) -> None:
    """The books have moved: what makes a household worth a look is judged again."""
    try:
        start_screening(county, campaign=campaign, by=by)
    except ValidationError as refused:
        logger.warning("%s not screened: %s", county, "；".join(refused.messages))


@runner(SCREEN, label="重点筛查")
def screen(progress: Progress, *, run: int) -> None:
    """One step for each township; a later attempt goes on with the next one."""
    row = ScreeningRun.objects.select_related("division", "campaign", "started_by").get(pk=run)
    if row.finished_at is None:
        screening.run(row, advance=progress.advance, done=progress.done)
    text = f"新出现情形{row.appeared}条，消失{row.vanished}条，重新列出{row.came_back}户"
    progress.result(text=text, url=reverse("counties:key_checks"))


@runner("counties.closure", label="县级闭合检查")
def check_closure(progress: Progress, *, county: str, campaign: int, user: int) -> None:
    """Ledger by ledger, then the checks; a later attempt does all of it again and finds the same."""
    made = closing.run(
        county=Division.objects.get(pk=county),
        campaign=Campaign.objects.get(pk=campaign),
        by=User.objects.get(pk=user),
        advance=progress.advance,
    )
    url = reverse("counties:closure_of", args=[county])
    progress.result(text=f"阻断项{made.blocking}条，其他疑点未销号{made.others_open}条", url=url)


@runner(SIGN_JOB, label="签署县级闭合")
def sign_closure(
    progress: Progress, *, county: str, campaign: int, user: int, leader_name: str, edition: int
) -> None:
    """The checks with their steps to be seen, then once more with every writer kept waiting, and the signature.

    A later attempt finds the edition that an earlier one had signed before it was stopped.
    """
    place, year = Division.objects.get(pk=county), Campaign.objects.get(pk=campaign)
    by = User.objects.get(pk=user)
    signed = {signature.edition: signature for signature in closures.signatures(place, year)}
    if (signature := signed.get(edition)) is None:
        closing.run(county=place, campaign=year, by=by, advance=progress.advance)
        signature = signing.sign(county=place, campaign=year, leader_name=leader_name, by=by)
    url = reverse("counties:closure_of", args=[county])
    progress.result(text=f"已签署县级闭合第{signature.edition}版，数据已锁定。", url=url)


@runner(PRINT, label="打印采集表")
def print_sheets(
    progress: Progress, *, paper: str, kind: str, places: list[str], link: str, at: str
) -> None:
    """One sheet after the other into files; a later attempt goes on behind the last whole one."""
    named = dict(Division.objects.filter(code__in=places).values_list("code", "full_name"))
    stacks = [many.Stack(code, named[code], ()) for code in places]
    when = datetime.datetime.fromisoformat(at)
    printed = Printing(progress.owner.name, when, link, full=True)
    found = papers.by_key[paper]
    file = many.produce(progress, found, stacks, printed, kind)
    progress.result(text=f"《{found.title}》，{len(stacks)}个村", file=file)
    many.clear(progress.job.pk)


@runner(RECONCILE, label="国家系统对账")
def reconcile(progress: Progress, *, run: int) -> None:
    """One step for each file and each kind of export in them; a later attempt goes on behind the last whole step."""
    row = Reconciliation.objects.select_related("division", "campaign", "started_by").get(pk=run)
    if row.finished_at is None:
        reconciling.run(row, advance=progress.advance)
    kinds = "、".join(LAYOUTS[kind].title for kind in row.parts.values_list("kind", flat=True))
    progress.result(
        text=f"已核对{kinds}" if kinds else "文件无法读取，请查看原因",
        url=reverse("counties:reconciliation", args=[run]),
    )


@runner(KEYING_JOB, label="需录入国家系统的数据")
def write_keying(progress: Progress, *, run: int, kind: str, full: bool) -> None:
    """One workbook in their layout; a later attempt writes it again."""
    row = Reconciliation.objects.select_related("division", "campaign").get(pk=run)
    layout = LAYOUTS[kind]
    progress.advance(0, 1, f"正在生成{layout.title}")
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{row.division.name}{layout.title}-需录入国家系统.xlsx"
        count = keying.write(row, layout, file, by=progress.owner.name, full=full)
        progress.result(text=f"{layout.title}{count}行", file=file)
    progress.advance(1, 1, "已生成")


@runner("counties.check_quality", label="全县数据质量检查")
def check_quality(progress: Progress, *, county: str) -> None:
    """One step for each township; a later attempt goes on with the next one."""
    checked = check_county(county, start=progress.done, advance=progress.advance)
    progress.result(text=checked.text, url=reverse("counties:rules"))


@runner("counties.adjust_division", label="区划调整")
def adjust_division(progress: Progress, *, change: int, user: int) -> None:
    """Households move chunk by chunk; a later attempt goes on with those still at the old place."""
    row = DivisionChange.objects.select_related("division").get(pk=change)
    by = User.objects.get(pk=user)
    done = row.households
    total = done + moving.moving_households(row).count()
    moved = -1
    while moved:
        with transaction.atomic():
            moved = adjustments.move_next(row, by=by)
            done += moved
            progress.advance(done, total, f"已转移{done}户，共{total}户")
    row = adjustments.finish(row, by=by)
    url = reverse("counties:adjustment", args=[row.pk])
    progress.result(text=f"{row}已执行，转移{row.households}户", url=url)


@runner("counties.undo_adjustment", label="撤回区划调整")
def undo_adjustment(progress: Progress, *, change: int, user: int) -> None:
    """Households return chunk by chunk; a later attempt goes on with those still at the new place."""
    row = DivisionChange.objects.select_related("division").get(pk=change)
    by = User.objects.get(pk=user)
    total = row.moved.count()
    done = total - moving.to_return(row).count()
    returned = -1
    while returned:
        with transaction.atomic():
            returned = undoing.return_next(row, by=by)
            done += returned
            progress.advance(done, total, f"已转回{done}户，共{total}户")
    row = undoing.finish(row, by=by)
    url = reverse("counties:adjustment", args=[row.pk])
    progress.result(text=f"{row}已撤回，转回{total}户", url=url)
