"""The year's round: its dates are set, it is opened, and every household begins with last year's data.

Opening is set-based, one transaction for each county: the register of that day is kept as the
baseline, every household gets its form, and last year's confirmed income becomes this year's draft.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.jobs import enqueue
from fanpin.jobs.models import Job
from households import verbs
from households.models import (
    Campaign,
    Collection,
    Household,
    HouseholdBaseline,
    IncomeStatement,
    Member,
    MemberBaseline,
)
from households.policies import campaigns as policy
from households.selectors.income import ALL_LINES
from households.services import writing

STANDING = ("active", "pending_out")


@dataclass(frozen=True)
class Opened:
    """What opening one county wrote; a second time all are 0."""

    households: int = 0
    members: int = 0
    forms: int = 0
    statements: int = 0


@transaction.atomic
def plan(*, year: int, dates: Mapping[str, datetime.date], name: str = "", by: User) -> Campaign:
    """Make the year's round or correct its dates. Dates warn, they never lock.

    Raises Refused when the year is open and its income window would move under filled statements.
    """
    found = Campaign.objects.select_for_update().filter(year=year).first()
    row = found or Campaign(year=year)
    row.name = name or row.name or f"{year}年度防返贫监测动态调整和信息采集"
    changed = writing.differences(row, dates)
    policy.may_plan(by, row, set(changed)).require()
    writing.assign(row, changed)
    policy.dates_in_order(row).require()
    writing.save(row)
    before, after = writing.before_after(changed)
    record(verbs.CAMPAIGN_PLANNED, by=by, on=row, path=policy.PROVINCE, subject=str(row),
           before=before, after=after)  # fmt: skip
    return row


@transaction.atomic
def open_campaign(campaign: Campaign, *, by: User) -> Job:
    """Make the round the current one and start carrying the data forward, county by county."""
    row = Campaign.objects.select_for_update().get(pk=campaign.pk)
    policy.may_open(by, row).require()
    if not row.is_current:
        Campaign.objects.filter(is_current=True).update(is_current=False)
    row.is_current, row.opened_at = True, row.opened_at or clock.now()
    row.save(update_fields=["is_current", "opened_at"])
    record(verbs.CAMPAIGN_OPENED, by=by, on=row, path=policy.PROVINCE, subject=str(row))
    return enqueue(
        "households.open_campaign", by=by, params={"year": row.year}, path=policy.PROVINCE
    )


@transaction.atomic
def open_county(campaign: Campaign, county: str) -> Opened:
    """Baseline, forms and income drafts of one county's households; what is there already stays as it is."""
    values: dict[str, Any] = {
        "campaign": campaign.pk,
        "last": campaign.pk - 1,
        "county": county,
        "now": clock.now(),
        "income_from": campaign.income_from,
        "income_to": campaign.income_to,
    }
    with connection.cursor() as cursor:
        written = []
        for statement in (_households(), _members(), _forms(), _statements()):
            cursor.execute(statement, values)
            written.append(cursor.rowcount)
    return Opened(*written)


def analyze() -> None:
    """The tables that opening fills at once, so that the first queries over them are planned right."""
    tables = (HouseholdBaseline, MemberBaseline, Collection, IncomeStatement)
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"ANALYZE {_table(model)}")


def _shared(model: type[models.Model], register: type[models.Model]) -> list[str]:
    """Columns that the baseline and the register both have."""
    own = {"id", "household_id", "member_id", "campaign_id"}
    known = {str(field.column) for field in register._meta.concrete_fields}
    columns = [str(field.column) for field in model._meta.concrete_fields]
    return [column for column in columns if column in known and column not in own]


def _listed(columns: Iterable[str], alias: str = "") -> str:
    return ", ".join(f'{alias}"{column}"' for column in columns)


def _households() -> str:
    columns = _shared(HouseholdBaseline, Household)
    return f"""
        INSERT INTO {_table(HouseholdBaseline)} (campaign_id, household_id, {_listed(columns)})
        SELECT %(campaign)s, h.id, {_listed(columns, "h.")}
        FROM {_table(Household)} h
        WHERE h.county_code = %(county)s AND h.ended_on IS NULL
        ON CONFLICT DO NOTHING"""


def _members() -> str:
    columns = _shared(MemberBaseline, Member)
    return f"""
        INSERT INTO {_table(MemberBaseline)} (campaign_id, household_id, member_id, {_listed(columns)})
        SELECT %(campaign)s, m.household_id, m.id, {_listed(columns, "m.")}
        FROM {_table(Member)} m
        JOIN {_table(Household)} h ON h.id = m.household_id
        WHERE h.county_code = %(county)s AND h.ended_on IS NULL
          AND m.status IN {STANDING}
        ON CONFLICT DO NOTHING"""


def _forms() -> str:
    return f"""
        INSERT INTO {_table(Collection)} (campaign_id, household_id, state, note, explanation)
        SELECT %(campaign)s, h.id, 'todo', '', ''
        FROM {_table(Household)} h
        WHERE h.county_code = %(county)s AND h.ended_on IS NULL
        ON CONFLICT DO NOTHING"""


def _statements() -> str:
    """Last year's confirmed lines as this year's draft, divided by the people of today."""
    return f"""
        INSERT INTO {_table(IncomeStatement)} (
            household_id, purpose, campaign_id, reference_month, window_from, window_to,
            members_count, roster, state, is_carried, version, made_at,
            inc_gross, inc_net, ref_income, inc_net_pc, ref_income_pc, {_listed(ALL_LINES)})
        SELECT s.household_id, 'annual', %(campaign)s, '', %(income_from)s, %(income_to)s,
            p.n, p.ids, 'draft', true, 1, %(now)s,
            s.inc_gross, s.inc_net, s.ref_income,
            round(s.inc_net / p.n, 2), round(s.ref_income / p.n, 2), {_listed(ALL_LINES, "s.")}
        FROM {_table(IncomeStatement)} s
        JOIN {_table(Household)} h ON h.id = s.household_id
        CROSS JOIN LATERAL (
            SELECT count(*)::int AS n, array_agg(m.id ORDER BY m.id) AS ids
            FROM {_table(Member)} m WHERE m.household_id = h.id AND m.status IN {STANDING}) p
        WHERE h.county_code = %(county)s AND h.ended_on IS NULL AND p.n > 0
          AND s.purpose = 'annual' AND s.campaign_id = %(last)s AND s.state = 'confirmed'
        ON CONFLICT DO NOTHING"""


def _table(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'
