"""The workbook of village or natural village sheets: place columns first, then every line of the paper in its order."""

from functools import cache

from counties.models.sheets import Kind
from counties.rules.lines import HAMLET_LINES, VILLAGE_LINES, Line
from fanpin.sheets.columns import Book, Column, Sheet
from households.choices import choices

CODE = {
    Kind.VILLAGE: Column(
        "place_code", "行政村代码", "digits", required=True, max_length=12, width=16,
        help="照导出的表填写，不能改",
    ),
    Kind.HAMLET: Column(
        "place_code", "自然村编码", "digits", required=True, max_length=15, width=18,
        help="照导出的表填写；新增的自然村先在“行政区划”中登记",
    ),
}  # fmt: skip
NAMES = {
    Kind.VILLAGE: (
        Column("township", "乡镇", max_length=60),
        Column("name", "行政村名称", aliases=("行政村名", "行政村"), max_length=60),
    ),
    Kind.HAMLET: (
        Column("village", "所属行政村", aliases=("行政村",), max_length=60),
        Column("name", "自然村(村民小组)名称", aliases=("自然村",), max_length=60),
    ),
}
YEAR = Column("year", "年度", "int", least=2020, most=2100, in_template=False)
LINES: dict[str, tuple[Line, ...]] = {Kind.VILLAGE: VILLAGE_LINES, Kind.HAMLET: HAMLET_LINES}
TITLES = {Kind.VILLAGE: "行政村表", Kind.HAMLET: "自然村表"}


def column(line: Line) -> Column:
    """The sheet column of a line; what the system writes stands in exports only."""
    return Column(
        line.name,
        line.label,
        line.kind,  # type: ignore[arg-type]
        codes=tuple(choices(line.codes)) if line.codes else (),
        aliases=line.aliases,
        unit=line.unit,
        max_length=line.length if line.kind == "text" else 0,
        least=line.least,
        most=10 ** (line.digits - line.places) - 1
        if line.kind == "decimal" and line.most is None
        else line.most,
        places=line.places,
        in_template=not line.system,
        help="由系统汇总" if line.system else "",
    )


@cache
def book(kind: str) -> Book:
    """One sheet: code, names, year, lines."""
    key = Kind(kind)
    columns = (CODE[key], *NAMES[key], YEAR, *(column(line) for line in LINES[key]))
    return Book(TITLES[key], (Sheet(TITLES[key], columns, aliases=("行政村信息",)),))


NEEDED = dict.fromkeys(TITLES.values(), ("place_code",))
