"""A printed county sheet that was filled in on the computer: what its boxes say, for the form to be looked over."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from counties.models import CountySheet, Indicator
from counties.models.indicators import IndicatorKind
from counties.papers.county import ACROSS, MARK, TITLE
from counties.selectors.county_sheets import NUMBERS
from fanpin.papers import filled
from fanpin.papers.codes import Code
from fanpin.papers.filled import Cells
from fanpin.papers.workbook import GRID
from fanpin.sheets.columns import bare_head, plain_head
from fanpin.sheets.problems import SheetRefused
from households.choices import choices, lists

TICKS = {"是": "1", "否": "0"}


@dataclass(frozen=True)
class Brought:
    """Indicator code → what the form would have been sent, and what to look at."""

    values: dict[str, str]
    notes: tuple[str, ...] = ()


def read_county(upload: UploadedFile, sheet: CountySheet, asked: Sequence[Indicator]) -> Brought:
    """The answers to the indicators `asked`. Raises ValidationError when it is no paper of this county."""
    with tempfile.TemporaryDirectory(prefix="county-sheet-") as folder:
        path = Path(folder) / f"sheet{PurePath(upload.name or '').suffix.lower()}"
        path.write_bytes(upload.read())
        try:
            found = list(filled.papers_in(path, MARK))
        except SheetRefused as refused:
            raise ValidationError({"paper": [str(p) for p in refused.problems]}) from refused
    own = [(code, cells) for code, cells in found if code.number == sheet.division_id]
    if not own:
        raise ValidationError({"paper": _not_this(bool(found), sheet)})
    code, cells = own[0]
    return Brought(_answers(cells, asked), _changed_since(cells, code, sheet))


def _not_this(of_another: bool, sheet: CountySheet) -> str:
    name = sheet.division.name
    if of_another:
        return f"表上的编码不是{name}的，请核对文件"
    return f"没有找到《{TITLE}》的编码，请上传县表页“下载XLSX”得到的表"


def _answers(cells: Cells, asked: Sequence[Indicator]) -> dict[str, str]:
    by_name = {plain_head(row.name): row for row in asked}

    def key(text: str) -> str | None:
        row = by_name.get(plain_head(text)) or by_name.get(bare_head(text))
        return row.code if row else None

    said = filled.boxes(cells, key, reach=GRID // (2 * ACROSS))
    by_code = {row.code: row for row in asked}
    return {code: _typed(by_code[code], text) for code, text in said.items()}


def _typed(row: Indicator, text: str) -> str:
    """The words of the paper as the form takes them; what it does not know it will refuse by name."""
    if row.kind == IndicatorKind.BOOL:
        return TICKS.get(text, text)
    if row.kind == IndicatorKind.CHOICE and row.code_list in lists():
        return {label: code for code, label in choices(row.code_list)}.get(text, text)
    return text.replace(",", "").replace("，", "") if row.kind in NUMBERS else text


def _changed_since(cells: Cells, code: Code, sheet: CountySheet) -> tuple[str, ...]:
    at = filled.printed_at(cells, code)
    if sheet.pk is None or sheet.changed_at is None or sheet.changed_at <= at:
        return ()
    when = timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
    return (f"表打印（{when}）以后，系统里又填写过。请逐项核对，以免用旧值覆盖新值",)
