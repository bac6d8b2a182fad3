"""成员变更表: who joined and who left this year, with proof and review; empty lines to write on (policy.md §6)."""

from collections.abc import Iterator, Sequence

from fanpin.papers.declaring import Paper, Printing
from fanpin.papers.layout import Boxes, Document, Rows
from households.choices import label
from households.models import Household, Member, MemberChange
from households.papers.homes import about, code, facts, homes, with_changes
from households.papers.wording import box_of
from households.selectors.parameters import current_campaign
from households.sheets.columns import MEMBER_SHEET
from households.sheets.declaring import column

MARK = "BG"
TITLE = "家庭成员变更表"
BLANK = 6
HEADS = (
    "序号",
    "姓名",
    "性别",
    "证件号码",
    "与户主关系",
    "变更类型",
    "变更原因",
    "变更日期",
    "佐证材料",
    "审核情况",
)
WIDTHS = (0.5, 0.9, 0.5, 2.0, 1.0, 1.0, 1.5, 1.1, 1.8, 1.5)
HEAD_BOXES = tuple(column(Household, name) for name in ("head_name", "head_id_no", "family_size"))
SIGNATURES = (
    "户主（签字、按手印）：",
    "申报人（签字）：",
    "申报日期：　　　年　　月　　日",
    "行政村（盖章）：",
    "乡镇审核人（签字）：",
    "县级确认人（签字）：",
)


def build(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
    year = current_campaign().year
    for household in with_changes(homes(ids)):
        mark = code(household, MARK, printing)
        yield Document(
            title=f"{TITLE}（{year}年度）",
            about=about(household),
            facts=facts(household),
            code=str(mark),
            address=printing.address(mark),
            blocks=(_head(household, printing), _rows(household, year, printing)),
            signatures=SIGNATURES,
            note=printing.note,
            landscape=True,
            row_height=8.5,
        )


def _head(household: Household, printing: Printing) -> Boxes:
    boxes = [box_of(c, getattr(household, c.key), printing) for c in HEAD_BOXES]
    return Boxes("", boxes)


def _rows(household: Household, year: int, printing: Printing) -> Rows:
    moves = [c for c in household.moves if c.changed_on.year == year]  # type: ignore[attr-defined]
    rows = [(str(n), *_row(change, printing)) for n, change in enumerate(moves, 1)]
    return Rows("成员变更情况", HEADS, rows, WIDTHS, blank=BLANK)


def _row(change: MemberChange, printing: Printing) -> tuple[str, ...]:
    member = change.member
    return (
        member.name if member else "（户主变更）" if change.kind == "head" else "（整户）",
        _shown(member, "sex"),
        printing.number(member.id_no) if member else "",
        _shown(member, "relation"),
        change.get_kind_display(),
        label("change_reason", change.reason) if change.reason else "",
        change.changed_on.isoformat(),
        "、".join(dict.fromkeys(d.kind for d in change.documents.all())),
        _review(change),
    )


def _shown(member: Member | None, key: str) -> str:
    value = getattr(member, key, "") or ""
    return dict(MEMBER_SHEET.by_key[key].choices).get(value, value)


def _review(change: MemberChange) -> str:
    by = f" {change.decided_by.name}" if change.decided_by else ""
    return f"{change.get_state_display()}{by}"


PAPER = Paper(
    key="changes",
    title=TITLE,
    mark=MARK,
    level="household",
    build=build,
    about="本年度增加、减少的成员和审核情况，留有空行",
    order=30,
)
