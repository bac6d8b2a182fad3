"""《出列村信息采集表》: the lines a village answers, filled or empty; its natural villages behind (forms.md §2)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from counties.models import HamletSheet
from counties.models.sheets import Sheet
from counties.rules.lines import HAMLET_LINES, Line
from counties.selectors import sheets as selectors
from fanpin.papers.codes import Code
from fanpin.papers.declaring import Paper, Printing
from fanpin.papers.layout import OPEN, TICKED, Box, Boxes, Document, Rows
from fanpin.regions.models import Division, Level
from households.choices import choices
from households.models import Campaign
from households.papers.wording import TICK_WIDTH
from households.selectors.parameters import current_campaign

MARK = "CB"
SIGNATURES = (
    "填表人（签字）：",
    "村负责人（签字）：",
    "行政村（盖章）：",
    "填表日期：　　　年　　月　　日",
    "乡镇审核人（签字）：",
    "乡镇（盖章）：",
)
ROW_HEIGHT = 6.2
ACROSS = 3
BLANK_HAMLETS = 3


def build(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
    division = Division.objects.select_related("parent").get(code=place)
    campaign = current_campaign()
    if division.level == Level.HAMLET:
        yield _hamlet(division, campaign, printing)
    else:
        yield _village(division, campaign, printing)


def _village(village: Division, campaign: Campaign, printing: Printing) -> Document:
    sheet = selectors.draft(village, campaign)
    listed = selectors.is_listed(village)
    title = "出列村信息采集表" if listed else "行政村信息采集表（简表）"
    blocks = [
        Boxes(name, [_box(line, sheet) for line in lines], ACROSS)
        for name, lines in selectors.blocks_of(village, listed=listed)
    ]
    return _document(title, village, sheet, [*blocks, _hamlets(village, campaign)], printing)


def _hamlet(hamlet: Division, campaign: Campaign, printing: Printing) -> Document:
    sheet = selectors.draft(hamlet, campaign)
    boxes = Boxes("自然村（村民小组）", [_box(line, sheet) for line in HAMLET_LINES], ACROSS)
    return _document("自然村采集表", hamlet, sheet, [boxes], printing)


def _document(
    title: str, place: Division, sheet: Sheet, blocks: Sequence[Boxes | Rows], printing: Printing
) -> Document:
    mark = Code(MARK, place.code[:12], printing.day)
    return Document(
        title=f"{title}（{sheet.campaign.year}年度）",
        about=place.full_name,
        facts=(f"区划代码：{place.code}", f"采集状态：{sheet.get_state_display()}"),
        code=str(mark),
        address=printing.address(mark),
        blocks=blocks,
        signatures=SIGNATURES,
        note=printing.note,
        row_height=ROW_HEIGHT,
    )


def _box(line: Line, sheet: Sheet) -> Box:
    value = getattr(sheet, line.name)
    return Box(line.label, _ticked(line, value) or _said(line, value), line.unit)


def _ticked(line: Line, value: Any) -> str:
    """■是　□否, where the choices are few enough to stand on the paper."""
    pairs = (
        [("1", "是"), ("0", "否")]
        if line.kind == "bool"
        else choices(line.codes)
        if line.codes
        else []
    )
    if not pairs or sum(2 + len(text) for _, text in pairs) > TICK_WIDTH:
        return ""
    stored = {True: "1", False: "0"}.get(value, value)
    return "　".join(f"{TICKED if stored == code else OPEN}{text}" for code, text in pairs)


def _said(line: Line, value: Any) -> str:
    said = selectors.words(line, value)
    return "" if said is None else f"{said}"


def _hamlets(village: Division, campaign: Campaign) -> Rows:
    """A line for each natural village, and some for those that are not registered yet."""
    found = Division.objects.filter(
        parent=village, level=Level.HAMLET, valid_until__isnull=True
    ).order_by("code")
    sheets: Mapping[str, HamletSheet] = {
        sheet.division_id: sheet
        for sheet in HamletSheet.objects.filter(division__in=found, campaign=campaign)
    }
    rows = [(hamlet.name, *_answers(sheets.get(hamlet.code))) for hamlet in found]
    heads = ["自然村（村民小组）", *(_head(line) for line in HAMLET_LINES)]
    widths = [1.7, *(1.0 for _ in HAMLET_LINES)]
    numbers = [n for n, line in enumerate(HAMLET_LINES, 1) if line.kind in ("int", "decimal")]
    return Rows(
        "自然村（村民小组）", heads, rows, widths, stub=1, numbers=numbers,
        blank=0 if rows else BLANK_HAMLETS,
    )  # fmt: skip


def _head(line: Line) -> str:
    return f"{line.label}（{line.unit}）" if line.unit else line.label


def _answers(sheet: HamletSheet | None) -> list[str]:
    if sheet is None:
        return [""] * len(HAMLET_LINES)
    return [_said(line, getattr(sheet, line.name)) for line in HAMLET_LINES]


PAPER = Paper(
    key="village_sheet",
    title="行政村信息采集表",
    mark=MARK,
    level="village",
    build=build,
    about="一村一份，出列村全部指标，其他村为简表，附自然村；没有填的栏目留空，可手填",
    order=42,
    opens="counties:place_sheet",
)
