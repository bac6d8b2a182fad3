"""Importing an XLSX of 100,000 members × 30 columns: against COPY and django-import-export.

limit  a bare COPY of the finished rows into tables with the same indexes, nothing checked
peer   django-import-export, one pass over a sample of the same rows, extrapolated
ours   read the workbook, check it, stage it, keep the outcome, merge it: the product's own path

The second line is the same import during a year's round: forms opened for the new households, and
every quality rule judged over them, as happens when the last chunk is committed.
"""

import datetime
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import polars as pl
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from import_export import fields as export_fields
from import_export import resources, widgets

from benchmarks.metering import Spent, now
from benchmarks.twins import copied_in
from counties.models import Finding
from counties.receivers import check_at_once
from fanpin.accounts.models import Posting, User
from fanpin.regions.models import Division, Level
from fanpin.sheets.writing import table_of, write_xlsx
from households.models import Household, ImportBatch, Member
from households.rules.identity import check_character
from households.services import imports, merging
from households.services.reference import load_reference
from households.services.telling import judged_later
from households.sheets.columns import HOUSEHOLD_SHEET, MEMBER_SHEET
from households.sheets.importing import check_batch

MEMBERS = {"village": 2_000, "county": 100_000, "province": 400_000}
PEER_ROWS = 1_000
REPEATS = {"village": 3, "county": 3, "province": 1}
SURNAMES = "王李张刘陈杨赵马周吴徐孙朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭"
GIVEN = "建国秀英桂兰玉梅小明丽华伟强芳娜敏静磊军洋勇艳杰娟涛霞平刚燕鹏飞红文斌亮辉玲"
YES_NO = ("是", "否")


def measure(size: str) -> list[dict[str, Any]]:
    """One line for the import, one for the import in a year's round; makes its own county in the
    database at hand, which should be a throw-away one."""
    by, villages = _county()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "农户.xlsx"
        rows = _workbook(path, MEMBERS[size], villages)
        # Limit and ours in turns, so that other work on the machine weighs on both.
        runs = [(_ours(path, by), copied_in((Household, Member))) for _ in range(REPEATS[size])]
        in_round = _in_a_round(path, by)
        findings = Finding.objects.count()
        peer = _peer(rows)
    limits = [limit for _, limit in runs]
    plain = _line("import_households", size, rows, [ours for ours, _ in runs], limits, peer)
    judged = _line("import_households_judged", size, rows, [in_round], limits[-1:], peer)
    return [plain, judged | {"findings": findings}]


Parts = dict[str, Spent]


def _line(
    name: str, size: str, rows: int, runs: list[Parts], limits: list[Spent], peer: float
) -> dict[str, Any]:
    """Medians over the runs, each of which is divided by the COPY that followed it."""
    walls = [sum(part.wall for part in parts.values()) for parts in runs]
    cpus = [sum(part.cpu for part in parts.values()) for parts in runs]
    shown = list(zip(walls, cpus, limits, strict=True))
    return {
        "name": name,
        "size": size,
        "rows": rows,
        "columns": 30,
        "limit": round(median(limit.wall for limit in limits), 3),
        "peer": round(peer, 1),
        "ours": round(median(walls), 3),
        "ratio_to_limit": round(median(wall / limit.wall for wall, _, limit in shown), 2),
        "times_peer": round(peer / median(walls), 1),
        "cpu": round(median(cpus), 3),
        "cpu_limit": round(median(limit.cpu for limit in limits), 3),
        "cpu_ratio_to_limit": round(median(cpu / limit.cpu for _, cpu, limit in shown), 2),
        "parts": _medians(runs, "wall"),
        "cpu_parts": _medians(runs, "cpu"),
    }


def _medians(runs: list[Parts], clock: str) -> dict[str, float]:
    return {
        name: round(median(getattr(parts[name], clock) for parts in runs), 3) for name in runs[0]
    }


def _county() -> tuple[User, list[Division]]:
    nodes = [("62", "甘肃省"), ("6299", "测试市"), ("629999", "测试县")]
    nodes += [(f"629999{100 + n}", f"测试{n}镇") for n in range(10)]
    nodes += [(f"629999{100 + n}{200 + v}", f"测试{v}村") for n in range(10) for v in range(20)]
    levels = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWNSHIP}
    made: dict[str, Division] = {}
    for code, name in nodes:
        above = next((made[code[:n]] for n in (9, 6, 4, 2) if n < len(code)), None)
        made[code], _ = Division.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "full_name": name,
                "level": levels.get(len(code), Level.VILLAGE),
                "parent": above,
                "path": f"{above.path if above else '/'}{code}/",
            },
        )
    user, new = User.objects.get_or_create(username="bench-import", defaults={"name": "测量"})
    if new:
        Posting.objects.create(
            user=user,
            role="county_reviewer",
            division=made["629999"],
            from_on=datetime.date(2021, 1, 1),
        )
    return user, [node for code, node in made.items() if len(code) == 12]


