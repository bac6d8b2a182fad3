"""Places, accounts and households for tests, made through the services."""

import datetime
import itertools
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from fanpin.accounts.models import Posting, User
from fanpin.regions.models import Division
from fanpin.regions.pinyin import initials
from households.models import Household
from households.rules.identity import check_character
from households.services import households
from households.services.reference import load_reference

NAMES = {
    "62": ("甘肃省", "province"),
    "6204": ("白银市", "city"),
    "6205": ("天水市", "city"),
    "620421": ("靖远县", "county"),
    "620422": ("会宁县", "county"),
    "620523": ("甘谷县", "county"),
    "620421100": ("北湾镇", "township"),
    "620421101": ("东湾镇", "township"),
    "620422100": ("会师镇", "township"),
    "620421100201": ("泰和村", "village"),
    "620421100202": ("富坪村", "village"),
    "620421101201": ("三合村", "village"),
    "620422100201": ("南嘴村", "village"),
}
VILLAGE, OTHER_VILLAGE, FAR_VILLAGE = "620421100201", "620421100202", "620422100201"
TOWNSHIP, COUNTY = "620421100", "620421"
_serial = itertools.count(1)
PDF = b"%PDF-1.4\n%%EOF\n"


def places() -> dict[str, Division]:
    """A small piece of the tree with two counties, and the shipped policy."""
    made: dict[str, Division] = {}
    for code, (name, level) in NAMES.items():
        parent = next(
            (made[code[:n]] for n in (9, 6, 4, 2) if code[:n] in made and n < len(code)), None
        )
        full = (parent.full_name if parent and parent.level != "province" else "") + name
        made[code], _ = Division.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "full_name": full,
                "level": level,
                "parent": parent,
                "path": f"{parent.path if parent else '/'}{code}/",
                "pinyin": initials(name),
            },
        )
    load_reference()
    return made


def hamlet(village: Division, name: str = "一社") -> Division:
    code = f"{village.code}{village.children.count() + 1:03d}"
    return Division.objects.create(
        code=code, name=name, full_name=village.full_name + name, level="hamlet", parent=village,
        path=f"{village.path}{code}/", pinyin=initials(name),
    )  # fmt: skip


def user(role: str, division: str, *, name: str = "", department: str = "") -> User:
    """An account with one posting since 2021."""
    number = next(_serial)
    made = User(
        username=f"{role}-{number}", name=name or f"用户{number}", must_change_password=False
    )
    made.set_unusable_password()
    made.save()
    Posting.objects.create(
        user=made,
        role=role,
        division_id=division,
        department=department,
        from_on=datetime.date(2021, 1, 1),
    )
    return made


def id_number(
    born: datetime.date, sex: str = "1", *, order: int | None = None, region: str = "620421"
) -> str:
    """A number that is right in form."""
    order = next(_serial) if order is None else order
    order = order * 2 % 1000 + (1 if sex == "1" else 0)
    first = f"{region}{born:%Y%m%d}{order:03d}"
    return first + check_character(first)


def person(
    name: str = "王建国",
    relation: str = "02",
    *,
    born: datetime.date | None = None,
    sex: str = "1",
    **more: Any,
):
    """The fields of one member."""
    born = born or datetime.date(1970, 5, 20)
    return {
        "name": name,
        "relation": relation,
        "id_type": "id_card",
        "id_no": id_number(born, sex),
        "ethnicity": "01",
        **more,
    }


def family() -> list[dict[str, Any]]:
    return [
        person("王建国", "02"),
        person("李秀英", "10", born=datetime.date(1972, 8, 25), sex="2"),
        person("王小明", "20", born=datetime.date(2008, 3, 1)),
    ]


def household(
    by: User, *, village: str = VILLAGE, members: list[dict[str, Any]] | None = None, **fields: Any
) -> Household:
    """A registered household; three people unless told otherwise."""
    return households.register(
        village=Division.objects.get(code=village),
        fields={"hh_type": "lifted", "address_detail": "一社12号", **fields},
        members=members or family(),
        by=by,
    )


def paper(name: str = "证明.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, content_type="application/pdf")


def photo(name: str = "院落.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"\xff\xd8\xff\xe0" + b"0" * 64, content_type="image/jpeg")


def papers(kind: str = "证明") -> list[tuple[str, SimpleUploadedFile]]:
    return [(kind, paper())]
