"""Monitoring's long work: papers of many cases, a large household file."""

import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from fanpin.jobs import Progress, runner
from fanpin.papers import many
from fanpin.papers.declaring import Paper, Printing, papers
from households.models import Household
from monitoring.models import Case
from monitoring.papers import bundle, of_kind
from monitoring.papers.declaring import WHOLE, WITH
from monitoring.papers.folder import folder_of
from monitoring.selectors.case_file import case_file
from monitoring.services.printing import FILE_JOB
from monitoring.services.printing import JOB as PRINT


@runner(PRINT, label="打印监测表册")
def print_cases(
    progress: Progress, *, paper: str, kind: str, cases: list[int], full: bool, link: str, at: str
) -> None:
    """Chunk by chunk into files; a later attempt goes on behind the last whole chunk."""
    found, user = papers.by_key[paper], progress.owner
    stacks = many.kept(progress.job.pk, lambda: _stacks(cases, found))
    if not stacks:
        progress.result(text=f"没有已形成《{found.title}》的办件")
        return
    printed = Printing(user.name, datetime.datetime.fromisoformat(at), link, full)
    file = many.produce(progress, found, stacks, printed, kind)
    count = sum(len(stack.ids) for stack in stacks)
    progress.result(text=f"《{found.title}》，{len(stacks)}个村{count}件", file=file)
    many.clear(progress.job.pk)


def _stacks(cases: list[int], paper: Paper) -> list[many.Stack]:
    """Those of the cases that have the paper already, by village."""
    rows = Case.objects.filter(pk__in=cases).order_by("household__division_path", "number", "pk")
    rows = rows.filter(pk__in=[case.pk for case in rows.select_related(*WITH) if _has(case, paper)])
    found: dict[tuple[str, str], list[int]] = {}
    for place, name, pk in rows.values_list(
        "household__village_id", "household__village__full_name", "pk"
    ):
        found.setdefault((place, name), []).append(pk)
    return [many.Stack(place, name, tuple(ids)) for (place, name), ids in found.items()]


def _has(case: Case, paper: Paper) -> bool:
    """Whether a paper of a case has a copy; a board has all of its village, the whole set any."""
    if paper.level != "case":
        return True
    file = case_file(case)
    wanted = [p for p in of_kind(case.kind) if paper.key in (WHOLE, p.register_key)]
    return any(p.copies(file) for p in wanted)


@runner(FILE_JOB, label="收集户内资料")
def collect_file(progress: Progress, *, household: int, scans: bool, link: str, at: str) -> None:
    """Paper by paper into one archive; a later attempt collects it again."""
    row = Household.objects.select_related("village").get(pk=household)
    when = datetime.datetime.fromisoformat(at)
    printed = Printing(progress.owner.name, when, link, full=scans)
    with TemporaryDirectory() as place:
        file = Path(place) / f"{row}-户内资料.zip"
        count = bundle.write(file, folder_of(row), printed, scans=scans, advance=progress.advance)
        progress.result(text=f"{row}户内资料{count}件", file=file)
