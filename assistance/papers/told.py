"""明白卡: given to the household; who helps it, what it gets, whom to turn to (policy.md §8)."""

from collections.abc import Iterator, Sequence

from django.db.models import Prefetch

from assistance.models import Measure
from fanpin.papers.declaring import Paper, Printing
from fanpin.papers.layout import Box, Boxes, Document, Prose, Rows
from households.choices import label
from households.models import Household
from households.papers.homes import about, code, facts, homes, with_helpers
from households.papers.wording import plain
from households.selectors.parameters import current_campaign
from households.selectors.wording import label_of

MARK = "MB"
TITLE = "帮扶明白卡"
COLUMNS = ("category", "item", "member", "start_on", "delivered_on", "amount", "department", "status")  # fmt: skip
WIDTHS = (0.5, 1.1, 1.6, 0.9, 1.15, 1.15, 1.1, 1.4, 0.9)
BLANK = 4
WORDS = (
    "家庭收入减少、支出增加，或者住房、饮水、上学、看病、就业遇到困难时，请及时向村干部、驻村工作队或者帮扶责任人说明，也可以自己申报。",
    "对本卡所列帮扶措施有疑问的，可以向村委会或者乡镇查询核对。",
)


def build(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
    year = current_campaign().year
    measures = Measure.objects.exclude(status="cancelled").select_related("member")
    rows = with_helpers(homes(ids)).prefetch_related(
        Prefetch("measures", queryset=measures.order_by("start_on", "pk"), to_attr="given")
    )
    for household in rows:
        mark = code(household, MARK, printing)
        yield Document(
            title=f"{TITLE}（{year}年度）",
            about=about(household),
            facts=facts(household),
            code=str(mark),
            address=printing.address(mark),
            blocks=(
                _home(household),
                _helpers(household),
                _measures(household),
                Prose("提示", WORDS),
            ),
            signatures=("户主（签字）：", "帮扶责任人（签字）：", "发放日期：　　　年　　月　　日"),
            note=printing.note,
            row_height=7.5,
        )


def _home(household: Household) -> Boxes:
    h = household
    return Boxes(
        "家庭情况",
        (
            Box("户主姓名", h.head_name),
            Box("家庭人口", plain(h.family_size), "人"),
            Box("户类型", label("hh_type", h.hh_type) if h.hh_type else ""),
            Box("监测状态", h.monitoring_label),
            Box("监测对象类别", label("monitor_type", h.monitor_type) if h.monitor_type else ""),
            Box("人均纯收入", plain(h.income_pc), "元"),
        ),
    )


def _helpers(household: Household) -> Rows:
    """Their telephones in full: the card is there so that the household can call them."""
    rows = [
        (f.helper.name, f.helper.unit, f.helper.phone, plain(f.start_on))
        for f in household.helped  # type: ignore[attr-defined]
    ]
    heads = ("帮扶责任人", "单位", "联系电话", "帮扶开始时间")
    return Rows("帮扶责任人", heads, rows, (1, 2, 1.2, 1.2), blank=0 if rows else 1)


def _measures(household: Household) -> Rows:
    given: list[Measure] = household.given  # type: ignore[attr-defined]
    heads = ("序号", *(label_of(Measure, name) for name in COLUMNS))
    rows = [
        (str(n), *(_said(measure, name) for name in COLUMNS)) for n, measure in enumerate(given, 1)
    ]
    money = 1 + COLUMNS.index("amount")
    return Rows("享受的帮扶措施", heads, rows, WIDTHS, numbers=(money,), blank=BLANK)


def _said(measure: Measure, name: str) -> str:
    value = getattr(measure, name)
    if name == "member":
        return value.name if value else "全户"
    code_list = getattr(Measure._meta.get_field(name), "code_list", "")
    return label(code_list, value) if code_list else plain(value)


PAPER = Paper(
    key="told",
    title=TITLE,
    mark=MARK,
    level="household",
    build=build,
    about="交给农户：家庭情况、帮扶责任人和电话、享受的帮扶措施",
    order=35,
    permission="view_plans",
)
