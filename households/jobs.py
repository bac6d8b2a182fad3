"""The register's long work: checking an uploaded household workbook, writing it, taking it back."""

import datetime

from django.db import transaction
from django.urls import reverse

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.jobs import Progress, runner
from fanpin.papers import many
from fanpin.papers.declaring import Printing, papers
from fanpin.sheets import error_files
from households.models import Campaign, FormBatch, ImportBatch
from households.selectors.campaigns import counties
from households.services import batching, campaigns, imports, merging, undoing
from households.services.printing import JOB as PRINT
from households.sheets.importing import check_batch
from households.views.printing import stacks


def _batch(pk: int) -> ImportBatch:
    return ImportBatch.objects.select_related("division").get(pk=pk)


@runner("households.import_check", label="检查农户表")
def check(progress: Progress, *, batch: int, user: int) -> None:
    """Read, judge and stage; a second attempt begins again and leaves the same."""
    row = _batch(batch)
    progress.advance(0, 1, "正在读取和检查文件")
    staged = check_batch(row, by=User.objects.get(pk=user))
    progress.advance(1, 1, "检查完成")
    text = (
        f"共{staged.rows}行：新增{staged.new}，变化{staged.changed}，"
        f"未变{staged.unchanged}，有误{staged.wrong}"
        if staged
        else "文件无法读取，请查看原因"
    )
    progress.result(text=text, url=reverse("households:import_detail", args=[batch]))


@runner("households.import_errors", label="标出农户表的错误")
def error_file(progress: Progress, *, batch: int) -> None:
    """The user's own file with the wrong cells marked; from the beginning at each attempt."""
    row = _batch(batch)
    problems = error_files.problems_of(row.errors.all())
    error_files.produce(progress, row.file.path, problems, rows=row.rows, name=row.original_name)


@runner("households.import_apply", label="导入农户表")
def apply(progress: Progress, *, batch: int, user: int) -> None:
    """Write chunk by chunk, then judge all that was written. The batch itself knows which chunks are committed."""
    row, by = _batch(batch), User.objects.get(pk=user)
    if row.state != ImportBatch.State.APPLIED and not imports.is_staged(row):
        check_batch(row, by=by)
        row.refresh_from_db()

    def advance(written: merging.Written) -> None:
        rest = "，正在按规则检查" if written.done == written.of else ""
        progress.advance(
            written.done, written.of, f"已写入{written.done}段，共{written.of}段{rest}"
        )

    merging.apply(row, by=by, advance=advance)
    progress.result(
        text=f"新增{row.new}行，修改{row.changed}行",
        url=reverse("households:import_detail", args=[batch]),
    )


@runner("households.import_undo", label="撤销导入")
def undo(progress: Progress, *, batch: int, user: int) -> None:
    """Take the whole batch back in one transaction."""
    progress.advance(0, 1, "正在撤销")
    row = _batch(batch)
    if row.state != ImportBatch.State.UNDONE:
        undoing.undo(row, by=User.objects.get(pk=user))
    progress.advance(1, 1, "已撤销")
    progress.result(text="已恢复到导入以前", url=reverse("households:import_detail", args=[batch]))


@runner("households.open_campaign", label="开展年度工作")
def open_campaign(progress: Progress, *, year: int) -> None:
    """Carry last year's data forward, county by county; a county that was done is found done."""
    campaign = Campaign.objects.get(pk=year)
    codes = counties()
    households = statements = 0
    for done, code in enumerate(codes, start=1):
        with transaction.atomic():
            opened = campaigns.open_county(campaign, code)
            progress.advance(done, len(codes), f"已开展{done}个县，共{len(codes)}个县")
        households, statements = households + opened.forms, statements + opened.statements
    campaigns.analyze()
    progress.result(
        text=f"新建{households}户的年度采集表，沿用上年收入{statements}户",
        url=reverse("households:campaigns"),
    )


@runner(PRINT, label="打印表册")
def print_papers(
    progress: Progress, *, paper: str, kind: str, query: str, full: bool, link: str, at: str
) -> None:
    """Chunk by chunk into files; a later attempt goes on behind the last whole chunk."""
    found, user = papers.by_key[paper], progress.owner
    with user.opening(Permission.VIEW_HOUSEHOLDS):
        chosen = many.kept(progress.job.pk, lambda: stacks(user, query))
    printed = Printing(user.name, datetime.datetime.fromisoformat(at), link, full)
    file = many.produce(progress, found, chosen, printed, kind)
    households = sum(len(stack.ids) for stack in chosen)
    progress.result(text=f"《{found.title}》，{len(chosen)}个村{households}户", file=file)
    many.clear(progress.job.pk)


@runner(batching.JOB, label="批量办理采集表")
def forms(progress: Progress, *, batch: int, user: int) -> None:
    """Household by household; a later attempt goes on with whoever still waits."""
    row = FormBatch.objects.get(pk=batch)

    def advance(done: int, total: int) -> None:
        progress.advance(done, total, f"已处理{done}户，共{total}户")

    batching.run(row, by=User.objects.get(pk=user), advance=advance)
    done, held = (row.lines.filter(state=state).count() for state in ("done", "held"))
    progress.result(
        text=f"已办理{done}户，没有办理{held}户" + ("，请查看每户的原因" if held else ""),
        url=reverse("households:form_batch", args=[batch]),
    )
