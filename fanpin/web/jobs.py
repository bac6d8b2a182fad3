"""The kernel's long work: a large list as a file; and what it clears away every night."""

from pathlib import Path

from fanpin.files import holding
from fanpin.jobs import Progress, every_day, runner
from fanpin.web.exporting import Export, ask, folder

EXPORT = "web.export"


@runner(EXPORT, label="导出列表")
def export_list(
    progress: Progress, *, address: str, cookies: dict[str, str], kind: str, full: bool, reason: str
) -> None:
    """From the beginning at each attempt: the rows are those of one moment."""
    progress.advance(0, 0, "正在读取")

    def advance(done: int, total: int) -> None:
        progress.advance(done, total, "正在写入文件")

    with folder() as place:
        export = Export(kind, Path(place), full, reason, advance)
        ask(progress.owner, address, cookies, export)
        progress.result(text=f"{export.title}，共{export.count}条", file=export.file)


@every_day
def clear_held_files() -> None:
    """Files of refused pages that nobody sent again."""
    holding.prune()
