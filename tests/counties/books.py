"""Two books about the same people: a register made through the services, and ledgers that agree with it."""

import csv
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from counties.comparison import SPECS, receiving
from counties.models import LedgerBatch
from counties.services import ledgers
from fanpin.regions.models import Division
from households.models import Member
from households.selectors.parameters import current_campaign
from tests.factories import register

Rows = list[dict[str, Any]]


def agreeing_rows(ledger: str) -> Rows:
    """What a department that agrees with the register would hand in, by column key."""
    members = Member.objects.filter(status="active").select_related("household").order_by("pk")
    return [row for member in members if (row := _row(ledger, member))]


def _row(ledger: str, m: Member) -> dict[str, Any]:
    known: dict[str, Any] = {"id_no": m.id_no, "name": m.name}
    match ledger:
        case "police":
            return known | {
                "sex": m.sex, "ethnicity": m.ethnicity, "household_no": m.household.hh_code,
                "relation": m.relation, "status": "normal",
            }  # fmt: skip
        case "insured":
            insured = m.ins_med_resident or m.ins_med_employee
            more = {"year": 2021, "kind": "resident", "status": "insured"}
            return known | more if insured else {}
        case "dibao_tekun":
            more = {"kind": "dibao_rural", "status": "normal", "amount": 300, "total": 3600}
            return known | more if m.dibao_status == "rural" else {}
        case "disabled":
            more = {"kind": m.disability_type, "level": m.disability_level, "status": "valid"}
            return known | more if "disabled" in m.health else {}
        case "school":
            more = {"address": "中学", "level": m.school_status, "status": "enrolled"}
            return known | more if m.school_status not in ("", "preschool_age") else {}
        case "pension":
            more = {"kind": "resident", "status": "insured"}
            return known | more if m.ins_pension_resident else {}
    return {}


def as_csv(ledger: str, rows: Rows, name: str = "台账.csv") -> SimpleUploadedFile:
    spec = SPECS[ledger]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.title for column in spec.columns])
    for row in rows:
        writer.writerow([row.get(column.key, "") for column in spec.columns])
    return SimpleUploadedFile(name, out.getvalue().encode("utf-8-sig"), content_type="text/csv")


def hand_in(ledger: str, rows: Rows, *, by: Any) -> LedgerBatch:
    """Hand a ledger in for the test county and load it here and now."""
    batch = ledgers.receive(
        ledger=SPECS[ledger],
        county=Division.objects.get(pk=register.COUNTY),
        campaign=current_campaign(),
        period="202110",
        upload=as_csv(ledger, rows),
        by=by,
        wait=True,
    )
    return receiving.load(batch)
