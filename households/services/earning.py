"""Annual income statements of many households at once, as an import brings them.

The set-based twin of `services.income.save_statement`: drafts only, totals already made.
"""

from collections.abc import Iterable
from datetime import datetime

import polars as pl
from django.db import connection
from django.db.models import F

from fanpin.accounts.models import User
from fanpin.sheets.loading import insert_rows, query_frame, reserve_ids, update_rows
from households.models import Campaign, IncomeStatement, Member
from households.rules.windows import window_annual
from households.selectors.income import ALL_LINES

TABLE = IncomeStatement._meta.db_table


def save_annual(homes: pl.DataFrame, *, campaign: Campaign, now: datetime, by: User) -> None:
    """Write the income lines of staged household rows; a null line keeps what is there."""
    lines = [name for name in ALL_LINES if name in homes.columns]
    if not lines:
        return
    said = homes.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in lines))
    people = _rosters(said.get_column("id").to_list())
    said = said.rename({"id": "household_id"}).join(people, on="household_id")
    known = pl.col("statement_id").is_not_null()
    old = said.filter(known).with_columns(id="statement_id")
    new = said.filter(~known)
    new = new.with_columns(id=pl.Series(reserve_ids(TABLE, "id", new.height), dtype=pl.Int64))
    start, end = window_annual(campaign)
    facts = {"made_at": pl.lit(now.isoformat()), "made_by_id": pl.lit(by.pk)}
    insert_rows(
        IncomeStatement,
        new.select(
            "id", "household_id", "members_count", "roster", *lines,
            purpose=pl.lit("annual"), campaign_id=pl.lit(campaign.pk), state=pl.lit("draft"),
            window_from=pl.lit(start), window_to=pl.lit(end), **facts,
        ),
    )  # fmt: skip
    update_rows(
        IncomeStatement,
        old.select("id", "members_count", "roster", *lines),
        made_at=now,
        made_by_id=by.pk,
    )
    ids = old.get_column("id").to_list()
    IncomeStatement.objects.filter(pk__in=ids).update(version=F("version") + 1)
    derive([*ids, *new.get_column("id").to_list()])


def _rosters(household_ids: Iterable[int]) -> pl.DataFrame:
    """household_id, roster, members_count of those who have members."""
    return query_frame(
        f"SELECT household_id, array_agg(id ORDER BY id) AS roster, count(*) AS members_count"
        f" FROM {Member._meta.db_table} WHERE household_id = ANY(%s)"
        " AND status IN ('active', 'pending_out') GROUP BY household_id",
        [list(household_ids)],
        {"household_id": pl.Int64(), "members_count": pl.Int64(), "roster": pl.List(pl.String)},
    )


def derive(statement_ids: Iterable[int]) -> None:
    """Gross, net and reference income from the lines; the per-capita figures rounded for display."""
    net = "inc_wage + inc_business + inc_property + inc_transfer - exp_business"
    reference = f"{net} + claim_income - self_pay"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET inc_gross = {net} + exp_business, inc_net = {net},"
            f" ref_income = {reference}, inc_net_pc = round(({net}) / members_count, 2),"
            f" ref_income_pc = round(({reference}) / members_count, 2) WHERE id = ANY(%s)",
            [list(statement_ids)],
        )
