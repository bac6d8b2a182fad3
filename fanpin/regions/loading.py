"""Loads the division file into the tree: idempotent, set-based, never removes a code."""

import csv
from pathlib import Path

from django.db import connection, transaction

from fanpin.regions.models import Division, Level
from fanpin.regions.pinyin import initials

DIVISIONS_FILE = Path(__file__).parent / "data" / "gansu_divisions.csv"
MANY = 1_000
_LENGTHS = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}


@transaction.atomic
def load_divisions(file: Path = DIVISIONS_FILE) -> tuple[int, int]:
    """Read `code,name,level,parent_code,village_kind` and return (rows in the file, rows added or renamed)."""
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    wanted = _divisions(rows)
    known = {d.code: (d.name, d.village_kind) for d in Division.objects.exclude(level=Level.HAMLET)}
    changed = [d for d in wanted if known.get(d.code) != (d.name, d.village_kind)]
    for level in Level.values:
        Division.objects.bulk_create(
            [d for d in changed if d.level == level],
            batch_size=2000,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "full_name", "pinyin", "village_kind"],
        )
    if len(changed) > MANY:
        # The planner still takes the table for empty, and whatever comes next would read it whole each time.
        with connection.cursor() as cursor:
            cursor.execute(f'ANALYZE "{Division._meta.db_table}"')
    return len(rows), len(changed)


def _divisions(rows: list[dict[str, str]]) -> list[Division]:
    made: dict[str, Division] = {}
    for row in sorted(rows, key=lambda r: Level.values.index(r["level"])):
        code = _short(row["code"], row["level"])
        parent = made.get(_short_parent(row, made)) if row["parent_code"] else None
        made[code] = Division(
            code=code,
            name=_name(row),
            full_name=(parent.full_name if parent and parent.level != "province" else "")
            + _name(row),
            level=row["level"],
            parent=parent,
            path=f"{parent.path if parent else '/'}{code}/",
            pinyin=initials(_name(row)),
            village_kind=row["village_kind"] or "",
        )
    return list(made.values())


def _name(row: dict[str, str]) -> str:
    """金山村村民委员会 was shortened to 金山村村 in the published list; the village is 金山村."""
    name = row["name"]
    return name[:-1] if row["level"] == Level.VILLAGE and name.endswith("村村") else name


def _short(code: str, level: str) -> str:
    return code[: _LENGTHS[level]]


def _short_parent(row: dict[str, str], made: dict[str, Division]) -> str:
    level = Level.values[Level.values.index(row["level"]) - 1]
    return row["parent_code"][: _LENGTHS[level]]