def _workbook(path: Path, count: int, villages: list[Division]) -> int:
    """A household sheet and a member sheet of 30 columns; four people to a household."""
    rng = Random(1)
    homes: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    for n in range(count):
        person = _person(rng, n)
        if n % 4 == 0:
            village = villages[(n // 4) % len(villages)]
            homes.append(_home(rng, n, village, person))
        person |= {"national_hh_no": homes[-1]["national_hh_no"], "relation": _relation(n)}
        people.append(person)
    tables = [
        table_of(HOUSEHOLD_SHEET, pl.DataFrame(homes)),
        table_of(MEMBER_SHEET, pl.DataFrame(people)),
    ]
    assert len(tables[1].heads) == 30
    write_xlsx(str(path), tables)
    return len(people)


def _relation(n: int) -> str:
    return ("户主", "配偶", "之子", "之女")[n % 4]


def _name(rng: Random) -> str:
    return rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=2))


def _home(rng: Random, n: int, village: Division, head: dict[str, Any]) -> dict[str, Any]:
    return {
        "township": village.parent.name,  # type: ignore[union-attr]
        "village": village.name,
        "national_hh_no": f"H{n:010d}",
        "head_id_no": head["id_no"],
        "head_name": head["name"],
        "hh_type": "脱贫户",
        "phone": f"138{n % 10**8:08d}",
        "house_area": rng.randint(40, 200) + 0.5,
        "land_cultivated": rng.randint(1, 20) + 0.25,
        "has_safe_water": "是",
    }


def _person(rng: Random, n: int) -> dict[str, Any]:
    sex = n % 2
    born = datetime.date(1950, 1, 1) + datetime.timedelta(days=n % 25_000)
    first = f"62{n // 25_000 % 99 + 1:02d}99{born:%Y%m%d}{990 + (1 if sex else 0) + 2 * (n % 5)}"
    flags = ("ins_med_resident", "ins_critical", "ins_commercial", "ins_accident_subsidy",
             "got_medical_aid", "got_other_health_aid", "ins_pension_resident", "works_abroad",
             "speaks_mandarin", "is_resettled_person")  # fmt: skip
    return {
        "national_person_no": f"P{n:010d}",
        "name": _name(rng),
        "sex": "男" if sex else "女",
        "id_type": "居民身份证",
        "id_no": first + check_character(first),
        "birth_date": born.isoformat(),
        "ethnicity": "汉族",
        "political_status": "群众",
        "education": "初中",
        "health": "健康" if n % 7 else "残疾,长期慢性病",
        "labour": "普通劳动力",
        "work_province": "62",
        "work_county": "620102",
        "work_months": n % 13,
        "employer": f"兰州第{n % 97}建筑公司",
        "dibao_status": "农村低保" if n % 9 == 0 else "未享受",
        "tekun_status": "未享受",
        "member_phone": f"139{n % 10**8:08d}",
        **{flag: YES_NO[(n + k) % 2] for k, flag in enumerate(flags)},
    }


def _ours(path: Path, by: User) -> Parts:
    """The whole way through the product's functions, on an empty register."""
    _empty()
    upload = SimpleUploadedFile(path.name, path.read_bytes())
    start = now()
    batch, _ = imports.receive(upload, division=Division.objects.get(pk="629999"), by=by)
    check_batch(batch, by=by)
    checked = now()
    batch.refresh_from_db()
    assert batch.wrong == 0, list(batch.errors.values_list("cell", "message")[:5])
    merging.apply(batch, by=by)
    merged = now()
    assert Member.objects.count() + Household.objects.count() == batch.new
    return {"check": checked - start, "merge": merged - checked}


def _in_a_round(path: Path, by: User) -> Parts:
    """With the year's round open; judging, which follows the last chunk, is timed by itself."""
    load_reference()
    with judged_later():
        parts = _ours(path, by)
    ids = list(Household.objects.order_by("pk").values_list("pk", flat=True))
    start = now()
    check_at_once(ids)
    return parts | {"rules": now() - start}


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {Household._meta.db_table}, {ImportBatch._meta.db_table} CASCADE")


class MemberResource(resources.ModelResource):
    """What one writes for the admin: the household found by its number, people by theirs."""

    household = export_fields.Field(
        column_name="household",
        attribute="household",
        widget=widgets.ForeignKeyWidget(Household, "hh_code"),
    )

    class Meta:
        model = Member
        import_id_fields = ("id18",)
        exclude = ("id", "work_channel", "public_post", "person_groups", "health")
        skip_unchanged = True


def _peer(rows: int) -> float:
    """Seconds for all rows, from a sample that is removed first and then imported."""
    sample = list(Member.objects.select_related("household").order_by("pk")[:PEER_ROWS])
    names = [
        field.name
        for field in Member._meta.concrete_fields
        if field.name not in ("id", "household", *MemberResource.Meta.exclude)
    ]
    table = tablib.Dataset(headers=["household", *names])
    for member in sample:
        table.append([member.household.hh_code, *(getattr(member, name) for name in names)])
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE households_member CASCADE")
    return (
        _timed(lambda: MemberResource().import_data(table, raise_errors=True)) * rows / len(sample)
    )


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
