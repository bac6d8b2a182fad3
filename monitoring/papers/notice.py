"""公示 of one case: what everybody in the village may read; the poster of the whole village is in `posters`."""

from fanpin.papers.layout import Prose
from monitoring.choices import NoticeKind
from monitoring.models import PublicNotice
from monitoring.papers import blocks as b
from monitoring.papers.declaring import EVERY, CasePaper, Copy, Page, Written
from monitoring.selectors.case_file import CaseFile

OBJECT = "公示期内如有异议，请向村民委员会、乡（镇）人民政府或县级乡村振兴部门反映，监督电话12317。"


def copies_of(kind: str):  # type: ignore[no-untyped-def]
    def copies(file: CaseFile) -> list[Copy]:
        return [Copy(n.made_at, n.posted_on, n) for n in file.posted(kind)]

    return copies


def _missing(file: CaseFile) -> str:
    return "尚未张贴公示"


def _write(page: Page) -> Written:
    n: PublicNotice = page.row
    village = page.then.household.village
    period = f"公示期：{n.days}天，{b.day(n.posted_on)}张贴，自次日起计算，至{b.day(n.complete_on)}期满。"
    return Written(
        blocks=(Prose("", [*n.text.splitlines(), period, OBJECT, f"张贴地点：{n.place}。"]),),
        closing=(f"{village.name}村民委员会（盖章）", b.day(n.posted_on)),
        about=village.full_name,
    )


PAPER = CasePaper(
    key="notice",
    title="公示",
    mark="GS",
    order=60,
    kinds=EVERY,
    step="公示",
    copies=copies_of(NoticeKind.DRAFT),
    write=_write,
    missing=_missing,
    about="评议结果公示，不含证件号码、电话、银行账号、健康信息",
    style="letter",
    is_public=True,
)
