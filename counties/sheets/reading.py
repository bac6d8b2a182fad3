"""An uploaded workbook of sheets against the register: what is new, changes, stays, is wrong. Writes nothing."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from counties.models import SheetBatch
from counties.models.sheets import Sheet
from counties.policies.sheets import may_change
from counties.rules.lines import Line
from counties.selectors import sheets as selectors
from counties.sheets.columns import LINES, NEEDED, TITLES, book
from counties.sheets.papers import read_papers
from fanpin import clock
from fanpin.regions.models import Division
from fanpin.sheets.checking import check
from fanpin.sheets.problems import Problem, SheetRefused, from_frame
from fanpin.sheets.reading import ROW, Read, read_book
from households.services import writing

MOST_ROWS = 20_000


@dataclass(frozen=True)
class PlannedRow:
    """One row of the file that changes something: the place, its sheet as it stands, line → (stored, wanted)."""

    number: int
    sheet: Any
    changed: writing.Differences

    @property
    def is_new(self) -> bool:
        return self.sheet.pk is None

    @property
    def fields(self) -> dict[str, Any]:
        return {name: wanted for name, (_stored, wanted) in self.changed.items()}


@dataclass
class Preview:
    """What applying the file would do; rows with a problem are left out."""

    rows: int = 0
    planned: list[PlannedRow] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    # Of printed papers: who filled the sheet again since.
    notes: list[str] = field(default_factory=list)

    @property
    def new(self) -> list[PlannedRow]:
        return [row for row in self.planned if row.is_new]

    @property
    def changing(self) -> list[PlannedRow]:
        return [row for row in self.planned if not row.is_new]

    @property
    def wrong(self) -> int:
        return len({problem.row for problem in self.problems})


def preview(batch: SheetBatch) -> Preview:
    """Read and compare the file; raises SheetRefused when it is no such workbook.

    An empty cell leaves the answer as it is.
    """
    path = Path(batch.file.path)
    read, notes = _read(path, batch)
    checked = check(read, today=clock.today())
    found = Preview(
        read.frame.height, problems=from_frame(checked.problems.frame()), ignored=read.ignored,
        notes=notes,
    )  # fmt: skip
    wrong = {problem.row for problem in found.problems}
    sheets = _sheets(batch, checked.frame["place_code"].drop_nulls().to_list())
    lines = [line for line in LINES[batch.kind] if not line.system and line.name in read.letters]
    seen: dict[str, int] = {}
    for row in checked.frame.iter_rows(named=True):
        number, code = row[ROW], row["place_code"]
        if number in wrong or code is None:
            continue
        problem = _why_not(batch, row, sheets.get(code), seen.get(code))
        if problem:
            found.problems.append(_at(read, number, code, problem))
            continue
        seen[code] = number
        changed = writing.differences(sheets[code], _typed(lines, row))
        if changed:
            found.planned.append(PlannedRow(number, sheets[code], changed))
        else:
            found.unchanged += 1
    found.problems.sort(key=lambda problem: problem.row)
    return found


def _read(path: Path, batch: SheetBatch) -> tuple[Read, list[str]]:
    """The sheet of a workbook; of printed papers that were filled in, what their boxes say."""
    try:
        (read,) = read_book(path, book(batch.kind), needed=NEEDED, max_rows=MOST_ROWS)
    except SheetRefused:
        filled = read_papers(path, batch)
        if filled is None:
            raise
        return filled
    return read, []


def _sheets(batch: SheetBatch, codes: list[str]) -> dict[str, Sheet]:
    """Code → the place's sheet, stored or not, for the places below the batch's division."""
    model = selectors.MODELS[batch.kind]
    places = Division.objects.filter(
        code__in=codes, path__startswith=batch.division.path,
        level=selectors.LEVELS[batch.kind],  # type: ignore[index]
    ).select_related("parent")  # fmt: skip
    stored = {
        row.division_id: row
        for row in model.objects.filter(
            division__in=places, campaign=batch.campaign
        ).select_related("campaign")
    }
    found: dict[str, Any] = {}
    for place in places:
        sheet = stored.get(place.pk) or model(division=place, campaign=batch.campaign, version=0)
        sheet.division = place
        found[place.pk] = sheet
    return found


def _typed(lines: list[Line], row: dict[str, Any]) -> dict[str, Any]:
    return {line.name: row[line.name] for line in lines if row[line.name] is not None}


def _why_not(batch: SheetBatch, row: dict[str, Any], sheet: Any, earlier: int | None) -> str:
    if sheet is None:
        return f"{batch.division.name}下没有这个代码的{TITLES[batch.kind][:-1]}"  # type: ignore[index]
    if earlier:
        return f"与第{earlier}行重复"
    if row.get("year") not in (None, batch.campaign.year):
        return f"年度应为{batch.campaign.year}"
    if row.get("name") and row["name"] != sheet.division.name:
        return f"代码对应的是“{sheet.division.name}”，与名称“{row['name']}”不符"
    return "；".join(str(reason) for reason in may_change(sheet).all_reasons)


def _at(read: Read, number: int, code: str, text: str) -> Problem:
    letters = read.letters["place_code"]
    return Problem(
        text, "请照系统导出的表核对", sheet=read.name, cell=f"{letters}{number}" if letters else "",
        column=read.sheet.by_key["place_code"].label, value=code, row=number, key="place_code",
    )  # fmt: skip
