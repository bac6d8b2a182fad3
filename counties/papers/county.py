"""《乡村振兴重点帮扶县基础信息采集表》: the indicators of the day in their groups, filled or empty (forms.md §3)."""

from collections.abc import Iterator, Sequence

from counties.models import Indicator
from counties.models.indicators import IndicatorGroup, IndicatorKind
from counties.models.sheets import COUNTY_STATES
from counties.selectors import county_sheets as selectors
from fanpin.papers.codes import Code
from fanpin.papers.declaring import Paper, Printing
from fanpin.papers.layout import OPEN, TICKED, Box, Boxes, Document
from fanpin.regions.models import Division
from households.choices import label
from households.selectors.parameters import current_campaign

MARK = "XB"
TITLE = "乡村振兴重点帮扶县基础信息采集表"
SIGNATURES = (
    "填表人（签字）：",
    "审核人（签字）：",
    "县级负责人（签字）：",
    "填表日期：　　　年　　月　　日",
    "县乡村振兴局（盖章）：",
    "市州接收（盖章）：",
)
ROW_HEIGHT = 6.2
ACROSS = 2


def build(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
    county, campaign = Division.objects.get(code=place), current_campaign()
    sheet = selectors.draft(county, campaign)
    given, asked = selectors.answers(sheet), selectors.indicators(county)
    level = selectors.key_level(county)
    mark = Code(MARK, county.code, printing.day)
    yield Document(
        title=f"{TITLE}（{campaign.year}年度）",
        about=county.full_name,
        facts=(
            f"县代码：{county.code}",
            f"级别：{label('key_county_level', level) if level else ''}",
            f"状态：{COUNTY_STATES[sheet.state]}",
        ),
        code=str(mark),
        address=printing.address(mark),
        blocks=[
            Boxes(group.label, [_box(row, given) for row in asked if row.group == group], ACROSS)
            for group in IndicatorGroup
        ],
        signatures=SIGNATURES,
        note=printing.note,
        row_height=ROW_HEIGHT,
    )


def _box(row: Indicator, given: selectors.Answers) -> Box:
    value = given.get(row.code)
    if row.kind == IndicatorKind.BOOL:
        ticks = (
            (TICKED if str(value) == code else OPEN, text)
            for code, text in (("1", "是"), ("0", "否"))
        )
        return Box(row.name, "　".join(f"{box}{text}" for box, text in ticks), row.unit)
    said = selectors.words(row, value)
    return Box(row.name, "" if said is None else f"{said}", row.unit)


PAPER = Paper(
    key="county_sheet",
    title=TITLE,
    mark=MARK,
    level="county",
    build=build,
    about="一县一份，四组指标；没有填的栏目留空",
    order=60,
    permission="view_summary",
    opens="counties:county_sheet",
)
