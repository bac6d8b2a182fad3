"""《自主申请告示》: hung up in a village, its square code opens the public page of that village."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from django.urls import reverse

from fanpin.papers.codes import Code
from fanpin.papers.declaring import Paper, Printing
from fanpin.papers.layout import Document, Prose
from fanpin.regions.models import Division
from monitoring.services.applications import CONSENT

MARK = "SQ"
WHAT = (
    "因病、因残、因学、因灾、因意外事故等，家庭收入减少或支出骤增，基本生活出现困难的农户，"
    "不论是否脱贫户，都可以为本户提出申请；本人不便的，可由家人、邻居代为申请。",
    "户籍不在本村、但长期在本村生产生活的，同样可以申请。",
)
HOW = (
    "用手机扫右上角的二维码，填写后提交，记下受理编号；凭受理编号和联系电话后四位可以查询办理进度。",
    "也可以到村委会口头或书面申请，或拨打12317热线、乡镇政府电话申请。",
    "村委会收到后安排入户核查，经评议、公示、乡镇审核、县级审定后答复。申请不收取任何费用。",
)


def build(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
    village = Division.objects.get(code=place)
    asked = urlsplit(printing.link)
    page = reverse("monitoring:apply", args=[place])
    address = f"{asked.scheme}://{asked.netloc}{page}" if printing.link else ""
    yield Document(
        title="防止返贫监测对象自主申请告示",
        about=village.full_name,
        blocks=(
            Prose("什么情况可以申请", WHAT),
            Prose("怎样申请", HOW),
            Prose("承诺授权", (CONSENT,)),
        ),
        facts=(f"网址：{address}",) if address else (),
        code=str(Code(MARK, place, printing.day)),
        address=address,
    )


PAPER = Paper(
    key="apply_notice",
    title="自主申请告示",
    mark=MARK,
    level="village",
    build=build,
    about="张贴在村内，扫码即可申请",
    order=90,
    opens="monitoring:apply",
)
