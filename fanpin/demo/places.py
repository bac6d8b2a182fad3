"""Where the demonstration takes place: one city of Gansu, its counties, some of their villages."""

from django.db.models import Q

from fanpin.demo.names import HAMLETS
from fanpin.demo.people import Place
from fanpin.regions.models import Division, Level
from fanpin.regions.pinyin import initials

CITY = "6204"
COUNTIES = ("620421", "620422", "620402", "620403", "620423")
HOUSEHOLDS_PER_VILLAGE = 60


def places(county: str, households: int) -> list[Place]:
    """Enough villages of a county for that many households, whole townships first, each with natural villages."""
    villages = Division.objects.filter(
        Q(code__regex=r"^.{9}[23]"), parent__parent_id=county, level=Level.VILLAGE
    ).order_by("path")
    wanted = max(1, -(-households // HOUSEHOLDS_PER_VILLAGE))
    chosen = list(villages[: max(1, min(wanted, villages.count()))])
    _make_hamlets(chosen)
    hamlets = Division.objects.filter(parent__in=chosen).values_list("parent_id", "code")
    below: dict[str, list[str]] = {}
    for village, code in hamlets.order_by("code"):
        below.setdefault(village, []).append(code)
    return [Place(v.code, v.path, v.name, tuple(below[v.code])) for v in chosen]


def _make_hamlets(villages: list[Division]) -> None:
    rows = [
        Division(
            code=f"{village.code}{n + 1:03d}",
            name=name,
            full_name=village.full_name + name,
            level=Level.HAMLET,
            parent=village,
            path=f"{village.path}{village.code}{n + 1:03d}/",
            pinyin=initials(name),
        )
        for i, village in enumerate(villages)
        for n, name in enumerate(HAMLETS[i % 3 :: 3])
    ]
    Division.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
