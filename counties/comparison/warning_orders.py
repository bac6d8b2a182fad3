"""A department's warnings become work orders: each row that reaches the thresholds goes to the village of its person.

Nobody of the register is the county's to answer. A later batch leaves the orders of an earlier one as they are.
"""

from django.db import transaction

from counties.comparison import SPECS
from counties.comparison.spec import ACTIVE, LedgerSpec
from counties.models import LedgerBatch
from counties.models.findings import Origin
from counties.services import findings
from counties.services.upserting import hits, upsert
from fanpin import clock
from households.selectors.parameters import parameter


@transaction.atomic
def send_down(batch: LedgerBatch) -> int:
    """Dispatch the rows of a batch in use with the due date of the parameter; returns how many are new."""
    spec, path = SPECS[batch.ledger], batch.division.path
    values = {
        "batch": batch.pk,
        "campaign": batch.campaign_id,
        "place": path,
        **{key: parameter(key, path, clock.today()) for key in spec.parameters},
    }
    sent = findings.at_once(batch.division, batch.uploaded_by)
    with hits(_rows(spec), values):
        # No codes: what an earlier batch sent stays until it is answered.
        change = upsert(
            origin=Origin.WARNING, codes=(), county_code=batch.county_code,
            campaign_id=batch.campaign_id, dispatch=sent,
        )  # fmt: skip
    if change.dispatched:
        findings.note_dispatched(change.dispatched, sent, path=path, by=batch.uploaded_by)
    return change.dispatched


def _rows(spec: LedgerSpec) -> str:
    return f"""SELECT 'warning:' || %(campaign)s || ':row:' || l.id AS fingerprint,
        '{spec.code}' AS code, '{spec.title}' AS title, 'warn' AS severity,
        h.id AS household_id, CASE WHEN h.id IS NOT NULL THEN m.id END AS member_id,
        NULL::text AS division_id, coalesce(h.division_path, %(place)s) AS division_path,
        concat(l.name, CASE WHEN h.id IS NULL THEN '（在册查无此人）' ELSE '' END, '：', {spec.says}) AS detail,
        ARRAY[]::text[] AS fields, '{spec.department}' AS department,
        CASE WHEN h.id IS NULL THEN 'county' ELSE 'village' END AS owner_level,
        l.id AS ledger_row_id
    FROM counties_ledgerrow l
    LEFT JOIN households_member m ON m.id18 = l.id18 AND {ACTIVE} AND m.county_code = l.county_code
    LEFT JOIN households_household h ON h.id = m.household_id AND h.ended_on IS NULL
    WHERE l.batch_id = %(batch)s AND ({spec.warns})"""
