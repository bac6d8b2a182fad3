"""An uploaded export as texts by our keys, kept beside the file: read once, compared as often as wanted."""

from pathlib import Path

import polars as pl

from counties.models import NationalFile
from counties.reconciling.layouts import BOOK, BY_TITLE, NEEDED, Layout, hinted
from counties.reconciling.speaking import as_read
from counties.services import reconciling as services
from fanpin import clock
from fanpin.regions.scope import Scope
from fanpin.sheets.checking import check, half_width
from fanpin.sheets.columns import Book
from fanpin.sheets.problems import SheetRefused
from fanpin.sheets.reading import Read, read_book
from households.sheets.placing import find_villages
from households.sheets.working import Work

SHOWN_IGNORED = 12


def texts_of(file: NationalFile, kind: str) -> pl.DataFrame:
    """The rows of one kind of a file that was read: `_row`, `file_id`, `id18`, `path`, `village_id` and the columns."""
    return pl.read_ipc(_beside(file, kind))


def receive(file: NationalFile) -> None:
    """Read a waiting file; what cannot be read is refused with its reasons. Safe to run twice."""
    try:
        reads = _reads(Path(file.file.path), file.original_name)
    except SheetRefused as refused:
        services.refuse(file, message="\n".join(str(problem) for problem in refused.problems))
        return
    scope = Scope.of([file.run.division.path])
    for read in reads:
        layout = BY_TITLE[read.sheet.title]
        frame = _texts(read, layout, scope).with_columns(file_id=pl.lit(file.pk))
        frame.write_ipc(_beside(file, layout.key), compression="zstd")
    services.keep_read(
        file,
        kinds=[BY_TITLE[read.sheet.title].key for read in reads],
        rows=sum(read.frame.height for read in reads),
        message=_message(reads),
    )


def _beside(file: NationalFile, kind: str) -> Path:
    return Path(file.file.path).with_suffix(f".{kind}.arrow")


def _reads(path: Path, original_name: str) -> list[Read]:
    """The sheets of a file; its name says which export it is, when the heads agree."""
    if layout := hinted(original_name):
        try:
            return read_book(path, Book(layout.title, (layout.sheet,)), needed=NEEDED)
        except SheetRefused:
            pass  # The name may lie; then the heads alone decide.
    return read_book(path, BOOK, needed=NEEDED)


def _texts(read: Read, layout: Layout, scope: Scope) -> pl.DataFrame:
    checked = check(read, today=clock.today())
    work = Work(layout.sheet, checked)
    find_villages(work, scope)
    number = "id_no" if layout.subject == "member" else "head_id_no"
    texts = as_read(checked, layout)
    return texts.with_columns(
        *work.frame.select("path", "village_id").get_columns(),
        id18=_id18(number) if number in texts.columns else pl.lit(None, dtype=pl.String),
    )


def _id18(key: str) -> pl.Expr:
    """The identity number as it is compared: half-width, no blanks, capital X, without what a disability card adds."""
    text = half_width(pl.col(key)).str.replace_all(r"[\s']", "").str.to_uppercase().str.slice(0, 18)
    return pl.when(text != "").then(text)


def _message(reads: list[Read]) -> str:
    lines = []
    ignored = list(dict.fromkeys(text for read in reads for text in read.ignored))
    if ignored:
        more = f"等{len(ignored)}列" if len(ignored) > SHOWN_IGNORED else ""
        lines.append(
            f"以下列系统没有对应的指标，没有对账：{'、'.join(ignored[:SHOWN_IGNORED])}{more}"
        )
    if reads[0].unread:
        lines.append(f"以下工作表不是国家系统导出的表，没有读取：{'、'.join(reads[0].unread)}")
    return "\n".join(lines)
