"""村花名册: everybody of a village by household, with what one looks up most often."""

from collections.abc import Iterator, Sequence

from fanpin import clock
from fanpin.papers.codes import Code
from fanpin.papers.declaring import Paper, Printing
from fanpin.papers.layout import Document, Rows
from fanpin.regions.models import Division
from households.choices import label
from households.models import Household, Member
from households.papers.homes import homes
from households.papers.wording import plain, text_of
from households.rules.identity import age_on
from households.selectors.parameters import current_campaign
from households.sheets.columns import MEMBER_SHEET

MARK = "HM"
TITLE = "农户花名册"
SHOWN = ("name", "relation", "sex", "id_no", "ethnicity", "education", "health", "labour")
HEADS = (
    "户序",
    "户号",
    "户类型",
    "监测状态",
    "人均纯收入",
    "联系电话",
    "姓名",
    "与户主关系",
    "性别",
    "年龄",
    "证件号码",
    "民族",
    "文化程度",
    "健康状况",
    "劳动能力",
    "务工月数",
)
WIDTHS = (0.6, 1.95, 1.0, 1.0, 1.15, 1.35, 0.9, 1.0, 0.5, 0.5, 2.1, 0.8, 1.2, 1.2, 1.5, 0.7)
NUMBERS = (0, 4, 9, 15)
SIGNATURES = ("行政村（盖章）：", "填表人（签字）：", "日期：　　　年　　月　　日")


def build(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
    village = Division.objects.get(code=place)
    rows: list[tuple[str, ...]] = []
    homes_count = people = 0
    for n, household in enumerate(homes(ids), 1):
        homes_count = n
        people += len(household.people)  # type: ignore[attr-defined]
        rows += _rows(n, household, printing)
    mark = Code(MARK, place, printing.day)
    yield Document(
        title=f"{TITLE}（{current_campaign().year}年度）",
        about=village.full_name,
        facts=(f"共{homes_count}户{people}人", f"区划代码：{place}"),
        code=str(mark),
        address=printing.address(mark),
        blocks=(Rows("", HEADS, rows, WIDTHS, numbers=NUMBERS),),
        signatures=SIGNATURES,
        note=printing.note,
        landscape=True,
    )


def _rows(n: int, household: Household, printing: Printing) -> Iterator[tuple[str, ...]]:
    kind = label("hh_type", household.hh_type).partition("(")[0] if household.hh_type else ""
    whose = (
        str(n),
        household.hh_code,
        kind,
        household.monitoring_label,
        plain(household.income_pc),
        printing.phone(household.phone),
    )
    people: list[Member] = household.people  # type: ignore[attr-defined]
    if not people:
        yield (*whose, *("",) * (len(HEADS) - len(whose)))
    for member in people:
        yield (*(whose if member is people[0] else ("",) * len(whose)), *_person(member, printing))


def _person(member: Member, printing: Printing) -> tuple[str, ...]:
    columns = [MEMBER_SHEET.by_key[key] for key in SHOWN]
    said = [text_of(column, getattr(member, column.key), printing) for column in columns]
    born = member.birth_date
    said.insert(3, str(age_on(born, clock.today())) if born else "")
    return (*said, plain(member.work_months))


PAPER = Paper(
    key="roster",
    title=TITLE,
    mark=MARK,
    level="village",
    build=build,
    about="一村一册，按户列出全部成员",
    order=40,
)
