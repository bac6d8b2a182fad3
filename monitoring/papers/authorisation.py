"""承诺授权书: every adult declares the truth and lets the departments look into the family's assets (§4.3 T4)."""

from fanpin.papers.layout import Prose, Rows
from households.choices import HEAD, label
from households.rules.identity import age_on
from monitoring.models import Authorization
from monitoring.papers import blocks as b
from monitoring.papers.declaring import MARKING, CasePaper, Copy, Page, Written
from monitoring.selectors.case_file import CaseFile

ADULT = 18
WORDS = (
    "我户自愿接受防止返贫动态监测，现作如下承诺和授权：",
    "一、所提供的家庭成员、健康、就学、劳动力、收入、支出、住房、饮水、财产等信息真实、准确、完整，家庭情况变化时及时报告。",
    "二、同意并授权乡（镇）人民政府、县级乡村振兴部门会同公安、民政、残联、医保、教育、住建、自然资源、市场监管、税务、财政、"
    "金融等部门和机构，查询、核对我户全体成员的户籍、收入、住房、车辆、工商登记、财政供养、存款等信息，用于监测对象识别、"
    "帮扶和风险消除工作。",
    "三、如有隐瞒、虚报，自愿退出监测帮扶范围，退回因此享受的资金物资，并承担相应责任。",
    "本承诺授权自签署之日起，至本次监测帮扶办结之日止有效。工作人员对查询到的信息负有保密责任。",
)
HEADS = (
    "序号",
    "姓名",
    "与户主关系",
    "证件号码",
    "签署方式",
    "代签人",
    "签署日期",
    "签字（按手印）",
)
WIDTHS = (0.5, 1.0, 1.1, 2.1, 1.2, 1.0, 1.3, 1.6)


def _copies(file: CaseFile) -> list[Copy]:
    if not file.authorizations:
        return []
    last = max(file.authorizations, key=lambda row: row.made_at)
    return [Copy(last.made_at, max(row.signed_on for row in file.authorizations))]


def _missing(file: CaseFile) -> str:
    return "尚未登记承诺授权；可打印空表由全体成年成员签字"


def _write(page: Page) -> Written:
    rows = _to_sign(page) if page.is_blank else _signed(page)
    return Written(
        blocks=(
            b.household(page),
            Prose("承诺和授权", WORDS),
            Rows("签署人（户主和全体成年成员）", HEADS, rows, WIDTHS),
        ),
        signatures=("村级经办人（签字）：", "驻村工作队见证人（签字）：", "行政村（盖章）："),
    )


def _signed(page: Page) -> list[tuple[str, ...]]:
    known = {member.pk: member for member in page.then.members}
    rows: list[Authorization] = page.then.authorizations
    return [
        (
            str(n),
            known.get(row.member_id, row.member).name,
            _relation(known.get(row.member_id, row.member).relation),
            page.printing.number(known.get(row.member_id, row.member).id_no),
            row.get_mode_display(),
            row.proxy_name,
            row.signed_on.isoformat(),
            "",
        )
        for n, row in enumerate(rows, 1)
    ]


def _to_sign(page: Page) -> list[tuple[str, ...]]:
    on = page.printing.day
    adults = [
        m
        for m in page.then.members
        if m.relation == HEAD or m.birth_date is None or age_on(m.birth_date, on) >= ADULT
    ]
    return [
        (str(n), m.name, _relation(m.relation), page.printing.number(m.id_no), "", "", "", "")
        for n, m in enumerate(adults, 1)
    ]


def _relation(code: str) -> str:
    return label("relation_to_head", code) if code else ""


PAPER = CasePaper(
    key="authorisation",
    title="家庭情况承诺和信息查询授权书",
    mark="CN",
    order=20,
    kinds=MARKING,
    step="承诺授权",
    copies=_copies,
    write=_write,
    missing=_missing,
    about="承诺和授权内容、成年成员签署情况；空表可由成年成员签字",
    has_blank=True,
    row_height=9.0,
)
