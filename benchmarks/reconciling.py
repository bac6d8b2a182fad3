"""对账 of 100,000 people and their 25,000 households with exports of the national system, in their layout.

peer   openpyxl and a dictionary of the register's objects, field by field in a loop, over a sample, extrapolated
ours   the product's path: files received, read, joined and compared, kept; one person in a hundred differs
`memory_mb` is how far the process grows.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
from django.core.files.uploadedfile import SimpleUploadedFile

from benchmarks.import_households import MEMBERS, _county, _empty, _ours, _workbook
from benchmarks.memory import growth
from benchmarks.metering import now
from counties.models import NationalFile, ReconciledItem, ReconciledPart, Reconciliation
from counties.reconciling import running
from counties.reconciling.keying import table
from counties.reconciling.layouts import LAYOUTS
from counties.reconciling.meeting import ours
from counties.services import reconciling
from fanpin.accounts.models import User
from fanpin.regions.models import Division
from fanpin.sheets.writing import write_xlsx
from households.models import Campaign, Household, Member
from households.selectors.parameters import current_campaign
from households.services.reference import load_reference

KINDS = ("household", "member")
SAMPLE = 2_000
ONE_IN = 100


def measure(size: str) -> list[dict[str, Any]]:
    by, villages = _county()
    load_reference()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "农户.xlsx"
        _workbook(path, MEMBERS[size], villages)
        _ours(path, by)
        Household.objects.update(hh_type="lifted")
        division, campaign = Division.objects.get(pk="629999"), current_campaign()
        files = [_export(kind, Path(folder), division, campaign) for kind in KINDS]
        peer = _peer(files[1], division)
        line = _run(files, division, campaign, by)
    _forget()
    _empty()
    return [{"name": "reconcile", "size": size, **line, "peer": round(peer, 1),
             "times_peer": round(peer / line["ours"], 1)}]  # fmt: skip


def _export(kind: str, folder: Path, division: Division, campaign: Campaign) -> Path:
    """What they would export: ours, with one row in a hundred different and one in a hundred missing."""
    layout = LAYOUTS[kind]
    frame = ours(layout, division, campaign)
    changed = "house_area" if kind == "household" else "education"
    nth = pl.int_range(pl.len()) % ONE_IN
    frame = frame.filter(nth != 1).with_columns(
        pl.when(nth == 0).then(pl.lit("99")).otherwise(pl.col(changed)).alias(changed)
    )
    path = folder / f"{layout.aliases[0]}.xlsx"
    write_xlsx(str(path), [table(frame, layout, "导出单位：测试县")])
    return path


def _run(files: list[Path], division: Division, campaign: Campaign, by: User) -> dict[str, Any]:
    uploads = [SimpleUploadedFile(path.name, path.read_bytes()) for path in files]
    with growth() as grown:
        began = now()
        run = reconciling.start(division, campaign=campaign, uploads=uploads, by=by, wait=True)
        running.run(run, advance=lambda done, total, message: None)
        spent = now() - began
    items = ReconciledItem.objects.filter(run=run)
    found = {state: items.filter(state=state).count() for state in ("differs", "ours", "same")}
    assert found["differs"], found
    assert found["ours"], found
    return {
        "rows": sum(run.parts.values_list("rows", flat=True)),
        "ours": round(spent.wall, 2),
        "cpu": round(spent.cpu, 2),
        "memory_mb": grown.mb,
        "found": found,
        "parts": dict(run.parts.values_list("kind", "seconds")),
    }


def _peer(path: Path, division: Division) -> float:
    """Seconds for all people: the workbook row by row, the register's people by their number."""
    total = Member.objects.count()
    heads = LAYOUTS["member"].columns
    began = time.perf_counter()
    known = {
        member.id18: member
        for member in Member.objects.filter(household__division_path__startswith=division.path)
        .select_related("household")
        .order_by("pk")[:SAMPLE]
    }
    page = openpyxl.load_workbook(path, read_only=True).active
    rows = page.iter_rows(min_row=3, max_row=3 + SAMPLE, values_only=True)
    names = {head.label: key for key, head in heads.items()}
    keys = [names.get(text or "") for text in next(rows)]
    differences = 0
    for row in rows:
        values = dict(zip(keys, row, strict=False))
        member = known.get(values["id_no"])
        for key, text in values.items():
            if member is not None and key and hasattr(member, key):
                shown = getattr(
                    member, f"get_{key}_display", lambda m=member, k=key: getattr(m, k)
                )()
                differences += str(shown or "") != str(text or "")
    return (time.perf_counter() - began) * total / SAMPLE


def _forget() -> None:
    for model in (ReconciledItem, ReconciledPart, NationalFile, Reconciliation):
        model._default_manager.all()._raw_delete("default")  # type: ignore[attr-defined]
